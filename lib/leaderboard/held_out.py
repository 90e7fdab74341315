"""The held-out set: people of no training, with all that a system needs or is scored by."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lib import images, shipped
from lib.benchmarks import render_to_photo as translation
from lib.prepare import sources
from lib.prepare.layers import compose, skin_of
from lib.prepare.renders import ATTRIBUTES
from lib.prepare.semantic import shrink_labels
from lib.store import Dataset

SEED = 77
SIZE = 128

RENDERED = ("photo", "diffuse", "specular", "labels", "landmarks", "attributes", "render")
KEPT = RENDERED[1:4] + RENDERED[5:]
"""What is passed on where masks are put on; photo and landmarks are so anyway."""

KNOWN = ("photo", "diffuse", "specular", "labels", "landmarks", "render")
"""What baselines may learn from."""

KNOWN_SEED = 24
"""Of the people that baselines learn from: the weights' own, so that nobody knows more faces."""


@dataclasses.dataclass(frozen=True, eq=False)
class HeldOut:
    """Faces to be scored on; the first axis of every array counts pictures.

    Attributes:
        photo: uint8 (N, S, S, 3), shiny and without a mask.
        diffuse: uint8 (N, S, S, 3), the photo without its skin's shine.
        specular_mask: uint8 {0, 1} (N, S, S), the skin's highlights.
        labels: uint8 (N, S, S), 0..18.
        landmarks: float32 (N, 68, 2), pixels.
        attributes: float32 (N, A), columns of `lib.prepare.renders.ATTRIBUTES`.
        render: uint8 (N, S, S, 3), the bare 3DMM render of the same moment.
        masked: uint8 (N, S, S, 3), the photo with a mask put on.
        mask: uint8 {0, 1} (N, S, S), where.
        people: str (N,), whom each picture shows.
    """

    photo: np.ndarray
    diffuse: np.ndarray
    specular_mask: np.ndarray
    labels: np.ndarray
    landmarks: np.ndarray
    attributes: np.ndarray
    render: np.ndarray
    masked: np.ndarray
    mask: np.ndarray
    people: np.ndarray

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.people)

    @property
    def size(self) -> int:
        """Side of the pictures, pixels."""
        return self.photo.shape[1]

    @property
    def skin(self) -> np.ndarray:
        """Where there is skin, masks left aside: uint8 {0, 1} (N, S, S)."""
        return skin_of(self.labels)

    @property
    def firsts(self) -> np.ndarray:
        """The place of the first picture of each person."""
        return np.sort(np.unique(self.people, return_index=True)[1])

    def attribute(self, name: str) -> np.ndarray:
        """Return a column of the attributes, float32 (N,)."""
        return self.attributes[:, list(ATTRIBUTES).index(name)]

    def of(self, rows: np.ndarray) -> HeldOut:
        """Return some of the pictures."""
        names = [field.name for field in dataclasses.fields(self)]
        return HeldOut(**{name: getattr(self, name)[rows] for name in names})

    def at(self, size: int) -> HeldOut:
        """Return the same pictures smaller, as systems of another size see them.

        Colours are averaged over areas and labels win by votes; a pixel that a mask touches at all
        is covered, lest its threads be taken for face.

        Args:
            size: new side, pixels; a divisor of the side now.

        Raises:
            ValueError: for another size.
        """
        if size == self.size:
            return self
        if size < 1 or self.size % size:
            raise ValueError(f"found size {size}, expected a divisor of {self.size}")
        colours = ("photo", "diffuse", "render", "masked")
        changed = {name: resized(getattr(self, name), size) for name in colours}
        changed |= {name: _touched(getattr(self, name), size) for name in ("mask", "specular_mask")}
        changed["labels"] = np.stack([shrink_labels(one, size) for one in self.labels])
        changed["landmarks"] = (self.landmarks + 0.5) * (size / self.size) - 0.5
        return dataclasses.replace(self, **changed)


