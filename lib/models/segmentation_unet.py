"""U-Net for maps: two convolutions a level, and as many channels as it takes (system S3)."""

from __future__ import annotations

import keras
from keras import layers

from lib.layers import Conv2D
from lib.models.blocks import convolve_twice, require_halvings
from lib.models.enlargement import EnlargedConvolution


def _decode(
    x: keras.KerasTensor, skip: keras.KerasTensor, name: str, last: bool
) -> keras.KerasTensor:
    """Double the resolution, join the encoder's twin, convolve twice; the last level by tanh."""
    filters = skip.shape[-1]
    x = EnlargedConvolution(filters, name=f"{name}_enlargement")(x)
    x = layers.Concatenate(name=f"{name}_skip")([x, skip])
    if not last:
        return convolve_twice(x, filters, name)
    for number in (1, 2):
        x = Conv2D(filters, 3, padding="same", activation="tanh", name=f"{name}_{number}")(x)
    return x


def build_segmentation_unet(
    size: int,
    width: int,
    depth: int = 4,
    channels_in: int = 3,
    channels_out: int = 1,
    dropout: float = 0.5,
    name: str = "map_network",
) -> keras.Model:
    """Build the map module of system S3, after Ronneberger et al. 2015 (U-Net), section 2.

    The original is 128, width 64, depth 4 with *one* channel in: it finds masks, which differ from
    skin by colour above all, in grey pictures.

    Args:
        size: side of the square pictures, pixels; a multiple of 2 ** depth.
        width: filters at full resolution; they double with each halving.
        depth: halvings.
        channels_in: channels of the input.
        channels_out: channels of the output.
        dropout: rate behind each pooling; half of it behind the first.
        name: the network's name, which its weights' names start with.

    Returns:
        A model from (N, size, size, channels_in) float to float32 logits
        (N, size, size, channels_out); above 0 is inside.

    Raises:
        ValueError: when the size cannot be halved that often.
    """
    require_halvings(size, depth, smallest=2)
    x = inputs = keras.Input((size, size, channels_in), name="picture")
    skips = []
    for level in range(depth):
        x = convolve_twice(x, width * 2**level, f"down_{level}", normalize=level > 0)
        skips.append(x)
        x = layers.MaxPooling2D(name=f"down_{level}_pooling")(x)
        rate = dropout if level else dropout / 2
        x = layers.Dropout(rate, seed=level, name=f"down_{level}_dropout")(x)
    x = convolve_twice(x, width * 2**depth, "bottom")
    for level in reversed(range(depth)):
        x = _decode(x, skips[level], f"up_{level}", last=level == 0)
    x = Conv2D(2, 3, padding="same", activation="tanh", name="pair")(x)
    logits = Conv2D(channels_out, 1, dtype="float32", name="logits")(x)
    return keras.Model(inputs, logits, name=name)
