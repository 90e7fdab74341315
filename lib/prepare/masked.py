"""How the faces of a prepared dataset get their masks: pairs with and without, and the map."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lib import fingerprint
from lib.prepare import arguments, masks
from lib.prepare.masks import templates
from lib.store import SHARES, Dataset, Field, Rejected, StoreError, split_of
from lib.store.building import Sample, row_file
from lib.store.rows import RowFile

COLUMNS = {
    "kind": (*masks.KINDS, *masks.OCCLUDERS, masks.TEMPLATE),
    "worn": masks.WORN,
}
"""What the numbers of the fields `kind` and `worn` count, from 0; a dataset's card repeats it."""

NEEDED = {"photo": "picture", "landmarks": "landmarks"}
"""The fields that faces must have, and of which kind."""

TEMPLATES_SHARE = 0.5
"""How many of the masks are the user's own, where there are any."""

_PASSING = ("created", "versions")
"""What a card says of the day and the machine, not of the samples."""


@dataclass(frozen=True)
class Wardrobe:
    """What there is to put on.

    Attributes:
        kind: the only kind of mask, or None for all.
        loosely: the share of masks not worn well.
        occluders: the share of faces that get a scarf, sunglasses or a hand instead.
        templates: folder of the user's own masks, or None.
    """

    kind: str | None
    loosely: float
    occluders: float
    templates: Path | None

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            StoreError: for an unknown kind, or a share outside 0..1.
            TemplateError: for a folder of masks that is of no use.
        """
        if self.kind not in (None, *masks.KINDS):
            expected = ", ".join(masks.KINDS)
            raise StoreError(f"found kind = {self.kind!r}; expected None or one of {expected}")
        shares = {"loosely": self.loosely, "occluders": self.occluders}
        arguments.real(0, **shares)
        for name, share in shares.items():
            if share > 1:
                raise StoreError(f"found {name} = {share!r}; expected a share, 0 to 1")
        if self.templates:
            _read_templates(self.templates)

    def draw(self, generator: np.random.Generator) -> dict[str, Any]:
        """Return options of `lib.prepare.masks.put_on`."""
        options: dict[str, Any] = {"kind": self.kind, "loosely": self.loosely}
        if generator.random() < self.occluders:
            return {"occluder": str(generator.choice(masks.OCCLUDERS))}
        if self.templates and generator.random() < TEMPLATES_SHARE:
            own = _read_templates(self.templates)
            return options | {"kind": None, "template": own[generator.integers(len(own))]}
        return options

    @property
    def parameters(self) -> dict[str, Any]:
        """What a dataset's card says of it, the digest of the user's files included."""
        own = sorted(self.templates.glob("*.png")) if self.templates else []
        files = [*own, self.templates / templates.ANCHORS_FILE] if self.templates else []
        return {
            "kind": self.kind,
            "loosely": self.loosely,
            "occluders": self.occluders,
            "templates": _digest(files) if files else None,
        }


@functools.cache
def _read_templates(folder: Path) -> list[masks.Template]:
    """Read a folder once in each process."""
    return templates.read_folder(folder)


def _digest(files: Collection[Path]) -> str:
    """Return a hash of the names and bytes of files."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\n".encode("utf-8", "surrogateescape") + file.read_bytes())
    return digest.hexdigest()[:12]


def identify(faces: Dataset) -> str:
    """Return a hash of what a dataset's card says of its samples: recipe, number, statistics."""
    kept = {name: value for name, value in faces.card.items() if name not in _PASSING}
    return fingerprint.of_text(json.dumps(kept, sort_keys=True))


def shares_of(faces: Dataset) -> Mapping[str, float]:
    """Return the shares that a dataset was split by; the usual ones where its source split it."""
    return faces.card["shares"] or SHARES


def vary(faces: Dataset, variations: int) -> list[Sample]:
    """Return so many samples of each face: its id with a number, its identity, and its split.

    The split is left out where it follows from the identity's name and `shares_of`.
    """
    shares, samples = shares_of(faces), []
    for name, who, split in faces.samples[["id", "identity", "split"]].itertuples(index=False):
        follows = faces.card["shares"] and split == split_of(who, shares)
        given = () if follows else (split,)
        samples += [(f"{name}-{number}", who, *given) for number in range(variations)]
    return samples


