"""Convolutions that look far, without the taps that look beyond the picture."""

from __future__ import annotations

from typing import Any

from keras import ops

from lib.layers import Conv2D


class DilatedConvolution(Conv2D):
    """A dilated convolution (Yu and Koltun 2016, section 2) that keeps the resolution.

    A tap further from the middle than the picture is wide meets padding alone. Keras multiplies it
    by those zeros, which takes a CPU most of the layer's time; here it is left out. Results and
    gradients are the same.

    Args:
        filters: channels of the result.
        kernel_size: side of the kernel, odd.
        **options: as Keras' own layer has them, but for strides, padding and groups.
    """

    def __init__(self, filters: int, kernel_size: int, **options: Any) -> None:
        super().__init__(filters, kernel_size, **{**options, "padding": "same"})

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """Convolve with those taps that can meet the picture; the layer adds the bias."""
        sides = [side or 10**9 for side in inputs.shape[1:3]]  # unknown until it is called: all
        reach = [
            min(taps // 2, (side - 1) // dilation)
            for taps, side, dilation in zip(
                self.kernel_size, sides, self.dilation_rate, strict=True
            )
        ]
        rows, columns = (
            slice(taps // 2 - far, taps // 2 + far + 1)
            for taps, far in zip(self.kernel_size, reach, strict=True)
        )
        steps = tuple(
            dilation if far else 1 for dilation, far in zip(self.dilation_rate, reach, strict=True)
        )
        return ops.conv(
            inputs, kernel[rows, columns], 1, "same", "channels_last", dilation_rate=steps
        )
