"""Muon: steps that move a kernel in all its directions alike, for trainings of few steps.

    model.compile(Muon(rise_and_fall(8e-3, steps, 50)))

Adam scales every number of a kernel by itself. Seen as a matrix, from what comes in to what goes
out, its step still moves a few directions far and most of them hardly at all. Muon gives all of
them the same length. Lesson 10 shows the two beside each other.
"""

from __future__ import annotations

import math
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


def orthogonalize(matrix: Tensor) -> Tensor:
    """Replace the singular values of a matrix by values near 1, by Newton-Schulz iterations.

    After Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks". Each
    iteration multiplies the matrix by a polynomial of its own square, which is small. Those of a
    round are multiplied first, and the matrix once. All five in one round would be cheaper still,
    and right on a CPU: but what rounds below zero in the square grows twelvefold with each, and
    graphics cards round coarsely.

    Args:
        matrix: float32 (N, M), of a length (root of the sum of squares) above 1e-6.

    Returns:
        float32 (N, M); zeros where all is zero. A singular value of a hundredth of the matrix's
        length becomes 0.7 or more.
    """
    matrix = matrix / (ops.norm(matrix) + 1e-7)
    for iterations in ROUNDS:
        matrix = _stretched(matrix, iterations)
    return matrix


def _stretched(matrix: Tensor, iterations: int) -> Tensor:
    tall = matrix.shape[0] >= matrix.shape[1]
    flipped = ops.transpose(matrix)
    square = ops.matmul(flipped, matrix) if tall else ops.matmul(matrix, flipped)
    factor = factors = _polynomial(square)
    for _ in range(iterations - 1):
        square = ops.matmul(ops.matmul(factor, square), factor)
        factor = _polynomial(square)
        factors = ops.matmul(factors, factor)
    return ops.matmul(matrix, factors) if tall else ops.matmul(factors, matrix)


def _polynomial(square: Tensor) -> Tensor:
    identity = ops.eye(square.shape[0], dtype=square.dtype)
    return SLOPE * identity + BEND * square + RETURN * ops.matmul(square, square)


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

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """Move one weight and its averages."""
        if not _is_wide_kernel(variable):
            super().update_step(gradient, variable, learning_rate)
            return
        shape = tuple(variable.shape)
        sides = as_matrix_shape(shape)
        average = self._momentums[self._get_variable_index(variable)]
        gradient = ops.convert_to_tensor(gradient)
        moved = self.momentum * ops.convert_to_tensor(average) + gradient
        self.assign(average, moved)
        ahead = gradient + self.momentum * moved  # where the next gradient will be felt (Nesterov)
        direction = ops.reshape(orthogonalize(ops.reshape(ahead, sides)), shape)
        length = ADAM_SIZE * max(sides) ** 0.5
        self.assign_sub(variable, ops.cast(learning_rate, "float32") * length * direction)

    def get_config(self) -> dict[str, Any]:
        """Return what the optimizer was made with."""
        return {**super().get_config(), "momentum": self.momentum}


def _is_wide_kernel(variable: Any) -> bool:
    """Return whether Muon moves a weight: a float32 matrix of enough directions."""
    shape = tuple(variable.shape)
    wide = len(shape) >= 2 and min(as_matrix_shape(shape)) >= NARROWEST
    return wide and keras.backend.standardize_dtype(variable.dtype) == "float32"
