"""How long and how fast system S4's models are trained at each profile; lesson 14's settings."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import keras

from lib.gans.learning_rates import Rate, rise_and_fall
from lib.gans.map_to_face.batches import FIELDS, arrange
from lib.gans.map_to_face.designs import DESIGNS, Design
from lib.gans.map_to_face.model import MapToFace
from lib.profiles import Profile
from lib.store import Dataset
from lib.store.augmentation import Augmentation

PLANS: Mapping[str, Mapping[str, Any]] = {
    "smoke": {"size": 64, "width": 4, "batch_size": 4, "steps": 2},
    "laptop": {"width": 16, "batch_size": 8, "steps": 40, "identities": 300, "captures": 3},
    "colab": {"width": 32, "batch_size": 16, "steps": 8000},
    "paper": {"size": 256, "width": 32, "batch_size": 16, "steps": 225_000},
}
"""What the trainings and their people differ in from the profiles; a smoke test has the pictures'
size of the shipped weights."""

HIGHEST_RATE = {"smoke": 4e-3, "laptop": 4e-3}
"""Learning rates of short trainings, on validation people the best of 2e-3, 4e-3 and 8e-3; longer
ones take `STEADY_RATE`, S4's own."""

STEADY_RATE = 2e-4
BETA_1 = 0.5

WARM_UP = 15
"""Steps in which the learning rate rises."""

AVERAGE = 0.96
"""Decay of the averaged weights, which paint the pictures."""

MIRRORED = Augmentation(mirror=True)
"""Mirrors, and nothing else: other light or colours would belie what is said of them."""


def new_model(
    design: Design | str, plan: Profile, rate: Rate | None = None, **options: Any
) -> MapToFace:
    """Return a model, compiled and untrained.

    Args:
        design: one of `DESIGNS`, or its name.
        plan: a profile of `PLANS`; its size, width and steps count.
        rate: learning rate, or a schedule of it; None: what the plan says.
        **options: of `MapToFace`.
    """
    design = DESIGNS[design] if isinstance(design, str) else design
    model = MapToFace(plan.size, plan.width, design, **options)
    model.compile(keras.optimizers.Adam(rate or _rate(plan), beta_1=BETA_1))
    return model


def _rate(plan: Profile) -> Rate:
    if plan.name == "paper":
        return STEADY_RATE
    return rise_and_fall(HIGHEST_RATE.get(plan.name, STEADY_RATE), plan.steps, WARM_UP)


def stream(faces: Dataset, design: Design | str, plan: Profile, seed: int) -> Any:
    """Return the training batches of a design, a `keras.utils.PyDataset`.

    Args:
        faces: a semantic dataset, such as ``people.split("train")``.
        design: one of `DESIGNS`, or its name.
        plan: a profile; its batch size counts.
        seed: of the order and the augmentation.
    """
    design = DESIGNS[design] if isinstance(design, str) else design
    return faces.batches(
        plan.batch_size,
        fields=FIELDS[design.account],
        augment=MIRRORED,
        seed=seed,
        arrange=functools.partial(arrange, kind=design.account),
    )
