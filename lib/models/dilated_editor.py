"""The editor of system S3: a shallow U-Net whose bottom looks far by dilated convolutions."""

from __future__ import annotations

import keras
from keras import layers

from lib.layers import Conv2D
from lib.models.blocks import (
    convolve,
    convolve_twice,
    require_halvings,
    squeeze_and_excite,
)
from lib.models.enlargement import EnlargedConvolution

DILATIONS = (2, 4, 8, 16)
"""Distances between the taps of the bottom's four convolutions, which together see 61 pixels."""


def _keep(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return x


def _look_far(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    """Convolve with wider and wider steps, at one resolution."""
    for dilation in DILATIONS:
        x = convolve(x, filters, f"dilated_{dilation}", dilation=dilation)
    return x


def build_dilated_editor(
    size: int,
    width: int,
    channels_in: int = 4,
    channels_out: int = 3,
    depth: int = 2,
    excitation: bool = True,
    dropout: float = 0.0,
    name: str = "editor",
) -> keras.Model:
    """Build the editing network of Din et al. 2020 (IEEE Access 8:44276), as system S3 drew it.

    The original is 128, width 64, depth 2. It defines squeeze-and-excitation and leaves it out,
    though its paper counts on it; `excitation` puts it behind each level.

    Args:
        size: side of the square pictures, pixels; a multiple of 2 ** depth.
        width: filters at full resolution; they double with each halving.
        channels_in: of the masked picture and its map together.
        channels_out: of the result.
        depth: halvings; S3's paper tried 2 and 4.
        excitation: whether squeeze-and-excitation is wired in.
        dropout: rate behind each pooling; half of it behind the first. The original has 0.5.
        name: the network's name, which its weights' names start with.

    Returns:
        A model from float (N, size, size, channels_in) to float32 (N, size, size, channels_out).

    Raises:
        ValueError: when the size cannot be halved that often.
    """
    require_halvings(size, depth, smallest=4)
    weigh = squeeze_and_excite if excitation else _keep
    x = inputs = keras.Input((size, size, channels_in), name="masked_and_map")
    skips = []
    for level in range(depth):
        x = convolve_twice(x, width * 2**level, f"down_{level}", normalize=level > 0)
        skips.append(x)
        x = layers.MaxPooling2D(name=f"down_{level}_pooling")(weigh(x, f"down_{level}"))
        rate = dropout if level else dropout / 2
        x = layers.Dropout(rate, seed=level, name=f"down_{level}_dropout")(x)
    x = weigh(_look_far(x, width * 2**depth), "dilated")
    for level in reversed(range(depth)):
        x = EnlargedConvolution(width * 2**level, name=f"up_{level}_enlargement")(x)
        x = layers.Concatenate(name=f"skip_{level}")([x, skips[level]])
        x = convolve_twice(x, width * 2**level, f"up_{level}")
    x = convolve(x, channels_out, "picture")
    x = Conv2D(channels_out, 1, name="output_convolution")(x)
    outputs = layers.Activation("tanh", dtype="float32", name="output")(x)
    return keras.Model(inputs, outputs, name=name)
