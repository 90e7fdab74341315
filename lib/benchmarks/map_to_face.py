"""How well faces are painted from part maps: rebuilt on their own, changed on other people's.

    [FACE_LAB_REAL=...] python -m lib.benchmarks.map_to_face [--designs ...] [--times 1] [--seeds 0]

It renders people, has their maps, colours and face IDs worked out, trains the parser as lesson 04
does and each model of system S4 as lesson 14 does, and scores them on people never trained on.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import pandas

from lib import baselines, metrics, profiles, training
from lib.benchmarks import parsing
from lib.faces import align, identity
from lib.gans import map_to_face, part_maps
from lib.gans.map_to_face import Account, MapToFace, plans
from lib.labels import CLASSES
from lib.metrics.parts import colour_faithfulness, group_labels, part_agreement
from lib.prepare import sources
from lib.store import Dataset

SEED = 24

FIELDS = ("photo", "labels", "landmarks", "attributes")

INSIDE = ("skin", "nose", "eye_g", "l_eye", "r_eye", "l_brow", "r_brow", "mouth", "u_lip", "l_lip")
"""What counts as inside the face."""

Faces = Mapping[str, np.ndarray]


def prepare(folder: Path, plan: profiles.Profile, seed: int = SEED) -> Dataset:
    """Render people and work out their maps, colours and IDs, or open what is there."""
    number = plan.identities, plan.captures, plan.size
    faces = sources.rendered(folder / "faces", *number, seed, fields=FIELDS, progress=False)
    return sources.semantic(folder / "semantic", faces, seed, keep=("landmarks",), progress=False)


@dataclasses.dataclass(frozen=True)
class Judge:
    """Scores painted faces.

    Attributes:
        faces: the true ones: photo, labels, parts, identity, landmarks.
        others: for each face, the place of another person's, on whose map it is changed.
        parser: tells the parts of a painted face.
    """

    faces: Faces
    others: np.ndarray
    parser: keras.Model

    @classmethod
    def of(cls, people: Dataset, parser: keras.Model, seed: int = SEED) -> Judge:
        """Make the judge of a dataset's faces; who changes with whom is drawn."""
        faces = people.read(range(len(people)))
        names = people.samples["identity"].to_numpy()
        return cls(faces, draw_others(names, seed), parser)

    def rebuilt(self, pictures: np.ndarray, planes: np.ndarray) -> dict[str, float]:
        """Score faces painted on their own maps.

        Args:
            pictures: uint8 (N, S, S, 3).
            planes: what they were painted on, which black surrounds.
        """
        labels = self.faces["labels"]
        inside = np.isin(labels, [CLASSES.index(name) for name in INSIDE])
        return {
            "L1": metrics.mean(metrics.l1(pictures, self.faces["photo"], inside)),
            "SSIM": metrics.mean(metrics.ssim(pictures, self.faces["photo"], inside)),
            **self.agreement(pictures, labels, planes),
            "ID": self.distance(pictures, self.faces["landmarks"], self.faces["identity"]),
        }

    def changed(self, pictures: np.ndarray, account: Account) -> dict[str, float]:
        """Score faces painted on other people's maps.

        Args:
            pictures: uint8 (N, S, S, 3).
            account: the colour givers' own.
        """
        planes, who = account.planes[self.others], self.faces["identity"]
        present = account.planes.any((1, 2))
        colours = colour_faithfulness(pictures, planes, account.colours, present)
        where = self.faces["landmarks"][self.others]
        return {
            **self.agreement(pictures, self.faces["labels"][self.others], planes),
            "colours off": metrics.mean(colours),
            "worst part": float(np.nanmax(np.nanmean(colours, axis=0))),
            "to colour giver": self.distance(pictures, where, who),
            "to map giver": self.distance(pictures, where, who[self.others]),
        }

    def agreement(
        self, pictures: np.ndarray, asked: np.ndarray, planes: np.ndarray
    ) -> dict[str, float]:
        """Parse pictures again and compare with the maps asked for; black is background."""
        found = part_maps.parse(self.parser, pictures, mirrored=True)
        found = np.where(planes.any(axis=-1), found, 0).astype(np.uint8)
        groups = part_agreement(group_labels(found), group_labels(asked), 8)
        return {
            "mIoU": metrics.mean(part_agreement(found, asked)),
            "mIoU groups": metrics.mean(groups),
        }

    def distance(self, pictures: np.ndarray, points: np.ndarray, who: np.ndarray) -> float:
        """Return the mean distance between the faces seen in pictures and some face IDs."""
        chips = [
            align.chip(picture, face, identity.SIZE, identity.PADDING)[0]
            for picture, face in zip(pictures, points, strict=True)
        ]
        seen = identity.descriptors(np.stack(chips))
        return float(identity.distance(seen, who).mean())


