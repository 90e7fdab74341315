"""The checkers of lesson 10, Find the mask."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from lib.checks import exercise

_CLOSE = 1e-6


@exercise("10.overlap")
def check_overlap(answer: Callable) -> None:
    """Check equal maps, half a map, apart, uint8 sums that would overflow, and two empty maps."""
    left, both = np.zeros((20, 40), np.uint8), np.ones((20, 40), np.uint8)
    left[:, :20] = 1
    third = np.roll(left, 10, axis=1)
    cases = (
        ("two equal maps", left, left, 1.0),
        ("half of a map", left, both, 0.5),
        ("a map and its half", both, left, 0.5),
        ("maps that share a third", left, third, 1 / 3),
        ("maps that lie apart", left, 1 - left, 0.0),
    )
    for name, found, truth, wanted in cases:
        result = answer(found, truth)
        assert np.ndim(result) == 0 and result is not None, "the answer must be one number"
        assert abs(result - wanted) < _CLOSE, f"{name} got {result:.4g}, expected {wanted:.4g}"
    empty = answer(0 * left, 0 * left)
    assert math.isnan(empty), f"two empty maps got {empty}: there is nothing to score, so no number"


@exercise("10.cross_entropy")
def check_cross_entropy(answer: Callable) -> None:
    """Check log 2, known values, the mean, and logits whose exponential overflows."""
    for logit, mask, wanted in (
        (0, 1, 0.693147),
        (0, 0, 0.693147),
        (2, 1, 0.126928),
        (2, 0, 2.126928),
    ):
        result = answer(np.array([float(mask)]), np.array([float(logit)]))
        assert np.ndim(result) == 0 and result is not None, "the mean over pixels is one number"
        message = (
            f"a logit of {logit} where the map is {mask} got {result:.4f}, expected {wanted:.4f}"
        )
        assert abs(result - wanted) < 1e-5, message
    result = answer(np.array([[1.0, 0.0]]), np.array([[2.0, 2.0]]))
    assert abs(result - 1.126928) < 1e-5, f"0.1269 and 2.1269 got {result:.4f}: take their mean"
    with np.errstate(over="ignore", invalid="ignore"):
        result = answer(np.array([1.0, 0.0, 1.0]), np.array([1000.0, -1000.0, -1000.0]))
    assert np.isfinite(result), f"logits of ±1000 got {result}: e^1000 is too large for a float"
    wanted = 1000 / 3
    assert abs(result - wanted) < 1e-3, f"logits of ±1000 got {result:.4g}, expected {wanted:.4g}"


@exercise("10.best_threshold")
def check_best_threshold(answer: Callable) -> None:
    """Check a clear case, a threshold that is met exactly, and that every picture counts alike."""
    truth = np.zeros((2, 4, 8), np.uint8)
    truth[:, :, :4] = 1
    thresholds = np.array([0.1, 0.3, 0.5, 0.7])
    probabilities = np.where(truth == 1, 0.35, 0.2)
    result = answer(probabilities, truth, thresholds)
    assert np.ndim(result) == 0 and result is not None, "the answer must be one of the thresholds"
    assert result == 0.3, f"masks at 0.35 and skin at 0.2: found {result}, expected 0.3"
    result = answer(np.where(truth == 1, 0.5, 0.4), truth, thresholds)
    assert result == 0.5, f"masks at 0.5 exactly: found {result}; p >= the threshold counts"
    truth[0], truth[1] = 1, 0
    truth[1, 0, 0] = 1  # a large mask, seen at 0.2 by half, and a small one
    probabilities = np.full(truth.shape, 0.0)
    probabilities[0, :, :4], probabilities[0, :, 4:] = 0.6, 0.2
    probabilities[1, :2], probabilities[1, 0, 0] = 0.2, 0.6
    result = answer(probabilities, truth, np.array([0.1, 0.5]))
    assert result == 0.5, "the mean of the pictures' IoUs counts: small masks as much as large ones"


@exercise("10.grow")
def check_grow(answer: Callable) -> None:
    """Check one pixel, the diagonals, the edges, where nothing may wrap round, and the type."""
    mask = np.zeros((5, 7), np.uint8)
    mask[2, 3] = 1
    kept = mask.copy()
    result = np.asarray(answer(mask))
    assert result.shape == mask.shape, f"the shape is {result.shape}, expected {mask.shape}"
    assert result.dtype == np.uint8, f"the type is {result.dtype}, expected uint8"
    assert result.sum() > 5, "the four diagonal neighbours belong to the grown map, too"
    assert (result[1:4, 2:5] == 1).all(), "all eight neighbours of a pixel must be 1"
    assert result.sum() == 9, f"one pixel grew to {result.sum()}, expected 9"
    corner = np.zeros((5, 7), np.uint8)
    corner[0, 0] = 1
    result = np.asarray(answer(corner))
    assert not result[-1].any() and not result[:, -1].any(), "it came in again at the other side"
    assert result.sum() == 4, f"a pixel in the corner grew to {result.sum()}, expected 4"
    assert (mask == kept).all(), "the map itself was changed: work on a copy"
