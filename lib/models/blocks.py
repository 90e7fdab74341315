"""The pieces that the networks share: plain functions from a Keras tensor to a Keras tensor."""

from __future__ import annotations

import keras
from keras import layers

LEAKY_SLOPE = 0.2


def instance_normalization(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Normalise each channel of each picture on its own (Ulyanov et al. 2016, equation 5).

    A batch of one and a batch of many give the same pictures, and no state is kept. It needs more
    than one pixel: a single one would always become 0.

    Args:
        x: (N, H, W, C) with H * W > 1.
        name: the layer's name.

    Returns:
        The same shape, mean 0 and variance 1 per picture and channel, then a learned scale and
        offset per channel.
    """
    return layers.GroupNormalization(groups=-1, epsilon=1e-5, name=name)(x)


def downsample(
    x: keras.KerasTensor, filters: int, name: str, *, normalize: bool = True, strides: int = 2
) -> keras.KerasTensor:
    """Halve the resolution: 4 x 4 convolution, instance normalisation, LeakyReLU of slope 0.2.

    Args:
        x: (N, H, W, C).
        filters: channels of the result.
        name: prefix of the layers' names.
        normalize: False for a first layer, which should see the picture's own brightness.
        strides: 1 keeps the resolution.

    Returns:
        (N, H / strides, W / strides, filters).
    """
    x = layers.Conv2D(
        filters, 4, strides, padding="same", use_bias=not normalize, name=f"{name}_convolution"
    )(x)
    if normalize:
        x = instance_normalization(x, f"{name}_normalization")
    return layers.LeakyReLU(LEAKY_SLOPE, name=f"{name}_activation")(x)


def upsample(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    """Double the resolution: nearest neighbour, 3 x 3 convolution, instance normalisation, ReLU.

    Enlarging first and convolving then leaves no checkerboard, as a transposed convolution would
    (Odena et al. 2016).

    Args:
        x: (N, H, W, C).
        filters: channels of the result.
        name: prefix of the layers' names.

    Returns:
        (N, 2 H, 2 W, filters).
    """
    x = layers.UpSampling2D(2, interpolation="nearest", name=f"{name}_enlargement")(x)
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_convolution")(x)
    x = instance_normalization(x, f"{name}_normalization")
    return layers.ReLU(name=f"{name}_activation")(x)