def draw_others(names: np.ndarray, seed: int) -> np.ndarray:
    """Return for each face the place of one of another person, int64 (N,).

    Raises:
        ValueError: if there is one person only.
    """
    if len(set(names)) < 2:
        raise ValueError("found faces of one person; expected two people or more")
    generator, others = np.random.default_rng(seed), np.empty(len(names), np.int64)
    for place, name in enumerate(names):
        others[place] = generator.choice(np.flatnonzero(names != name))
    return others


def fit(
    design: map_to_face.Design, people: Dataset, plan: profiles.Profile, seed: int
) -> tuple[MapToFace, float]:
    """Train a model; return it with its averaged weights, and the seconds."""
    keras.utils.set_random_seed(seed)
    model = plans.new_model(design, plan)
    batches = plans.stream(people, design, plan, seed)
    with tempfile.TemporaryDirectory() as runs:
        run = training.train(
            model, batches, plan, "map_to_face", runs=runs, live=False, max_minutes=math.inf,
            moving_average=plans.AVERAGE,
        )  # fmt: skip
        training.load(model, run.folder / "average.weights.h5")
    return model, run.seconds


def most_alike(parts: np.ndarray, known: Faces) -> np.ndarray:
    """Return for each map (S, S, G) of parts the known face whose own is most alike, on black."""
    best = baselines.most_alike(parts, known["parts"])
    seen = known["parts"][best].any(axis=-1, keepdims=True)
    return np.where(seen, known["photo"][best], 0).astype(np.uint8)


def _bounds(judge: Judge, known: Faces) -> dict[str, dict[str, float]]:
    """Score the true faces, the colour maps and the faces of the training set."""
    faces, parts = judge.faces, judge.faces["parts"]
    true = np.where(parts.any(axis=-1, keepdims=True), faces["photo"], 0).astype(np.uint8)
    rows = {"the true face": judge.rebuilt(true, parts)}
    for kind, name in {"groups": "colour map", "parts": "finer colour map"}.items():
        painted = map_to_face.account_of(faces, kind).painted()
        rows[f"do nothing: {name}"] = judge.rebuilt(painted, parts)
    return rows | {"most alike of the known": judge.rebuilt(most_alike(parts, known), parts)}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [*map_to_face.DESIGNS]
    parser.add_argument("--designs", nargs="+", default=names, choices=names)
    parser.add_argument("--times", type=float, default=1.0, help="the laptop profile's steps")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--split", default="test", choices=["validation", "test"])
    parser.add_argument("--folder", type=Path, help="keeps the datasets there")
    options = parser.parse_args()
    plan = profiles.choose("laptop", plans.PLANS)
    plan = profiles.change(plan, steps=max(2, round(plan.steps * options.times)))
    with tempfile.TemporaryDirectory() as scratch:
        people = prepare(options.folder or Path(scratch), plan)
        known, tested = people.split("train"), people.split(options.split)
        network, _ = parsing.train_parser(people, profiles.choose("laptop", part_maps.PLANS), SEED)
        judge = Judge.of(tested, network)
        began = time.perf_counter()
        rebuilt, changed = _bounds(judge, known.read(range(len(known)))), {}
        for name in options.designs:
            for seed in options.seeds:
                design = map_to_face.DESIGNS[name]
                model, seconds = fit(design, known, plan, seed)
                account = map_to_face.account_of(judge.faces, design.account)
                label = f"{name}, seed {seed}"
                row = judge.rebuilt(map_to_face.paint(model, account), account.planes)
                rebuilt[label] = row | {"seconds": seconds}
                other = account.on(account.planes[judge.others])
                changed[label] = judge.changed(map_to_face.paint(model, other), account)
                print(f"{label}: L1 {row['L1']:.2f}, {seconds:.0f} s", flush=True)
    print(f"\n{options.split} people, {len(tested)} pictures; {time.perf_counter() - began:.0f} s")
    for title, rows in {"rebuilt": rebuilt, "changed": changed}.items():
        print(f"\n{title}\n{pandas.DataFrame(rows).T.round(3).to_string()}")


if __name__ == "__main__":
    main()
