"""How well distances tell same from different: ROC, area under it, equal error rate."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Verification:
    """How well one threshold on a distance answers "is this the same person?".

    Attributes:
        thresholds: (K,) ascending; a pair is accepted where its distance is at most this.
        false_accepts: (K,) share of the different pairs accepted, from 0 to 1.
        true_accepts: (K,) share of the same pairs accepted, from 0 to 1.
        auc: area under true over false accepts, 0..1; the chance that a random same pair is nearer
            than a random different one (ties count a half).
        equal_error_rate: where as many different pairs are accepted as same ones are refused, 0..1.
        threshold: the distance at which that happens.
    """

    thresholds: np.ndarray
    false_accepts: np.ndarray
    true_accepts: np.ndarray
    auc: float
    equal_error_rate: float
    threshold: float


def _shares(distances: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(distances), thresholds, side="right") / len(distances)


def verify(distances: np.ndarray, same: np.ndarray) -> Verification:
    """Measure how well distances separate same from different pairs (Huang et al., LFW 2007).

    Args:
        distances: (N,), smaller where the faces are more alike.
        same: (N,) bool, whether a pair shows one person.

    Returns:
        The ROC and its figures.

    Raises:
        ValueError: if the lengths differ, a distance is not finite, or one kind of pair is missing.
    """
    distances, same = np.asarray(distances, "float64"), np.asarray(same, bool)
    if distances.shape != same.shape or distances.ndim != 1 or not np.isfinite(distances).all():
        raise ValueError(
            f"found distances {distances.shape} and labels {same.shape}, expected two rows of one "
            "length, the distances finite"
        )
    if same.all() or not same.any():
        raise ValueError("found only one kind of pair, expected same and different ones")
    thresholds = np.unique(distances)
    thresholds = np.concatenate([[np.nextafter(thresholds[0], -np.inf)], thresholds])
    false, true = _shares(distances[~same], thresholds), _shares(distances[same], thresholds)
    area = np.sum(np.diff(false) * (true[1:] + true[:-1]) / 2)
    # False accepts minus false refusals rises from -1 to 1; the two rates are equal where it is 0.
    surplus = false - (1 - true)
    after = int(np.argmax(surplus >= 0))
    before = after - 1
    part = surplus[before] / (surplus[before] - surplus[after])
    rate, threshold = (
        (1 - part) * values[before] + part * values[after] for values in (false, thresholds)
    )
    return Verification(thresholds, false, true, float(area), float(rate), float(threshold))
