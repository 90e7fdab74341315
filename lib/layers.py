"""Two of Keras' own layers, in fewer operations: much of what a GAN's graph was made of.

Every operation of a training's graph costs its share of the seconds before the first step. Results
and gradients are Keras' own, up to rounding, on every backend.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

Tensor = Any


class Conv2D(keras.layers.Conv2D):
    """Keras' convolution of pictures, channels last, which adds its bias as it is.

    Keras reshapes a bias, and TensorFlow has to shape it back: three more operations a layer, and
    five of the gradient's.
    """

    def call(self, inputs: Tensor) -> Tensor:
        """Convolve pictures (N, H, W, C)."""
        outputs = self.convolution_op(inputs, self.kernel)
        if self.use_bias:
            outputs = ops.add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)


class BatchNormalization(keras.layers.BatchNormalization):
    """Keras' batch normalisation (Ioffe and Szegedy 2015), trained by TensorFlow's kernel for it.

    Keras writes it out, which on a CPU takes about twice as long. What the kernel is not for (other
    precisions, masks, anything but the last axis of pictures) goes Keras' way.
    """

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor = None) -> Tensor:
        """Normalise pictures (N, H, W, C), by the batch's moments in training; same shape."""
        if not (training and self.trainable and mask is None and self._has_kernel(inputs)):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow

        channels, unknown = inputs.shape[-1], np.zeros(0, "float32")
        outputs, mean, unbiased, *_ = tensorflow.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=self.gamma.value if self.scale else np.ones(channels, "float32"),
            offset=self.beta.value if self.center else np.zeros(channels, "float32"),
            mean=unknown,
            variance=unknown,
            epsilon=self.epsilon,
            is_training=True,
        )
        pixels = ops.cast(math.prod(ops.shape(inputs)[:3]), "float32")
        self._follow(self.moving_mean, mean)
        self._follow(self.moving_variance, unbiased * (1.0 - 1.0 / pixels))
        return outputs

    def _has_kernel(self, inputs: Tensor) -> bool:
        pictures = len(inputs.shape) == 4 and self.axis in (-1, 3)
        float32 = keras.backend.standardize_dtype(inputs.dtype) == self.compute_dtype == "float32"
        plain = not (self.renorm or self.synchronized)
        return keras.backend.backend() == "tensorflow" and pictures and float32 and plain

    def _follow(self, average: keras.Variable, moment: Tensor) -> None:
        """Move the average of the batches' moments towards this batch's."""
        average.assign(average * self.momentum + moment * (1.0 - self.momentum))
