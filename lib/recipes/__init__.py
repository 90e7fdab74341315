"""How the shipped weights were made: for each model a way to train it, and one to score it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras

from lib import profiles, training

Rows = dict[str, dict[str, float]]
"""A table: what is compared -> its scores by name."""


AVERAGE = 0.995
"""Decay of the averaged weights, which are shipped."""

WARM_UP = 100
"""Steps in which learning rates rise."""


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a recipe works, and how much.

    Attributes:
        folder: of its datasets and runs; the same folder goes on with what is there.
        seed: of people, weights and batches.
        times: how many times the recipe's own steps; below 1 for a trial.
    """

    folder: Path
    seed: int = 24
    times: float = 1.0

    @property
    def data(self) -> Path:
        """The folder of its datasets."""
        return self.folder / "data"

    @property
    def runs(self) -> Path:
        """The folder of its runs."""
        return self.folder / "runs"

    def people(self, number: int) -> int:
        """Return how many people to render; a trial needs fewer."""
        return max(60, round(number * min(1.0, self.times)))

    def plan(self, size: int, width: int, batch_size: int, steps: int) -> profiles.Profile:
        """Return a profile of these numbers, without a limit of time."""
        steps = max(4, round(steps * self.times))
        return profiles.change(
            profiles.PROFILES["laptop"], size=size, width=width, batch_size=batch_size,
            steps=steps, sample_every=min(steps, 250), max_minutes=0.0,
        )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How one model is made.

    Attributes:
        train: a place -> the trained model, its run, and one line on its data.
        score: a model and a place -> a table of test people, with doing nothing and the classical
            way among its rows.
        limits: what it cannot do, for its card.
        before: what training came before the one whose steps its card counts.
    """

    train: Callable[[Place], tuple[keras.Model, training.Run, str]]
    score: Callable[[keras.Model, Place], Rows]
    limits: str
    before: str = ""


def fit(
    name: str,
    model: keras.Model,
    batches: Any,
    plan: profiles.Profile,
    place: Place,
    average: float | None = None,
) -> training.Run:
    """Train a compiled model, and leave it with its averaged weights where there are some.

    Args:
        name: of the run.
        model: compiled.
        batches: of its pictures.
        plan: of its steps.
        place: whose folder of runs is used.
        average: decay of averaged weights.
    """
    run = training.train(
        model, batches, plan, name, runs=place.runs, live=False, moving_average=average,
        max_minutes=float("inf"),
    )  # fmt: skip
    if average:
        training.load(model, run.folder / "average.weights.h5")
    return run


def recipes() -> Mapping[str, Recipe]:
    """Return every recipe by the name of what it makes."""
    from lib.recipes import masks, parts, photos, shine

    return {**masks.RECIPES, **shine.RECIPES, **parts.RECIPES, **photos.RECIPES}
