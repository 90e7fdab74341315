"""Enlarging a picture to twice its size inside a network, without a checkerboard."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def _widen(kernel: Any, axis: int) -> Any:
    """Return the four taps by which a pixel, doubled, is seen by the pixels around its two copies.

    Among the doubled pixels each is met twice by a kernel w0 w1 w2: the pixel before its copies
    sees the first by w2, the copies themselves by w1 + w2 and w0 + w1, and the one behind by w0.
    """
    first, middle, last = ops.split(kernel, 3, axis=axis)
    return ops.concatenate([last, middle + last, first + middle, first], axis=axis)


class Enlargement(keras.layers.Layer):
    """A picture twice as large, each pixel four times (nearest neighbour).

    Beside its twin a row of pixels is a row of twice the width, and so is a column. Copied so it
    takes a third of the operations that Keras' own UpSampling2D takes, and adds up its gradient in
    a fixed order on every device.
    """

    def call(self, x: Any) -> Any:
        """Return (N, 2 H, 2 W, C) of pictures (N, H, W, C)."""
        _, height, width, channels = ops.shape(x)
        wide = ops.reshape(ops.concatenate([x, x], -1), (-1, height, 2 * width * channels))
        return ops.reshape(ops.concatenate([wide, wide], -1), (-1, 2 * height, 2 * width, channels))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return twice the height and width."""
        number, height, width, channels = input_shape
        return number, height and 2 * height, width and 2 * width, channels


class EnlargedConvolution(keras.layers.Layer):
    """A 3 x 3 convolution of the picture enlarged by nearest neighbour (Odena et al. 2016).

    The transposed 3 x 3 convolution of stride 2 that systems S2 and S3 have covers some pixels by
    four taps and others by one, which shows as a checkerboard; this has as many weights and covers
    all alike. It never makes the enlarged picture: it is a transposed convolution itself, of the
    4 x 4 taps that follow from the nine, and on a CPU twice as fast as its two steps.

    Args:
        filters: channels of the result.
        use_bias: whether a number is added to each channel.
        **options: passed on to the layer.
    """

    def __init__(self, filters: int, use_bias: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.filters, self.use_bias = filters, use_bias

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the kernel (3, 3, C, filters) and the bias."""
        shape = (3, 3, input_shape[-1], self.filters)
        self.kernel = self.add_weight(shape=shape, initializer="glorot_uniform", name="kernel")
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def call(self, x: Any) -> Any:
        """Return (N, 2 H, 2 W, filters) of pictures (N, H, W, C)."""
        kernel = ops.cast(ops.transpose(self.kernel, (0, 1, 3, 2)), self.compute_dtype)
        taps = _widen(_widen(kernel, 0), 1)
        doubled = ops.conv_transpose(x, taps, 2, padding="same", data_format="channels_last")
        return doubled + ops.cast(self.bias, doubled.dtype) if self.use_bias else doubled

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return twice the height and width, and the filters."""
        number, height, width, _ = input_shape
        return number, height and 2 * height, width and 2 * width, self.filters

    def get_config(self) -> dict[str, Any]:
        """Return what the layer was made with."""
        return {**super().get_config(), "filters": self.filters, "use_bias": self.use_bias}
