"""The pieces that the networks share: plain functions from a Keras tensor to a Keras tensor."""

from __future__ import annotations

import keras
from keras import layers

from lib.layers import BatchNormalization, Conv2D
from lib.models.dilation import DilatedConvolution
from lib.models.enlargement import Enlargement
from lib.models.normalization import InstanceNormalization

LEAKY_SLOPE = 0.2


def require_halvings(size: int, depth: int, smallest: int) -> None:
    """Refuse pictures that cannot be halved so often.

    Args:
        size: side of the pictures, pixels.
        depth: halvings.
        smallest: side that must be left, pixels.

    Raises:
        ValueError: naming what would do.
    """
    if depth < 1 or size % 2**depth or size < smallest * 2**depth:
        raise ValueError(
            f"size {size} with depth {depth}: expected a depth of 1 or more, and a multiple of "
            f"{2 ** max(depth, 1)} of at least {smallest * 2 ** max(depth, 1)}"
        )


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
    return InstanceNormalization(name=name)(x)


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
    x = Conv2D(
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
    x = Enlargement(name=f"{name}_enlargement")(x)
    x = Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_convolution")(x)
    x = instance_normalization(x, f"{name}_normalization")
    return layers.ReLU(name=f"{name}_activation")(x)


def convolve(
    x: keras.KerasTensor, filters: int, name: str, *, dilation: int = 1, normalize: bool = True
) -> keras.KerasTensor:
    """Keep the resolution: 3 x 3 convolution, LeakyReLU of slope 0.2, batch normalisation.

    Args:
        x: (N, H, W, C).
        filters: channels of the result.
        name: prefix of the layers' names.
        dilation: distance between the kernel's taps, pixels (Yu and Koltun 2016, section 2).
        normalize: whether batch normalisation follows.

    Returns:
        (N, H, W, filters).
    """
    x = DilatedConvolution(filters, 3, dilation_rate=dilation, name=f"{name}_convolution")(x)
    x = layers.LeakyReLU(LEAKY_SLOPE, name=f"{name}_activation")(x)
    if normalize:
        x = BatchNormalization(momentum=0.9, name=f"{name}_normalization")(x)
    return x


def convolve_twice(
    x: keras.KerasTensor, filters: int, name: str, *, normalize: bool = True
) -> keras.KerasTensor:
    """Call `convolve` twice: what a level of a U-Net does (Ronneberger et al. 2015, section 2).

    Args:
        x: (N, H, W, C).
        filters: channels of the result.
        name: prefix of the layers' names.
        normalize: whether batch normalisation follows each.

    Returns:
        (N, H, W, filters).
    """
    for number in (1, 2):
        x = convolve(x, filters, f"{name}_{number}", normalize=normalize)
    return x


def squeeze_and_excite(x: keras.KerasTensor, name: str, ratio: int = 16) -> keras.KerasTensor:
    """Weigh the channels by what the whole picture shows (Hu et al. 2018, section 3).

    Args:
        x: (N, H, W, C).
        name: prefix of the layers' names.
        ratio: by how much the hidden layer is narrower than C; it keeps 4 units at least.

    Returns:
        The same shape, each channel times a factor between 0 and 1.
    """
    channels = x.shape[-1]
    squeezed = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(x)
    hidden = layers.Dense(max(4, channels // ratio), "relu", name=f"{name}_hidden")(squeezed)
    factors = layers.Dense(channels, "sigmoid", name=f"{name}_excitation")(hidden)
    return layers.Multiply(name=f"{name}_product")([x, factors])


def silent_convolution(x: keras.KerasTensor, channels: int, name: str) -> keras.KerasTensor:
    """Convolve 3 x 3 in float32 by a kernel that starts at zero: untrained, it answers 0.

    Args:
        x: (N, H, W, C).
        channels: of the answer.
        name: of the layer.
    """
    return Conv2D(
        channels, 3, padding="same", kernel_initializer="zeros", dtype="float32", name=name
    )(x)
