"""What Spec-Face's pictures need: a square frame, the face's outline, and the shine of a pair."""

from __future__ import annotations

import cv2
import numpy as np

from lib import images
from lib.prepare.layers import LINEAR, gate
from lib.scene.pictures import luminance, to_srgb
from lib.scene.render import SPECULAR_THRESHOLD

BLACK = 10
"""Levels of 255 up to which a pixel may be the black background: JPEG blurs its border."""


def fit(picture: np.ndarray, size: int) -> np.ndarray:
    """Bring a picture into a square, its aspect kept.

    The original squeezes every picture into a square. That widens faces, and at test time no two
    of them alike; the background being black, black bars beside the picture cost nothing.

    Args:
        picture: uint8 (height, width, 3).
        size: of the square, pixels.

    Returns:
        uint8 (size, size, 3), the picture in the middle.
    """
    scale = size / max(picture.shape[:2])
    height, width = (max(1, round(scale * side)) for side in picture.shape[:2])
    square = np.zeros((size, size, 3), np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    square[top : top + height, left : left + width] = images.resize(picture, (height, width))
    return square


def foreground(picture: np.ndarray) -> np.ndarray:
    """Return where the face is that was cut out on black.

    Background is the black that reaches the picture's border; pupils and nostrils do not.

    Args:
        picture: uint8 (height, width, 3).

    Returns:
        uint8 (height, width), 1 on the face.
    """
    black = (picture.max(axis=2) <= BLACK).astype(np.uint8)
    parts = cv2.connectedComponents(black, connectivity=4)[1]
    edges = np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])
    outside = np.isin(parts, edges[edges > 0])
    return (~outside).astype(np.uint8)


def difference(photo: np.ndarray, diffuse: np.ndarray) -> dict[str, np.ndarray]:
    """Return the shine of a pair: what the photo has more of linear light.

    Args:
        photo: uint8 (height, width, 3), sRGB.
        diffuse: the same face without shine.

    Returns:
        matte: uint8 (height, width, 3), the photo without its highlights, the sheen left on.
        specular: the shine alone; nothing where the photo is the darker one.
        specular_mask: uint8 (height, width), 1 where the shine's luminance exceeds
            `lib.scene.render.SPECULAR_THRESHOLD`.
    """
    below = cv2.LUT(diffuse, LINEAR)
    shine = np.maximum(cv2.LUT(photo, LINEAR) - below, 0)
    bright = luminance(shine)
    return {
        "matte": to_srgb(below + shine * (1 - gate(bright))[..., None]),
        "specular": to_srgb(shine),
        "specular_mask": (bright > SPECULAR_THRESHOLD).astype(np.uint8),
    }


def are_alike(photo: np.ndarray, diffuse: np.ndarray) -> bool:
    """Say whether two pictures have one aspect, to a pixel of the smaller one."""
    (height, width), (other_height, other_width) = photo.shape[:2], diffuse.shape[:2]
    gap = abs(height * other_width - width * other_height)
    return gap <= max(height, width, other_height, other_width)
