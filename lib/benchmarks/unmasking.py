"""How well masks are found and faces repainted: on rendered people and on real photographs.

``python -m lib.benchmarks.unmasking`` trains systems S2 and S3 for 150 s each on rendered people
and scores them on people never trained on; with FACE_LAB_REAL set also on CelebA's photographs, and
trained on those. ``--parts maps`` trains the finders of masks, ``--parts ablation`` takes S3 apart.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas

from lib import baselines, metrics, profiles, store, training
from lib.benchmarks.masked_photographs import photographs_with_masks
from lib.faces import align, identity
from lib.gans import mask_maps, repainting
from lib.gans.learning_rates import rise_and_fall
from lib.gans.unmask_noise import UnmaskNoise
from lib.gans.unmask_two_critics import TERM_WEIGHTS, UnmaskTwoCritics, face_features
from lib.models.segmentation_unet import build_segmentation_unet
from lib.models.strided_unet import build_strided_unet
from lib.muon import Muon
from lib.prepare import sources
from lib.prepare.camera import CameraFlaws
from lib.store.augmentation import Augmentation

SIZE = 64
BATCHES = {"S2": 16, "S3": 8}
"""Pictures a step: S3's editor is slow, and more steps teach it more than larger batches."""

LIGHT = Augmentation(mirror=True, shift=0.03, brightness=0.3, colour=0.15, gamma=0.3)
"""What rendered faces are varied by, so that photographs taken in other light are known, too."""

ANYWHERE = dataclasses.replace(LIGHT, shift=0.06, scale=0.15, rotation=8.0)
"""For finders: validation photographs of CelebA gained 0.02 IoU, their worst twentieth 0.08."""

LOOKS = {"": False, ", mirrored": True}
"""How pictures are looked at: as they are, or in the mirror, too, and the mean taken."""

_REPAINTED = (repainting.arrange, repainting.FIELDS)
Build = Callable[[int], keras.Model]


def s2(steps: int) -> keras.Model:
    """Return S2's face module for the laptop profile, compiled."""
    return _compiled(UnmaskNoise(SIZE, 32, critic_width=16), 4e-3, steps)


def s3(
    steps: int,
    rate: float = 8e-3,
    optimizer: type[keras.optimizers.Optimizer] = Muon,
    **options: object,
) -> keras.Model:
    """Return S3's editor for the laptop profile, compiled; options are `UnmaskTwoCritics`'s."""
    model = UnmaskTwoCritics(SIZE, 16, steps, critic_width=16, perceived=4, **options)
    return _compiled(model, rate, steps, optimizer=optimizer)


def ablation() -> dict[str, Build]:
    """Return S3 with one part more from row to row, by Adam, as the original was trained."""
    alone = TERM_WEIGHTS | {"adversarial": 0.0, "critic": 0.0}
    plain = {"features": None, "excitation": False}
    by_adam = functools.partial(s3, rate=2e-3, optimizer=keras.optimizers.Adam)
    return {
        "reconstruction only": lambda steps: by_adam(steps, joins=1.0, term_weights=alone, **plain),
        "+ critic": lambda steps: by_adam(steps, joins=1.0, **plain),
        "+ second critic": lambda steps: by_adam(steps, **plain),
        "+ perceptual": lambda steps: by_adam(steps, excitation=False),
        "+ squeeze-and-excitation": lambda steps: by_adam(steps, features=face_features),
    }


def finders() -> dict[str, Build]:
    """Return the two networks that find masks, for the laptop profile."""
    s2_map = {"channels_out": 1, "activation": "linear", "name": "mask_g"}
    return {
        "S2 Mask-G": lambda steps: _compiled(
            build_strided_unet(SIZE, 16, 5, **s2_map), 1.6e-2, steps, 0.9, loss=mask_maps.loss
        ),
        "S3 map module": lambda steps: _compiled(
            build_segmentation_unet(SIZE, 12, dropout=0.0), 1.6e-2, steps, 0.9, loss=mask_maps.loss
        ),
    }


