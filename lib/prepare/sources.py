"""Where prepared datasets come from: the renderer, folders of photos, other prepared datasets.

    faces = sources.rendered("data/prepared/faces64", identities=500, captures=4, size=64)

Each is made in parallel and goes on where it was interrupted; asked for again it is only opened.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import joblib

from lib import images, store
from lib.files import one_line
from lib.prepare import arguments, chips, masks, pairs, renders
from lib.prepare.arguments import SMALLEST_SIZE
from lib.prepare.camera import CameraFlaws
from lib.prepare.celebamask import celebamask_hq
from lib.prepare.generated import generated
from lib.prepare.glossy import glossy
from lib.prepare.label_maps import label_maps
from lib.prepare.masked import Masked, Wardrobe
from lib.prepare.published import celeba, lfw
from lib.prepare.semantic_export import write_npz
from lib.prepare.semantic_sets import parsed, semantic
from lib.prepare.spec_face import spec_face, write_spec_face
from lib.scene.sampling import person_name
from lib.store import Dataset, StoreError
from lib.store.building import CARD, Sample

__all__ = [
    "aflw2000",
    "celeba",
    "celebamask_hq",
    "generated",
    "glossy",
    "label_maps",
    "lfw",
    "masked",
    "parsed",
    "photos",
    "rendered",
    "semantic",
    "spec_face",
    "write_npz",
    "write_spec_face",
]

_RENDERED = {
    "source": "rendered by Face GAN Lab",
    "licence": "CC BY 4.0 (rendered by Face GAN Lab; shows no real person)",
}
_FITTED_LICENCE = "research only, see the terms of AFLW2000-3D and 300W-3D; supplied by the user"


def rendered(
    path: str | os.PathLike,
    identities: int,
    captures: int,
    size: int,
    seed: int = 0,
    workers: int | None = None,
    *,
    fields: Collection[str] | None = None,
    reshuffle: bool = False,
    camera: CameraFlaws | None = None,
    shares: Mapping[str, float] | None = None,
    progress: bool = True,
    **sampling: Any,
) -> Dataset:
    """Render a dataset of people who do not exist, or open it if it is there.

    Args:
        path: the dataset's folder.
        identities: how many people.
        captures: pictures of each.
        size: width and height of the pictures, pixels.
        seed: of all randomness; other seeds show other people.
        workers: processes; by default as many as there are cores.
        fields: names of the fields wanted, see `lib.prepare.renders.fields`.
        reshuffle: whether hair, beard, make-up and glasses change from picture to picture.
        camera: flaws of the camera that takes `photo`, and changes nothing else; default none.
        shares: how identities are split, see `lib.store.split_of`; by default so that somebody is
            in each split (`lib.store.shares_for`), where there are people enough.
        progress: whether to show a bar.
        **sampling: further options of `lib.scene.sampling.sample`, such as ``yaw_limit``.

    Returns:
        The complete dataset.

    Raises:
        StoreError: if an argument makes no sense, or the folder holds something else.
    """
    identities, captures = arguments.whole(1, identities=identities, captures=captures)
    (size,) = arguments.whole(SMALLEST_SIZE, size=size)
    (seed,) = arguments.whole(0, seed=seed)
    arguments.require_camera(camera)
    options = arguments.sampling_options({"reshuffle": reshuffle} | sampling)
    names = tuple(field.name for field in renders.fields(size, fields))
    make = renders.Renders(seed, captures, size, names, camera, options)
    people = [person_name(seed, identity) for identity in range(identities)]
    samples = [(f"{who}-{number:03d}", who) for who in people for number in range(captures)]
    shares = _usual_shares(people) if shares is None else shares
    options = {"shares": shares, "progress": progress} | _RENDERED
    return _build(path, make, samples, seed, workers, **options)


def photos(
    path: str | os.PathLike,
    folder: str | os.PathLike,
    size: int,
    workers: int | None = None,
    *,
    padding: float | None = None,
    convention: str = "dlib",
    smallest: float = 40,
    masked: bool = False,
    licence: str = "not stated: the photos are the user's own",
    **options: Any,
) -> Dataset:
    """Cut the faces out of a folder of photos, or open the dataset if it is there.

    Photos that cannot be read, show no face or too small a one are listed in ``rejected.csv``; all
    others go in, the best face of each. A sub-folder's name is an identity; without sub-folders
    every photo shows somebody else.

    Args:
        path: the dataset's folder.
        folder: where the photos are, sub-folders included.
        size: side of the chips, pixels.
        workers: processes; by default as many as there are cores.
        padding: room around the face, see `lib.faces.align.chip`; None for the convention's usual.
        convention: "dlib", "portrait" for the frame that rendered faces have, or "mtcnn" for the
            box that MTCNN draws, unturned, as system S5's photos were cut (`align.mtcnn_chip`).
        smallest: width of the smallest face taken, pixels of the photo.
        masked: whether to search with MTCNN, which finds faces under masks.
        licence: of the photos, for the dataset's card.
        **options: `shares`, `max_rejected` and `progress` of `lib.store.build`.

    Returns:
        The complete dataset; its fields are those of `lib.prepare.chips.Photos`.

    Raises:
        StoreError: if an argument makes no sense, the folder holds no photos, most show no face,
            or the dataset's folder holds something else.
    """
    frame = chips.frame(size, padding, convention)
    (smallest,) = arguments.real(0, smallest=smallest)
    arguments.require_build_options(options)
    folder = Path(folder)
    files = tuple(chips.find_files(folder, images.SUFFIXES, "photos"))
    make = chips.Photos(folder, files, frame, smallest, masked)
    samples = [(one_line(file), chips.identity_of(file)) for file in files]
    source = f"photos of the folder {one_line(folder.resolve().name)}; {chips.LANDMARK_TERMS}"
    return _build(path, make, samples, 0, workers, source=source, licence=licence, **options)


def aflw2000(
    path: str | os.PathLike,
    folder: str | os.PathLike,
    size: int,
    seed: int = 0,
    workers: int | None = None,
    *,
    padding: float | None = None,
    convention: str = "dlib",
    **options: Any,
) -> Dataset:
    """Pair photos with renders at their fitted pose and light, or open the dataset if it is there.

    For AFLW2000-3D, 300W-3D and 300W-LP: each photo has a ``.mat`` file of the same name beside it.
    Broken files and those whose photo is missing are listed in ``rejected.csv``.

    Args:
        path: the dataset's folder.
        folder: where the files are, sub-folders included.
        size: side of photo and render, pixels.
        seed: of the renders' expressions and skin.
        workers: processes; by default as many as there are cores.
        padding: room around the face, see `lib.faces.align.chip`; None for the convention's usual.
        convention: as in `photos`. A render is turned and scaled but never stretched, so with
            "mtcnn" it lies on its photo as nearly as that allows.
        **options: `shares`, `max_rejected` and `progress` of `lib.store.build`.

    Returns:
        The complete dataset; its fields are those of `lib.prepare.pairs.Pairs`.

    Raises:
        StoreError: if an argument makes no sense, the folder holds no such files, most are broken,
            or the dataset's folder holds something else.
    """
    frame = chips.frame(size, padding, convention)
    (seed,) = arguments.whole(0, seed=seed)
    arguments.require_build_options(options)
    folder = Path(folder)
    files = tuple(pairs.find_files(folder))
    make = pairs.Pairs(folder, files, frame, seed)
    samples = [(one_line(file), pairs.identity_of(file)) for file in files]
    source = f"{one_line(folder.resolve().name)}: photos, and renders at their fitted poses"
    origin = {"source": source, "licence": _FITTED_LICENCE}
    return _build(path, make, samples, seed, workers, **origin, **options)


def masked(
    path: str | os.PathLike,
    faces: Dataset,
    seed: int = 0,
    workers: int | None = None,
    *,
    variations: int = 1,
    kind: str | None = None,
    loosely: float = masks.LOOSELY,
    occluders: float = 0.0,
    templates: str | os.PathLike | None = None,
    keep: Collection[str] = (),
    max_rejected: float = 0.5,
    progress: bool = True,
) -> Dataset:
    """Put masks on the faces of a dataset, or open the masked one if it is there.

    Ids are the faces' own with the variation's number; identities and their splits stay. Faces
    that take no mask (profiles, tiny ones) are listed in ``rejected.csv``.

    Args:
        path: the dataset's folder.
        faces: an open dataset with photo and landmarks, or a view such as `faces.split("train")`.
        seed: of all randomness.
        workers: processes; by default as many as there are cores.
        variations: masked pictures of each face.
        kind: one of `lib.prepare.masks.KINDS`; by default all.
        loosely: the share of masks that show the nose, or hang under the chin.
        occluders: the share of faces that get a scarf, sunglasses or a hand instead.
        templates: folder of PNG masks of your own, see `lib.prepare.masks.templates`; they make
            up half of the masks.
        keep: names of further fields of the faces to pass on, such as ``("labels",)``.
        max_rejected: the share of rejected samples above which to stop.
        progress: whether to show a bar.

    Returns:
        The complete dataset; its fields are those of `lib.prepare.masked.Masked`.

    Raises:
        StoreError: if an argument makes no sense, or the folder holds something else, such as
            masks on other faces.
        TemplateError: if a PNG mask is of no use.
    """
    (seed,) = arguments.whole(0, seed=seed)
    own = None if templates is None else Path(templates)
    wardrobe = Wardrobe(kind, loosely, occluders, own)
    make = Masked.of(faces, wardrobe, variations, keep)
    options = {"max_rejected": max_rejected, "progress": progress} | make.origin(faces)
    return _build(path, make, make.samples(faces), seed, workers, **options)


def _build(
    path: str | os.PathLike,
    make: renders.Renders | chips.Photos | pairs.Pairs | Masked,
    samples: Sequence[Sample],
    seed: int,
    workers: int | None,
    **options: Any,
) -> Dataset:
    """Build or open a dataset of what a maker makes.

    The renderer is compiled before the first process starts, lest each of them does it again.
    """
    (workers,) = arguments.whole(1, workers=joblib.cpu_count() if workers is None else workers)
    renders_faces = isinstance(make, (renders.Renders, pairs.Pairs))
    if renders_faces and workers > 1 and not (Path(path) / CARD).exists():
        renders.compile_renderer()
    options |= {"parameters": make.parameters}
    return store.build(path, make.fields, samples, make, seed, workers, **options)


def _usual_shares(people: Collection[str]) -> Mapping[str, float]:
    """Return shares by which somebody is in each split, or the usual ones for very few people."""
    try:
        return store.shares_for(people)
    except StoreError:
        return store.SHARES
