"""The network that says of each pixel which part of a face it shows."""

from __future__ import annotations

import keras
from keras import layers

from lib.labels import CLASSES
from lib.models.blocks import require_halvings
from lib.models.detail_unet import look_around

DEPTH = 4


def build_parsing_network(
    size: int | None, width: int, classes: int = len(CLASSES), name: str = "parser"
) -> keras.Model:
    """Build a small U-Net from pictures to part maps.

    Args:
        size: side of the square pictures, pixels, a multiple of 16; None for any.
        width: filters at full resolution.
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
    logits = layers.Conv2D(classes, 3, padding="same", dtype="float32", name="logits")
    return keras.Model(inputs, logits(look_around(inputs, width, DEPTH)), name=name)
