"""The checkers of lesson 01, Faces and landmarks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise
from lib.landmark_order import MIRROR


def _points(seed: int, number: int = 68) -> np.ndarray:
    return np.random.default_rng(seed).uniform(10, 90, (number, 2))


@exercise("01.outer_eye_distance")
def check_outer_eye_distance(answer: Callable) -> None:
    """Check a 3-4-5 triangle between the two points, on top of any others."""
    points = _points(0)
    points[36], points[45] = (10, 20), (40, 60)
    value = answer(points)
    assert value is not None, "it returns nothing"
    assert np.ndim(value) == 0, f"expected one number, found shape {np.shape(value)}"
    assert abs(value - 50) < 1e-6, f"corners 30 across and 40 down apart give {value:.1f}, not 50"


def _least_squares_error(source: np.ndarray, target: np.ndarray) -> float:
    """Return the squared error of the best similarity, by NumPy's solver in real numbers."""
    x, y = source.T
    one, zero = np.ones_like(x), np.zeros_like(x)
    rows = np.concatenate([np.stack([x, -y, one, zero], 1), np.stack([y, x, zero, one], 1)])
    return float(np.linalg.lstsq(rows, target.T.ravel(), rcond=None)[1][0])


@exercise("01.fit_similarity")
def check_fit_similarity(answer: Callable) -> None:
    """Check that a known similarity is found again, and that noise is averaged out."""
    source = _points(1, 7)
    matrix = np.array([[0.6, -0.8, 5.0], [0.8, 0.6, -3.0]]) * [[2, 2, 1], [2, 2, 1]]
    target = source @ matrix[:, :2].T + matrix[:, 2]
    found = np.asarray(answer(source, target))
    assert found.shape == (2, 3), f"the shape is {found.shape}, expected (2, 3)"
    moved = source @ found[:, :2].T + found[:, 2]
    error = np.abs(moved - target).max()
    assert error < 1e-6, f"points that fit exactly are missed by {error:.2g} pixels"
    noisy = target + np.random.default_rng(2).normal(0, 1, target.shape)
    found = np.asarray(answer(source, noisy))
    residual = source @ found[:, :2].T + found[:, 2] - noisy
    assert abs(found[0, 0] - found[1, 1]) < 1e-9, "a similarity cannot stretch one axis more"
    error, least = np.sum(residual**2), _least_squares_error(source, noisy)
    assert error < least + 1e-6, (
        f"on noisy points the squared error is {error:.2f}, not {least:.2f}"
    )


@exercise("01.mirror_landmarks")
def check_mirror_landmarks(answer: Callable) -> None:
    """Check positions, the exchange of sides, and that two mirrors undo each other."""
    points = _points(3)
    result = np.asarray(answer(points, 100, MIRROR), float)
    assert result.shape == (68, 2), f"the shape is {result.shape}, expected (68, 2)"
    assert np.allclose(result[:, 1], points[list(MIRROR), 1]), "the two sides were not exchanged"
    wanted = 99 - points[45, 0]
    assert np.isclose(result[36, 0], wanted), f"x of point 36 is {result[36, 0]:.1f}, not w - 1 - x"
    again = np.asarray(answer(result, 100, MIRROR))
    assert np.allclose(again, points), "mirroring twice does not give the points back"


@exercise("01.equal_error_threshold")
def check_equal_error_threshold(answer: Callable) -> None:
    """Check separable lists, and overlapping ones whose errors can be counted on fingers."""
    value = answer(np.array([0.1, 0.2, 0.3]), np.array([0.7, 0.8]))
    assert value is not None, "it returns nothing"
    assert 0.3 <= value < 0.7, (
        f"lists that do not overlap allow no error, but {value:.2f} makes one"
    )
    same, strangers = np.array([0.1, 0.2, 0.3, 0.65]), np.array([0.5, 0.6, 0.8, 0.9])
    value = answer(same, strangers)
    missed, confused = np.mean(same > value), np.mean(strangers <= value)
    message = f"at {value:.2f}, {missed:.0%} are missed and {confused:.0%} confused"
    assert abs(missed - confused) < 1e-9, message
