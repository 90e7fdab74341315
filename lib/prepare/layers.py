"""A photo as the sum of two layers of linear light: what shines, and what lies below.

Everything here starts from 8-bit layers as prepared datasets have them, by tables of 256 entries.
"""

from __future__ import annotations

import cv2
import numpy as np

from lib import labels
from lib.scene.pictures import luminance, to_srgb
from lib.scene.render import SPECULAR_THRESHOLD

_LEVELS = np.arange(256) / 255
LINEAR = np.where(
    _LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4
).astype(np.float32)  # fmt: skip
"""Linear light of each of the 256 levels of sRGB (IEC 61966-2-1)."""


SKIN = tuple(
    labels.CLASSES.index(name)
    for name in ("skin", "nose", "l_ear", "r_ear", "u_lip", "l_lip", "neck")
)
"""The classes of label maps whose shine is the skin's: what powder takes off, and oil adds to."""


def skin_of(label_map: np.ndarray) -> np.ndarray:
    """Return where there is skin, uint8 {0, 1}, of label maps of any shape."""
    return np.isin(label_map, SKIN).astype(np.uint8)


def gate(specular: np.ndarray) -> np.ndarray:
    """Return how much of the shine counts as a highlight, by its luminance.

    Args:
        specular: luminance of the specular layer, linear light, float32.

    Returns:
        float32 of the same shape: 0 below half of `SPECULAR_THRESHOLD`, 1 above one and a half
        times of it, 1/2 on it, smooth between (Perlin's smoothstep).
    """
    share = np.clip(specular / np.float32(SPECULAR_THRESHOLD) - np.float32(0.5), 0, 1)
    return share * share * (3 - 2 * share)


def compose(
    diffuse: np.ndarray, specular: np.ndarray, factor: float, skin: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Put a picture together again from its layers, one of them stronger or weaker.

    What the 8-bit layers have lost stays lost: each is off by half a level, which the factor
    multiplies; and where a highlight was over 255 its true strength is not known.

    Args:
        diffuse: uint8 (height, width, 3), sRGB.
        specular: uint8 (height, width, 3), sRGB.
        factor: what the linear light of the specular layer is multiplied with.
        skin: uint8 {0, 1} (height, width). Elsewhere things shine as they did and belong to the
            diffuse layer: who takes the shine off a face leaves the eyes their sparkle, and the
            hair and the glasses theirs. ``None``: everything is skin.

    Returns:
        photo: uint8 (height, width, 3), the two layers together.
        diffuse: the same without any shine of the skin.
        matte: the same without its highlights, the faint sheen left on, see `gate`.
        specular: the specular layer alone.
        specular_mask: uint8 (height, width), 1 where the layer's luminance exceeds
            `SPECULAR_THRESHOLD`.
    """
    below = cv2.LUT(diffuse, LINEAR)
    if skin is not None:
        others = specular * (skin == 0)[..., None].astype(np.uint8)
        below, specular = below + cv2.LUT(others, LINEAR), specular * skin[..., None]
    scaled = LINEAR * np.float32(factor)
    shine = cv2.LUT(specular, scaled)
    bright = luminance(shine)
    sheen = shine * (1 - gate(bright))[..., None]
    return {
        "photo": to_srgb(below + shine),
        "diffuse": diffuse if skin is None else to_srgb(below),
        "matte": to_srgb(below + sheen),
        "specular": cv2.LUT(specular, to_srgb(scaled)),
        "specular_mask": (bright > SPECULAR_THRESHOLD).astype(np.uint8),
    }
