"""What can be scored, checked once, and the mean that leaves out what cannot."""

from __future__ import annotations

import numpy as np


class ScoreError(ValueError):
    """Arrays that cannot be scored: one line with what was found and what was expected."""


def mean(scores: np.ndarray) -> float:
    """Average the scores that exist.

    Args:
        scores: (N,), NaN where a picture has none.

    Returns:
        Their mean; NaN if there is none, infinite if one is.
    """
    scores = np.asarray(scores, np.float64)
    known = scores[~np.isnan(scores)]
    return float(known.mean()) if known.size else float("nan")


def require_pictures(pictures: np.ndarray, meaning: str = "pictures") -> np.ndarray:
    """Return the pictures as an array, if they are uint8 (N, H, W, 3); else raise ScoreError."""
    pictures = np.asarray(pictures)
    if pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[-1] != 3:
        raise ScoreError(
            f"{meaning}: found {pictures.dtype} {pictures.shape}, expected uint8 (N, H, W, 3); "
            "images.to_picture makes them of a network's output, [None] a stack of one"
        )
    return pictures


def require_masks(
    masks: np.ndarray, shape: tuple[int, ...] | None = None, meaning: str = "masks"
) -> np.ndarray:
    """Return binary masks as booleans.

    Args:
        masks: (N, H, W) of 0 and 1, integer, boolean or float.
        shape: the (N, H, W) that they should have, if that is known.
        meaning: what they are called if they are refused.

    Returns:
        bool (N, H, W).

    Raises:
        ScoreError: if the shape is another, or a value is neither 0 nor 1.
    """
    masks = np.asarray(masks)
    if masks.ndim != 3 or masks.shape != (masks.shape if shape is None else shape):
        raise ScoreError(f"{meaning}: found {masks.shape}, expected {shape or '(N, H, W)'}")
    ones = masks == 1
    if not (ones | (masks == 0)).all():
        raise ScoreError(
            f"{meaning}: found values from {masks.min()} to {masks.max()}, expected 0 and 1 only; "
            "compare probabilities with a threshold, such as maps > 0.5"
        )
    return ones


def require_features(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two sets of features as float64 (N, D) and (M, D), or raise ScoreError."""
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1]:
        raise ScoreError(f"found {first.shape} and {second.shape}, expected (N, D) and (M, D)")
    return first, second
