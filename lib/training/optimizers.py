"""Adam by TensorFlow's own kernel, one operation a weight instead of about thirty; Muon's too."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
from keras import ops

from lib.muon import Muon

Tensor = Any


class FusedAdam(keras.optimizers.Adam):
    """Keras' Adam on TensorFlow, each weight moved by the kernel that TensorFlow has for it.

    Keras writes the update (Kingma and Ba 2015, algorithm 1, in its faster order) out in small
    operations. For networks of many small weights they are two fifths of what a graph is made of,
    and of the seconds before a first step. The kernel computes the same, up to rounding; it knows
    no amsgrad. Sparse gradients, and weights of another precision, go Keras' way.
    """

    _shares: tuple[Tensor, Tensor] | None = None

    def apply(self, grads: Sequence[Tensor], trainable_variables: Sequence | None = None) -> None:
        """Move the weights by their gradients."""
        self._shares = None
        super().apply(grads, trainable_variables)
        self._shares = None  # a graph's tensors are of no use outside of it

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """Move one weight and its two averages."""
        import tensorflow

        sparse = isinstance(gradient, tensorflow.IndexedSlices)
        if sparse or variable.dtype != tensorflow.float32:
            super().update_step(gradient, variable, learning_rate)
            return
        if self._shares is None:  # the same for all weights
            step = ops.cast(self.iterations + 1, "float32")
            self._shares = tensorflow.pow(self.beta_1, step), tensorflow.pow(self.beta_2, step)
        index = self._get_variable_index(variable)
        tensorflow.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=self._shares[0],
            beta2_power=self._shares[1],
            lr=ops.cast(learning_rate, "float32"),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


class FusedMuon(Muon, FusedAdam):
    """Muon that leaves to `FusedAdam` what it leaves to Adam."""


FUSED = {keras.optimizers.Adam: FusedAdam, Muon: FusedMuon}


def fuse(optimizer: keras.optimizers.Optimizer) -> None:
    """Turn a plain Adam or Muon into its fused twin: the same object, with all it has averaged.

    Args:
        optimizer: any. What is neither, or not on TensorFlow (another optimizer, amsgrad, a loss
            scale around it, another backend), stays as it is.
    """
    known = type(optimizer) in FUSED and not optimizer.amsgrad
    if known and keras.backend.backend() == "tensorflow":
        optimizer.__class__ = FUSED[type(optimizer)]


@contextlib.contextmanager
def fused(optimizer: keras.optimizers.Optimizer) -> Iterator[None]:
    """Fuse an optimizer for the length of a block; after it, it is what it was, further on.

    What defines a run names its optimizer's class, which must not depend on how often it was begun.
    """
    before = type(optimizer)
    fuse(optimizer)
    try:
        yield
    finally:
        optimizer.__class__ = before
