"""Three-vectors as tuples, for the compiled loops over pixels and hairs."""

from __future__ import annotations

import math

import numba
import numpy as np

Vector = tuple[float, float, float]


@numba.njit(cache=True)
def add(a: Vector, b: Vector) -> Vector:
    """Return a + b."""
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


@numba.njit(cache=True)
def subtract(a: Vector, b: Vector) -> Vector:
    """Return a - b."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


@numba.njit(cache=True)
def scale(a: Vector, factor: float) -> Vector:
    """Return factor times a."""
    return (a[0] * factor, a[1] * factor, a[2] * factor)


@numba.njit(cache=True)
def multiply(a: Vector, b: Vector) -> Vector:
    """Return the product, component by component."""
    return (a[0] * b[0], a[1] * b[1], a[2] * b[2])


@numba.njit(cache=True)
def dot(a: Vector, b: Vector) -> float:
    """Return the scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@numba.njit(cache=True)
def cross(a: Vector, b: Vector) -> Vector:
    """Return the vector product."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


@numba.njit(cache=True)
def normalise(a: Vector) -> Vector:
    """Return the unit vector along a."""
    return scale(a, 1.0 / math.sqrt(dot(a, a) + 1e-12))


@numba.njit(cache=True)
def mix(a: Vector, b: Vector, share: float) -> Vector:
    """Return a where the share is 0 and b where it is 1."""
    return (
        a[0] + (b[0] - a[0]) * share,
        a[1] + (b[1] - a[1]) * share,
        a[2] + (b[2] - a[2]) * share,
    )


@numba.njit(cache=True)
def row(array: object, index: int) -> Vector:
    """Return the first three numbers of a row of an array."""
    return (float(array[index, 0]), float(array[index, 1]), float(array[index, 2]))


@numba.njit(cache=True)
def turned(points: np.ndarray, centre: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Turn points about a centre; plain loops, as threaded matrix products stall a busy machine.

    Args:
        points: (N, 3).
        centre: (3,).
        matrix: (3, 3), whose rows are the new axes.

    Returns:
        (N, 3) float32.
    """
    found = np.empty((points.shape[0], 3), np.float32)
    for index in range(points.shape[0]):
        x = points[index, 0] - centre[0]
        y = points[index, 1] - centre[1]
        z = points[index, 2] - centre[2]
        for axis in range(3):
            found[index, axis] = matrix[axis, 0] * x + matrix[axis, 1] * y + matrix[axis, 2] * z
    return found
