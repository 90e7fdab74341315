"""A board: what several ways made of the held-out pictures, and what each score says of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
import pandas

from lib import metrics
from lib.benchmarks.unmasking import describe
from lib.leaderboard.held_out import HeldOut

Results = Mapping[str, np.ndarray]
Scores = tuple[Mapping[str, np.ndarray], Mapping[str, float]]

BETTER: Mapping[str, int] = {
    "PSNR": 1, "SSIM": 1, "IoU": 1, "mIoU": 1, "right": 1, "faces found": 1,
    "L1": -1, "identity": -1, "KID": -1, "dE": -1, "changed": -1, "seconds": -1,
}  # fmt: skip
"""Whether a score is better the larger (1) or the smaller (-1), by how its name begins."""

FEWEST = 3
"""People that a kernel distance needs."""


@dataclasses.dataclass(frozen=True, eq=False)
class Board:
    """Results by name, and their scores.

    Attributes:
        results: name -> uint8 (N, S, S, 3), or label maps (N, S, S).
        scores: name -> a row a picture, a column a score; NaN where a picture has none.
        crowd: name -> the scores that only the set as a whole has, such as KID.
    """

    results: Results
    scores: Mapping[str, pandas.DataFrame]
    crowd: Mapping[str, Mapping[str, float]]

    def table(self) -> pandas.DataFrame:
        """Return a row a way: means over the pictures that have a score, then the crowd's."""
        rows = {
            name: {column: metrics.mean(scores[column]) for column in scores}
            | dict(self.crowd.get(name, {}))
            for name, scores in self.scores.items()
        }
        return pandas.DataFrame(rows).T

    def worst(self, name: str, column: str) -> int:
        """Return the place of the picture with which a way does worst by a score."""
        scores = self.scores[name][column].to_numpy() * direction(column)
        return int(np.nanargmin(scores))


def direction(column: str) -> int:
    """Return 1 where a larger score is better, -1 where a smaller one is.

    Raises:
        KeyError: for a score of another name.
    """
    for beginning, sign in BETTER.items():
        if column.startswith(beginning):
            return sign
    raise KeyError(f"no score {column!r}: names begin with {', '.join(BETTER)}")


def board(results: Results, score: Callable[[np.ndarray], Scores]) -> Board:
    """Score results.

    Args:
        results: pictures or maps by name.
        score: of a result, the scores of each picture, (N,) by name, and those of the whole set.
    """
    both = {name: score(result) for name, result in results.items()}
    scores = {name: pandas.DataFrame(each) for name, (each, _) in both.items()}
    return Board(results, scores, {name: of_all for name, (_, of_all) in both.items()})


SHARED = ("PSNR inside", "changed outside", "identity", "KID", "KID +-")
"""The scores that most tasks have."""


def leaderboard(
    boards: Mapping[str, Board], costs: pandas.DataFrame, names: Mapping[str, str]
) -> pandas.DataFrame:
    """Return one table of all tasks: the scores that they share, and what a result costs.

    Args:
        boards: by task.
        costs: a row a model or classical way, as `lib.leaderboard.timing.table` returns them.
        names: of a board's row, the row of its costs; rows without one cost nothing that is known.

    Returns:
        Rows (task, way); NaN where a task has no such score.
    """
    tables = {task: each.table().reindex(columns=SHARED) for task, each in boards.items()}
    table = pandas.concat(tables, names=["task", "way"])
    spent = costs.reindex([names.get(way) for way in table.index.get_level_values("way")])
    return table.assign(**{column: spent[column].to_numpy() for column in spent})


@dataclasses.dataclass(frozen=True, eq=False)
class Likeness:
    """Says by a face network how near faces come to their true ones, and crowds to crowds.

    Attributes:
        landmarks: (N, 68, 2), where the faces are in every result.
        truth: descriptors (N, 128) of the true pictures.
        firsts: one picture of each person, for the crowd.
        crowd: descriptors (M, 128) of other people, one picture of each. The same people would not
            do: a face resembles itself, and the estimate takes both sets for independent.
    """

    landmarks: np.ndarray
    truth: np.ndarray
    firsts: np.ndarray
    crowd: np.ndarray

    @classmethod
    def to(
        cls, pictures: np.ndarray, held: HeldOut, others: np.ndarray, points: np.ndarray
    ) -> Likeness:
        """Compare with true pictures of a held-out set's faces, and with those of others.

        Args:
            pictures: uint8 (N, S, S, 3), the truth.
            held: whose landmarks and people these are.
            others: uint8 (M, T, T, 3), pictures of other people, of the truth's kind.
            points: (M, 68, 2), their landmarks.
        """
        truth = describe(pictures, held.landmarks)
        return cls(held.landmarks, truth, held.firsts, describe(others, points))

    def one_each(self) -> Likeness:
        """Return the same for one picture of each person, those of `firsts`."""
        rows = self.firsts
        return Likeness(self.landmarks[rows], self.truth[rows], np.arange(len(rows)), self.crowd)

    def score(self, pictures: np.ndarray) -> tuple[np.ndarray, dict[str, float]]:
        """Return identity distances, and the kernel distance of one picture of each person.

        Args:
            pictures: uint8 (N, S, S, 3).

        Returns:
            (N,) distances; KID as `kid`.
        """
        found = describe(pictures, self.landmarks)
        return metrics.identity_distance(found, self.truth), self.kid(found)

    def kid(self, found: np.ndarray) -> dict[str, float]:
        """Return KID on face-ID features to the crowd, and half of its 95 % interval.

        Args:
            found: descriptors (N, 128); `truth`, to see what no result can be better than.

        Returns:
            KID and "KID +-", NaN for fewer than `FEWEST` people.
        """
        if min(len(self.firsts), len(self.crowd)) < FEWEST:
            return {"KID": float("nan"), "KID +-": float("nan")}
        kernel = metrics.kernel_distance(found[self.firsts], self.crowd, gamma=1.0)
        return {"KID": kernel.value, "KID +-": kernel.high - kernel.value}


def pooled(found: np.ndarray, truth: np.ndarray, inside: np.ndarray) -> float:
    """Return the PSNR of all pixels of all pictures together, in dB.

    Args:
        found: uint8 (N, S, S, 3).
        truth: uint8 (N, S, S, 3).
        inside: (N, S, S) of 0 and 1; 1 counts.
    """
    errors = (found.astype(np.float64) - truth)[inside == 1]
    with np.errstate(divide="ignore"):
        return float(10 * np.log10(255**2 / np.mean(errors**2))) if errors.size else float("nan")
