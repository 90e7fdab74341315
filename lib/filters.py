"""Gaussian filters on tensors of pictures, differentiable on every backend."""

from __future__ import annotations

import math
from typing import Any

from keras import ops

Tensor = Any


def gaussian(sigma: float, size: int) -> list[float]:
    """Return the weights of a Gaussian window, which add up to one.

    Args:
        sigma: its standard deviation, pixels, above 0.
        size: odd number of weights.
    """
    heights = [math.exp(-0.5 * ((place - size // 2) / sigma) ** 2) for place in range(size)]
    return [height / sum(heights) for height in heights]


def blur(pictures: Tensor, sigma: float, size: int) -> Tensor:
    """Average each channel under a Gaussian window, where all of it lies in the picture.

    Args:
        pictures: float32 (N, H, W, C), neither side shorter than the window.
        sigma: standard deviation, pixels.
        size: odd side of the window, pixels.

    Returns:
        float32 (N, H - size + 1, W - size + 1, C).
    """
    weights = ops.convert_to_tensor(gaussian(sigma, size), "float32")
    for shape in ((size, 1, 1, 1), (1, size, 1, 1)):
        kernel = ops.tile(ops.reshape(weights, shape), (1, 1, pictures.shape[-1], 1))
        pictures = ops.depthwise_conv(pictures, kernel, data_format="channels_last")
    return pictures
