"""CelebAMask-HQ as it lies on the disk: photos, part masks, and the table that leads to CelebA.

    CelebA-HQ-img/0.jpg ... 29999.jpg                    1024 x 1024, numbers not filled up
    CelebAMask-HQ-mask-anno/0/00000_skin.png ... 14/     512 x 512, a file for each part there is
    CelebA-HQ-to-CelebA-mapping.txt                      number, and which photo of CelebA it is

Lee et al., "MaskGAN: Towards Diverse and Interactive Facial Image Manipulation", CVPR 2020.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.files import one_line
from lib.images import SUFFIXES
from lib.labels import CLASSES
from lib.prepare import annotation_files
from lib.prepare.celeba_files import IDENTITIES, NOBODY
from lib.store import StoreError

PHOTOS, ANNOTATIONS = "CelebA-HQ-img", "CelebAMask-HQ-mask-anno"
MAPPING = "CelebA-HQ-to-CelebA-mapping.txt"
NAME = "CelebAMask-HQ"
"""The folder that the archive unpacks to; it is looked for where the one given has no photos."""

PER_FOLDER = 2000
"""Faces whose part masks share a folder."""

PARTS = CLASSES[1:]
"""The parts in the order in which they are painted: later ones lie over earlier ones."""

BOUNDS = {"train": 162_771, "validation": 182_638}
"""The authors' split: photos of CelebA below a bound; what is below none is test."""


@dataclass(frozen=True, eq=False)
class Tree:
    """What there is of the dataset; the arrays are NumPy's, so that joblib shares them.

    Attributes:
        folder: that holds the photos' and the masks' folders.
        numbers: (faces,) int32, ascending.
        photos: (faces,) paths relative to the folder, empty where there is no photo.
        present: (faces,) uint32; bit i says that there is a mask of `PARTS[i]`.
        stray: how many files among the masks have a name or place that means nothing.
    """

    folder: Path
    numbers: np.ndarray
    photos: np.ndarray
    present: np.ndarray
    stray: int

    def masks(self, index: int) -> dict[str, str]:
        """Return the mask files of a face by part, in `PARTS`' order; relative paths."""
        number, bits = int(self.numbers[index]), int(self.present[index])
        there = [part for place, part in enumerate(PARTS) if bits >> place & 1]
        return {part: mask_file(number, part) for part in there}

    def files(self) -> list[str]:
        """Return every file that is read."""
        masks = (self.masks(index).values() for index in range(len(self.numbers)))
        return [*filter(None, self.photos.tolist()), *(file for some in masks for file in some)]


def mask_file(number: int, part: str) -> str:
    """Return where the mask of a part lies, relative to the dataset's folder.

    Args:
        number: of the face, 0..29,999.
        part: one of `PARTS`.
    """
    return f"{ANNOTATIONS}/{number // PER_FOLDER}/{number:05d}_{part}.png"


def read_tree(folder: Path, limit: int | None = None) -> Tree:
    """List the faces of a tree.

    Args:
        folder: the dataset's own, or the one that holds it.
        limit: how many faces to take at most, in the order of their numbers.

    Raises:
        StoreError: if there is no such tree.
    """
    places = [folder, folder / NAME]
    folder = next((place for place in places if (place / ANNOTATIONS).is_dir()), folder)
    for name in (PHOTOS, ANNOTATIONS):
        if not (folder / name).is_dir():
            expected = f"expected {PHOTOS} and {ANNOTATIONS}, as the archive has them"
            raise StoreError(f"{folder}: found no folder {name}; {expected}")
    photos = _photos(folder)
    present, stray = _present(folder / ANNOTATIONS)
    numbers = sorted(photos.keys() | present.keys())[:limit]
    if not numbers:
        raise StoreError(f"{folder}: found no photo and no mask; unpack the archive again")
    return Tree(
        folder,
        np.array(numbers, np.int32),
        np.array([photos.get(number, "") for number in numbers]),
        np.array([present.get(number, 0) for number in numbers], np.uint32),
        stray,
    )


def is_tree(folder: Path) -> bool:
    """Tell whether a folder holds the dataset's own tree, itself or one folder deeper."""
    return any((place / ANNOTATIONS).is_dir() for place in (folder, folder / NAME))


def _photos(folder: Path) -> dict[int, str]:
    found = {}
    with os.scandir(folder / PHOTOS) as entries:
        for name in sorted(entry.name for entry in entries):
            stem, suffix = os.path.splitext(name)
            if stem.isdecimal() and stem.isascii() and suffix.lower() in SUFFIXES:
                found.setdefault(int(stem), f"{PHOTOS}/{name}")
    return found


