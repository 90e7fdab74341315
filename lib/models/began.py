"""The critic of BEGAN: an autoencoder, which judges pictures by how badly it redraws them."""

from __future__ import annotations

import math

import keras
from keras import layers

from lib.layers import Conv2D
from lib.models.enlargement import Enlargement

SMALLEST = 16
"""Side of the smallest pictures, pixels: below, an encoder would have one stage."""


def stages_for(size: int) -> int:
    """Return the stages of encoder and decoder: floor(log2(size)) - 2, four of 64 or 108 pixels.

    Raises:
        ValueError: for pictures below `SMALLEST`.
    """
    if size < SMALLEST:
        raise ValueError(f"size {size}: expected pictures of {SMALLEST} pixels or more")
    return int(math.log2(size)) - 2


def _convolve(x: keras.KerasTensor, filters: int, name: str, strides: int = 1) -> keras.KerasTensor:
    x = Conv2D(filters, 3, strides, padding="same", name=f"{name}_convolution")(x)
    return layers.ELU(name=f"{name}_activation")(x)


def _encode(x: keras.KerasTensor, width: int, stages: int, convolutions: int) -> keras.KerasTensor:
    """Halve the picture at the end of each stage but the last; each has `width` filters more."""
    x = _convolve(x, width, "entry")
    for stage in range(1, stages + 1):
        for number in range(1, convolutions + 1):
            x = _convolve(x, width * stage, f"encode_{stage}_{number}")
        if stage < stages:
            x = _convolve(x, width * stage, f"halve_{stage}", strides=2)
    return x


def _decode(x: keras.KerasTensor, width: int, stages: int, convolutions: int) -> keras.KerasTensor:
    """Double the picture between stages; all have as many filters."""
    for stage in range(1, stages + 1):
        for number in range(1, convolutions + 1):
            x = _convolve(x, width, f"decode_{stage}_{number}")
        if stage < stages:
            x = Enlargement(name=f"double_{stage}")(x)
    return x


def _crop(x: keras.KerasTensor, size: int) -> keras.KerasTensor:
    """Cut the middle out: 108 pixels halve to 54, 27 and 14, and 14 double to 112."""
    before = (x.shape[1] - size) // 2
    after = x.shape[1] - size - before
    return layers.Cropping2D(((before, after), (before, after)), name="middle")(x)


def build_autoencoding_critic(
    size: int, width: int, code: int = 64, convolutions: int = 2, name: str = "critic"
) -> keras.Model:
    """Build a critic that redraws pictures (BEGAN: Berthelot et al. 2017, section 3.5, figure 1).

    System S5's is 108, width 64, code 64. What it cannot redraw is not of the kind it was
    trained on; it answers with no logit at all.

    Args:
        size: side of the square pictures, pixels.
        width: filters of the first stage; stage number n of the encoder has n * width.
        code: numbers that a picture is squeezed into.
        convolutions: of each stage.
        name: the network's name, which its weights' names start with.

    Returns:
        A model from float (N, size, size, 3) to float32 of the same shape, in no fixed range.

    Raises:
        ValueError: when the pictures are too small for two stages.
    """
    stages = stages_for(size)
    inputs = keras.Input((size, size, 3), name="judged")
    x = _encode(inputs, width, stages, convolutions)
    side = x.shape[1]
    x = layers.Dense(code, name="code")(layers.Flatten(name="flat")(x))
    x = layers.Dense(side * side * width, name="spread")(x)
    x = layers.Reshape((side, side, width), name="square")(x)
    x = _decode(x, width, stages, convolutions)
    if x.shape[1] != size:
        x = _crop(x, size)
    outputs = Conv2D(3, 3, padding="same", dtype="float32", name="redrawn")(x)
    return keras.Model(inputs, outputs, name=name)
