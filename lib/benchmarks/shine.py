"""How well shine is taken off: on rendered people, on a scanned head, and in a published figure.

``python -m lib.benchmarks.shine`` trains the six models of system S1 and ours, all by Adam, and
scores them on people, lights and levels of gloss that nobody was trained on. ``--times 10`` trains
ten times as long, ``--seeds 0 1 2`` repeats it; ``--models`` picks some of them. With FACE_LAB_REAL
set it also scores them on `lib.benchmarks.shine_photographs`' pictures.
"""

from __future__ import annotations

import argparse
import functools
import os
import tempfile
import time
from pathlib import Path

import keras
import numpy as np
import pandas

from lib import baselines, metrics, profiles, store, training
from lib.benchmarks.shine_photographs import Photographs, pooled
from lib.gans import specularity
from lib.gans.learning_rates import CLIP, calmed, rise_and_fall
from lib.gans.specularity import MODELS, Design, Specularity
from lib.prepare import glossy_sets
from lib.prepare.layers import skin_of
from lib.prepare.renders import ATTRIBUTES
from lib.store.augmentation import Augmentation

SIZE, WIDTH = 64, 8
PEOPLE, CAPTURES, SEED = 250, 4, 24
PLAIN = Augmentation(mirror=True, shift=0.03)
PHOTOGRAPHIC = Augmentation(
    mirror=True, shift=0.06, scale=0.4, rotation=8, brightness=0.3, colour=0.1, gamma=0.3
)
"""What rendered faces are varied by where photographs are to be known, too."""

AVERAGE = 0.96
"""Decay of the averaged weights of models that play against critics: without an average, how light
a face comes out depends on the step at which one happens to stop."""

ENOUGH = 20
"""Pixels of shine that a picture needs to have a score of its own inside."""


def plan(design: Design) -> tuple[int, int, float, float]:
    """Return steps, batch, learning rate and Adam's beta 1, on which `fit` builds.

    Lesson 13 at laptop has less time: 2 pictures a step where critics judge, and half the steps, by
    Muon, for models that learn from pairs.
    """
    if design.plays:
        return 200, 4, 3e-3, 0.5
    return 450, 16, 4e-3, 0.9


def _steps(design: Design, times: float) -> int:
    return max(2, round(plan(design)[0] * times))


