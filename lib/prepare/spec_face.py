"""Spec-Face: photographs of faces with and without shine, read from its six folders.

The set belongs to the authors of SPEC-CGAN and is not ours to pass on; `write_spec_face` puts
rendered pairs into the same folders, so that what reads the one reads the other.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from tqdm.auto import tqdm

from lib import fingerprint, images, store
from lib.files import one_line, write_json
from lib.prepare import arguments, chips, spec_face_files
from lib.prepare.masked import identify
from lib.prepare.spec_face_files import Entry, Layout
from lib.prepare.spec_face_pictures import BLACK, are_alike, difference, fit, foreground
from lib.store import Dataset, Field, Rejected, StoreError
from lib.store.building import Sample

LICENCE = (
    "Spec-Face: non-commercial research, no editing of the set, only five name families of test "
    "faces may be shown in a paper; supplied by the user"
)
"""What the authors ask; pictures of your own in the same folders have your own terms."""

WRITTEN = {"A": "photo", "B": "diffuse", "M": "specular_mask"}
"""The fields that are written, by the ending of the folder they go to."""

NOTE = "written_from.json"
"""Says in a folder that was written which dataset its pairs are of, and under which licence."""


@dataclass(frozen=True)
class SpecFace:
    """Makes the samples of a folder in Spec-Face's layout.

    Attributes:
        folder: that holds the six folders.
        entries: what each sample is made of.
        size: side of the pictures, pixels.
        paired: whether photo and diffuse picture show the same face.
        masked: whether every sample has a mask of its own.
        described: what else a dataset's card says of the folder.
    """

    folder: Path
    entries: tuple[Entry, ...]
    size: int
    paired: bool
    masked: bool
    described: Mapping[str, Any]

    @classmethod
    def of(cls, layout: Layout, size: int, paired: bool, seed: int, allow_leaks: bool) -> SpecFace:
        """Decide what each sample is made of; the arguments are those of `spec_face`.

        Raises:
            StoreError: if an identity is in two splits and that is not allowed.
        """
        files = spec_face_files
        entries = files.paired(layout) if paired else files.unpaired(layout, seed)
        leaking = files.leaks(entries)
        if not allow_leaks:
            _refuse_leaks(layout.folder, leaking)
        described = {
            "files": chips.digest(layout.folder, layout.files()),
            "masks": dict(layout.masks),
            "leaks": sorted(leaking),
        }
        masked = layout.masks.keys() == layout.pictures.keys()
        return cls(layout.folder, tuple(entries), size, paired, masked, described)

    @property
    def fields(self) -> list[Field]:
        """The arrays of a sample; without pairs there is neither `matte` nor `specular`."""
        pictures = ["photo", "diffuse", *(["matte", "specular"] if self.paired else [])]
        masks = ["specular_mask"] if self.paired or self.masked else []
        square = (self.size, self.size)
        return [
            *(Field(name, (*square, 3)) for name in pictures),
            *(Field(name, square, kind="mask") for name in (*masks, "foreground")),
        ]

    @property
    def parameters(self) -> dict[str, Any]:
        """What a dataset's card says of its making: folders of masks and leaks included."""
        return {"size": self.size, "paired": self.paired, "black": BLACK, **self.described}

    @property
    def samples(self) -> list[Sample]:
        """Id, identity and split of every sample."""
        return [(entry.name, entry.identity, entry.split) for entry in self.entries]

    def __call__(self, index: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """Make a sample; nothing about it is random.

        Returns:
            The arrays by field name. Where the set has masks, `specular_mask` is the set's own;
            where it has none, that of `difference`.

        Raises:
            Rejected: if a file is missing or no picture, or the two of a pair differ in aspect.
        """
        entry = self.entries[index]
        if entry.problem:
            raise Rejected(entry.problem)
        photo, diffuse = self._read(entry.photo), self._read(entry.diffuse)
        if self.paired and not are_alike(photo, diffuse):
            sides = (f"{one.shape[1]} x {one.shape[0]}" for one in (photo, diffuse))
            shapes = " and ".join(sides)
            raise Rejected(f"the two pictures have {shapes} pixels; a pair has one aspect")
        made = {"photo": fit(photo, self.size), "diffuse": fit(diffuse, self.size)}
        seen = np.maximum(made["photo"], made["diffuse"]) if self.paired else made["photo"]
        shine = difference(made["photo"], made["diffuse"]) if self.paired else {}
        if entry.mask:
            shine["specular_mask"] = self._mask(entry.mask)
        made |= shine | {"foreground": foreground(seen)}
        return {field.name: made[field.name] for field in self.fields}

    def _read(self, file: str) -> np.ndarray:
        try:
            return images.read(self.folder / file)
        except images.PictureError as error:
            raise Rejected(f"{one_line(file)}: {error.reason}") from error

    def _mask(self, file: str) -> np.ndarray:
        return (fit(self._read(file), self.size).max(axis=2) > 127).astype(np.uint8)


def spec_face(
    path: str | os.PathLike,
    folder: str | os.PathLike,
    size: int,
    workers: int | None = None,
    *,
    paired: bool = True,
    seed: int = 0,
    allow_leaks: bool = False,
    licence: str | None = None,
    max_rejected: float = 0.5,
    progress: bool = True,
) -> Dataset:
    """Read Spec-Face, or any pictures in its six folders, or open the dataset if it is there.

    The folders decide the splits. Files that are no pictures, have no partner or a partner of
    another aspect are listed in ``rejected.csv``.

    Args:
        path: the dataset's folder.
        folder: holds trainA, trainB, valiA, valiB, testA and testB (A with shine, B without),
            itself or in a folder of `spec_face_files.NAMES`; masks as `spec_face_files` says.
        size: side of the pictures, pixels; their aspect is kept.
        workers: processes; by default as many as there are cores.
        paired: whether to take files of one name together; else photos and diffuse pictures are
            shuffled apart, as the original trains.
        seed: of that shuffling.
        allow_leaks: whether an identity (see `spec_face_files.identity_of`) may be in more than
            one split; the card's parameters list those that are.
        licence: of the pictures, for the dataset's card; None for what `write_spec_face` noted, or
            for `LICENCE`.
        max_rejected: the share of rejected samples above which to stop.
        progress: whether to show a bar.

    Returns:
        The complete dataset; its fields are those of `SpecFace`.

    Raises:
        StoreError: if an argument makes no sense, there are no such folders, an identity is in two
            splits, or the dataset's folder holds something else.
    """
    (size,) = arguments.whole(arguments.SMALLEST_SIZE, size=size)
    (seed,) = arguments.whole(0, seed=seed)
    (workers,) = arguments.whole(1, workers=joblib.cpu_count() if workers is None else workers)
    layout = spec_face_files.read_layout(Path(folder))
    make = SpecFace.of(layout, size, bool(paired), seed, allow_leaks)
    options = _origin(layout.folder, licence) | {"parameters": make.parameters}
    options |= {"max_rejected": max_rejected, "progress": progress}
    return store.build(path, make.fields, make.samples, make, seed, workers, **options)


def _origin(folder: Path, licence: str | None) -> dict[str, str]:
    source = f"{one_line(folder.resolve().name)}: faces with and without shine"
    return {"source": source, "licence": licence or _noted(folder).get("licence", LICENCE)}


def _refuse_leaks(folder: Path, leaking: Mapping[str, list[str]]) -> None:
    if leaking:
        who, splits = next(iter(leaking.items()))
        found = f"{len(leaking)} identities in more than one split, such as {who!r} in "
        remedy = "move their files, or pass allow_leaks=True and call no score one of new faces"
        raise StoreError(f"{folder}: found {found}{' and '.join(splits)}; {remedy}")


def write_spec_face(folder: str | os.PathLike, dataset: Dataset, *, progress: bool = True) -> Path:
    """Write pairs as PNG files into Spec-Face's six folders, their masks into `trainM` and so on.

    Files are named after the identity with a number, so that `spec_face` finds the identities
    again. Each appears whole or not at all; those that are there already are left alone, so that
    writing goes on where it was interrupted.

    Args:
        folder: where the six folders are made.
        dataset: a prepared one with photo, diffuse and specular_mask, such as `sources.glossy`
            makes, or a view of it.
        progress: whether to show a bar.

    Returns:
        The folder.

    Raises:
        StoreError: if the dataset lacks a field or has another split, or the folder holds the
            pairs of another one.
    """
    folder = Path(folder)
    starts = {split: start for start, split in spec_face_files.SPLITS.items()}
    _require_writable(folder, dataset, starts)
    rows = zip(dataset.samples["identity"], dataset.samples["split"], strict=True)
    numbers: Counter[str] = Counter()
    for place, (who, split) in enumerate(tqdm([*rows], folder.name, disable=not progress)):
        name = re.sub(r"[^\w.-]|_", "-", who)  # the first underscore ends the identity
        file = f"{name}_{numbers[name]:04d}.png"
        numbers[name] += 1
        paths = {kind: folder / f"{starts[split]}{kind}" / file for kind in WRITTEN}
        missing = [kind for kind, path in paths.items() if not path.exists()]
        arrays = dataset.read([place], [WRITTEN[kind] for kind in missing]) if missing else {}
        for kind in missing:
            images.write(paths[kind], _as_picture(arrays[WRITTEN[kind]][0]))
    return folder


def _noted(folder: Path) -> dict[str, str]:
    """Return what a folder says of the dataset that it was written from, or nothing."""
    note = folder / NOTE
    return json.loads(note.read_text("utf-8")) if note.exists() else {}


def _as_picture(array: np.ndarray) -> np.ndarray:
    """Return a picture as it is, and a mask in black and white."""
    return array if array.ndim == 3 else np.repeat(array[..., None] * np.uint8(255), 3, axis=2)


def _require_writable(folder: Path, dataset: Dataset, splits: Mapping[str, str]) -> None:
    """Check dataset and folder, and note in the folder whose pairs it holds."""
    missing = [name for name in WRITTEN.values() if name not in dataset.fields]
    if missing:
        raise StoreError(f"{dataset.path}: no field {missing[0]!r}; Spec-Face's folders need it")
    odd = sorted(set(dataset.samples["split"]) - splits.keys())
    if odd:
        raise StoreError(f"{dataset.path}: found split {odd[0]!r}; expected {', '.join(splits)}")
    ids = fingerprint.of_text("\n".join(dataset.samples["id"]))
    content = {
        "dataset": identify(dataset),
        "samples": ids,
        "source": dataset.card["source"],
        "licence": dataset.card["licence"],
    }
    if _noted(folder) not in ({}, content):
        raise StoreError(f"{folder}: holds the pairs of another dataset; name another folder")
    write_json(folder / NOTE, content)
