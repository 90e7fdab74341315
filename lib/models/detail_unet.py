"""A small U-Net that keeps detail: what separates shine from skin, and tells the parts of a face.

After Ronneberger et al. 2015, with a skip at full resolution, for what is looked for is often only
a few pixels wide.
"""

from __future__ import annotations

import keras
from keras import layers

from lib.layers import BatchNormalization, Conv2D
from lib.models.blocks import LEAKY_SLOPE
from lib.models.enlargement import EnlargedConvolution

WIDEST = 4


def _convolve(
    x: keras.KerasTensor, filters: int, name: str, *, strides: int = 1, normalize: bool = True
) -> keras.KerasTensor:
    """Convolve, normalise over the batch, and activate.

    Normalised picture by picture, a face would no longer be bright or dull, which is the question.
    """
    x = Conv2D(
        filters, 3, strides, padding="same", use_bias=not normalize, name=f"{name}_convolution"
    )(x)
    if normalize:
        x = BatchNormalization(momentum=0.9, name=f"{name}_normalization")(x)
    return layers.LeakyReLU(LEAKY_SLOPE, name=f"{name}_activation")(x)


def _enlarge(x: keras.KerasTensor, skip: keras.KerasTensor, level: int) -> keras.KerasTensor:
    """Double the resolution and join what the encoder saw there."""
    filters = skip.shape[-1]
    x = EnlargedConvolution(filters, name=f"up_{level}_convolution")(x)
    x = layers.LeakyReLU(LEAKY_SLOPE, name=f"up_{level}_activation")(x)
    x = layers.Concatenate(name=f"skip_{level}")([x, skip])
    return _convolve(x, filters, f"joined_{level}", normalize=False)


def look_around(x: keras.KerasTensor, width: int, depth: int) -> keras.KerasTensor:
    """Describe every pixel by what it shows and what is around it.

    Args:
        x: (N, H, W, C).
        width: features of a pixel; they double with each halving, to 4 * width at most.
        depth: halvings; H and W are multiples of 2 ** depth.

    Returns:
        (N, H, W, width).
    """
    x = _convolve(x, width, "full", normalize=False)
    skips = []
    for level in range(1, depth + 1):
        skips.append(x)
        x = _convolve(x, width * min(2**level, WIDEST), f"down_{level}", strides=2)
        x = _convolve(x, x.shape[-1], f"level_{level}")
    for level in reversed(range(depth)):
        x = _enlarge(x, skips[level], level)
    return x