def optimizer(design: Design, times: float) -> keras.optimizers.Optimizer:
    """Return Adam for so many times the steps of `plan`; longer trainings are calmer."""
    _, _, rate, beta_1 = plan(design)
    steps = _steps(design, times)
    warm = max(30, steps // 15)  # a longer training needs a longer start
    schedule = rise_and_fall(calmed(rate, times), steps, warm)
    clip = CLIP if times > 1 else None
    return keras.optimizers.Adam(schedule, beta_1=beta_1, global_clipnorm=clip)


def fit(
    name: str, people: store.Dataset, times: float, seed: int, augment: Augmentation = PLAIN
) -> tuple[Specularity, float]:
    """Train one of the models.

    Args:
        name: of `MODELS`.
        people: the training split.
        times: how many times the steps of `plan`.
        seed: of weights and batches.
        augment: how pictures are varied.

    Returns:
        The model and the seconds.
    """
    design = MODELS[name]
    steps, batch = _steps(design, times), plan(design)[1]
    keras.utils.set_random_seed(seed)
    model = Specularity(SIZE, WIDTH, design)
    model.compile(optimizer(design, times))
    arrange = functools.partial(specularity.arrange, cuts_out=design.cuts_out)
    batches = people.batches(
        batch, fields=specularity.FIELDS, augment=augment, seed=seed, arrange=arrange
    )
    profile = profiles.choose("laptop", steps=steps, sample_every=min(steps, 200), max_minutes=90.0)
    average = AVERAGE if design.plays else None
    with tempfile.TemporaryDirectory() as runs:
        run = training.train(
            model, batches, profile, "shine", runs=runs, live=False, moving_average=average
        )
        if average:
            training.load(model, run.folder / "average.weights.h5")
    return model, run.seconds


def score(matte: np.ndarray, arrays: dict[str, np.ndarray]) -> dict[str, float]:
    """Return one row of a table.

    Args:
        matte: uint8 (N, S, S, 3), results.
        arrays: of a dataset of glossy pairs.
    """
    photo, diffuse, mask = arrays["photo"], arrays["diffuse"], arrays["specular_mask"]
    shines = mask.sum((1, 2)) >= ENOUGH
    skin = skin_of(arrays["labels"]) * (mask == 0)
    tones = metrics.tone_groups(arrays["attributes"][:, list(ATTRIBUTES).index("melanin")])
    shift = metrics.skin_tone_shift(matte, photo, skin)
    row = {
        "inside": pooled(matte, diffuse, mask == 1),
        "inside, mean": metrics.mean(metrics.psnr(matte, diffuse, mask)[shines]),
        "outside": pooled(matte, diffuse, mask == 0),
        "overall": pooled(matte, diffuse),
        "overall, mean": metrics.mean(metrics.psnr(matte, diffuse)),
        "SSIM inside": metrics.mean(metrics.ssim(matte, diffuse, mask)[shines]),
        "LMSE": metrics.mean(metrics.lmse(matte, diffuse)),
        "changed outside": metrics.mean(metrics.l1(matte, photo, mask == 0)),
    }
    for tone in ("light", "medium", "dark"):
        group = tones == tone
        row[f"dE {tone}"] = metrics.mean(shift[group])
        inside = (mask == 1) & group[:, None, None]
        row[f"gain {tone}"] = pooled(matte, diffuse, inside) - pooled(photo, diffuse, inside)
    return row


def classical(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the results of doing nothing and of the classical separations, on skin."""
    skin = skin_of(arrays["labels"])
    return {name: remove(arrays["photo"], skin) for name, remove in baselines.SEPARATIONS.items()}


def darkened(arrays: dict[str, np.ndarray], known: dict[str, np.ndarray]) -> np.ndarray:
    """Return pictures whose skin is darker by what shine adds to skin on average: no network.

    Args:
        arrays: of the pictures.
        known: of pairs to learn that one number from.
    """
    skin = skin_of(known["labels"]) == 1
    added = known["photo"][skin].mean() - known["diffuse"][skin].mean()
    darker = arrays["photo"] - added * skin_of(arrays["labels"])[..., None]
    return np.rint(darker).clip(0, 255).astype(np.uint8)


def _rate(model: Specularity, arrays: dict[str, np.ndarray], skin: np.ndarray) -> float:
    began = time.perf_counter()
    specularity.translate(model, arrays["photo"], skin)
    return len(skin) / (time.perf_counter() - began)


def _print(title: str, rows: dict[str, dict]) -> None:
    print(f"\n{title}\n{pandas.DataFrame(rows).T.round(3).to_string()}", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=float, default=1.0, help="the steps of the plans")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("--split", default="test", choices=["validation", "test"])
    parser.add_argument("--photographic", action="store_true", help="vary light and framing")
    parser.add_argument("--folder", help="keeps the datasets there")
    arguments = parser.parse_args()
    real = os.environ.get("FACE_LAB_REAL")
    with tempfile.TemporaryDirectory() as scratch:
        pairs = glossy_sets.prepare(
            arguments.folder or scratch, PEOPLE, CAPTURES, SIZE, SEED, progress=False
        )
        asked = pairs[arguments.split]
        arrays = asked.read(range(len(asked)))
        skin = skin_of(arrays["labels"])
        rows = {name: score(found, arrays) for name, found in classical(arrays).items()}
        known = pairs["train"].read(range(len(pairs["train"])), ["photo", "diffuse", "labels"])
        rows["all skin darker"] = score(darkened(arrays, known), arrays)
        photographs = Photographs(Path(real)) if real else None
        outside = {} if photographs is None else photographs.classical()
        augment = PHOTOGRAPHIC if arguments.photographic else PLAIN
        for name in arguments.models:
            for seed in arguments.seeds:
                model, seconds = fit(name, pairs["train"], arguments.times, seed, augment)
                label = f"{name}, seed {seed}"
                matte = specularity.translate(model, arrays["photo"], skin)
                rows[label] = score(matte, arrays) | {
                    "seconds": seconds, "pictures/s": _rate(model, arrays, skin),
                    "weights, k": model.forwards.count_params() / 1000,
                }  # fmt: skip
                if photographs is not None:
                    outside[label] = photographs.score(model)
                print(f"{label}: {rows[label]['inside']:.2f} dB inside, {seconds:.0f} s")
        _print(f"{arguments.split} people, {len(asked)} pictures, {SIZE} px", rows)
        if outside:
            _print("scanned head (12 renders), published figure (2 panels)", outside)


if __name__ == "__main__":
    main()