def _compiled(
    model: keras.Model,
    rate: float,
    steps: int,
    beta_1: float = 0.5,
    optimizer: type[keras.optimizers.Optimizer] = Muon,
    **options: object,
) -> keras.Model:
    schedule = rise_and_fall(rate, steps, min(50, steps // 4))
    model.compile(optimizer(schedule, beta_1=beta_1), **options)
    return model


def _train(build: Build, batches: store.batches.Batches, steps: int) -> tuple[keras.Model, float]:
    """Train for so many steps; return the model and the seconds."""
    model = build(steps)
    profile = profiles.choose("laptop", steps=steps, sample_every=min(steps, 200), max_minutes=60.0)
    with tempfile.TemporaryDirectory() as runs:
        run = training.train(model, batches, profile, "benchmark", runs=runs, live=False)
    return model, run.seconds


def train_for(
    build: Build,
    dataset: store.Dataset,
    seconds: float,
    batch: int,
    arrange: Callable,
    fields: tuple[str, ...],
    augment: Augmentation = LIGHT,
) -> tuple[keras.Model, int, float]:
    """Train on a dataset's people for about so long; steps are counted out beforehand.

    Args:
        build: steps -> compiled model; its schedules need to know how many.
        dataset: of masked faces, one split or all.
        seconds: of training.
        batch: pictures a step.
        arrange: makes (x, y) of a batch.
        fields: what it needs.
        augment: how the pictures are varied.

    Returns:
        The model, its steps and seconds.
    """
    keras.utils.set_random_seed(0)
    batches = dataset.batches(batch, fields=fields, augment=augment, arrange=arrange)
    probe = build(40)
    for index in range(40):
        if index == 10:
            began = time.perf_counter()
        probe.train_on_batch(*batches[index % len(batches)])
    steps = max(20, int(seconds * 30 / (time.perf_counter() - began)))
    model, spent = _train(build, batches, steps)
    return model, steps, spent


def describe(pictures: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Return the descriptors (N, 128) of faces whose landmarks (N, 68, 2) are known."""
    chips = [
        align.chip(picture, points, identity.SIZE, identity.PADDING)[0]
        for picture, points in zip(pictures, landmarks, strict=True)
    ]
    return identity.descriptors(np.stack(chips))


def score(repaired: np.ndarray, arrays: dict[str, np.ndarray], people: np.ndarray) -> dict:
    """Return one row of a table: what is inside the masks, and who is seen.

    Args:
        repaired: uint8 (N, S, S, 3).
        arrays: photo, masked, mask and landmarks of the same faces.
        people: (N,) their identities; the kernel distance takes one picture of each.
    """
    photo, mask = arrays["photo"], arrays["mask"]
    errors = (repaired.astype(np.float64) - photo)[mask == 1]
    found, truth = (describe(faces, arrays["landmarks"]) for faces in (repaired, photo))
    one_each = np.unique(people, return_index=True)[1]
    kernel = metrics.kernel_distance(found[one_each], truth[one_each], gamma=1.0)
    outside = np.abs(repaired.astype(int) - arrays["masked"])[mask == 0]
    return {
        "PSNR inside": metrics.mean(metrics.psnr(repaired, photo, mask)),
        "of all pixels": 10 * np.log10(255**2 / np.mean(errors**2)),
        "SSIM inside": metrics.mean(metrics.ssim(repaired, photo, mask)),
        "identity": metrics.mean(metrics.identity_distance(found, truth)),
        "KID": kernel.value,
        "KID low": kernel.low,
        "KID high": kernel.high,
        "changed outside": int(outside.max()),
    }


def compare(
    models: dict[str, keras.Model], train: store.Dataset, test: store.Dataset
) -> pandas.DataFrame:
    """Score models beside doing nothing, OpenCV's inpainting and the training set's mean face.

    Each model has two rows: as it paints, and in the mean with what it paints in the mirror.
    """
    arrays = test.read(range(len(test)), ["photo", "masked", "mask", "landmarks"])
    people = test.samples["identity"].to_numpy()
    stacks = (train.read([i], ["photo"])["photo"] for i in range(len(train)))
    repairs = dict(baselines.CLASSICAL) | {"mean face": baselines.mean_face(stacks)}
    rows = {
        name: repair(arrays["masked"], arrays["mask"].astype(np.uint8))
        for name, repair in repairs.items()
    }
    for name, model in models.items():
        for how, mirrored in LOOKS.items():
            seen = arrays["masked"], arrays["mask"]
            rows[f"{name}{how}"] = repainting.repaint(model, *seen, mirrored=mirrored)
    return pandas.DataFrame({name: score(row, arrays, people) for name, row in rows.items()}).T


def rendered_people(folder: Path, people: int = 900, captures: int = 3) -> store.Dataset:
    """Return masked rendered faces: 2,700 by default."""
    faces = sources.rendered(
        folder / "faces", people, captures, SIZE, 24, fields=("photo", "landmarks"),
        reshuffle=True, camera=CameraFlaws(),
    )  # fmt: skip
    return sources.masked(folder / "masked", faces, 24)


def real_people(folder: Path, celeba: Path) -> store.Dataset:
    """Return CelebA's aligned photos with masks, framed as rendered faces are."""
    faces = sources.celeba(folder / "real", celeba, SIZE, convention="portrait", aligned=True)
    return sources.masked(folder / "real_masked", faces, 24)


def _print(title: str, table: pandas.DataFrame) -> None:
    print(f"\n{title}\n{table.round(4).to_string()}", flush=True)


def _repaint(
    datasets: dict[str, store.Dataset], seconds: float, variants: dict[str, Build]
) -> None:
    """Train every variant on each dataset, score it on the test people of all."""
    for trained_on, dataset in datasets.items():
        models = {}
        for name, build in variants.items():
            people = dataset.split("train")
            model, steps, spent = train_for(
                build, people, seconds, BATCHES["S2" if name == "S2" else "S3"], *_REPAINTED
            )
            models[f"{name} ({steps} steps, {spent:.0f} s)"] = model
        for tested_on, other in datasets.items():
            if trained_on == "photographs" != tested_on:
                continue
            title = f"trained on {trained_on}, tested on {tested_on}, {SIZE} px"
            _print(title, compare(models, dataset.split("train"), other.split("test")))


def _find(datasets: dict[str, store.Dataset], seconds: float, real: str | None) -> None:
    """Train the finders on rendered people, score them on everyone."""
    rows, tests = {}, {}
    for tested_on, dataset in datasets.items():
        test = dataset.split("test")
        tests[tested_on] = test.read(range(len(test)), ["masked", "mask"])
    if real:
        tests["landmarks68, masked_pairs"] = photographs_with_masks(Path(real))
    for name, build in finders().items():
        people = datasets["rendered people"].split("train")
        model, steps, spent = train_for(
            build, people, seconds, 16, mask_maps.arrange, mask_maps.FIELDS, ANYWHERE
        )
        for tested_on, arrays in tests.items():
            row = rows[f"{name} ({steps} steps, {spent:.0f} s), {tested_on}"] = {}
            for how, mirrored in LOOKS.items():
                maps = mask_maps.find(model, arrays["masked"], mirrored=mirrored)
                overlap = metrics.intersection_over_union(maps, arrays["mask"])
                row[f"IoU{how}"] = metrics.mean(overlap)
                row[f"worst twentieth{how}"] = np.nanquantile(overlap, 0.05)
    _print("masks found, test people", pandas.DataFrame(rows).T)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=150, help="of each training")
    parser.add_argument("--parts", nargs="+", default=["faces"])
    parser.add_argument("--folder", help="keeps the datasets there")
    arguments = parser.parse_args()
    real = os.environ.get("FACE_LAB_REAL")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(arguments.folder or scratch)
        datasets = {"rendered people": rendered_people(folder)}
        if real:
            datasets["photographs"] = real_people(folder, Path(real) / "celeba_half")
        if "maps" in arguments.parts:
            _find(datasets, arguments.seconds, real)
        if "faces" in arguments.parts:
            _repaint(datasets, arguments.seconds, {"S2": s2, "S3": s3})
        if "ablation" in arguments.parts:
            only = {"rendered people": datasets["rendered people"]}
            _repaint(only, arguments.seconds, ablation())


if __name__ == "__main__":
    main()
