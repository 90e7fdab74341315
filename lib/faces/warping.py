"""Affine warps of pictures that neither alias nor reach beyond their borders, and soft edges.

A matrix is (2, 3) and takes a point (x, y) of the source to its place in the result; (0, 0) is the
centre of the first pixel.
"""

from __future__ import annotations

import cv2
import numpy as np


def move(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Take points, (N, 2), through an affine map; returns float64 (N, 2)."""
    return np.asarray(points, "float64") @ matrix[:, :2].T + matrix[:, 2]


def invert(matrix: np.ndarray) -> np.ndarray:
    """Return the affine map, float64 (2, 3), that undoes another."""
    return cv2.invertAffineTransform(np.asarray(matrix, "float64"))


def scale_of(matrix: np.ndarray) -> float:
    """Return how many times as long a similarity makes lengths: pixels of the result for one."""
    return float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))


def warp(
    picture: np.ndarray,
    matrix: np.ndarray,
    size: tuple[int, int],
    extend: bool = False,
    cubic: bool = False,
) -> np.ndarray:
    """Move a picture through an affine map.

    One sample looks at two by two pixels of the source. Where the map shrinks to a half or less,
    samples would pass pixels over, and so a pixel of the result is the mean of several samples.

    Args:
        picture: uint8 or float32, (height, width) or (height, width, 3).
        matrix: (2, 3), source to result.
        size: height and width of the result.
        extend: repeat the source's last pixels beyond its borders, instead of zeros.
        cubic: where the map enlarges, interpolate bicubically: sharper, but it overshoots at edges.

    Returns:
        The result, of the source's type.
    """
    samples = max(1, int(1 / scale_of(matrix)))
    dense = matrix * samples
    dense[:, 2] += (samples - 1) / 2
    height, width = size
    result = cv2.warpAffine(
        picture,
        dense,
        (width * samples, height * samples),
        flags=cv2.INTER_CUBIC if cubic and samples == 1 else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE if extend else cv2.BORDER_CONSTANT,
    )
    if samples == 1:
        return result
    return cv2.resize(result, (width, height), interpolation=cv2.INTER_AREA)


def _ease(ramp: np.ndarray) -> np.ndarray:
    """Bend a linear ramp into a smooth step from 0 to 1."""
    ramp = ramp.clip(0, 1)
    return (ramp * ramp * (3 - 2 * ramp)).astype("float32")


def edge_weight(size: tuple[int, int], width: float) -> np.ndarray:
    """Return weights that fall to 0 at the border of a picture.

    Args:
        size: height and width in pixels.
        width: of the soft edge, in pixels.

    Returns:
        float32 (height, width) in [0, 1]. The two outermost pixels are 0, so that not even bicubic
        interpolation carries anything over the border.
    """
    from_edge = [np.minimum(np.arange(n), np.arange(n)[::-1]) for n in size]
    return _ease((np.minimum.outer(*from_edge) - 1) / width)


def mask_weight(mask: np.ndarray, width: float) -> np.ndarray:
    """Return weights that are 1 inside a mask and fall to 0 outside it.

    Args:
        mask: uint8 {0, 1} (height, width).
        width: of the soft edge, in pixels.

    Returns:
        float32 (height, width) in [0, 1].
    """
    if not mask.any():
        return np.zeros(mask.shape, "float32")
    distance = cv2.distanceTransform((mask == 0).astype("uint8"), cv2.DIST_L2, 5)
    return _ease(1 - distance / (width + 1))
