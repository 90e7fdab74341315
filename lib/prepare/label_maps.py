"""Photos with ready label maps beside them, in either order of classes.

    faces = sources.label_maps("data/prepared/maps256", "data/raw/maps", size=256)

The photos lie in ``images``, the maps in ``labels``, under the same names but for the suffix.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import joblib
import numpy as np

from lib import images, store
from lib.files import one_line
from lib.labels import CLASSES
from lib.prepare import arguments, chips, class_orders, semantic
from lib.prepare.part_pictures import read_label_map, read_photo
from lib.store import Dataset, Field, Rejected, StoreError

PHOTOS, LABELS = "images", "labels"
"""The two folders."""

GUESSED = 32
"""How many maps are looked at to tell the order of their classes."""


@dataclass(frozen=True)
class Mapped:
    """Makes the samples of photos with ready label maps of the same names.

    Attributes:
        folder: that holds ``images`` and ``labels``.
        files: photo and label map of each sample, relative; a map's is empty if there is none.
        size: side of photo and maps, pixels.
        order: of the maps' classes, see `lib.prepare.class_orders.ORDERS`.
    """

    folder: Path
    files: tuple[tuple[str, str], ...]
    size: int
    order: str

    @property
    def fields(self) -> list[Field]:
        """The arrays of a sample."""
        return semantic.fields(self.size)

    @property
    def parameters(self) -> dict[str, Any]:
        """What a dataset's card says of its making."""
        listed = [file for both in self.files for file in both if file]
        return {
            "size": self.size,
            "order": self.order,
            **semantic.MEANINGS,
            "files": chips.digest(self.folder, listed),
        }

    def __call__(self, index: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """Make a sample; nothing about it is random.

        Raises:
            Rejected: naming the file, if the map is missing, broken, not square, or has numbers
                that mean no class or no skin.
        """
        photo, file = self.files[index]
        if not file:
            raise Rejected(f"no label map of this name in {LABELS}")
        labels = read_label_map(self.folder, file)
        if labels.shape[0] != labels.shape[1]:
            found = f"{labels.shape[1]} x {labels.shape[0]} pixels"
            raise Rejected(f"{one_line(file)}: found {found}; expected a square map")
        try:
            labels = class_orders.to_authors_order(labels, self.order)
        except class_orders.OrderError as error:
            raise Rejected(f"{one_line(file)}: {error}") from error
        if not (labels == CLASSES.index("skin")).any():
            raise Rejected(f"{one_line(file)}: no skin, so no face")
        return semantic.arrange(read_photo(self.folder, photo, self.size), labels)


def label_maps(
    path: str | os.PathLike,
    folder: str | os.PathLike,
    size: int,
    workers: int | None = None,
    *,
    order: str | None = None,
    licence: str = "not stated: photos and maps are the user's own",
    **options: Any,
) -> Dataset:
    """Prepare photos with ready label maps, or open the dataset if it is there.

    Photos without a map, and maps that are broken or hold numbers that mean no class, are listed in
    ``rejected.csv``. A sub-folder's name is an identity; without sub-folders every photo shows
    somebody else.

    Args:
        path: the dataset's folder.
        folder: holds the folders ``images`` and ``labels``.
        size: side of photo and maps, pixels.
        workers: processes; by default as many as there are cores.
        order: of the maps' classes, "authors" or "bisenet"; None to tell it from the maps, see
            `lib.prepare.class_orders.guess_order`.
        licence: of the photos, for the dataset's card.
        **options: `shares`, `max_rejected` and `progress` of `lib.store.build`.

    Returns:
        The complete dataset; its fields are photo, labels (in the authors' order), parts, colours.

    Raises:
        StoreError: if an argument makes no sense, there are no such folders, the order cannot be
            told, or the dataset's folder holds something else.
    """
    arguments.require_build_options(options)
    (size,) = arguments.whole(arguments.SMALLEST_SIZE, size=size)
    (workers,) = arguments.whole(1, workers=joblib.cpu_count() if workers is None else workers)
    if order not in (None, *class_orders.ORDERS):
        expected = ", ".join(class_orders.ORDERS)
        raise StoreError(f"found order = {order!r}; expected None or one of {expected}")
    folder = Path(folder)
    files = find_files(folder)
    make = Mapped(folder, files, size, order or _guess(folder, [file for _, file in files]))
    photos = [PurePosixPath(photo).relative_to(PHOTOS).as_posix() for photo, _ in files]
    samples = [(one_line(photo), chips.identity_of(photo)) for photo in photos]
    source = f"photos and label maps of the folder {one_line(folder.resolve().name)}"
    origin = {"source": source, "licence": licence, "parameters": make.parameters}
    return store.build(path, make.fields, samples, make, 0, workers, **origin, **options)


def find_files(folder: Path) -> tuple[tuple[str, str], ...]:
    """Pair photos and label maps by their names.

    Args:
        folder: that holds ``images`` and ``labels``.

    Returns:
        Of each photo its path and its map's, relative to the folder; the map's is empty if there
        is none.

    Raises:
        StoreError: if one of the folders is missing or empty.
    """
    photos = chips.find_files(folder / PHOTOS, images.SUFFIXES, "photos")
    maps = chips.find_files(folder / LABELS, {".png"}, "label maps")
    by_stem = {_stem(file): f"{LABELS}/{file}" for file in maps}
    return tuple((f"{PHOTOS}/{file}", by_stem.get(_stem(file), "")) for file in photos)


def _stem(file: str) -> str:
    return str(PurePosixPath(file).with_suffix(""))


def _guess(folder: Path, files: list[str]) -> str:
    """Tell the order of classes from maps spread over all there are; broken ones are left out."""
    there = [file for file in files if file]
    places = np.linspace(0, len(there) - 1, min(GUESSED, len(there))).round().astype(int)
    maps = []
    for place in places:
        try:
            maps.append(class_orders.require_classes(read_label_map(folder, there[place])))
        except (Rejected, class_orders.OrderError):
            continue
    try:
        return class_orders.guess_order(maps)
    except class_orders.OrderError as error:
        raise StoreError(f"{folder / LABELS}: {error}") from error
