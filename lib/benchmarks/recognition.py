"""What generated photos are worth: a small recogniser trained without them, with them, on them.

    python -m lib.benchmarks.recognition [--few 20] [--seeds 0 1 2] [--generated FOLDER]

Few people are photographed; many are rendered. The original trains a face network on VGG-Face with
and without its generated pictures and tests it on LFW (Gecer et al. 2018, section 4.3). Here a
network of 65,000 weights is trained for seconds and tested on pairs of people whom nobody has
seen. Every training takes as many steps, and with both kinds of pictures half of each batch is of
either, so that nothing but the pictures differs.

Without ``--generated`` the rendered people's true photos stand in, the best that any generator
could do, and then their bare renders, what there is without a generator.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pandas

from lib import images, store
from lib.faces.verification import Verification, verify
from lib.prepare import translation_sets
from lib.store import Dataset
from lib.training.recognition import Faces, Plan, faces_of, train_recogniser

SEED, PEOPLE, CAPTURES, SIZE, FEW = 31, 220, 5, 64, 20
AT_ONCE = 256
"""Pictures embedded at a time."""


def embed(embedding: keras.Model, photos: np.ndarray) -> np.ndarray:
    """Describe uint8 (N, size, size, 3) by unit vectors, float32 (N, numbers)."""
    parts = [
        embedding(images.to_network(photos[start : start + AT_ONCE]), training=False)
        for start in range(0, len(photos), AT_ONCE)
    ]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])


def draw_pairs(names: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all pairs of one person, and as many of two, or all of these where they are fewer.

    Args:
        names: (N,) who each picture shows.
        seed: of the choice of different pairs.

    Returns:
        Places of the first and of the second pictures, and whether they show one person.
    """
    first, second = np.triu_indices(len(names), 1)
    same = names[first] == names[second]
    different = np.random.default_rng(seed).permutation(np.flatnonzero(~same))[: same.sum()]
    chosen = np.concatenate([np.flatnonzero(same), different])
    return first[chosen], second[chosen], same[chosen]


def verification(
    embedding: keras.Model, photos: np.ndarray, names: np.ndarray, seed: int = 0
) -> Verification:
    """Measure how well an embedding tells whether two pictures show one person.

    Args:
        embedding: pictures to unit vectors.
        photos: uint8 (N, size, size, 3).
        names: (N,) who each shows.
        seed: of the different pairs, see `draw_pairs`.

    Raises:
        ValueError: if nobody is in two pictures, or all pictures are of one person.
    """
    first, second, same = draw_pairs(np.asarray(names), seed)
    found = embed(embedding, photos)
    return verify(np.linalg.norm(found[first] - found[second], axis=1), same)


def best_threshold(found: Verification) -> float:
    """Return the distance that answers most pairs rightly; of several the middle one."""
    rightly = found.true_accepts - found.false_accepts
    return float(np.median(found.thresholds[rightly == rightly.max()]))


def accuracy(found: Verification, threshold: float) -> float:
    """Return the share answered rightly where half of the pairs show one person, 0..1."""
    place = np.searchsorted(found.thresholds, threshold, side="right") - 1
    if place < 0:
        return 0.5
    return float(1 + found.true_accepts[place] - found.false_accepts[place]) / 2


def compare(
    few: Dataset | Faces,
    generated: Dataset | Faces,
    validation: Dataset | Faces,
    tested: Dataset | Faces,
    seeds: Sequence[int] = (0, 1, 2),
    plan: Plan | None = None,
) -> pandas.DataFrame:
    """Train on few photos, on these and generated ones, and on generated ones alone.

    Args:
        few: photos of few people, with names.
        generated: generated pictures of others, with names.
        validation: photos of further people; they decide the threshold.
        tested: photos of yet others; they are scored.
        seeds: a training each.
        plan: of every training.

    Returns:
        A row for each training: `trained on`, `seed`, `people`, `pictures`, and on the people
        tested `accuracy` (0..1, at the threshold that was best for those validated on) and `auc`.

    Raises:
        ValueError: if somebody learnt from is validated or tested on.
    """
    few, generated, validation, tested = map(faces_of, (few, generated, validation, tested))
    _require_apart({"learnt": few, "validated": validation, "tested": tested})
    _require_apart({"generated": generated, "validated": validation, "tested": tested})
    kinds = {
        "few photos": [few],
        "few photos + generated": [few, generated],
        "generated only": [generated],
    }
    rows = []
    for name, parts in kinds.items():
        for seed in seeds:
            embedding = train_recogniser(*parts, seed=seed, plan=plan)
            taught = {
                "people": sum(len(part.people) for part in parts),
                "pictures": sum(len(part.photos) for part in parts),
            }
            scores = _score(embedding, validation, tested)
            rows.append({"trained on": name, "seed": seed} | taught | scores)
    return pandas.DataFrame(rows)


def summarise(table: pandas.DataFrame) -> pandas.DataFrame:
    """Return mean, lowest and highest figure over the seeds, a row for each kind of training."""
    groups = table.groupby("trained on", sort=False)[["accuracy", "auc"]]
    return groups.agg(["mean", "min", "max"]).round(3)


def _score(embedding: keras.Model, validation: Faces, tested: Faces) -> dict[str, float]:
    """Return accuracy and area on the people tested."""
    found = {
        name: verification(embedding, faces.photos, faces.names)
        for name, faces in {"validation": validation, "tested": tested}.items()
    }
    threshold = best_threshold(found["validation"])
    return {"accuracy": accuracy(found["tested"], threshold), "auc": found["tested"].auc}


def _require_apart(groups: dict[str, Faces]) -> None:
    """Refuse people who are in two groups."""
    seen: dict[str, str] = {}
    for group, faces in groups.items():
        for name in faces.people:
            if name in seen:
                raise ValueError(f"found {str(name)!r} {seen[name]} and {group}; expected others")
            seen[name] = group


def measure(
    sets: dict[str, Dataset], few: int, seeds: Sequence[int], made: dict[str, Faces]
) -> None:
    """Compare trainings with each kind of generated pictures, and print the tables.

    Args:
        sets: as `translation_sets.prepare` makes them.
        few: people photographed.
        seeds: a training each.
        made: generated pictures by what they are.
    """
    taught = Faces.of(sets["photos"].split("train"))
    parts = [Faces.of(sets["photos"].split(name)) for name in ("validation", "test")]
    for name, generated in made.items():
        table = compare(taught.of_people(taught.people[:few]), generated, *parts, seeds)
        print(f"\n{few} people photographed; generated: {name}")
        print(table.round(3).to_string(index=False))
        print(summarise(table).to_string())


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--few", type=int, default=FEW, help="people photographed")
    parser.add_argument("--people", type=int, default=PEOPLE, help="of each collection")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--generated", type=Path, help="folder of a dataset with photos and names")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        number = (chosen.people, chosen.people, CAPTURES, SIZE, SEED)
        sets = translation_sets.prepare(folder, *number, progress=False)
        if chosen.generated:
            made = {str(chosen.generated): Faces.of(store.open(chosen.generated))}
        else:
            made = {
                "the rendered people's true photos": Faces.of(sets["renders"]),
                "their bare renders": Faces.of(sets["renders"], "render"),
            }
        measure(sets, chosen.few, chosen.seeds, made)


if __name__ == "__main__":
    main()
