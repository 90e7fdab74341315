"""How well two binary maps agree, such as the mask found and the mask worn."""

from __future__ import annotations

import numpy as np

from lib.metrics.arrays import require_masks


def _counts(found: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pixels in both maps, in the one found, and in the true one; each float (N,)."""
    truth = require_masks(truth, meaning="true maps")
    found = require_masks(found, truth.shape, "maps found")
    return tuple(maps.sum((1, 2)).astype(np.float64) for maps in (found & truth, found, truth))


def intersection_over_union(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Divide what two binary maps share by what either covers (Jaccard 1912).

    Args:
        found: (N, H, W) of 0 and 1.
        truth: (N, H, W) of 0 and 1.

    Returns:
        float64 (N,), 0..1; NaN where both maps are empty.

    Raises:
        ScoreError: if the shapes differ or a value is neither 0 nor 1.
    """
    shared, in_found, in_truth = _counts(found, truth)
    with np.errstate(invalid="ignore"):
        return shared / (in_found + in_truth - shared)


def dice(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Divide what two binary maps share by their mean size: F1 (Dice 1945); 2 IoU / (1 + IoU).

    Args, Returns, Raises: as `intersection_over_union`.
    """
    shared, in_found, in_truth = _counts(found, truth)
    with np.errstate(invalid="ignore"):
        return 2 * shared / (in_found + in_truth)


def pixel_accuracy(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Count the pixels on which two maps agree: where masks cover 10 %, the empty map has 0.9.

    Args, Raises: as `intersection_over_union`.

    Returns:
        float64 (N,), 0..1.
    """
    truth = require_masks(truth, meaning="true maps")
    return (require_masks(found, truth.shape, "maps found") == truth).mean((1, 2))
