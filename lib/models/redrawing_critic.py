"""The critic of S4's second version: it redraws the colour map, and judges by what it drew."""

from __future__ import annotations

import keras
from keras import layers

from lib.layers import Conv2D
from lib.models.blocks import downsample, require_halvings

DEPTH = 3


def build_redrawing_critic(
    size: int, width: int, name: str = "critic", depth: int = DEPTH
) -> keras.Model:
    """Build a critic that says of a picture which colour map it was painted from.

    The original is 256, width 64. It was given the very map that it had to draw, and copied it;
    this one sees the picture alone.

    Args:
        size: side of the square pictures, pixels.
        width: filters of the first layer; they double with each halving, to 4 * width at most.
        name: the network's name, which its weights' names start with.
        depth: halvings.

    Returns:
        A model from pictures, float (N, size, size, 3), to the map drawn, float32 in [-1, 1]
        (N, size / 2**depth, size / 2**depth, 3), and to one logit a picture, float32 (N, 1).

    Raises:
        ValueError: when the size cannot be halved that often.
    """
    require_halvings(size, depth, smallest=2)
    x = inputs = keras.Input((size, size, 3), name="judged")
    for level in range(depth):
        x = downsample(x, width * min(2**level, 4), f"down_{level + 1}", normalize=level > 0)
    x = downsample(x, width * 4, "wide", strides=1)
    drawn = Conv2D(3, 3, padding="same", activation="tanh", dtype="float32", name="drawn")(x)
    judged = Conv2D(1, 3, padding="same", name="judged_patches")(drawn)
    logit = layers.Dense(1, dtype="float32", name="logit")(layers.Flatten(name="flat")(judged))
    return keras.Model(inputs, [drawn, logit], name=name)
