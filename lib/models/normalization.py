"""Normalisation layers that Keras does not have."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

Tensor = Any


def _normalized_and_gradient(
    epsilon: float, pixels: Tensor, scale: Tensor, offset: Tensor
) -> tuple[Tensor, Callable]:
    """Return normalised pictures, and the function from their gradient to the arguments' three.

    The mean goes first: of the difference of two large numbers float32 would keep too little.
    """
    centred = pixels - ops.mean(pixels, axis=(1, 2), keepdims=True)
    inverse = ops.rsqrt(ops.mean(ops.square(centred), axis=(1, 2), keepdims=True) + epsilon)
    factor = inverse * scale

    def _gradient(upstream: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        number = ops.cast(math.prod(ops.shape(pixels)[1:3]), "float32")
        pull = ops.mean(upstream, axis=(1, 2), keepdims=True)
        along = inverse * ops.mean(upstream * centred, axis=(1, 2), keepdims=True)
        to_pixels = upstream * factor - centred * (factor * inverse * along) - factor * pull
        return to_pixels, number * ops.sum(along, (0, 1, 2)), number * ops.sum(pull, (0, 1, 2))

    return centred * factor + offset, _gradient


class InstanceNormalization(keras.layers.Layer):
    """Normalise each channel of each picture on its own (Ulyanov et al. 2016, equation 5).

    Keras' GroupNormalization computes the same, of one channel a group. On TensorFlow the gradient
    is written out here, which takes three fifths of the operations, and can be differentiated.

    Args:
        epsilon: added to variances.
        **options: passed on to the layer.
    """

    def __init__(self, epsilon: float = 1e-5, **options: Any) -> None:
        super().__init__(**options)
        self.epsilon = epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create scale and offset, one number a channel each."""
        of = {"shape": (input_shape[-1],), "autocast": False}
        self.scale = self.add_weight(initializer="ones", name="scale", **of)
        self.offset = self.add_weight(initializer="zeros", name="offset", **of)

    def call(self, x: Tensor) -> Tensor:
        """Normalise pictures (N, H, W, C); the same shape comes back."""

        def _normalized(*arguments: Tensor) -> Any:
            return _normalized_and_gradient(self.epsilon, *arguments)

        arguments = [ops.cast(one, "float32") for one in (x, self.scale, self.offset)]
        if keras.backend.backend() == "tensorflow":
            pictures = ops.custom_gradient(_normalized)(*arguments)
        else:
            pictures, _ = _normalized(*arguments)
        return ops.cast(pictures, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return what the layer was made with."""
        return {**super().get_config(), "epsilon": self.epsilon}


class UnitInterval(keras.constraints.Constraint):
    """Keeps every weight between 0 and 1."""

    def __call__(self, weights: Any) -> Any:
        """Return the weights, clipped."""
        return ops.clip(weights, 0.0, 1.0)


class BatchInstanceNormalization(keras.layers.Layer):
    """A mixture of batch and instance normalisation, learned per channel (Nam and Kim 2018).

    With rho the mixture (equation 3) is rho * batch-normalised + (1 - rho) * instance-normalised,
    then a scale and an offset. rho begins at 1, pure batch normalisation. Batch statistics are
    averaged while training and those averages are used afterwards: without them, as in system S2,
    what a picture becomes would depend on its neighbours in the batch.

    Both normalisations are linear in the picture, so that one multiplication and one addition a
    pixel do for both; the statistics of the batch follow from those of its pictures.

    Args:
        momentum: of the moving averages.
        epsilon: added to variances.
        **options: passed on to the layer.
    """

    def __init__(self, momentum: float = 0.9, epsilon: float = 1e-5, **options: Any) -> None:
        super().__init__(**options)
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create rho, scale, offset and the moving averages, one number a channel each."""
        of = {"shape": (input_shape[-1],), "autocast": False}
        mixture = UnitInterval()
        self.rho = self.add_weight(initializer="ones", constraint=mixture, name="rho", **of)
        self.scale = self.add_weight(initializer="ones", name="scale", **of)
        self.offset = self.add_weight(initializer="zeros", name="offset", **of)
        of["trainable"] = False
        self.moving_mean = self.add_weight(initializer="zeros", name="moving_mean", **of)
        self.moving_variance = self.add_weight(initializer="ones", name="moving_variance", **of)

    def call(self, x: Any, training: bool = False) -> Any:
        """Normalise pictures (N, H, W, C); the same shape comes back."""
        pixels = ops.cast(x, "float32")
        mean = ops.mean(pixels, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(pixels), axis=(1, 2), keepdims=True) - ops.square(mean)
        variance = ops.maximum(variance, 0.0)
        batch_mean, batch_variance = self._batch_statistics(mean, variance, training)
        rho, scale = ops.convert_to_tensor(self.rho), ops.convert_to_tensor(self.scale)
        by_batch = rho * ops.rsqrt(batch_variance + self.epsilon)
        by_instance = (1.0 - rho) * ops.rsqrt(variance + self.epsilon)
        factor = scale * (by_batch + by_instance)
        shift = self.offset - scale * (by_batch * batch_mean + by_instance * mean)
        return ops.cast(pixels * factor + shift, self.compute_dtype)

    def _batch_statistics(self, mean: Any, variance: Any, training: bool) -> tuple[Any, Any]:
        """Return the batch's mean and variance per channel, or their averages when not training."""
        if not training:
            return self.moving_mean, self.moving_variance
        batch_mean = ops.mean(mean, axis=(0, 1, 2))
        spread = ops.mean(ops.square(mean), axis=(0, 1, 2)) - ops.square(batch_mean)
        batch_variance = ops.mean(variance, axis=(0, 1, 2)) + ops.maximum(spread, 0.0)
        keep = self.momentum
        self.moving_mean.assign(
            keep * self.moving_mean + (1 - keep) * ops.stop_gradient(batch_mean)
        )
        self.moving_variance.assign(
            keep * self.moving_variance + (1 - keep) * ops.stop_gradient(batch_variance)
        )
        return batch_mean, batch_variance

    def get_config(self) -> dict[str, Any]:
        """Return what the layer was made with."""
        return {**super().get_config(), "momentum": self.momentum, "epsilon": self.epsilon}
