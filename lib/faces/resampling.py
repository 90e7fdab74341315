"""Bicubic resizing inside a network, as two matrix products.

Frameworks differ in their bicubic resizing, some cannot compile it or differentiate it repeatably.
A matrix product can do all of that on every backend, and its matrix is worked out only once a size.
"""

from __future__ import annotations

import functools

import keras
import numpy as np
from keras import ops


def _cubic(x: np.ndarray) -> np.ndarray:
    """Keys' kernel with a = -0.5 (IEEE TASSP 1981)."""
    x = np.abs(x)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


@functools.lru_cache(maxsize=32)
def _resampling(length: int, size: int, window: float, centre: float) -> np.ndarray:
    """The (size, length) matrix that samples a part of a row of pixels."""
    step = window * length / size
    centres = length * centre + (np.arange(size) + 0.5 - size / 2) * step - 0.5
    # Shrinking widens the kernel, so that no pixel is passed over.
    weights = _cubic((np.arange(length) - centres[:, None]) / max(step, 1.0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype("float32")


def resize_window(
    pictures: keras.KerasTensor,
    size: int,
    window: float = 1.0,
    centre: tuple[float, float] = (0.5, 0.5),
) -> keras.KerasTensor:
    """Resize a square part of square pictures bicubically, without aliasing.

    Args:
        pictures: (N, side, side, channels) tensor.
        size: side of the result in pixels.
        window: share of the side that is kept, 0..1.
        centre: of the part, (x, y), as shares of the side.

    Returns:
        float32 (N, size, size, channels) tensor.

    Raises:
        ValueError: if the pictures are not square.
    """
    _, height, width, _ = pictures.shape
    if height != width:
        raise ValueError(f"found pictures of {height} x {width}, expected square ones")
    pictures = ops.cast(pictures, "float32")
    if (height, window, *centre) == (size, 1.0, 0.5, 0.5):
        return pictures
    across, down = (_resampling(height, size, window, place) for place in centre)
    rows = ops.einsum("ih,nhwc->niwc", down, pictures)
    return ops.einsum("jw,niwc->nijc", across, rows)
