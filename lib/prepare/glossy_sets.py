"""Glossy pairs to learn from and to be tested on, with neither people, lights nor gloss in common.

    pairs = prepare(folder, identities=250, captures=4, size=64, seed=24)
    pairs["train"], pairs["validation"], pairs["test"]

A split by person alone would test on lamps and levels of gloss that the training has seen.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lib.prepare import arguments, sources
from lib.scene.sampling import person_name
from lib.store import SHARES, Dataset, shares_for

FIELDS = ("photo", "diffuse", "specular", "labels", "landmarks", "attributes")
"""What is rendered: the two layers, and what a face is scored and shown by."""


@dataclass(frozen=True)
class Conditions:
    """Under what conditions faces are seen.

    Attributes:
        arrangements: of light, names of `lib.scene.sampling.light.ARRANGEMENTS`.
        more_lights: up to so many further small lamps.
        gloss: intervals that the skin's gloss is drawn from; 1 is average.
    """

    arrangements: tuple[str, ...]
    more_lights: int
    gloss: tuple[tuple[float, float], ...]


TAUGHT = Conditions(
    ("studio", "window", "ceiling", "overcast", "shade", "lamp"), 2, ((0.3, 0.9), (1.3, 2.2))
)
"""What networks are trained and validated on: from dry skin to oily, with a gap."""

UNSEEN = Conditions(("beauty", "evening", "backlight", "flash"), 3, ((0.9, 1.3), (2.2, 3.0)))
"""What they are tested on: the gap, and oilier still, under lights of other kinds."""

TEST_SHARE = 5
"""One person is tested on for so many that are rendered for training."""


def prepare(
    folder: str | os.PathLike,
    identities: int,
    captures: int,
    size: int,
    seed: int,
    workers: int | None = None,
    *,
    variations: int = 2,
    progress: bool = True,
) -> dict[str, Dataset]:
    """Render people under both conditions and make glossy pairs of them, or open what is there.

    Args:
        folder: where the datasets go, four of them.
        identities: people to learn from and to validate on.
        captures: pictures of each.
        size: width and height, pixels.
        seed: of all randomness; test people are those of the next seed.
        workers: processes; by default as many as there are cores.
        variations: levels of gloss for each picture.
        progress: whether to show bars.

    Returns:
        `train`, `validation` and `test`, see `lib.prepare.sources.glossy`.

    Raises:
        StoreError: if an argument makes no sense, such as one person alone, who cannot be both
            learnt from and validated on, or the folder holds something else.
    """
    (identities,) = arguments.whole(1, identities=identities)
    (seed,) = arguments.whole(0, seed=seed)
    names = [person_name(seed, identity) for identity in range(identities)]
    learnt = ("train", "validation")
    plans = {
        "taught": (TAUGHT, identities, seed, shares_for(names, learnt)),
        "unseen": (UNSEEN, max(2, identities // TEST_SHARE), seed + 1, SHARES),
    }
    folder, pairs = Path(folder), {}
    for name, (seen, people, drawn, shares) in plans.items():
        faces = sources.rendered(
            folder / f"{name}_layers", people, captures, size, drawn, workers, fields=FIELDS,
            reshuffle=True, arrangements=seen.arrangements, more_lights=seen.more_lights,
            shares=shares, progress=progress,
        )  # fmt: skip
        pairs[name] = sources.glossy(
            folder / f"{name}_pairs", faces, drawn, workers, variations=variations,
            gloss=seen.gloss, progress=progress,
        )  # fmt: skip
    return {name: pairs["taught"].split(name) for name in learnt} | {"test": pairs["unseen"]}
