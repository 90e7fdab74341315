"""The network that says of each pixel which part of a face it shows."""

from __future__ import annotations

import keras
from keras import layers

from lib.labels import CLASSES
from lib.layers import BatchNormalization, Conv2D
from lib.models.blocks import LEAKY_SLOPE, require_halvings
from lib.models.enlargement import Enlargement

DEPTH, WIDEST = 4, 4


def _convolve(
    x: keras.KerasTensor, filters: int, name: str, *, kernel: int = 3, strides: int = 1
) -> keras.KerasTensor:
    """Convolve, normalise over the batch, and activate."""
    x = Conv2D(
        filters, kernel, strides, padding="same", use_bias=False, name=f"{name}_convolution"
    )(x)
    x = BatchNormalization(momentum=0.9, name=f"{name}_normalization")(x)
    return layers.LeakyReLU(LEAKY_SLOPE, name=f"{name}_activation")(x)


def build_parsing_network(
    size: int | None, width: int, classes: int = len(CLASSES), name: str = "parser"
) -> keras.Model:
    """Build a small U-Net from pictures to part maps, after Ronneberger et al. 2015.

    It has a skip at full resolution, for an eye is three pixels high, and normalises on the way up
    as well as down: half a minute of training is too short to learn the scales of all layers.

    Args:
        size: side of the square pictures, pixels, a multiple of 16; None for any.
        width: filters at full resolution; they double with each halving, to 4 * width at most.
        classes: how many classes are told apart.
        name: the network's name, which its weights' names start with.

    Returns:
        A model from float (N, size, size, 3) in [-1, 1] to float32 logits (N, size, size, classes).

    Raises:
        ValueError: when the size is another.
    """
    if size is not None:
        require_halvings(size, DEPTH, smallest=2)
    inputs = keras.Input((size, size, 3), name="picture")
    x, skips = _convolve(inputs, width, "full"), []
    for level in range(1, DEPTH + 1):
        skips.append(x)
        x = _convolve(x, width * min(2**level, WIDEST), f"down_{level}", strides=2)
        x = _convolve(x, x.shape[-1], f"level_{level}")
    for level in reversed(range(DEPTH)):
        skip = skips[level]
        x = _convolve(x, skip.shape[-1], f"up_{level}", kernel=1)
        x = Enlargement(name=f"up_{level}_enlargement")(x)
        x = layers.Concatenate(name=f"skip_{level}")([x, skip])
        x = _convolve(x, skip.shape[-1], f"joined_{level}")
    logits = Conv2D(classes, 3, padding="same", dtype="float32", name="logits")
    return keras.Model(inputs, logits(x), name=name)