def _present(annotations: Path) -> tuple[dict[int, int], int]:
    """Return which parts each face has a mask of, as bits, and how many files are none."""
    place_of = {part: place for place, part in enumerate(PARTS)}
    shape = re.compile(r"(\d{5})_(\w+)\.png", re.ASCII)
    present: dict[int, int] = {}
    stray = 0
    for where, folders, names in os.walk(annotations):
        folders.sort()
        inside = Path(where).relative_to(annotations).as_posix()
        for name in names:
            match = shape.fullmatch(name)
            number, part = (int(match[1]), match[2]) if match else (-1, "")
            if part in place_of and inside == str(number // PER_FOLDER):
                present[number] = present.get(number, 0) | 1 << place_of[part]
            else:
                stray += not name.startswith(".")
    return present, stray


def read_mapping(path: Path) -> dict[int, tuple[int, str]]:
    """Read the table that leads from the dataset to CelebA.

    Args:
        path: of ``CelebA-HQ-to-CelebA-mapping.txt``.

    Returns:
        By number of the face the index in CelebA, from 0, and the photo's name there, which counts
        from 1.

    Raises:
        StoreError: naming file and line, if it is missing, cut off or not what it should be.
    """
    if not path.is_file():
        raise StoreError(f"{path}: there is no such file; splits='lab' does without the table")
    mapping: dict[int, tuple[int, str]] = {}
    for line, text in enumerate(path.read_text("utf-8", "replace").split("\n"), start=1):
        words = text.split()
        if not words or (line == 1 and words == ["idx", "orig_idx", "orig_file"]):
            continue
        numbers = all(word.isdecimal() for word in words[:2])
        if len(words) != 3 or not numbers or words[2] != f"{int(words[1]) + 1:06d}.jpg":
            expected = "expected a number, an index, and the index + 1 as 000001.jpg"
            raise StoreError(f"{path}: line {line}: found {one_line(text[:40])!r}; {expected}")
        mapping[int(words[0])] = int(words[1]), words[2]
    return mapping


def split_of(index: int) -> str:
    """Return the authors' split of a photo by its index in CelebA, which counts from 0.

    The bounds are CelebA's own, which count from 1: one photo at each bound is in another split
    than ``list_eval_partition.txt`` has it in.
    """
    return next((split for split, bound in BOUNDS.items() if index < bound), "test")


def people_of(tree: Tree, mapping: Mapping[int, tuple[int, str]]) -> tuple[list[str], list[Path]]:
    """Say who is in each photo, by CelebA's identity file if it lies beside.

    Args:
        tree: the faces.
        mapping: what `read_mapping` returns; empty where there is none.

    Returns:
        The identity of each face, "celeba-5" as `lib.prepare.sources.celeba` names them or, where
        nobody knows, a name of its own; `celeba_files.NOBODY` for a photo that the identity file
        leaves out. And the identity file, or none.

    Raises:
        StoreError: if the identity file is not what it should be.
    """
    places = (tree.folder / sub / IDENTITIES for sub in ("", "Anno", "..", "../Anno"))
    path = next((place for place in places if place.is_file()), None)
    own = [f"celebamask-{number:05d}" for number in tree.numbers]
    if path is None or not mapping:
        return own, []
    names = [mapping.get(int(number), (0, ""))[1] for number in tree.numbers]
    numbers, known = annotation_files.read(path).of(names)
    return [
        f"celeba-{number}" if there else NOBODY
        for number, there in zip(numbers[:, 0], known, strict=True)
    ], [path]


def splits_of(
    tree: Tree, mapping: Mapping[int, tuple[int, str]], people: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Give each face the authors' split, and keep each person in one.

    Args:
        tree: the faces.
        mapping: what `read_mapping` returns.
        people: who is in each face.

    Returns:
        The split of each face; whoever the bounds cut in two goes whole where the first photo is.
        And the identities for which that made a difference.

    Raises:
        StoreError: if the table leaves a face out.
    """
    splits: dict[str, str] = {}
    moved, found = set(), []
    order = sorted(range(len(people)), key=lambda place: _index(tree, mapping, place))
    for place in order:
        who, own = people[place], split_of(_index(tree, mapping, place))
        if splits.setdefault(who, own) != own and who != NOBODY:
            moved.add(who)
    found = [splits[who] for who in people]
    return found, sorted(moved)


def _index(tree: Tree, mapping: Mapping[int, tuple[int, str]], place: int) -> int:
    number = int(tree.numbers[place])
    if number not in mapping:
        path = tree.folder / MAPPING
        raise StoreError(f"{path}: no line for face {number}; fetch the file again")
    return mapping[number][0]
