"""A generator whose every layer is told what is where: SPADE (Park et al. 2019).

A U-Net sees the map once, at its entrance, and normalisation then washes out what is the same all
over a region. Here each normalisation is followed by a scale and an offset for every pixel, which
are computed from the map.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from lib.layers import BatchNormalization, Conv2D
from lib.models.blocks import LEAKY_SLOPE
from lib.models.enlargement import Enlargement

WIDEST = 8

SMALLEST = 4
"""Side of the picture that the vector becomes."""


class Modulation(layers.Layer):
    """Scales and shifts every pixel: x * (1 + scale) + offset."""

    def call(self, inputs: tuple[Any, Any]) -> Any:
        """Return x modulated.

        Args:
            inputs: x, float (N, H, W, C), and its scales and offsets, (N, H, W, 2 C).
        """
        x, both = inputs
        scale, offset = ops.split(both, 2, axis=-1)
        return x * (1.0 + scale) + offset


def modulate(x: keras.KerasTensor, seen: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Normalise over the batch, then scale and shift each pixel by what the map has there.

    Park et al. 2019, equation 1, with one layer between map and scales (their figure 2).

    Args:
        x: (N, H, W, C).
        seen: what the map says of each pixel, (N, H, W, any).
        name: prefix of the layers' names.

    Returns:
        The same shape as x.
    """
    x = BatchNormalization(momentum=0.9, center=False, scale=False, name=f"{name}_normalization")(x)
    both = Conv2D(2 * x.shape[-1], 3, padding="same", name=f"{name}_convolution")(seen)
    return Modulation(name=f"{name}_modulation")([x, both])


def _block(
    x: keras.KerasTensor, seen: keras.KerasTensor, filters: int, name: str
) -> keras.KerasTensor:
    """Modulate, activate and convolve, beside a shortcut (their figure 4, one half of it)."""
    shortcut = x
    x = layers.LeakyReLU(LEAKY_SLOPE, name=f"{name}_activation")(modulate(x, seen, name))
    x = Conv2D(filters, 3, padding="same", name=f"{name}_inner")(x)
    if shortcut.shape[-1] != filters:
        shortcut = Conv2D(filters, 1, use_bias=False, name=f"{name}_shortcut")(shortcut)
    return layers.Add(name=f"{name}_sum")([x, shortcut])


def _look(painted: keras.KerasTensor, level: int, width: int) -> keras.KerasTensor:
    """Describe what the map has at each pixel, halved as often as the level says."""
    if level:
        painted = layers.AveragePooling2D(2**level, name=f"map_{level}")(painted)
    seen = Conv2D(width, 3, padding="same", activation="relu", name=f"seen_{level}")
    return seen(painted)


def build_modulated_generator(
    size: int,
    width: int,
    channels_in: int = 10,
    numbers: int = 149,
    name: str = "generator",
) -> keras.Model:
    """Build a generator with spatially-adaptive normalisation (SPADE; Park et al. 2019, figure 4).

    A vector of what holds for the whole face becomes a 4 x 4 picture, which is doubled until it has
    the size. Their blocks have two convolutions, ours one; their vector is random, ours says which
    colours the parts have and whose face it is.

    Args:
        size: side of the square pictures, pixels: 4 times a power of 2, from 8 on.
        width: filters at full resolution; they double with each halving, to 8 * width at most.
        channels_in: channels of the map; the last three are colours, in [-1, 1].
        numbers: length of the vector; 0 for none.
        name: the network's name, which its weights' names start with.

    Returns:
        A model from [map, vector] (or the map alone), float (N, size, size, channels_in) and
        (N, numbers), to a picture, float32 (N, size, size, 3): the colours of the map, corrected.
        An untrained one returns these colours.

    Raises:
        ValueError: for another size.
    """
    levels = (size // SMALLEST).bit_length() - 1
    if levels < 1 or size != SMALLEST * 2**levels:
        raise ValueError(f"found size {size}; expected {SMALLEST} times a power of 2, 8 or more")
    painted = keras.Input((size, size, channels_in), name="map")
    filters = [width * min(2**level, WIDEST) for level in range(levels + 1)]
    inputs, x = painted, layers.AveragePooling2D(size // SMALLEST, name="glance")(painted)
    if numbers:
        vector = keras.Input((numbers,), name="vector")
        whole = layers.Dense(SMALLEST**2 * filters[-1], name="beginning")(vector)
        x = layers.Reshape((SMALLEST, SMALLEST, filters[-1]), name="first_picture")(whole)
        inputs = [painted, vector]
    for level in reversed(range(levels + 1)):
        seen = _look(painted, level, width)
        x = _block(x, seen, filters[max(level - 1, 0)], f"block_{level}")  # narrower when small
        if level:
            x = Enlargement(name=f"enlargement_{level}")(x)
    x = layers.LeakyReLU(LEAKY_SLOPE, name="last_activation")(x)
    correction = Conv2D(
        3, 3, padding="same", kernel_initializer="zeros", dtype="float32", name="correction"
    )(x)
    outputs = layers.Add(dtype="float32", name="output")([painted[..., -3:], correction])
    return keras.Model(inputs, outputs, name=name)
