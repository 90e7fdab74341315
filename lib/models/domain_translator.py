"""System S5's two translators: from a render to a photo, and back."""

from __future__ import annotations

import keras
from keras import layers

from lib.layers import Conv2D
from lib.models.blocks import instance_normalization, require_halvings
from lib.models.enlargement import EnlargedConvolution
from lib.models.resnet import DEPTH, INITIALIZER_DEVIATION, ReflectionPadding


def _start() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=INITIALIZER_DEVIATION)


def _full(x: keras.KerasTensor, filters: int, kernel: int, name: str) -> keras.KerasTensor:
    """Convolve across the mirrored border, without a bias."""
    x = ReflectionPadding(kernel // 2, name=f"{name}_padding")(x)
    return Conv2D(
        filters, kernel, use_bias=False, kernel_initializer=_start(), name=f"{name}_convolution"
    )(x)


def _halve(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    return Conv2D(
        filters, 3, 2, padding="same", use_bias=False, activation="relu",
        kernel_initializer=_start(), name=f"{name}_convolution",
    )(x)  # fmt: skip


def _double(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    x = EnlargedConvolution(filters, use_bias=False, name=f"{name}_convolution")(x)
    return layers.ReLU(name=f"{name}_activation")(x)


def _block(x: keras.KerasTensor, dropout: float, number: int) -> keras.KerasTensor:
    """Add what two normalised convolutions make of x; then drop some of the sum."""
    filters, name = x.shape[-1], f"block_{number}"
    y = instance_normalization(_full(x, filters, 3, f"{name}_1"), f"{name}_1_normalization")
    y = layers.ReLU(name=f"{name}_1_activation")(y)
    y = instance_normalization(_full(y, filters, 3, f"{name}_2"), f"{name}_2_normalization")
    x = layers.Add(name=f"{name}_sum")([x, y])
    return layers.Dropout(dropout, seed=number, name=f"{name}_dropout")(x) if dropout else x


def build_domain_translator(
    size: int | None,
    width: int,
    blocks: int = 3,
    *,
    skips: bool = False,
    dropout: float = 0.0,
    name: str = "generator",
) -> keras.Model:
    """Build a translator of system S5 (Gecer et al. 2018, section 3; Johnson et al. 2016).

    S5's are 108, width 32; G has skips and drops a tenth in its blocks, G' has neither. Only the
    blocks are normalised. Dropout is off unless the network is called in training, where S5's never
    was; the transposed convolutions are enlargements with as many weights.

    Args:
        size: side of the square pictures, pixels, a multiple of 4; None for any such sides.
        width: filters at full resolution; they double with each of the two halvings.
        blocks: residual blocks in between.
        skips: whether the maps of the last two resolutions are handed across.
        dropout: share of the blocks' numbers set to 0 in training.
        name: the network's name, which its weights' names start with.

    Returns:
        A model from float (N, size, size, 3) in [-1, 1] to float32 of the same shape, in [-1, 1].

    Raises:
        ValueError: when the size cannot be halved twice.
    """
    if size is not None:
        require_halvings(size, DEPTH, smallest=2)
    inputs = keras.Input((size, size, 3), name="picture")
    full = layers.ReLU(name="entry_activation")(_full(inputs, width, 7, "entry"))
    half = _halve(full, 2 * width, "down_1")
    x = _halve(half, 4 * width, "down_2")
    for number in range(1, blocks + 1):
        x = _block(x, dropout, number)
    for level, seen in enumerate((half, full)):
        x = _double(x, seen.shape[-1], f"up_{1 - level}")
        x = layers.Concatenate(name=f"skip_{1 - level}")([x, seen]) if skips else x
    x = _full(x, 3, 7, "output")
    outputs = layers.Activation("tanh", dtype="float32", name="output")(x)
    return keras.Model(inputs, outputs, name=name)