@dataclass(frozen=True)
class Masked:
    """Makes the samples of a masked dataset: so many variations of each face in turn.

    Attributes:
        faces: the files of the faces' fields that are read.
        rows: of each face in them.
        identity: of the faces' dataset, see `identify`.
        wardrobe: what there is to put on.
        variations: samples of each face.
    """

    faces: tuple[RowFile, ...]
    rows: tuple[int, ...]
    identity: str
    wardrobe: Wardrobe
    variations: int

    @classmethod
    def of(
        cls, faces: Dataset, wardrobe: Wardrobe, variations: int, keep: Collection[str]
    ) -> Masked:
        """Take faces out of an open dataset.

        Args:
            faces: a dataset, or a view of one, with the fields `NEEDED`.
            wardrobe: what there is to put on.
            variations: samples of each face.
            keep: names of further fields to pass on.

        Raises:
            StoreError: if fields are missing, or of another kind, or their names are taken.
        """
        (variations,) = arguments.whole(1, variations=variations)
        if not isinstance(faces, Dataset):
            raise StoreError(
                f"found faces = {faces!r}; expected a dataset, such as store.open(...)"
            )
        for name, kind in NEEDED.items():
            if name not in faces.fields or faces.fields[name].kind != kind:
                found = ", ".join(faces.fields)
                raise StoreError(f"{faces.path}: no {kind} {name!r} among {found}; masks need it")
        _require_kept(faces, keep)
        files = tuple(
            row_file(faces.path, field, faces.card["number"])
            for name, field in faces.fields.items()
            if name in NEEDED or name in keep
        )
        rows = tuple(int(row) for row in faces.samples.index)
        return cls(files, rows, identify(faces), wardrobe, variations)

    @property
    def fields(self) -> list[Field]:
        """The arrays of a sample: those of the face, and what was put on."""
        given = {file.field.name: file.field for file in self.faces}
        return [
            *given.values(),
            Field("masked", given["photo"].shape),
            Field("mask", given["photo"].shape[:2], kind="mask"),
            *(Field(name, (1,), kind="vector") for name in COLUMNS),
        ]

    @property
    def parameters(self) -> dict[str, Any]:
        """What a dataset's card says of its making, and of the numbers in its vectors.

        With the digest of the code that draws, masks of two versions are never taken for one set.
        """
        return {
            "faces": self.identity,
            "variations": self.variations,
            **self.wardrobe.parameters,
            "drawing": _digest(sorted(Path(masks.__file__).parent.glob("*.py"))),
            "columns": {name: list(meanings) for name, meanings in COLUMNS.items()},
        }

    def origin(self, faces: Dataset) -> dict[str, Any]:
        """Return source, licence and the shares of the splits: the faces' own, and the masks'."""
        own = self.wardrobe.templates is not None
        source = f"{faces.card['source']}; masks drawn by Face GAN Lab" + " and supplied" * own
        licence = faces.card["licence"] + "; the supplied masks under their own" * own
        return {"source": source, "licence": licence, "shares": shares_of(faces)}

    def samples(self, faces: Dataset) -> list[Sample]:
        """Return the samples, see `vary`."""
        return vary(faces, self.variations)

    def __call__(self, index: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """Make a sample.

        Args:
            index: of the sample.
            generator: its own; what is put on is drawn from it.

        Returns:
            The arrays by field name, as `fields` describes them.

        Raises:
            Rejected: if the face takes no mask.
        """
        row = self.rows[index // self.variations]
        face = {file.field.name: file.read([row])[0] for file in self.faces}
        options = self.wardrobe.draw(generator)
        try:
            masked, mask, put_on = masks.put_on(
                face["photo"], face["landmarks"], generator, **options
            )
        except masks.MaskError as error:
            raise Rejected(str(error)) from error
        counted = {
            name: np.array([meanings.index(getattr(put_on, name))], np.uint8)
            for name, meanings in COLUMNS.items()
        }
        return face | {"masked": masked, "mask": mask} | counted


def _require_kept(faces: Dataset, keep: Collection[str]) -> None:
    if isinstance(keep, str):
        raise StoreError(f"found keep = {keep!r}; expected names, such as ('labels',)")
    taken = {"masked", "mask", *COLUMNS}
    for name in keep:
        if name not in faces.fields or name in taken:
            free = ", ".join(sorted(faces.fields.keys() - taken - NEEDED.keys())) or "none"
            raise StoreError(f"{faces.path}: cannot keep {name!r}; of its fields there are {free}")
