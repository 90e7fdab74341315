"""PatchGAN: a critic that judges every patch of a picture by itself."""

from __future__ import annotations

import keras

from lib.layers import Conv2D
from lib.models.blocks import downsample

DEEPEST = 3
WIDEST = 8


def receptive_field(depth: int) -> int:
    """Return the side of the patch that one logit judges, in pixels: 16, 34, 70 for depth 1, 2, 3.

    Args:
        depth: number of convolutions with stride 2; two of stride 1 follow, all of them 4 x 4.

    Returns:
        Pixels of the input along one side (instance normalisation's statistics left aside).
    """
    side = 7
    for _ in range(depth):
        side = 2 * side + 2
    return side


def build_patchgan(
    size: int,
    width: int,
    channels_in: int,
    name: str = "critic",
    depth: int | None = None,
    normalize: bool = True,
) -> keras.Model:
    """Build the patch critic of pix2pix (Isola et al. 2017, section 3.2.2 and appendix 6.1.2).

    Args:
        size: side of the square pictures, in pixels; a multiple of 2 ** depth.
        width: filters of the first layer; they double with each one, to 8 * width at most.
        channels_in: channels of the picture and of what it is judged together with.
        name: the network's name, which its weights' names start with.
        depth: halvings; None takes the paper's 3 (70 pixel patches) from 128 pixels up, and 2 or 1
            below, so that a patch stays about half a picture wide.
        normalize: False where real and fake differ in the strength of their detail above all, which
            normalisation evens out.

    Returns:
        A model from (N, size, size, channels_in) float to float32 logits
        (N, size / 2**depth, size / 2**depth, 1): large means real.

    Raises:
        ValueError: when the size cannot be halved that often.
    """
    if depth is None:
        depth = min(max(size.bit_length() - 5, 1), DEEPEST)
    if depth < 1 or size % 2**depth or size < 2 ** (depth + 1):
        raise ValueError(f"size {size}: expected a multiple of {2**depth} (depth {depth})")
    x = inputs = keras.Input((size, size, channels_in), name="judged")
    for level in range(depth):
        filters = width * min(2**level, WIDEST)
        x = downsample(x, filters, f"down_{level + 1}", normalize=normalize and level > 0)
    x = downsample(
        x, width * min(2**depth, WIDEST), f"down_{depth + 1}", strides=1, normalize=normalize
    )
    logits = Conv2D(1, 4, padding="same", dtype="float32", name="logits")(x)
    return keras.Model(inputs, logits, name=name)
