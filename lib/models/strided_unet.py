"""The two U-Nets of system S2: one finds the mask, the deeper one repaints the face.

Every level is a single 3 x 3 convolution that halves the resolution, so that nothing is computed at
full resolution but the output: at 128 pixels a picture costs 0.2 billion multiplications.
"""

from __future__ import annotations

import keras
from keras import layers

from lib.layers import Conv2D
from lib.models.blocks import LEAKY_SLOPE, require_halvings
from lib.models.enlargement import EnlargedConvolution
from lib.models.normalization import BatchInstanceNormalization

WIDEST = 8


def _down(x: keras.KerasTensor, filters: int, name: str, normalize: bool) -> keras.KerasTensor:
    x = Conv2D(filters, 3, 2, padding="same", use_bias=False, name=f"{name}_convolution")(x)
    if normalize:
        x = BatchInstanceNormalization(name=f"{name}_normalization")(x)
    return layers.LeakyReLU(LEAKY_SLOPE, name=f"{name}_activation")(x)


def _decode(
    x: keras.KerasTensor, skip: keras.KerasTensor, name: str, dropout: float
) -> keras.KerasTensor:
    """Double the resolution, and join what the encoder saw there."""
    x = EnlargedConvolution(skip.shape[-1], use_bias=False, name=f"{name}_convolution")(x)
    if dropout:
        x = layers.Dropout(dropout, seed=1, name=f"{name}_dropout")(x)
    x = layers.LeakyReLU(LEAKY_SLOPE, name=f"{name}_activation")(x)
    return layers.Concatenate(name=f"{name}_skip")([x, skip])


def build_strided_unet(
    size: int,
    width: int,
    depth: int,
    channels_in: int = 3,
    channels_out: int = 3,
    dropout: float = 0.0,
    activation: str = "tanh",
    name: str = "generator",
) -> keras.Model:
    """Build a U-Net with one convolution a level and batch-instance normalisation (system S2).

    The original's Mask-G is 128, 32, depth 5; its Face-G 128, 32, depth 6, dropout 0.5. Where those
    had transposed convolutions, which leave a checkerboard, the picture is enlarged first and
    convolved then; the number of weights is the same.

    Args:
        size: side of the square pictures, pixels; 2 or more are left after `depth` halvings.
        width: filters at half resolution; they double with each halving, to 8 * width at most.
        depth: halvings.
        channels_in: channels of the input.
        channels_out: channels of the output.
        dropout: rate behind the two deepest convolutions of the decoder.
        activation: of the output, computed in float32: "tanh" for pictures, "linear" for logits.
        name: the network's name, which its weights' names start with.

    Returns:
        A model from (N, size, size, channels_in) float to (N, size, size, channels_out) float32.

    Raises:
        ValueError: when the size cannot be halved that often.
    """
    require_halvings(size, depth, smallest=2)
    filters = [width * min(2**level, WIDEST) for level in range(depth)]
    x = inputs = keras.Input((size, size, channels_in), name="picture")
    skips = []
    for level in range(depth):
        x = _down(x, filters[level], f"down_{level + 1}", normalize=level > 0)
        skips.append(x)
    for level in reversed(range(depth - 1)):
        rate = dropout if level >= depth - 3 else 0.0
        x = _decode(x, skips[level], f"up_{level + 1}", rate)
    x = EnlargedConvolution(channels_out, use_bias=False, name="output_convolution")(x)
    outputs = layers.Activation(activation, dtype="float32", name="output")(x)
    return keras.Model(inputs, outputs, name=name)
