"""Scores by groups of people, with intervals: people are drawn anew, not pictures.

Two pictures of one person are alike. Who draws pictures anew takes 200 of 50 people for 200 pieces
of evidence, and finds differences between groups where there are none.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas

from lib import metrics
from lib.leaderboard.held_out import HeldOut

DRAWS = 2000
SHORT = 0.1
"""Intervals shorter than this are told with three digits."""

SEXES = {-1: "female", 1: "male"}
AGES = ("young", "middle", "old")
"""Names of the thirds of age's range, from 0 up."""

ORDER = ("light", "medium", "dark", *SEXES.values(), *AGES)


@dataclasses.dataclass(frozen=True)
class Interval:
    """A mean, and where 95 of 100 means of people drawn anew lie.

    Attributes:
        value: the mean over pictures.
        low: lower end.
        high: upper end; both NaN for a single person.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return it as text: the mean, and the ends in brackets; more digits where it is short."""
        digits = 3 if self.high - self.low < SHORT else 2
        ends = f"{self.low:+.{digits}f}, {self.high:+.{digits}f}"
        return f"{self.value:+.{digits}f} [{ends}]"


def groups_of(held: HeldOut) -> dict[str, np.ndarray]:
    """Return for skin tone, sex and age the group of each picture's person, str (N,)."""
    ages = np.searchsorted([1 / 3, 2 / 3], held.attribute("age"), side="right")
    return {
        "skin tone": metrics.tone_groups(held.attribute("melanin")),
        "sex": np.array([SEXES[int(np.sign(sex))] for sex in held.attribute("sex")]),
        "age": np.array(AGES)[ages],
    }


def by_person(scores: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return of each person, in the order of their names, the sum and number of known scores.

    Args:
        scores: (N,), NaN where a picture has none.
        people: (N,) names.
    """
    scores, people = np.asarray(scores, np.float64), np.asarray(people)
    if scores.shape != people.shape or scores.ndim != 1:
        raise ValueError(f"found {scores.shape} scores of {people.shape} people, expected (N,)")
    known = np.isfinite(scores)
    _, who = np.unique(people[known], return_inverse=True)
    return np.bincount(who, scores[known]), np.bincount(who)


def draw_means(
    scores: np.ndarray, people: np.ndarray, draws: int = DRAWS, seed: int = 0
) -> np.ndarray:
    """Return the means of people drawn anew with replacement, each with all of their pictures.

    Args:
        scores: (N,), NaN where a picture has none.
        people: (N,) names.
        draws: how often.
        seed: of the draws.

    Returns:
        (draws,); NaN for fewer than two people, whose spread nobody knows.
    """
    sums, numbers = by_person(scores, people)
    if len(sums) < 2:
        return np.full(draws, np.nan)
    drawn = np.random.default_rng(seed).integers(0, len(sums), (draws, len(sums)))
    return sums[drawn].sum(axis=1) / numbers[drawn].sum(axis=1)


def _interval(value: float, means: np.ndarray, confidence: float) -> Interval:
    if np.isnan(means).all():
        return Interval(value, float("nan"), float("nan"))
    tail = (1 - confidence) / 2
    return Interval(value, *(float(end) for end in np.quantile(means, [tail, 1 - tail])))


def bootstrap(
    scores: np.ndarray,
    people: np.ndarray,
    draws: int = DRAWS,
    seed: int = 0,
    confidence: float = 0.95,
) -> Interval:
    """Return the mean of scores and its interval by drawing people anew (Efron 1979).

    Args:
        scores: (N,), NaN where a picture has none.
        people: (N,) names.
        draws: how often.
        seed: of the draws.
        confidence: of the interval, between 0 and 1.

    Raises:
        ValueError: if the shapes differ.
    """
    means = draw_means(scores, people, draws, seed)
    return _interval(metrics.mean(scores), means, confidence)


def difference(
    scores: np.ndarray,
    people: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    confidence: float = 0.95,
) -> Interval:
    """Return by how much the mean of one group exceeds that of another, and its interval.

    Args:
        scores: (N,), NaN where a picture has none.
        people: (N,) names; nobody is in both groups.
        first: bool (N,), the pictures of one group.
        second: bool (N,), those of the other.
        confidence: of the interval, between 0 and 1.
    """
    means = [
        draw_means(scores[group], people[group], seed=number)
        for number, group in enumerate((first, second))
    ]
    value = metrics.mean(scores[first]) - metrics.mean(scores[second])
    return _interval(value, means[0] - means[1], confidence)


def by_group(scores: np.ndarray, held: HeldOut) -> pandas.DataFrame:
    """Return a row a group: how many people and pictures, the mean, and its interval.

    Args:
        scores: (N,) of the held-out pictures, NaN where one has none.
        held: whose people the groups are of.
    """
    scores, rows = np.asarray(scores, np.float64), {}
    for attribute, names in groups_of(held).items():
        for name in sorted(set(names), key=ORDER.index):
            own = (names == name) & np.isfinite(scores)
            found = bootstrap(scores[own], held.people[own])
            rows[attribute, name] = {
                "people": len(set(held.people[own])), "pictures": int(own.sum()),
                **dataclasses.asdict(found),
            }  # fmt: skip
    table = pandas.DataFrame(rows).T
    return table.astype({"people": int, "pictures": int})


def chance_of_a_gap(
    scores: np.ndarray,
    people: np.ndarray,
    sizes: Sequence[int],
    draws: int = DRAWS,
    seed: int = 0,
) -> np.ndarray:
    """Return the widest gaps between groups of people drawn by lot: what no difference looks like.

    Args:
        scores: (N,), NaN where a picture has none.
        people: (N,) names.
        sizes: people in each group, of two groups or more.
        draws: how often lots are drawn.
        seed: of the lots.

    Returns:
        (draws,), the largest of the groups' means minus the smallest.

    Raises:
        ValueError: if there are not groups enough, or not people enough for them.
    """
    sums, numbers = by_person(scores, people)
    if len(sizes) < 2 or min(sizes) < 1 or sum(sizes) > len(sums):
        expected = f"two groups or more, of {len(sums)} people in all"
        raise ValueError(f"found groups of {list(sizes)}, expected {expected}")
    generator = np.random.default_rng(seed)
    lots = np.argsort(generator.random((draws, len(sums))), axis=1)
    drawn = np.split(lots[:, : sum(sizes)], np.cumsum(sizes)[:-1], axis=1)
    means = [sums[lot].sum(axis=1) / numbers[lot].sum(axis=1) for lot in drawn]
    return np.ptp(means, axis=0)
