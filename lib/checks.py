"""Exercises that tell how you did, and the checkpoint that ends a lesson's training.

An exercise is a function with a stub; `check("mirror_landmarks", mirror_landmarks)` says whether it
is not attempted yet, wrong (and in which respect) or right. A checkpoint collects a lesson's
figures, compares them with what must hold, and writes them to results.json, which `make run-all`
reads.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import pathlib
import pkgutil
from collections.abc import Callable

from lib import env, profiles
from lib.files import write_json

RESULTS = "results.json"
Checker = Callable[[Callable], None]
EXERCISES: dict[str, Checker] = {}
MARKS = {"right": "✓", "wrong": "✗", "not attempted": "○"}


class CheckpointError(AssertionError):
    """A figure of the lesson is not what it must be."""


def exercise(name: str) -> Callable[[Checker], Checker]:
    """Register the decorated function as the checker of the exercise of that name.

    A checker calls the student's function and raises AssertionError with a hint where the answer
    is wrong; a hint never gives the answer away.
    """

    def _register(checker: Checker) -> Checker:
        EXERCISES[name] = checker
        return checker

    return _register


def _load_checkers() -> None:
    package = importlib.import_module("lib.exercises")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"lib.exercises.{module.name}")


def judge(name: str, answer: Callable) -> tuple[str, str]:
    """Try a student's function on the exercise's cases.

    Args:
        name: the exercise.
        answer: the student's function.

    Returns:
        "not attempted", "right" or "wrong", and one line of feedback.

    Raises:
        KeyError: when there is no exercise of that name.
    """
    _load_checkers()
    if name not in EXERCISES:
        raise KeyError(f"no exercise {name!r}: there are {', '.join(sorted(EXERCISES))}")
    try:
        EXERCISES[name](answer)
    except NotImplementedError:
        return "not attempted", "not attempted yet: replace the `raise` and run this cell again"
    except Exception as error:  # whatever a student's code raises is feedback, never a crash
        reason = str(error).strip().splitlines()
        kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
        return "wrong", kind + (reason[0] if reason else "not yet")
    return "right", "right"


def check(name: str, answer: Callable) -> None:
    """Print how a student's function does on the exercise's cases.

    Args:
        name: the exercise.
        answer: the student's function.

    Raises:
        KeyError: when there is no exercise of that name.
    """
    verdict, feedback = judge(name, answer)
    print(f"{MARKS[verdict]} {name}: {feedback}")


@dataclasses.dataclass(frozen=True)
class Figure:
    """One number of a lesson, with the bounds it must keep (None: no bound)."""

    name: str
    value: float
    meaning: str
    at_least: float | None = None
    at_most: float | None = None
    headline: bool = False

    def holds(self) -> bool:
        """Say whether the value keeps its bounds; a NaN never does."""
        low = self.at_least is None or self.value >= self.at_least
        high = self.at_most is None or self.value <= self.at_most
        return self.value == self.value and low and high

    def describe(self) -> str:
        """Return the figure as one readable line."""
        bounds = [
            f"at least {self.at_least:g}" if self.at_least is not None else "",
            f"at most {self.at_most:g}" if self.at_most is not None else "",
        ]
        expected = " and ".join(bound for bound in bounds if bound)
        mark = "✓" if self.holds() else "✗"
        return f"{mark} {self.meaning}: {self.value:.4g}" + (f" ({expected})" if expected else "")


class Checkpoint:
    """The figures of one lesson at one profile, on their way to results.json.

    Example:
        checkpoint = checks.Checkpoint("01_faces_and_landmarks", profile)
        checkpoint.add("twin_difference", 4e-7, "largest difference to dlib", at_most=1e-5)
        checkpoint.close()
    """

    def __init__(self, lesson: str, profile: profiles.Profile) -> None:
        self.lesson, self.profile = lesson, profile
        self.figures: list[Figure] = []

    @property
    def folder(self) -> pathlib.Path:
        """Where this lesson's run keeps its files."""
        return env.runs_folder() / self.profile.name / self.lesson

    def add(self, name: str, value: float, meaning: str, **rest: float | bool | None) -> None:
        """Note one figure.

        Args:
            name: its key in results.json.
            value: the number.
            meaning: what it is, with its unit, in words.
            **rest: `at_least` and `at_most` bounds; `headline=True` puts it into run-all's table.
        """
        self.figures.append(Figure(name, float(value), meaning, **rest))

    def close(self, complete: bool = True) -> None:
        """Print every figure with its verdict and write results.json.

        Args:
            complete: False where a training stopped before its last step; `make run` then goes on
                with it next time.

        Raises:
            CheckpointError: naming every figure outside its bounds; the file is written first.
        """
        for figure in self.figures:
            print(figure.describe())
        self._write(complete)
        failed = [figure.describe() for figure in self.figures if not figure.holds()]
        if failed:
            raise CheckpointError(f"{self.lesson} ({self.profile.name}): " + "; ".join(failed))

    def _write(self, complete: bool) -> None:
        content = {
            "lesson": self.lesson,
            "complete": complete,
            "profile": dataclasses.asdict(self.profile),
            "commit": env.commit(),
            "figures": [dataclasses.asdict(figure) for figure in self.figures],
        }
        write_json(self.folder / RESULTS, content)


def headline(path: pathlib.Path) -> str:
    """Return a results file's headline figures as one line."""
    figures = json.loads(path.read_text("utf-8"))["figures"]
    shown = [figure for figure in figures if figure["headline"]]
    return ", ".join(f"{figure['meaning']} {figure['value']:.3g}" for figure in shown)


def is_complete(path: pathlib.Path) -> bool:
    """Say whether a results file is there and its lesson's work was done to the end."""
    return path.exists() and json.loads(path.read_text("utf-8")).get("complete", False)
