"""The generator of system S4: a U-Net down to a single pixel, where colours and face ID enter."""

from __future__ import annotations

import keras
from keras import layers

from lib.layers import BatchNormalization, Conv2D
from lib.models.blocks import require_halvings

SLOPE = 0.3
"""Of the encoder's LeakyReLU; S4 has this where everything else here has 0.2."""

WIDEST = 8

DROPPING = 3
"""How many of the deepest decoder layers drop out."""


def _convolution(kind: type[layers.Layer], filters: int, name: str) -> layers.Layer:
    start = keras.initializers.RandomNormal(stddev=0.02)
    return kind(filters, 4, 2, padding="same", use_bias=False, kernel_initializer=start, name=name)


def _normalize(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return BatchNormalization(momentum=0.9, name=f"{name}_normalization")(x)


def _encode(x: keras.KerasTensor, filters: int, number: int) -> keras.KerasTensor:
    name = f"down_{number}"
    x = _convolution(Conv2D, filters, f"{name}_convolution")(x)
    if number > 1:
        x = _normalize(x, name)
    return layers.LeakyReLU(SLOPE, name=f"{name}_activation")(x)


def _decode(
    x: keras.KerasTensor, skip: keras.KerasTensor, number: int, dropout: float
) -> keras.KerasTensor:
    name = f"up_{number}"
    x = _convolution(layers.Conv2DTranspose, skip.shape[-1], f"{name}_convolution")(x)
    x = _normalize(x, name)
    if dropout:
        x = layers.Dropout(dropout, seed=number, name=f"{name}_dropout")(x)
    x = layers.ReLU(name=f"{name}_activation")(x)
    return layers.Concatenate(name=f"{name}_skip")([x, skip])


def build_map_unet(
    size: int,
    width: int,
    channels_in: int = 10,
    numbers: int = 149,
    dropout: float = 0.5,
    name: str = "generator",
) -> keras.Model:
    """Build S4's generator: pix2pix's U-Net (Isola et al. 2017, appendix 6.1.1) given a vector.

    Every convolution halves or doubles, until one pixel is left. What holds for the whole face, the
    colours of its parts and whose it is, is joined there. The original is 256, width 32. Its
    transposed convolutions are 4 x 4 with stride 2, which covers all pixels alike.

    Args:
        size: side of the square pictures, pixels, a power of 2 from 8 on.
        width: filters of the first layer; they double with each one, to 8 * width at most.
        channels_in: channels of the map; S4 has 7 groups and 3 colours.
        numbers: length of the vector; S4 has 21 colour values and 128 of the face ID; 0 for none.
        dropout: rate behind the first three layers of the decoder.
        name: the network's name, which its weights' names start with.

    Returns:
        A model from [map, vector] (or the map alone), float (N, size, size, channels_in) and
        (N, numbers), to a picture, float32 (N, size, size, 3) in [-1, 1].

    Raises:
        ValueError: when the size is no power of 2, or below 8.
    """
    depth = max(1, size.bit_length() - 1)
    require_halvings(size, depth, smallest=1)
    if size < 8:
        raise ValueError(f"found size {size}; expected a power of 2, 8 or more")
    x = painted = keras.Input((size, size, channels_in), name="map")
    skips = []
    for level in range(depth):
        x = _encode(x, width * min(2**level, WIDEST), level + 1)
        skips.append(x)
    inputs = painted
    if numbers:
        vector = keras.Input((numbers,), name="vector")
        pixel = layers.Reshape((1, 1, numbers), name="pixel")(vector)
        x = layers.Concatenate(name="bottleneck")([x, pixel])
        inputs = [painted, vector]
    for level in reversed(range(depth - 1)):
        x = _decode(x, skips[level], level + 1, dropout if level >= depth - 1 - DROPPING else 0.0)
    x = _convolution(layers.Conv2DTranspose, 3, "output_convolution")(x)
    return keras.Model(
        inputs, layers.Activation("tanh", dtype="float32", name="output")(x), name=name
    )
