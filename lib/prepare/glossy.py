"""Exact pairs at any gloss: rendered faces made shinier or duller without rendering them again.

Light adds up: a photo is the diffuse layer plus the specular one, and skin with twice the oil has
twice the specular layer. What is no skin shines in both pictures of a pair alike. From the two
layers of one rendering follow the photos at every gloss, and to each of them its matte partner and
the true map of its highlights.
"""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from lib import fingerprint, store
from lib.prepare import arguments, layers
from lib.prepare.layers import compose
from lib.prepare.masked import identify, shares_of, vary
from lib.scene.render import SPECULAR_THRESHOLD
from lib.store import Dataset, Field, Rejected, StoreError
from lib.store.building import Sample, row_file
from lib.store.rows import RowFile

Interval = tuple[float, float]

NEEDED = {
    "diffuse": "picture",
    "specular": "picture",
    "labels": "labels",
    "attributes": "vector",
}
"""The fields that faces must have, and of which kind; the photo is put together anew."""

MADE = ("photo", "diffuse", "matte", "specular", "specular_mask", "gloss")
"""The fields that are made here, see `lib.prepare.layers.compose`."""


def require_intervals(gloss: Sequence[Interval]) -> tuple[Interval, ...]:
    """Return intervals of gloss as plain numbers.

    Raises:
        StoreError: for what is no list of pairs (low, high) with 0 < low <= high, or for a pair of
            equal numbers beside a wider one, because it would never be drawn.
    """
    try:
        pairs = tuple((low, high) for low, high in gloss)
    except (TypeError, ValueError):
        pairs = ()
    real = all(isinstance(end, numbers.Real) for pair in pairs for end in pair)
    sound = real and all(0 < low <= high < math.inf for low, high in pairs)
    if not pairs or not sound or len({low < high for low, high in pairs}) > 1:
        message = "expected pairs of low < high above 0, such as ((0.3, 3.0),)"
        raise StoreError(f"found gloss = {gloss!r}; {message}")
    return tuple((float(low), float(high)) for low, high in pairs)


def draw_gloss(generator: np.random.Generator, intervals: Sequence[Interval]) -> float:
    """Draw a gloss so that each doubling within the intervals is equally likely."""
    lengths = np.array([math.log(high / low) for low, high in intervals])
    total = lengths.sum()
    odds = lengths / total if total else None
    low, high = intervals[generator.choice(len(intervals), p=odds)]
    return low * math.exp(generator.random() * math.log(high / low))


