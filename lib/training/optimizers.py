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

    _numbers: dict[str, Tensor] | None = None

    def apply(self, grads: Sequence[Tensor], trainable_variables: Sequence | None = None) -> None:
        """Move the weights by their gradients."""
        self._numbers = None
        super().apply(grads, trainable_variables)
        self._numbers = None  # a graph's tensors are of no use outside of it

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """Move one weight and its two averages."""
        import tensorflow

        sparse = isinstance(gradient, tensorflow.IndexedSlices)
        if sparse or variable.dtype != tensorflow.float32:
            super().update_step(gradient, variable, learning_rate)
            return
        if self._numbers is None:
            self._numbers = self._of_all_weights(learning_rate)
        index = self._get_variable_index(variable)
        tensorflow.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            grad=gradient,
            **self._numbers,
        )

    def _of_all_weights(self, learning_rate: Tensor) -> dict[str, Tensor]:
        """Return what the kernel is told of every weight alike, each number once in the graph."""
        step = ops.cast(self.iterations + 1, "float32")
        betas = {"beta1": self.beta_1, "beta2": self.beta_2}
        numbers = {"lr": learning_rate, "epsilon": self.epsilon, **betas}
        numbers = {name: ops.convert_to_tensor(one, "float32") for name, one in numbers.items()}
        return numbers | {f"{name}_power": numbers[name] ** step for name in betas}


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