def resized(pictures: np.ndarray, size: int) -> np.ndarray:
    """Bring pictures (N, S, S, 3) to another side: areas averaged, or bicubic where they grow."""
    return np.stack([images.resize(one, size) for one in pictures])


def _touched(maps: np.ndarray, size: int) -> np.ndarray:
    step = maps.shape[1] // size
    return maps.reshape(len(maps), size, step, size, step).max(axis=(2, 4))


def seeds_taken() -> set[int]:
    """Return the seeds whose people some shipped model was trained, validated or tested on."""
    seeds = {shipped.card(name)["seed"] for name in shipped.NAMES}
    seeds.add(translation.SEED)
    return seeds | {seed + 1 for seed in seeds}


def require_free(seed: int) -> None:
    """Refuse a seed whose people a shipped model may know.

    Raises:
        ValueError: naming the seeds that are taken.
    """
    taken = seeds_taken()
    if seed in taken:
        names = ", ".join(map(str, sorted(taken)))
        raise ValueError(f"seed {seed}: shipped models may know its people; take none of {names}")


def prepare(
    folder: str | os.PathLike,
    people: int,
    captures: int,
    seed: int = SEED,
    workers: int | None = None,
    *,
    size: int = SIZE,
    progress: bool = True,
) -> HeldOut:
    """Render the held-out people and put masks on them, or open what is there.

    Args:
        folder: where the two datasets go.
        people: how many.
        captures: pictures of each; hair, make-up and glasses change from one to the next.
        seed: of the people, none of `seeds_taken`.
        workers: processes; by default as many as there are cores.
        size: side of the pictures, pixels.
        progress: whether to show bars.

    Raises:
        ValueError: for a seed that is taken.
        StoreError: if an argument makes no sense, or the folder holds something else.
    """
    require_free(seed)
    faces = sources.rendered(
        Path(folder) / "held_out", people, captures, size, seed, workers, fields=RENDERED,
        reshuffle=True, shares={"test": 1.0}, progress=progress,
    )  # fmt: skip
    masked = sources.masked(
        Path(folder) / "held_out_masked", faces, seed, workers, keep=KEPT, progress=progress
    )
    return of_dataset(masked)


def of_dataset(masked: Dataset) -> HeldOut:
    """Return a masked rendered dataset as a held-out set.

    Args:
        masked: with the fields `RENDERED`, masked and mask.
    """
    arrays = masked.read(range(len(masked)))
    arrays["diffuse"], arrays["specular_mask"] = without_shine(arrays)
    arrays["people"] = masked.samples["identity"].to_numpy().astype(str)
    names = [field.name for field in dataclasses.fields(HeldOut)]
    return HeldOut(**{name: np.asarray(arrays[name]) for name in names})


def without_shine(arrays: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return photos without their skin's shine, and where it was.

    Eyes, glasses and hair keep theirs: nobody takes it for grease.

    Args:
        arrays: diffuse and specular layers uint8 (N, S, S, 3), and labels.

    Returns:
        uint8 (N, S, S, 3), and uint8 {0, 1} (N, S, S), the skin's highlights.
    """
    layers = arrays["diffuse"], arrays["specular"], skin_of(arrays["labels"])
    made = [
        compose(diffuse, specular, 1.0, skin)
        for diffuse, specular, skin in zip(*layers, strict=True)
    ]
    return tuple(np.stack([one[name] for one in made]) for name in ("diffuse", "specular_mask"))


def known(
    folder: str | os.PathLike,
    people: int,
    workers: int | None = None,
    *,
    size: int = SIZE,
    progress: bool = True,
) -> Dataset:
    """Render people whom baselines may learn from, a picture of each, or open what is there.

    Args:
        folder: where the dataset goes.
        people: how many.
        workers: processes.
        size: side of the pictures, pixels.
        progress: whether to show a bar.
    """
    return sources.rendered(
        Path(folder) / "known", people, 1, size, KNOWN_SEED, workers, fields=KNOWN,
        shares={"train": 1.0}, progress=progress,
    )  # fmt: skip