@dataclass(frozen=True)
class Glossy:
    """Makes the samples of a glossy dataset: so many variations of each face in turn.

    Attributes:
        faces: the files of the faces' fields that are read.
        rows: of each face in them.
        identity: of the faces' dataset, see `lib.prepare.masked.identify`.
        oil: the column of the attributes that says how oily the skin was rendered.
        kept: names of the faces' fields that are passed on.
        gloss: the intervals that the gloss is drawn from.
        variations: samples of each face.
    """

    faces: tuple[RowFile, ...]
    rows: tuple[int, ...]
    identity: str
    oil: int
    kept: tuple[str, ...]
    gloss: tuple[Interval, ...]
    variations: int

    @classmethod
    def of(
        cls, faces: Dataset, gloss: Sequence[Interval], variations: int, keep: Collection[str]
    ) -> Glossy:
        """Take faces out of an open dataset.

        Args:
            faces: a rendered dataset, or a view of one, with the fields `NEEDED`.
            gloss: intervals to draw from; 1 is average skin.
            variations: samples of each face.
            keep: names of further fields to pass on.

        Raises:
            StoreError: if an argument makes no sense, or fields are missing or of another kind.
        """
        (variations,) = arguments.whole(1, variations=variations)
        intervals = require_intervals(gloss)
        oil = _require_layers(faces)
        _require_kept(faces, keep)
        files = tuple(
            row_file(faces.path, field, faces.card["number"])
            for name, field in faces.fields.items()
            if name in NEEDED or name in keep
        )
        rows = tuple(int(row) for row in faces.samples.index)
        kept = tuple(name for name in faces.fields if name in keep)
        return cls(files, rows, identify(faces), oil, kept, intervals, variations)

    @property
    def fields(self) -> list[Field]:
        """The arrays of a sample: those of `compose`, its gloss, and what is kept of the face."""
        given = {file.field.name: file.field for file in self.faces}
        shape = given["diffuse"].shape
        return [
            *(Field(name, shape) for name in MADE[:4]),
            Field("specular_mask", shape[:2], kind="mask"),
            Field("gloss", (1,), "float32", "vector"),
            *(given[name] for name in self.kept),
        ]

    @property
    def parameters(self) -> dict[str, Any]:
        """What a dataset's card says of its making; another version of this code is another set."""
        return {
            "faces": self.identity,
            "variations": self.variations,
            "gloss": [list(interval) for interval in self.gloss],
            "threshold": SPECULAR_THRESHOLD,
            "composing": fingerprint.of_text("".join(map(_source, (__file__, layers.__file__)))),
        }

    def samples(self, faces: Dataset) -> list[Sample]:
        """Return the samples, see `lib.prepare.masked.vary`."""
        return vary(faces, self.variations)

    def __call__(self, index: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """Make a sample.

        Args:
            index: of the sample.
            generator: its own; the gloss is drawn from it.

        Returns:
            The arrays by field name, as `fields` describes them.

        Raises:
            Rejected: if the face was rendered without oil, so that there is no shine to scale.
        """
        row = self.rows[index // self.variations]
        face = {file.field.name: file.read([row])[0] for file in self.faces}
        oil = float(face["attributes"][self.oil])
        if not oil > 0:
            raise Rejected(f"found oil = {oil:g}; expected more than 0")
        gloss = draw_gloss(generator, self.gloss)
        skin = layers.skin_of(face["labels"])
        made = compose(face["diffuse"], face["specular"], gloss / oil, skin)
        kept = {name: face[name] for name in self.kept}
        return made | {"gloss": np.array([gloss], np.float32)} | kept


def glossy(
    path: str | os.PathLike,
    faces: Dataset,
    seed: int = 0,
    workers: int | None = None,
    *,
    variations: int = 1,
    gloss: Sequence[Interval] = ((0.3, 3.0),),
    keep: Collection[str] = ("labels", "landmarks", "attributes"),
    max_rejected: float = 0.5,
    progress: bool = True,
) -> Dataset:
    """Make pairs with and without shine from rendered faces, or open them if they are there.

    Ids are the faces' own with the variation's number; identities and their splits stay.

    Args:
        path: the dataset's folder.
        faces: an open rendered dataset, or a view such as `faces.split("train")`.
        seed: of the gloss.
        workers: processes; by default as many as there are cores.
        variations: pairs of each face, each at a gloss of its own.
        gloss: intervals (low, high) that the gloss is drawn from, each doubling equally likely; 0.2
            is powdered, 1 average, 3 oily or sweating skin. Nothing but skin changes.
        keep: names of the faces' fields to pass on as they are; in `attributes` the oil remains
            that of the rendering.
        max_rejected: the share of rejected samples above which to stop.
        progress: whether to show a bar.

    Returns:
        The complete dataset: `MADE` and the kept fields.

    Raises:
        StoreError: if an argument makes no sense, or the folder holds something else, such as
            pairs of other faces.
    """
    (seed,) = arguments.whole(0, seed=seed)
    (workers,) = arguments.whole(1, workers=joblib.cpu_count() if workers is None else workers)
    make = Glossy.of(faces, gloss, variations, keep)
    options = {
        "source": f"{faces.card['source']}; gloss changed by Face GAN Lab",
        "licence": faces.card["licence"],
        "shares": shares_of(faces),
        "parameters": make.parameters,
        "max_rejected": max_rejected,
        "progress": progress,
    }
    return store.build(path, make.fields, make.samples(faces), make, seed, workers, **options)


def _require_layers(faces: Dataset) -> int:
    """Refuse a dataset without layers; return the place of the oil among its attributes."""
    if not isinstance(faces, Dataset):
        raise StoreError(f"found faces = {faces!r}; expected a dataset, such as store.open(...)")
    for name, kind in NEEDED.items():
        if name not in faces.fields or faces.fields[name].kind != kind:
            found = ", ".join(faces.fields)
            raise StoreError(f"{faces.path}: no {kind} {name!r} among {found}; gloss needs it")
    columns = faces.card["parameters"].get("columns", {}).get("attributes", ())
    if "oil" not in columns:
        raise StoreError(f"{faces.path}: its card names no column 'oil' of attributes; render anew")
    return list(columns).index("oil")


def _require_kept(faces: Dataset, keep: Collection[str]) -> None:
    if isinstance(keep, str):
        raise StoreError(f"found keep = {keep!r}; expected names, such as ('labels',)")
    free = faces.fields.keys() - set(MADE)
    for name in keep:
        if name not in free:
            others = ", ".join(sorted(free))
            raise StoreError(f"{faces.path}: cannot keep {name!r}; fields to keep are {others}")


def _source(file: str) -> str:
    return Path(file).read_text("utf-8")
