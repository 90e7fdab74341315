"""The folders of Spec-Face: which picture belongs to which, who is in it, and in which split.

    spec2diff/trainA  trainB  valiA  valiB  testA  testB        A with shine, B without

Files of one name in A and B show the same face. Masks of the shine, where there are any, lie in
folders whose naming we do not know, so three ways are understood: ``trainM``, ``train_mask`` and
``mask/train``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from lib import images
from lib.files import one_line
from lib.prepare import chips
from lib.store import StoreError

SPLITS: Mapping[str, str] = {"train": "train", "vali": "validation", "test": "test"}
"""The folders' beginnings, and the lab's names of the splits."""

NAMES = ("spec2diff", "spec2diff_with_mask")
"""Folders that are looked for where the one given has none of the six itself."""

MASK_FOLDERS = ("{}M", "{}_mask", "mask/{}")
"""Where masks are looked for; `{}` stands for the beginning of a split."""


class Entry(NamedTuple):
    """One sample to be: paths relative to the set's folder, empty for what there is not."""

    photo: str
    diffuse: str
    mask: str
    split: str
    problem: str = ""

    @property
    def name(self) -> str:
        """The sample's id, one line: its photo, and the other file where that has another name."""
        files = [file for file in (self.photo, self.diffuse) if file]
        alike = len({_stem(file.partition("/")[2]) for file in files}) == 1
        return one_line(files[0] if alike else " + ".join(files))

    @property
    def identity(self) -> str:
        """Who is in the photo, or where there is none in the diffuse picture."""
        return identity_of(self.photo or self.diffuse)


def identity_of(file: str) -> str:
    """Return who is in a picture, by the beginning of its name.

    The set's authors speak of families such as ``Name_*.png``: whatever stands before the first
    underscore. Without one it is the name without the number at its end, so ``anna04.png`` shows
    ``anna``; a name that is nothing but a number stands for itself.
    """
    stem = PurePosixPath(file).stem
    family = stem.split("_")[0] if "_" in stem else re.sub(r"[ .-]*\d+$", "", stem)
    return one_line(family or stem)


@dataclass(frozen=True)
class Layout:
    """What lies in the folders.

    Attributes:
        folder: that holds them.
        pictures: for each beginning of a split the files of A and of B, relative paths by their
            names without folder and suffix.
        masks: for each beginning that has masks, their folder.
        doubles: files whose name another one in the folder has, apart from the suffix.
    """

    folder: Path
    pictures: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]]
    masks: Mapping[str, str]
    doubles: Sequence[tuple[str, str]]

    def files(self) -> list[str]:
        """Return every file there is, sorted."""
        sides = [side for both in self.pictures.values() for side in both]
        listed = [file for side in sides for file in side.values()]
        masks = [file for start in self.masks for file in self.masks_of(start).values()]
        return sorted({*listed, *masks, *(file for file, _ in self.doubles)})

    def masks_of(self, start: str) -> dict[str, str]:
        """Return a split's masks by the names of their pictures; none where there is no folder."""
        if start not in self.masks:
            return {}
        found = _pictures(self.folder, self.masks[start])[0]
        return {re.sub(r"_mask$", "", name): file for name, file in found.items()}


def read_layout(folder: Path) -> Layout:
    """List the pictures of a set.

    Args:
        folder: the set's own, or one that holds it under one of `NAMES`.

    Raises:
        StoreError: if there are no such folders.
    """
    places = [folder, *(folder / name for name in NAMES)]
    folder = next((place for place in places if _starts(place)), folder)
    if not _starts(folder):
        raise StoreError(f"{folder}: found no folders trainA and trainB, valiA, ..., testB here")
    pictures, doubles = {}, []
    for start in _starts(folder):
        sides = [_pictures(folder, start + side) for side in "AB"]
        pictures[start] = (sides[0][0], sides[1][0])
        doubles += [(file, start) for side in sides for file in side[1]]
    masks = {}
    for start in pictures:
        ways = [way.format(start) for way in MASK_FOLDERS]
        found = [way for way in ways if (folder / way).is_dir()]
        if found:
            masks[start] = found[0]
    return Layout(folder, pictures, masks, doubles)


def paired(layout: Layout) -> list[Entry]:
    """Return an entry for each name, with what is wrong with those that have no partner."""
    entries = [_double(file, start) for file, start in layout.doubles]
    for start, (shiny, dull) in layout.pictures.items():
        masks = layout.masks_of(start)
        for name in sorted(shiny.keys() | dull.keys()):
            files = shiny.get(name, ""), dull.get(name, ""), masks.get(name, "")
            entries.append(_entry(layout, start, files, "picture of this name"))
    return entries


def unpaired(layout: Layout, seed: int) -> list[Entry]:
    """Return entries in which photo and diffuse picture need not show the same face.

    A split has as many as the larger of its folders; the smaller one is gone through again.

    Args:
        layout: of the set.
        seed: of the order of both.
    """
    entries = [_double(file, start) for file, start in layout.doubles]
    for number, (start, (shiny, dull)) in enumerate(layout.pictures.items()):
        generator = np.random.default_rng(np.random.SeedSequence([seed, number]))
        orders = [[*_shuffled(generator, side)] for side in (shiny, dull)]
        masks = layout.masks_of(start)
        for place in range(max(map(len, orders))):
            names = [order[place % len(order)] if order else "" for order in orders]
            files = shiny.get(names[0], ""), dull.get(names[1], ""), masks.get(names[0], "")
            entries.append(_entry(layout, start, files, "picture"))
    return entries


def leaks(entries: Sequence[Entry]) -> dict[str, list[str]]:
    """Return the identities that are in more than one split, each with its splits."""
    splits: dict[str, set[str]] = {}
    for entry in entries:
        for file in filter(None, (entry.photo, entry.diffuse)):
            splits.setdefault(identity_of(file), set()).add(entry.split)
    order = list(SPLITS.values())
    return {
        who: sorted(found, key=order.index)
        for who, found in sorted(splits.items())
        if len(found) > 1
    }


def _starts(folder: Path) -> list[str]:
    return [start for start in SPLITS if any((folder / (start + side)).is_dir() for side in "AB")]


def _pictures(folder: Path, name: str) -> tuple[dict[str, str], list[str]]:
    """List a folder's pictures by their names without suffix, and those whose name is taken."""
    try:
        found = chips.find_files(folder / name, images.SUFFIXES, "pictures")
    except StoreError:  # there is none
        return {}, []
    by_name: dict[str, str] = {}
    doubles = []
    for file in found:
        if by_name.setdefault(_stem(file), f"{name}/{file}") != f"{name}/{file}":
            doubles.append(f"{name}/{file}")
    return by_name, doubles


def _stem(file: str) -> str:
    return str(PurePosixPath(file).with_suffix(""))


def _entry(layout: Layout, start: str, files: tuple[str, str, str], wanted: str) -> Entry:
    """Return the entry of a photo, a diffuse picture and a mask, with what is wrong with it."""
    problem = ""
    if not all(files[:2]):
        problem = f"no {wanted} in {start}{'B' if files[0] else 'A'}"
    elif start in layout.masks and not files[2]:
        problem = f"no mask of this name in {layout.masks[start]}"
    return Entry(*files, SPLITS[start], problem)


def _double(file: str, start: str) -> Entry:
    problem = "another picture in this folder has the same name"
    return Entry(file, "", "", SPLITS[start], problem)


def _shuffled(generator: np.random.Generator, side: Mapping[str, str]) -> Iterator[str]:
    names = sorted(side)
    return (names[place] for place in generator.permutation(len(names)))
