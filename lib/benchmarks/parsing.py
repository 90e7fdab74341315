"""How well the parser of lesson 04 tells the parts of faces, and in how much time it learns that.

    [FACE_LAB_REAL=...] python -m lib.benchmarks.parsing [--profile laptop] [--seeds 0]

It is trained as in the lesson, on rendered people. Scores are IoU of each class and group, all
pictures of a split together, with their background and cut out. With FACE_LAB_REAL the samples of
CelebAMask-HQ (``celebamask_hq_samples``, with ready label maps) are parsed, too: five photographs.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import keras
import numpy as np
import pandas

from lib import profiles, training
from lib.gans import part_maps
from lib.labels import CLASSES
from lib.metrics.parts import group_labels, part_agreement
from lib.prepare import sources
from lib.prepare.semantic import GROUPS
from lib.profiles import Profile
from lib.store import Dataset

REAL = "celebamask_hq_samples"

NAMES = ("background", *GROUPS)

FIELDS = ("photo", "labels", "landmarks", "attributes")
"""As in the lesson, whose folder ``--people`` may name."""

Faces = dict[str, np.ndarray]


def render_people(folder: Path, plan: Profile, seed: int) -> Dataset:
    """Render the people of the lesson, or open them."""
    number = plan.identities, plan.captures, plan.size
    return sources.rendered(folder, *number, seed, fields=FIELDS, progress=False)


def train_parser(people: Dataset, plan: Profile, seed: int) -> tuple[keras.Model, dict[str, float]]:
    """Train a parser in a temporary folder.

    Returns:
        The network with its averaged weights; seconds that passed, and seconds of the processor,
        of which two cores have two in a second.
    """
    keras.utils.set_random_seed(seed)
    network = part_maps.new_parser(plan)
    batches = part_maps.stream(people.split("train"), plan, seed)
    start, busy = time.perf_counter(), _processor_seconds()
    with tempfile.TemporaryDirectory() as runs:
        options = {"runs": runs, "live": False, "moving_average": part_maps.AVERAGE}
        run = training.train(network, batches, plan, "parser", **options)
        training.load(network, run.folder / "average.weights.h5")
    spent = {
        "seconds": time.perf_counter() - start,
        "of the processor": _processor_seconds() - busy,
    }
    return network, spent


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def cut_out(faces: Faces) -> np.ndarray:
    """Return photos, uint8 (N, S, S, 3), with black where the label is background."""
    return np.where(faces["labels"][..., None] > 0, faces["photo"], 0).astype(np.uint8)


def score(network: keras.Model, faces: Faces) -> dict[str, np.ndarray]:
    """Parse faces as they are and cut out; return the IoU of 19 classes and of 8 groups of each."""
    scores = {}
    for name, pictures in {"full": faces["photo"], "cut out": cut_out(faces)}.items():
        for way, mirrored in {"": False, ", mirrored": True}.items():
            found = part_maps.parse(network, pictures, mirrored=mirrored)
            true_groups = group_labels(faces["labels"])
            groups = part_agreement(group_labels(found), true_groups, len(NAMES))
            scores[name + way] = np.concatenate([part_agreement(found, faces["labels"]), groups])
    return scores


def table(scores: dict[str, np.ndarray]) -> pandas.DataFrame:
    """Return scores by class and group, and their means."""
    rows = pandas.DataFrame(scores, [*CLASSES, *(f"group {name}" for name in NAMES)])
    parts = {"mean of classes": slice(len(CLASSES)), "mean of groups": slice(len(CLASSES), None)}
    means = [rows.iloc[part].mean().rename(name) for name, part in parts.items()]
    return pandas.concat([rows, pandas.DataFrame(means)])


def real_faces(folder: Path, size: int) -> Faces:
    """Prepare photographs with label maps beside them, in a temporary folder, and read them."""
    with tempfile.TemporaryDirectory() as scratch:
        made = sources.label_maps(Path(scratch) / "made", folder, size, 1, progress=False)
        return made.read(range(len(made)), ["photo", "labels"])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profile", default="laptop", choices=[*part_maps.PLANS])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--people", type=Path, help="folder of the people, kept; else temporary")
    options = parser.parse_args()
    plan = profiles.choose(options.profile, part_maps.PLANS, max_minutes=0.0)
    with tempfile.TemporaryDirectory() as scratch:
        people = render_people(options.people or Path(scratch) / "people", plan, 24)
        faces = {}
        for name in ("validation", "test"):
            part = people.split(name)
            faces[f"{name} people"] = part.read(range(len(part)), ["photo", "labels"])
        real = os.environ.get("FACE_LAB_REAL")
        if real:
            faces["photographs"] = real_faces(Path(real) / REAL, plan.size)
        for seed in options.seeds:
            network, spent = train_parser(people, plan, seed)
            times = ", ".join(f"{name} {value:.0f}" for name, value in spent.items())
            print(f"seed {seed}: {network.count_params():,} weights, {plan.steps} steps; {times}")
            for name, given in faces.items():
                print(f"\n{len(given['photo'])} {name}, IoU")
                print(table(score(network, given)).round(3).to_string())
    if not real:
        print("\nphotographs not measured: FACE_LAB_REAL names no folder of real faces")


if __name__ == "__main__":
    main()
