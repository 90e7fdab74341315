"""How long and how fast system S5's models are trained at each profile; lesson 15's settings."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from lib.gans.learning_rates import CLIP, Rate, calmed, rise_and_fall
from lib.gans.render_to_photo import batches
from lib.gans.render_to_photo.designs import DESIGNS, Design
from lib.gans.render_to_photo.model import RenderToPhoto
from lib.gans.render_to_photo.softness import measure_softness
from lib.models.domain_translator import build_domain_translator
from lib.profiles import Profile
from lib.store import Dataset

PLANS: Mapping[str, Mapping[str, Any]] = {
    "smoke": {"width": 4, "batch_size": 4, "steps": 2, "identities": 20, "captures": 2},
    "laptop": {"width": 8, "batch_size": 4, "steps": 450, "identities": 220, "captures": 5},
    "colab": {"width": 24, "batch_size": 16, "steps": 8000},
    "paper": {
        "size": 108, "width": 32, "batch_size": 16, "steps": 248_000, "identities": 10_000,
        "captures": 50,
    },
}  # fmt: skip
"""What the trainings and their people differ in from the profiles. S5 had 10,000 people rendered 50
times each."""

HIGHEST_RATE = {"smoke": 2e-3, "laptop": 3e-3}
"""Learning rates of short trainings, calmed where one takes more steps than its plan has; longer
ones take `STEADY_RATE`."""

STEADY_RATE = 2e-4
BETA_1, BETA_2 = 0.5, 0.999
"""What S5's flags say, and its optimizers never got."""

PAPER_RATES = (8e-5, 4e-5, 2e-5, 1e-5, 5e-6)
PAPER_HALVINGS = (128_000, 192_000, 224_000, 240_000)
"""S5's learning rates: halved after steps that follow each other twice as fast each time."""

WARM_UP = 30
"""Steps in which the learning rate of a short training rises."""

AVERAGE = {"smoke": 0.9, "laptop": 0.98, "colab": 0.999, "paper": 0.9999}
"""Decay of the averaged weights, which make the pictures; S5's own at the paper profile."""

BALANCE_RATE = {"smoke": 0.02, "laptop": 0.02, "colab": 0.002, "paper": 0.001}
"""By which the k's follow. S5's own at the paper profile: in 450 steps it would move nothing."""

CRITIC_CONVOLUTIONS = {"smoke": 1, "laptop": 1}
"""Of each stage of the autoencoding critics; S5's two where nothing is said."""


MEASURED = 300
"""Pictures of each kind whose softness is measured, at most."""


def softness_of(renders: Dataset, photos: Dataset) -> float:
    """Return the blur, in pixels, that makes renders as soft as photos; an option of `new_model`.

    Args:
        renders: those of training; the field `render`.
        photos: those of training, framed alike; the field `photo`.
    """
    pictures = []
    for faces, field in ((renders, "render"), (photos, "photo")):
        spread = np.linspace(0, len(faces) - 1, min(len(faces), MEASURED)).astype(int)
        pictures.append(faces.read(spread, [field])[field])
    return measure_softness(*pictures)


def people_and_pictures(plan: Profile) -> tuple[int, int]:
    """Return how many people a batch of renders has, and how many pictures of each."""
    pictures = 4 if plan.batch_size >= 16 else 2
    return max(plan.batch_size // pictures, 1), pictures


def new_model(
    design: Design | str, plan: Profile, people: int, rate: Rate | None = None, **options: Any
) -> RenderToPhoto:
    """Return a model, compiled and untrained.

    Args:
        design: one of `DESIGNS`, or its name.
        plan: a profile of `PLANS`; its size, width and steps count.
        people: identities of the renders that it will be trained on.
        rate: learning rate, or a schedule of it; None: what the plan says.
        **options: of `RenderToPhoto`.
    """
    design = DESIGNS[design] if isinstance(design, str) else design
    given = {
        "balance_rate": BALANCE_RATE[plan.name],
        "convolutions": CRITIC_CONVOLUTIONS.get(plan.name, 2),
        "critic_width": 2 * plan.width if design.critics == "patches" else plan.width,
    }
    if plan.name == "paper":
        given |= {"translator": functools.partial(_as_published, plan), "critic_width": 64}
    model = RenderToPhoto(plan.size, plan.width, design, people, **given | options)
    clip = CLIP if rate is None and _times(plan) > 1 else None
    optimizer = keras.optimizers.Adam(
        rate or _rate(plan), beta_1=BETA_1, beta_2=BETA_2, global_clipnorm=clip
    )
    model.compile(optimizer)
    return model


def _times(plan: Profile) -> float:
    """Return how many times the steps of its short plan a training takes; 1 for a long plan."""
    if plan.name not in HIGHEST_RATE:
        return 1.0
    return plan.steps / PLANS[plan.name]["steps"]


def _as_published(plan: Profile, name: str) -> keras.Model:
    """Build S5's own translator; G alone has skips and dropout."""
    extras = {"skips": True, "dropout": 0.1} if name == "forwards" else {}
    return build_domain_translator(plan.size, plan.width, name=name, **extras)


def _rate(plan: Profile) -> Rate:
    if plan.name == "paper":
        schedule = keras.optimizers.schedules.PiecewiseConstantDecay
        return schedule(list(PAPER_HALVINGS), list(PAPER_RATES))
    highest = calmed(HIGHEST_RATE.get(plan.name, STEADY_RATE), _times(plan))
    return rise_and_fall(highest, plan.steps, WARM_UP, last=0.05)


def stream(
    renders: Dataset,
    photos: Dataset,
    pairs: Dataset | None,
    design: Design | str,
    plan: Profile,
    seed: int,
) -> keras.utils.PyDataset:
    """Return the training batches of a design.

    Args:
        renders: of people with names, such as ``sets["renders"].split("train")``.
        photos: of others.
        pairs: the photos that have a render; None for none.
        design: one of `DESIGNS`, or its name; without terms for pairs it gets none.
        plan: a profile; its batch size counts.
        seed: of the order and the augmentation.

    Raises:
        ValueError: if the design learns from pairs, and there are none.
    """
    design = DESIGNS[design] if isinstance(design, str) else design
    if design.pairs and pairs is None:
        raise ValueError("found no pairs, and a design that learns from them: use another one")
    people, pictures = people_and_pictures(plan)
    return batches.stream(
        renders, photos, pairs if design.pairs else None,
        people=people, pictures=pictures, paired=plan.batch_size, seed=seed,
    )  # fmt: skip
