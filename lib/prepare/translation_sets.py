"""What system S5 learns from: labelled renders, photos of other people, and a few pairs.

    sets = prepare(folder, people=200, photographed=200, captures=5, size=64, seed=31)
    sets["renders"].split("train")                  # who is who, and the numbers of each scene
    sets["photos"].split("train")                   # nobody of them; no names are used
    paired(sets["photos"].split("train"))           # the few whose render may be looked at

Your own photos take the place of the rendered ones: any dataset with a field `photo`, such as
`lib.prepare.sources.photos`, `celeba` or `lfw` make in the frame of the renders
(``convention="portrait"``). Pairs are then those of `lib.prepare.sources.aflw2000`, or none.
"""

from __future__ import annotations

import hashlib
import numbers
import os
from pathlib import Path

import numpy as np

from lib.prepare import arguments, sources
from lib.scene.sampling import person_name
from lib.store import Dataset, StoreError, shares_for

PAIRS = 0.05
"""The share of the photos whose render may be used."""

RENDERS = ("render", "photo", "landmarks", "camera", "lights", "expression", "attributes")
"""Fields of the renders. The photo is never learnt from: it is what a result is shown beside."""

PHOTOS = ("photo", "render", "landmarks")
"""Fields of the photos; the render is for `paired`."""

PAIR_FIELDS = ("photo", "render")
"""What a pair consists of, pictures of one shape."""


def prepare(
    folder: str | os.PathLike,
    people: int,
    photographed: int,
    captures: int,
    size: int,
    seed: int,
    workers: int | None = None,
    *,
    progress: bool = True,
) -> dict[str, Dataset]:
    """Render both collections, or open what is there; nobody is in both.

    Args:
        folder: where the two datasets go.
        people: identities of the renders.
        photographed: identities of the photos.
        captures: pictures of each person.
        size: width and height, pixels.
        seed: of the renders; the people in the photos are those of the next one.
        workers: processes; by default as many as there are cores.
        progress: whether to show bars.

    Returns:
        `renders` with the fields `RENDERS` and `photos` with `PHOTOS`, each split by whole people.

    Raises:
        StoreError: if an argument makes no sense, such as too few people to learn from some and to
            test on others, or the folder holds something else.
    """
    people, photographed = arguments.whole(1, people=people, photographed=photographed)
    (seed,) = arguments.whole(0, seed=seed)
    plans = {"renders": (people, seed, RENDERS), "photos": (photographed, seed + 1, PHOTOS)}
    shares = {
        name: shares_for([person_name(drawn, one) for one in range(number)])
        for name, (number, drawn, _) in plans.items()
    }
    return {
        name: sources.rendered(
            Path(folder) / name, number, captures, size, drawn, workers, fields=fields,
            shares=shares[name], progress=progress,
        )
        for name, (number, drawn, fields) in plans.items()
    }  # fmt: skip


def paired(photos: Dataset, share: float = PAIRS) -> Dataset | None:
    """Choose the photos whose render may be used.

    A hash of each picture's id decides, so that the pairs of a smaller share are among those of a
    larger one, and more people change nothing for those already there.

    Args:
        photos: with pictures `photo` and `render` of one shape; a dataset or a view.
        share: of the photos, 0 to 1; about so many are chosen.

    Returns:
        The view of these photos, in their order; None for a share of 0.

    Raises:
        StoreError: for another share, photos without renders, or so few that none is chosen.
    """
    if not isinstance(share, numbers.Real) or not 0 <= share <= 1:
        raise StoreError(f"found share = {share!r}; expected a number from 0 to 1")
    if share == 0:
        return None
    _require_pairs(photos)
    chosen = np.array([_place(name) < share for name in photos.samples["id"]], bool)
    if not chosen.any():
        found = f"{photos.path}: share = {share:g} of {len(photos)} photos is no pair"
        raise StoreError(f"{found}; expected a larger share, or more photos")
    return Dataset(photos.path, photos.card, photos.fields, photos.samples[chosen])


def _place(name: str) -> float:
    """Return a number in [0, 1) that has nothing to do with the splits, where ids are names."""
    return int.from_bytes(hashlib.sha256(f"pair {name}".encode()).digest()[:8], "big") / 2**64


def _require_pairs(photos: Dataset) -> None:
    """Refuse what is no dataset, or has no renders that fit its photos."""
    if not isinstance(photos, Dataset):
        raise StoreError(f"found photos = {photos!r}; expected a dataset, such as store.open(...)")
    shapes = {
        name: photos.fields[name].shape
        for name in PAIR_FIELDS
        if name in photos.fields and photos.fields[name].kind == "picture"
    }
    if len(shapes) < len(PAIR_FIELDS) or len(set(shapes.values())) > 1:
        found = ", ".join(f"{name} {shape}" for name, shape in shapes.items()) or "no pictures"
        remedy = "a photo and its render of one shape; without renders use share = 0"
        raise StoreError(f"{photos.path}: found {found}; pairs need {remedy}")
