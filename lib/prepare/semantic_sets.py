"""Prepared datasets for part maps: groups, colours and the face's identity beside every photo.

    faces = sources.semantic("data/prepared/semantic64", store.open("data/prepared/faces64"))

Any prepared dataset with photos and label maps will do: rendered faces, CelebAMask-HQ, photos whose
labels a network found (`parsed`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from lib import fingerprint, store
from lib.labels import CLASSES
from lib.prepare import arguments, class_orders
from lib.prepare import semantic as part_maps
from lib.prepare.descriptions import DESCRIPTOR, Describe
from lib.prepare.masked import identify, shares_of, vary
from lib.prepare.precomputed import Precomputed
from lib.store import Dataset, Field, Rejected, StoreError
from lib.store.building import CARD, Sample, row_file
from lib.store.rows import RowFile

Parse = Callable[[np.ndarray], np.ndarray]

MADE = ("photo", "labels", "parts", "colours", "identity")
"""The fields of a semantic dataset, in this order; what is kept follows."""

BATCH = 32
"""Faces that a network is given at a time."""

_NO_LANDMARKS = (
    "; identity needs them to cut the face out: prepare the faces with landmarks, or pass "
    "identity=False"
)


@dataclass(frozen=True)
class Semantic:
    """Makes the samples of a semantic dataset, one of each face.

    Attributes:
        faces: the files of the faces' fields that are read.
        rows: of each face in them.
        names: of the fields of a sample.
        found: what a network says of each face, None where none was asked.
    """

    faces: tuple[RowFile, ...]
    rows: tuple[int, ...]
    names: tuple[str, ...]
    found: Precomputed | None

    @property
    def fields(self) -> list[Field]:
        """The arrays of a sample."""
        given = {file.field.name: file.field for file in self.faces}
        size = given["photo"].shape[0]
        known = {field.name: field for field in part_maps.fields(size)} | given
        if self.found:
            known[self.found.values.field.name] = self.found.values.field
        return [known[name] for name in self.names]

    def __call__(self, index: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """Make a sample; nothing about it is random.

        Raises:
            Rejected: if the landmarks are of no use, or a label means no class.
        """
        row = [self.rows[index]]
        made = {file.field.name: file.read(row)[0] for file in self.faces}
        if self.found:
            made[self.found.values.field.name] = self.found.row(index)
        if not np.isfinite(made.get("identity", 0)).all():
            raise Rejected("the landmarks lie all on one point: found no face to describe")
        _require_classes(made["labels"])
        if "parts" in self.names and "parts" not in made:
            made["parts"] = part_maps.parts_of(made["labels"])
        if "colours" in self.names:
            made["colours"] = part_maps.colours_of(made["photo"], made["parts"])
        return {name: made[name] for name in self.names}


def semantic(
    path: str | os.PathLike,
    faces: Dataset,
    seed: int = 0,
    workers: int | None = None,
    *,
    identity: bool = True,
    whole_frame: bool = False,
    keep: Collection[str] = (),
    max_rejected: float = 0.5,
    progress: bool = True,
) -> Dataset:
    """Work out groups, colours and identities of a dataset's faces, or open them if they are there.

    Ids, identities and their splits stay the faces' own.

    Args:
        path: the dataset's folder.
        faces: an open dataset with photo and labels (and landmarks, for identity), or a view such
            as `faces.split("train")`. Where it has parts, these are passed on, overlaps and all.
        seed: of nothing, as no step is random; part of the recipe as everywhere.
        workers: processes; by default as many as there are cores. The descriptors are worked out
            before they start, in this process.
        identity: whether to describe whose face it is, cut out by its landmarks.
        whole_frame: whether to describe as S4 does, for comparison: see
            `lib.prepare.descriptions.whole_frame_landmarks`.
        keep: names of further fields of the faces to pass on, such as ``("landmarks",)``.
        max_rejected: the share of rejected samples above which to stop.
        progress: whether to show bars.

    Returns:
        The complete dataset; its fields are `MADE` (identity where asked for) and what is kept.

    Raises:
        StoreError: if an argument makes no sense, fields are missing, or the folder is another's.
    """
    (seed,) = arguments.whole(0, seed=seed)
    needed = {"photo": "picture", "labels": "labels"}
    needed |= {"landmarks": "landmarks"} if identity and not whole_frame else {}
    _require(faces, needed, keep, MADE)
    described = dict(part_maps.MEANINGS) | {"faces": identify(faces)}
    if identity:
        described["descriptors"] = "of the whole frame, as S4" if whole_frame else "aligned faces"
    names = [*(MADE if identity else MADE[:-1]), *(name for name in faces.fields if name in keep)]
    found = Found(DESCRIPTOR, Describe(faces, whole_frame), "describing") if identity else None
    source = f"{faces.card['source']}; groups and colours by Face GAN Lab"
    options = {"source": source, "max_rejected": max_rejected, "progress": progress}
    read = {*needed, *keep, *({"parts"} & faces.fields.keys())}
    return _build(Path(path), faces, read, names, described, found, seed, workers, **options)


def parsed(
    path: str | os.PathLike,
    photos: Dataset,
    parse: Parse,
    workers: int | None = None,
    *,
    parser: str,
    keep: Collection[str] | None = None,
    max_rejected: float = 0.5,
    progress: bool = True,
) -> Dataset:
    """Have a network draw the label maps of a dataset's photos, or open them if they are there.

    Args:
        path: the dataset's folder.
        photos: an open dataset with photos, such as `lib.prepare.sources.photos` makes.
        parse: the network: uint8 RGB (N, size, size, 3) to label maps (N, size, size), 0..18 in the
            authors' order. It is called in this process, for `BATCH` photos at a time.
        workers: processes; by default as many as there are cores.
        parser: what the network is, such as its run's name: part of the recipe, since labels of
            two networks must not be taken for one set.
        keep: names of further fields of the photos to pass on; by default landmarks, if there.
        max_rejected: the share of rejected samples above which to stop.
        progress: whether to show bars.

    Returns:
        The complete dataset: photo, labels, and what is kept.

    Raises:
        StoreError: if an argument makes no sense, the network returns no label maps, or the folder
            holds something else.
    """
    if not callable(parse) or not isinstance(parser, str) or not parser:
        raise StoreError(f"found parser = {parser!r}; expected a function and its name")
    if keep is None:
        keep = [name for name in ("landmarks",) if name in getattr(photos, "fields", ())]
    _require(photos, {"photo": "picture"}, keep, ("photo", "labels"))
    shape = photos.fields["photo"].shape[:2]
    found = Found(Field("labels", shape, kind="labels"), _Parse(photos, parse), "parsing")
    described = {"faces": identify(photos), "parser": parser, "classes": list(CLASSES)}
    names = ["photo", "labels", *(name for name in photos.fields if name in keep)]
    source = f"{photos.card['source']}; labels by the network {parser}"
    options = {"source": source, "max_rejected": max_rejected, "progress": progress}
    return _build(
        Path(path), photos, {"photo", *keep}, names, described, found, 0, workers, **options
    )


@dataclass(frozen=True)
class Found:
    """What a network is asked.

    Attributes:
        field: what it answers for each face.
        compute: called with the faces' indices.
        title: of the progress bar.
    """

    field: Field
    compute: Callable[[np.ndarray], np.ndarray]
    title: str


@dataclass(frozen=True)
class _Parse:
    """Parses photos of a dataset by their indices."""

    photos: Dataset
    parse: Parse

    def __call__(self, indices: np.ndarray) -> np.ndarray:
        photos = self.photos.read(indices, ["photo"])["photo"]
        maps = np.asarray(self.parse(photos))
        whole = maps.dtype.kind in "iu" and maps.size and 0 <= maps.min() <= maps.max() <= 255
        if maps.shape != photos.shape[:3] or not whole:
            found = f"the network returned {maps.dtype} {maps.shape}"
            raise StoreError(f"{found}; expected label maps 0..18 of {photos.shape[:3]}")
        return class_orders.require_classes(maps.astype(np.uint8))


def _build(
    path: Path,
    faces: Dataset,
    read: Collection[str],
    names: Collection[str],
    described: dict[str, Any],
    found: Found | None,
    seed: int,
    workers: int | None,
    **options: Any,
) -> Dataset:
    """Ask the network first, unless the dataset is complete, then build it."""
    (workers,) = arguments.whole(1, workers=joblib.cpu_count() if workers is None else workers)
    number = faces.card["number"]
    files = tuple(
        row_file(faces.path, field, number) for name, field in faces.fields.items() if name in read
    )
    rows = tuple(int(row) for row in faces.samples.index)
    samples: list[Sample] = [(name.removesuffix("-0"), *rest) for name, *rest in vary(faces, 1)]
    recipe = fingerprint.of_text(json.dumps([described, samples, rows]))
    asked = Precomputed.beside(path, found.field, len(rows), recipe) if found else None
    make = Semantic(files, rows, tuple(names), asked)
    if asked and not (path / CARD).exists():
        asked.fill(found.compute, BATCH, options["progress"], f"{path.name}: {found.title}")
    options |= {
        "licence": faces.card["licence"],
        "shares": shares_of(faces),
        "parameters": described,
    }
    made = store.build(path, make.fields, samples, make, seed, workers, **options)
    if asked:
        asked.remove()
    return made


def _require(
    faces: Dataset, needed: Mapping[str, str], keep: Collection[str], made: Collection[str]
) -> None:
    """Refuse what is no dataset, lacks a field, or has no field to keep."""
    if not isinstance(faces, Dataset):
        raise StoreError(f"found faces = {faces!r}; expected a dataset, such as store.open(...)")
    found = ", ".join(faces.fields)
    for name, kind in needed.items():
        if name not in faces.fields or faces.fields[name].kind != kind:
            remedy = "" if name != "landmarks" else _NO_LANDMARKS
            raise StoreError(f"{faces.path}: no {kind} {name!r} among {found}{remedy}")
    shape = faces.fields["photo"].shape
    if shape[0] != shape[1] or shape[2:] != (3,):
        raise StoreError(f"{faces.path}: found photos of {shape}; expected squares in colour")
    if isinstance(keep, str):
        raise StoreError(f"found keep = {keep!r}; expected names, such as ('landmarks',)")
    for name in keep:
        if name not in faces.fields or name in made:
            free = ", ".join(sorted(faces.fields.keys() - set(made))) or "none"
            raise StoreError(f"{faces.path}: cannot keep {name!r}; of its fields there are {free}")


def _require_classes(labels: np.ndarray) -> None:
    try:
        class_orders.require_classes(labels)
    except class_orders.OrderError as error:
        raise Rejected(str(error)) from error
