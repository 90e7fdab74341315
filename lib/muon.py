"""Muon: steps that move a kernel in all its directions alike, for trainings of few steps.

    model.compile(Muon(rise_and_fall(8e-3, steps, 50)))

Adam scales every number of a kernel by itself. Seen as a matrix, from what comes in to what goes
out, its step still moves a few directions far and most of them hardly at all. Muon gives all of
them the same length. Lesson 10 shows the two beside each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

Tensor = Any

SLOPE, BEND, RETURN = 3.4445, -4.7750, 2.0315
"""Coefficients of x, x^3 and x^5: repeated, they bring any length in (0, 1] to 0.7 .. 1.2."""

ROUNDS = (2, 3)
"""How often they are repeated; after each round the matrix is multiplied out."""

ADAM_SIZE = 0.2
"""Root mean square of a step, as a share of the rate; Adam's is about as long."""

NARROWEST = 4
"""Kernels with fewer inputs or outputs have too few directions; Adam moves them."""


def as_matrix_shape(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the shape of a kernel seen as a matrix: its last axis by all the others.

    Args:
        shape: of a dense kernel (C, filters) or a convolution's (height, width, C, filters).
    """
    return math.prod(shape[:-1]), shape[-1]


def orthogonalize(matrices: Sequence[Tensor]) -> list[Tensor]:
    """Replace the singular values of matrices by values near 1, by Newton-Schulz iterations.

    After Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks". Each
    iteration multiplies a matrix by a polynomial of its own square, which is small. Those of a
    round are multiplied first, and the matrix once. All five in one round would be cheaper still,
    and right on a CPU: but what rounds below zero in the square grows twelvefold with each, and
    graphics cards round coarsely.

    Squares of one size are multiplied side by side: a network has many kernels, and few sizes.

    Args:
        matrices: float32 (N, M), each of its own shape, of a length (root of the sum of squares)
            above 1e-6.

    Returns:
        As many, of the same shapes; zeros where all is zero. A singular value of a hundredth of its
        matrix's length becomes 0.7 or more.
    """
    wide = [matrix.shape[0] < matrix.shape[1] for matrix in matrices]
    tall = [matrix / (ops.norm(matrix) + 1e-7) for matrix in _turned(matrices, wide)]
    for iterations in ROUNDS:
        factors = _factors([ops.matmul(ops.transpose(one), one) for one in tall], iterations)
        tall = [ops.matmul(one, factor) for one, factor in zip(tall, factors, strict=True)]
    return _turned(tall, wide)


def _turned(matrices: Sequence[Tensor], which: Sequence[bool]) -> list[Tensor]:
    """Return matrices, some of them transposed."""
    pairs = zip(matrices, which, strict=True)
    return [ops.transpose(one) if is_turned else one for one, is_turned in pairs]


def _factors(squares: Sequence[Tensor], iterations: int) -> list[Tensor]:
    """Return what each matrix is to be multiplied by, whose square is given."""
    places: dict[int, list[int]] = {}
    for place, square in enumerate(squares):
        places.setdefault(square.shape[0], []).append(place)
    found = {}
    for here in places.values():
        beside = _factor(ops.stack([squares[place] for place in here]), iterations)
        found |= dict(zip(here, ops.unstack(beside, len(here)), strict=True))
    return [found[place] for place in range(len(squares))]


def _factor(squares: Tensor, iterations: int) -> Tensor:
    """Multiply the iterations' polynomials of squares (K, N, N), side by side."""
    identity = ops.eye(squares.shape[-1], dtype="float32")
    factor = factors = _polynomial(squares, identity)
    for _ in range(iterations - 1):
        squares = ops.matmul(ops.matmul(factor, squares), factor)
        factor = _polynomial(squares, identity)
        factors = ops.matmul(factors, factor)
    return factors


def _polynomial(squares: Tensor, identity: Tensor) -> Tensor:
    return SLOPE * identity + BEND * squares + RETURN * ops.matmul(squares, squares)


class Muon(keras.optimizers.Adam):
    """Muon for kernels of convolutions and dense layers; Adam for every other weight.

    Keras' own Muon leaves convolutions to Adam. Here they are matrices too, from the pixels under
    the kernel to the filters, as Jordan et al. 2024 have them; `NARROWEST` says which are left to
    Adam. Steps are about as long as Adam's (Liu et al. 2025, "Muon is Scalable for LLM Training",
    section 2.2), so that one rate serves both. Like Adam's, the step of a weight depends on that
    weight's gradients alone: players of a game whose weights lie in one optimizer do not feel each
    other.

    Args:
        learning_rate: a number or a schedule.
        momentum: share of the earlier gradients that is kept. Jordan et al. keep 0.95 over many
            thousand steps; in 1000 of lesson 10's, 0.95 and 0.6 found less than 0.8.
        **options: Adam's own, for what it moves.
    """

    def __init__(self, learning_rate: Any = 0.001, momentum: float = 0.8, **options: Any) -> None:
        super().__init__(learning_rate, **options)
        self.momentum = momentum

    def _backend_update_step(
        self, grads: Sequence[Tensor], trainable_variables: Sequence[Any], learning_rate: Tensor
    ) -> None:
        """Move all kernels side by side, then the other weights one by one, as Keras does.

        Where tf.distribute has yet to add up the gradients, kernels go one by one, too.
        """
        pairs = list(zip(grads, trainable_variables, strict=True))
        if _on_one_device():
            kernels = [pair for pair in pairs if _is_wide_kernel(pair[1])]
            pairs = [pair for pair in pairs if not _is_wide_kernel(pair[1])]
            self._move(kernels, learning_rate)
        gradients, others = [one for one, _ in pairs], [one for _, one in pairs]
        super()._backend_update_step(gradients, others, learning_rate)

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """Move one weight and its averages."""
        if _is_wide_kernel(variable):
            self._move([(gradient, variable)], learning_rate)
        else:
            super().update_step(gradient, variable, learning_rate)

    def _move(self, kernels: Sequence[tuple[Tensor, Any]], learning_rate: Tensor) -> None:
        """Move kernels, given with their gradients, and their averages."""
        rate = ops.cast(learning_rate, "float32")
        directions = orthogonalize([self._matrix(*pair) for pair in kernels])
        for (_, kernel), direction in zip(kernels, directions, strict=True):
            shape = tuple(kernel.shape)
            length = ADAM_SIZE * max(as_matrix_shape(shape)) ** 0.5
            self.assign_sub(kernel, rate * length * ops.reshape(direction, shape))

    def _matrix(self, gradient: Tensor, kernel: Any) -> Tensor:
        """Move a kernel's average, and return where the next gradient will be felt (Nesterov)."""
        average = self._momentums[self._get_variable_index(kernel)]
        gradient = ops.convert_to_tensor(gradient)
        moved = self.momentum * ops.convert_to_tensor(average) + gradient
        self.assign(average, moved)
        ahead = gradient + self.momentum * moved
        return ops.reshape(ahead, as_matrix_shape(tuple(kernel.shape)))

    def get_config(self) -> dict[str, Any]:
        """Return what the optimizer was made with."""
        return {**super().get_config(), "momentum": self.momentum}


def _is_wide_kernel(variable: Any) -> bool:
    """Return whether Muon moves a weight: a float32 matrix of enough directions."""
    shape = tuple(variable.shape)
    wide = len(shape) >= 2 and min(as_matrix_shape(shape)) >= NARROWEST
    return wide and keras.backend.standardize_dtype(variable.dtype) == "float32"


def _on_one_device() -> bool:
    """Return whether no strategy of tf.distribute spreads the batch: its gradients are all."""
    if keras.backend.backend() != "tensorflow":
        return True
    import tensorflow

    return not tensorflow.distribute.has_strategy()
