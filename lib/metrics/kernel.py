"""KID: how far two sets of pictures lie apart as a whole, from features of each picture.

A Frechet distance (FID) compares Gaussians fitted to the features, and is biased by thousands of
pictures; this squared maximum mean discrepancy is unbiased for any number. With features of
`lib.faces.identity` it is the KID on face-ID features, no one else's KID and never a FID.
"""

from __future__ import annotations

import dataclasses
import statistics

import numpy as np

from lib.metrics.arrays import ScoreError, require_features

ROWS = 1024  # of a kernel matrix held at a time


@dataclasses.dataclass(frozen=True)
class KernelDistance:
    """An unbiased estimate and its interval.

    Attributes:
        value: the squared discrepancy; about 0, and as often below it, for two sets of one kind.
        low: lower end of the interval.
        high: upper end of the interval.
    """

    value: float
    low: float
    high: float


def _row_sums(first: np.ndarray, second: np.ndarray, gamma: float) -> np.ndarray:
    """Sum the kernel of each of the first with all of the second, a few rows at a time."""
    parts = [
        np.sum((gamma * first[start : start + ROWS] @ second.T + 1) ** 3, axis=1)
        for start in range(0, len(first), ROWS)
    ]
    return np.concatenate(parts)


def _within(features: np.ndarray, gamma: float) -> np.ndarray:
    """Sum the kernel of each with all the others, itself left out."""
    own = (gamma * np.sum(features**2, axis=1) + 1) ** 3
    return _row_sums(features, features, gamma) - own


def _without_one(within: np.ndarray, across: np.ndarray, others: int) -> np.ndarray:
    """Return the terms of one set with each of its rows left out in turn.

    Args:
        within: (N,) sums of a row's kernel with the other rows of its set.
        across: (N,) sums of its kernel with the other set.
        others: the other set's size.
    """
    left = len(within) - 1
    own = (within.sum() - 2 * within) / (left * (left - 1))
    return own - 2 * (across.sum() - across) / (left * others)


def _jackknife_variance(estimates: np.ndarray) -> float:
    """Return the variance of an estimate, from it with each row left out (Efron and Stein 1981)."""
    return (len(estimates) - 1) * float(np.var(estimates))


def kernel_distance(
    first: np.ndarray,
    second: np.ndarray,
    gamma: float | None = None,
    confidence: float = 0.95,
) -> KernelDistance:
    """Return KID with its interval (Binkowski et al. 2018, "Demystifying MMD GANs", section 4).

    The kernel is (gamma x.y + 1)^3, the estimator the unbiased one of Gretton et al. 2012,
    equation 3, on whole sets. The interval is normal, its width from leaving each row of either set
    out in turn (the two-sample jackknife, Arvesen 1969): it draws nothing, repeats exactly, and is
    too wide rather than too narrow where the sets are of one kind. Rows count as independent: give
    one picture of each person, or the interval is too narrow.

    Args:
        first: features (N, D), N at least 3, such as descriptors of the results.
        second: features (M, D), M at least 3, such as descriptors of true pictures.
        gamma: None for the paper's 1 / D, made for Inception's long features. Those of
            `lib.faces.identity` have length 1.4, so that 1 / 128 compares little but their means;
            1 compares their spread as well. State it with the figure.
        confidence: of the interval, between 0 and 1.

    Returns:
        The estimate and its interval, in the kernel's units.

    Raises:
        ScoreError: if shapes do not fit, a set is too small, a feature is not finite, or the
            confidence is not between 0 and 1.
    """
    first, second = require_features(first, second)
    if min(len(first), len(second)) < 3 or not np.isfinite([first.sum(), second.sum()]).all():
        sizes = f"{len(first)} and {len(second)} rows"
        raise ScoreError(f"features: found {sizes}, expected 3 or more of each, all finite")
    if not 0 < confidence < 1:
        raise ScoreError(f"found confidence {confidence}, expected between 0 and 1, such as 0.95")
    gamma = 1 / first.shape[1] if gamma is None else gamma
    sizes = len(first), len(second)
    within = [_within(features, gamma) for features in (first, second)]
    across = [_row_sums(first, second, gamma), _row_sums(second, first, gamma)]

    own = sum(sums.sum() / (size * (size - 1)) for sums, size in zip(within, sizes, strict=True))
    value = float(own - 2 * across[0].sum() / (sizes[0] * sizes[1]))
    variance = sum(
        _jackknife_variance(_without_one(*sums))
        for sums in zip(within, across, sizes[::-1], strict=True)
    )
    margin = statistics.NormalDist().inv_cdf((1 + confidence) / 2) * variance**0.5
    return KernelDistance(value, value - margin, value + margin)
