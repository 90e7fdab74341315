"""Where prepared datasets come from: the renderer, a folder of photos, photos with fitted renders.

    faces = sources.rendered("data/prepared/faces64", identities=500, captures=4, size=64)

Each is made in parallel and goes on where it was interrupted; asked for again it is only opened.
"""

from __future__ import annotations

import dataclasses
import inspect
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import joblib

from lib import images, store
from lib.prepare import pairs, photos, renders
from lib.prepare.camera import CameraFlaws
from lib.scene.sampling import sample
from lib.store import Dataset, StoreError
from lib.store.building import CARD

SMALLEST_SIZE = 8
"""Pixels; below that nothing can be seen."""

RENDERED_LICENCE = "CC BY 4.0 (rendered by Face GAN Lab; shows no real person)"
AFLW_LICENCE = "research only; see the terms of AFLW2000-3D / 300W-3D (files supplied by the user)"


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
        camera: flaws of the camera that takes `photo`; by default it has none. Nothing else in the
            dataset changes with them.
        shares: how identities are split, see `lib.store.split_of`.
        progress: whether to show a bar.
        **sampling: further options of `lib.scene.sampling.sample`, such as ``yaw_limit``.

    Returns:
        The complete dataset.

    Raises:
        StoreError: if an argument makes no sense, or the folder holds something else.
    """
    _require_positive(identities=identities, captures=captures)
    _require_size(size)
    options = {"reshuffle": reshuffle} | _checked_sampling(sampling)
    described = renders.fields(size, fields)
    names = tuple(field.name for field in described)
    workers = workers or joblib.cpu_count()
    if workers > 1 and not (Path(path) / CARD).exists():
        renders.compile_renderer()
    return store.build(
        path,
        described,
        _rendered_samples(seed, identities, captures),
        renders.Renders(seed, captures, size, names, camera, options),
        seed,
        workers,
        source="rendered by Face GAN Lab",
        licence=RENDERED_LICENCE,
        parameters={
            "identities": identities,
            "captures": captures,
            "size": size,
            "sampling": options,
            "camera": dataclasses.asdict(camera) if camera else None,
            "columns": {name: renders.COLUMNS[name] for name in names if name in renders.COLUMNS},
        },
        shares=shares or store.SHARES,
        progress=progress,
    )


def photos_of(  # placeholder
) -> None: ...
