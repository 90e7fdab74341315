"""The residual generator of CycleGAN: few halvings, then blocks that each add a correction."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from lib.layers import Conv2D
from lib.models.blocks import instance_normalization, require_halvings
from lib.models.enlargement import EnlargedConvolution

DEPTH = 2
"""Halvings before the blocks."""

INITIALIZER_DEVIATION = 0.02
"""Of the weights at the start (Zhu et al. 2017, appendix 7.1)."""


class ReflectionPadding(layers.Layer):
    """Continues pictures by their mirror image, so that no border of zeros shows in the result.

    Args:
        margin: pixels added on each side; fewer than the picture has.
        **options: passed on to the layer.
    """

    def __init__(self, margin: int, **options: Any) -> None:
        super().__init__(**options)
        self.margin = margin

    def call(self, x: Any) -> Any:
        """Return (N, H + 2 margin, W + 2 margin, C) of pictures (N, H, W, C)."""
        both = (self.margin, self.margin)
        return ops.pad(x, ((0, 0), both, both, (0, 0)), mode="reflect")

    def get_config(self) -> dict[str, Any]:
        """Return what the layer was made with."""
        return {**super().get_config(), "margin": self.margin}


def _start() -> keras.initializers.Initializer:
    return keras.initializers.TruncatedNormal(stddev=INITIALIZER_DEVIATION)


def _convolve(
    x: keras.KerasTensor, filters: int, kernel: int, name: str, strides: int = 1
) -> keras.KerasTensor:
    """Convolve without a bias; at full resolution across the mirrored border."""
    if strides == 1:
        x = ReflectionPadding(kernel // 2, name=f"{name}_padding")(x)
    padding = "same" if strides > 1 else "valid"
    return Conv2D(
        filters, kernel, strides, padding=padding, use_bias=False,
        kernel_initializer=_start(), name=f"{name}_convolution",
    )(x)  # fmt: skip


def _normalize(x: keras.KerasTensor, name: str, activate: bool = True) -> keras.KerasTensor:
    x = instance_normalization(x, f"{name}_normalization")
    return layers.ReLU(name=f"{name}_activation")(x) if activate else x


def _block(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Add what two convolutions make of x; no activation follows the sum."""
    filters = x.shape[-1]
    y = _normalize(_convolve(x, filters, 3, f"{name}_1"), f"{name}_1")
    y = _normalize(_convolve(y, filters, 3, f"{name}_2"), f"{name}_2", activate=False)
    return layers.Add(name=f"{name}_sum")([x, y])


def _encode(x: keras.KerasTensor, width: int) -> keras.KerasTensor:
    x = _normalize(_convolve(x, width, 7, "entry"), "entry")
    for level in range(1, DEPTH + 1):
        x = _convolve(x, width * 2**level, 3, f"down_{level}", strides=2)
        x = _normalize(x, f"down_{level}")
    return x


def _decode(x: keras.KerasTensor, width: int) -> keras.KerasTensor:
    for level in reversed(range(DEPTH)):
        x = EnlargedConvolution(width * 2**level, use_bias=False, name=f"up_{level}_convolution")(x)
        x = _normalize(x, f"up_{level}")
    return x


def build_resnet(
    size: int | None,
    width: int,
    blocks: int = 9,
    channels: int = 3,
    correcting: bool = False,
    name: str = "generator",
) -> keras.Model:
    """Build the generator of CycleGAN (Zhu et al. 2017, appendix 7.2; Johnson et al. 2016).

    System S1's is 256, width 64, 9 blocks. Its transposed convolutions, which leave a checkerboard,
    are enlargements with as many weights.

    Args:
        size: side of the square pictures, pixels, a multiple of 4; None for any height and width
            that are multiples of 4.
        width: filters at full resolution; they double with each of the two halvings.
        blocks: residual blocks in between.
        channels: of the input, and of the output.
        correcting: whether the output is the input plus a correction that starts at zero, so that
            an untrained network does nothing; otherwise the picture is painted anew, by tanh.
        name: the network's name, which its weights' names start with.

    Returns:
        A model from float (N, size, size, channels) in [-1, 1] to float32 of the same shape, in
        [-1, 1]; a correcting one may leave that range.

    Raises:
        ValueError: when the size cannot be halved twice.
    """
    if size is not None:
        require_halvings(size, DEPTH, smallest=2)
    inputs = keras.Input((size, size, channels), name="picture")
    x = _encode(inputs, width)
    for number in range(1, blocks + 1):
        x = _block(x, f"block_{number}")
    x = ReflectionPadding(3, name="output_padding")(_decode(x, width))
    x = Conv2D(
        channels, 7, use_bias=False, name="output_convolution",
        kernel_initializer="zeros" if correcting else _start(),
    )(x)  # fmt: skip
    outputs = correct(inputs, x) if correcting else _paint(x)
    return keras.Model(inputs, outputs, name=name)


def _paint(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Activation("tanh", dtype="float32", name="output")(x)


def correct(picture: keras.KerasTensor, correction: keras.KerasTensor) -> keras.KerasTensor:
    """Add a correction, of as many channels or of one, to its picture, in float32."""
    return layers.Add(dtype="float32", name="output")([picture, correction])
