"""Datasets made from published collections of photos: CelebA and LFW.

    from lib import download
    from lib.prepare import sources
    folder = download.fetch("celeba", accept_licence=True)
    faces = sources.celeba("data/prepared/celeba64", folder, size=64)

Both functions are also found in `lib.prepare.sources`, with all the other sources.
"""

from __future__ import annotations

import os
from typing import Any

import joblib
import numpy as np

from lib import download, images, store
from lib.files import one_line
from lib.prepare import arguments, celeba_files, chips
from lib.prepare.located import Located
from lib.store import Dataset, StoreError

LFW_FOLDERS = ("lfw_home/lfw_funneled", "lfw_funneled", "lfw-deepfunneled", "lfw")
"""Where the people's folders may be: as scikit-learn has them, and as the archives have them."""


def celeba(
    path: str | os.PathLike,
    folder: str | os.PathLike | None,
    size: int,
    workers: int | None = None,
    *,
    padding: float | None = None,
    convention: str = "dlib",
    smallest: float = 40,
    limit: int | None = None,
    aligned: bool | None = None,
    part: str | None = None,
    **options: Any,
) -> Dataset:
    """Cut the faces out of CelebA, or open the dataset if it is there.

    Aligned photos need no detector: all faces go in. Of a photo in the wild that face goes in which
    the landmarks' or boxes' file means, without one the best. Photos whose identity is not known
    are in ``rejected.csv``.

    Args:
        path: the dataset's folder.
        folder: of CelebA as `lib.download.fetch` leaves it; None for where it does by default.
        size: side of the chips, pixels.
        workers: processes; by default as many as there are cores.
        padding: room around the face, see `lib.faces.align.chip`; None for the convention's usual.
        convention: "dlib", "portrait" for the frame that rendered faces have, or "mtcnn" for the
            box that MTCNN draws, unturned, as system S5's photos were cut (`align.mtcnn_chip`).
        smallest: width of the smallest face taken, pixels of a photo in the wild.
        limit: how many photos to take at most, whole identities in the order of their numbers.
        aligned: which photos to take; by default the aligned ones if they are there.
        part: "train", "validation" or "test": the authors' own part to take alone.
        **options: `shares`, `max_rejected` and `progress` of `lib.store.build`.

    Returns:
        The complete dataset. Its fields are those of `photos`, and with ``list_attr_celeba.txt``
        `attributes`: (40,) float32, 1 or -1; their names are in the card's parameters.

    Raises:
        StoreError: if an argument makes no sense, photos are missing, or a text file is broken.
    """
    arguments.require_build_options(options)
    frame = chips.frame(size, padding, convention)
    (smallest,) = arguments.real(0, smallest=smallest)
    if limit is not None:
        (limit,) = arguments.whole(1, limit=limit)
    folder = download.folder_of("celeba", folder)
    which = {"limit": limit, "aligned": aligned, "part": part}
    make, people = celeba_files.maker(folder, frame, smallest, **which)
    return _build(path, make, people, workers, "celeba", **options)


def lfw(
    path: str | os.PathLike,
    folder: str | os.PathLike | None,
    size: int,
    workers: int | None = None,
    *,
    padding: float | None = None,
    convention: str = "dlib",
    smallest: float = 40,
    **options: Any,
) -> Dataset:
    """Cut the faces out of Labeled Faces in the Wild, or open the dataset if it is there.

    Of each photo the face in the middle goes in, because that is the one its name belongs to.

    Args:
        path: the dataset's folder.
        folder: holds a folder of photos for each person, or one of `LFW_FOLDERS` that does, such as
            scikit-learn's data folder; None for the place where `lib.download.fetch` puts LFW.
        size: side of the chips, pixels.
        workers: processes; by default as many as there are cores.
        padding: room around the face, see `lib.faces.align.chip`; None for the convention's usual.
        convention: "dlib", "portrait" for the frame that rendered faces have, or "mtcnn" for the
            box that MTCNN draws, unturned, as system S5's photos were cut (`align.mtcnn_chip`).
        smallest: width of the smallest face taken, pixels of the photo.
        **options: `shares`, `max_rejected` and `progress` of `lib.store.build`.

    Returns:
        The complete dataset; its fields are those of `photos`, an identity is a folder's name.

    Raises:
        StoreError: if an argument makes no sense, or there are no people's folders.
    """
    arguments.require_build_options(options)
    frame = chips.frame(size, padding, convention)
    (smallest,) = arguments.real(0, smallest=smallest)
    folder = download.folder_of("lfw", folder)
    places = (folder / place for place in LFW_FOLDERS)
    folder = next((place for place in places if place.is_dir()), folder)
    if not folder.is_dir():
        call = 'lib.download.fetch("lfw") gets it'
        raise StoreError(f"{folder}: there is no such folder; {call}")
    files = [file for file in chips.find_files(folder, images.SUFFIXES, "photos") if "/" in file]
    if not files:
        raise StoreError(f"{folder}: found no folders of people; expected Person_Name/*.jpg")
    make = Located(folder, np.array(files), frame, smallest)
    return _build(
        path, make, [chips.identity_of(file) for file in files], workers, "lfw", **options
    )


def _build(
    path: str | os.PathLike,
    make: Located,
    people: list[str],
    workers: int | None,
    name: str,
    **options: Any,
) -> Dataset:
    """Build or open the dataset of a published collection."""
    (workers,) = arguments.whole(1, workers=joblib.cpu_count() if workers is None else workers)
    collection = download.DATASETS[name]
    origin = {
        "source": f"{collection.title}; {chips.LANDMARK_TERMS}",
        "licence": f"{collection.licence}: {collection.terms}",
    }
    samples = [(one_line(file), who) for file, who in zip(make.files, people, strict=True)]
    options |= {"parameters": make.parameters}
    return store.build(path, make.fields, samples, make, 0, workers, **origin, **options)
