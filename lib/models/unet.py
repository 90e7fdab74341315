"""U-Net: an encoder, a decoder, and skips that hand every resolution's detail across."""

from __future__ import annotations

import keras
from keras import layers

from lib.layers import Conv2D
from lib.models.blocks import downsample, upsample

SMALLEST = 4
WIDEST = 8


def _depth(size: int, depth: int | None) -> int:
    """Return the number of halvings, checked against the picture's size."""
    if depth is None:
        depth = max(1, (size // SMALLEST).bit_length() - 1)
    if depth < 1 or size % 2**depth or size // 2**depth < 2:
        raise ValueError(
            f"size {size} with depth {depth}: expected a size that halves {depth} times to 2 "
            "pixels or more; choose a power of two, or a smaller depth"
        )
    return depth


def build_unet(
    size: int,
    width: int,
    depth: int | None = None,
    channels_in: int = 3,
    channels_out: int = 3,
    name: str = "generator",
) -> keras.Model:
    """Build the picture-to-picture generator of pix2pix (Isola et al. 2017, section 3.2.1).

    Args:
        size: side of the square pictures, in pixels.
        width: filters at half resolution; they double with each halving, to 8 * width at most.
        depth: halvings down to the bottleneck; None stops at 4 x 4 pixels.
        channels_in: channels of the input, masks and noise included.
        channels_out: channels of the output.
        name: the network's name, which its weights' names start with.

    Returns:
        A model from (N, size, size, channels_in) float to (N, size, size, channels_out) float32 in
        [-1, 1] (tanh, computed in float32 under mixed precision too).

    Raises:
        ValueError: when the size cannot be halved that often.
    """
    depth = _depth(size, depth)
    filters = [width * min(2**level, WIDEST) for level in range(depth)]
    x = inputs = keras.Input((size, size, channels_in), name="picture")
    skips = []
    for level in range(depth):
        x = downsample(x, filters[level], f"down_{level + 1}", normalize=level > 0)
        skips.append(x)
    for level in reversed(range(depth - 1)):
        x = upsample(x, filters[level], f"up_{level + 1}")
        x = layers.Concatenate(name=f"skip_{level + 1}")([x, skips[level]])
    x = upsample(x, width, "up_0")
    x = Conv2D(channels_out, 3, padding="same", name="output_convolution")(x)
    outputs = layers.Activation("tanh", dtype="float32", name="output")(x)
    return keras.Model(inputs, outputs, name=name)
