"""CelebA as it lies on the disk: photos in one folder, all that is known of them in text files.

The aligned photos (``img_align_celeba``, 178 x 218 pixels, or a smaller copy of them) were turned
and scaled by hand-marked eyes, so the faces need not be found again: none is lost, whichever way it
looks. The photos in the wild (``img_celeba``) show other people too; where the file of landmarks or
of boxes is there, it says whose face is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from lib import images
from lib.files import sha256
from lib.prepare import annotation_files, chips
from lib.prepare.annotation_files import Table
from lib.prepare.located import Located
from lib.store import StoreError

IDENTITIES, ATTRIBUTES = "identity_CelebA.txt", "list_attr_celeba.txt"
PARTITIONS = "list_eval_partition.txt"
LANDMARKS, BOXES = "list_landmarks_celeba.txt", "list_bbox_celeba.txt"

PHOTO_FOLDERS = {True: "img_align_celeba", False: "img_celeba"}
"""The folders of the aligned photos and of those in the wild."""

PARTS = ("train", "validation", "test")
"""The authors' own parts of CelebA, in the order of their numbers 0, 1 and 2."""

NOBODY = "celeba-unknown"
"""Stands for the identity of photos that the text file does not name; they are all rejected."""


def maker(
    folder: Path,
    frame: chips.Frame,
    smallest: float,
    *,
    limit: int | None = None,
    aligned: bool | None = None,
    part: str | None = None,
) -> tuple[Located, list[str]]:
    """Read CelebA's text files, and return what makes its samples.

    Args:
        folder: holds a folder of photos and the text files, these also in ``Anno`` and ``Eval``.
        frame: of the chips.
        smallest: width of the smallest face taken from photos in the wild, pixels.
        limit: how many photos to take at most, whole identities in the order of their numbers.
        aligned: which photos to take; by default the aligned ones if they are there.
        part: one of `PARTS` to take alone.

    Returns:
        The maker, and the identity of each of its files.

    Raises:
        StoreError: if there are no photos or no such part, or a text file is missing or not what
            it should be.
    """
    if part not in (None, *PARTS):
        raise StoreError(f"found part = {part!r}; expected one of {', '.join(PARTS)}")
    aligned = _which(folder, aligned)
    photos = _beside(folder, PHOTO_FOLDERS[aligned])
    files = chips.find_files(photos, images.SUFFIXES, "photos of CelebA")
    identities = annotation_files.read(_beside(folder, IDENTITIES))
    partition = None if part is None else annotation_files.read(_beside(folder, PARTITIONS))
    files = choose(files, identities, limit, partition, part)
    names = _names(files)
    known = _annotations(folder, identities, names, aligned)
    made = Located(photos, np.array(files), frame, smallest, aligned, **known)
    return made, _people(identities, names)


def choose(
    files: Sequence[str],
    identities: Table,
    limit: int | None,
    partition: Table | None = None,
    part: str | None = None,
) -> list[str]:
    """Choose photos by whole identities, so that there are several of each person.

    Args:
        files: paths of photos.
        identities: who is in them; photos of nobody come last.
        limit: how many to take; None for all.
        partition: the part of each photo, if one is wanted.
        part: that part.

    Returns:
        The chosen files, in the order given.

    Raises:
        StoreError: if none is left.
    """
    if partition is not None:
        numbers, known = partition.of(_names(files))
        wanted = known & (numbers[:, 0] == PARTS.index(part))
        files = [file for file, right in zip(files, wanted, strict=True) if right]
        if not files:
            raise StoreError(f"{partition.path}: no photo here is of the part {part!r}")
    numbers, known = identities.of(_names(files))
    rank = np.where(known, numbers[:, 0], annotation_files.LARGEST + 1)
    chosen = np.sort(np.argsort(rank, kind="stable")[:limit])
    return [files[place] for place in chosen]


def _annotations(
    folder: Path, identities: Table, names: Sequence[str], aligned: bool
) -> dict[str, Any]:
    """Return what the text files say of some photos, as `Located` takes it."""
    attributes = _optional(folder, ATTRIBUTES)
    places = None if aligned else _optional(folder, LANDMARKS) or _optional(folder, BOXES)
    known: dict[str, Any] = {
        "points": None if aligned else _points(places, names),
        "missing": _missing([identities, attributes], names),
        "annotations": _digest([identities, attributes, places]),
    }
    if attributes is not None:
        signs = attributes.of(names)[0].astype(np.int8)
        known |= {"attributes": signs, "attribute_names": attributes.names}
    return known


def _people(identities: Table, names: Sequence[str]) -> list[str]:
    numbers, known = identities.of(names)
    people = zip(numbers[:, 0], known, strict=True)
    return [f"celeba-{number}" if there else NOBODY for number, there in people]


def _which(folder: Path, aligned: bool | None) -> bool:
    """Say which photos to take: those asked for, or the aligned ones if they are there."""
    kinds = [True, False] if aligned is None else [bool(aligned)]
    for kind in kinds:
        if _beside(folder, PHOTO_FOLDERS[kind]).is_dir():
            return kind
    expected = " or ".join(PHOTO_FOLDERS[kind] for kind in kinds)
    remedy = 'lib.download.fetch("celeba") gets the aligned photos'
    raise StoreError(f"{folder}: found no folder {expected}; {remedy}")


def _beside(folder: Path, name: str) -> Path:
    """Find something of CelebA: at the top, or where the authors' own folders have it."""
    places = [folder / sub / name for sub in ("", "Anno", "Eval", "Img")]
    return next((place for place in places if place.exists()), places[0])


def _optional(folder: Path, name: str) -> Table | None:
    path = _beside(folder, name)
    return annotation_files.read(path) if path.exists() else None


def _names(files: Sequence[str]) -> list[str]:
    return [PurePosixPath(file).name for file in files]


def _points(places: Table | None, names: Sequence[str]) -> np.ndarray:
    """Return a point of each face, or NaN: the middle of its landmarks, or of its box."""
    if places is None:
        return np.full((len(names), 2), np.nan, np.float32)
    values, known = places.of(names)
    if places.path.name == BOXES:
        points = values[:, :2] + values[:, 2:] / 2
    else:
        points = values.reshape(-1, 5, 2).mean(axis=1)
    return np.where(known[:, None], points, np.nan).astype(np.float32)


def _missing(tables: Sequence[Table | None], names: Sequence[str]) -> dict[int, str]:
    """Say for each photo that a table does not name why it must be left out."""
    reasons: dict[int, str] = {}
    for table in filter(None, tables):
        _, known = table.of(names)
        reasons |= {int(place): f"not in {table.path.name}" for place in np.flatnonzero(~known)}
    return reasons


def _digest(tables: Sequence[Table | None]) -> str:
    """Return the text files' hashes, so that a changed one is noticed."""
    return " ".join(sha256(table.path)[:12] for table in filter(None, tables))
