"""The prepared dataset: samples ready for training, on the disk, however many there are.

A dataset is a folder:

* one ``.npy`` file per field, a row per sample (`lib.store.rows`),
* ``samples.csv``: id, identity, split and source of each row,
* ``card.json``: where the samples come from, under which licence, made with which parameters, and
  the numbers' range. It is written last: a folder with a card is complete.

`build` makes one, `open` opens it, and `Dataset.batches` feeds it to a model.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lib import fingerprint
from lib.files import claimed, sha256
from lib.store import building
from lib.store.building import Sample
from lib.store.making import Make, Rejected
from lib.store.rows import Field, RowFile, StoreError
from lib.store.splits import SHARES, shares_for, split_of

if TYPE_CHECKING:
    import pandas

    from lib.store.batches import Batches

__all__ = [
    "SHARES",
    "Dataset",
    "Field",
    "Rejected",
    "StoreError",
    "build",
    "open",
    "shares_for",
    "split_of",
]


@dataclass(frozen=True, eq=False)
class Dataset:
    """A prepared dataset, or a view of one of its splits; a view shares the files.

    Attributes:
        path: the folder.
        card: what ``card.json`` says of the whole dataset.
        fields: the fields by name.
        samples: one line per sample of this view (id, identity, split, source); the index is the
            sample's row in the files.
    """

    path: Path
    card: Mapping[str, Any]
    fields: Mapping[str, Field]
    samples: pandas.DataFrame

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> dict[str, np.ndarray]:
        """Return all arrays of one sample, as they lie on the disk."""
        if not isinstance(index, (int, np.integer)):
            raise TypeError(
                f"{self.path}: found {index!r}; expected one number, or use read([...])"
            )
        if not -len(self) <= index < len(self):
            raise IndexError(f"{self.path}: sample {index} of {len(self)}")
        return {name: rows[0] for name, rows in self.read([index % len(self)]).items()}

    def __repr__(self) -> str:
        return f"Dataset({str(self.path)!r}, {len(self)} samples, {', '.join(self.fields)})"

    @property
    def identities(self) -> list[str]:
        """The identities of this view, sorted."""
        return sorted(self.samples["identity"].unique())

    def read(
        self, indices: Sequence[int] | np.ndarray, fields: Sequence[str] | None = None
    ) -> dict[str, np.ndarray]:
        """Read samples of this view in any order.

        Args:
            indices: places in this view, 0..len - 1.
            fields: names of the fields to read; all by default.

        Returns:
            For each field (number of indices, *its shape), in the dtype on the disk.
        """
        rows = self.samples.index.to_numpy()[np.asarray(indices, np.int64)]
        return {name: self._file(name).read(rows) for name in fields or self.fields}

    def split(self, name: str) -> Dataset:
        """Return the view of one split.

        Raises:
            StoreError: if no sample is in it.
        """
        chosen = self.samples[self.samples["split"] == name]
        if chosen.empty:
            counts = self.samples["split"].value_counts().to_dict()
            raise StoreError(f"{self.path}: no sample in split {name!r}; there are {counts}")
        return Dataset(self.path, self.card, self.fields, chosen)

    def batches(self, batch_size: int, **options: Any) -> Batches:
        """Return batches for a model's ``fit``.

        Args:
            batch_size: samples in a batch.
            **options: those of `lib.store.batches.Batches`.
        """
        from lib.store.batches import Batches

        return Batches(self, batch_size, **options)

    def _file(self, name: str) -> RowFile:
        """Return the file of a field."""
        if name not in self.fields:
            raise StoreError(f"{self.path}: no field {name!r}; there are {', '.join(self.fields)}")
        return building.row_file(self.path, self.fields[name], self.card["number"])


def open(path: str | os.PathLike) -> Dataset:
    """Open a complete dataset, after checking that its files are what its card says.

    Raises:
        StoreError: if there is no dataset, it is unfinished, or a file has changed.
    """
    import pandas

    path = Path(path)
    if not (path / building.CARD).exists():
        raise StoreError(f"{path}: {_missing(path)}")
    card = json.loads((path / building.CARD).read_text("utf-8"))
    fields = {field["name"]: Field(**field) for field in card["fields"]}
    samples_path = path / building.SAMPLES
    if not samples_path.exists() or sha256(samples_path) != card["samples_sha256"]:
        raise StoreError(f"{samples_path}: missing or changed since the dataset was built")
    samples = pandas.read_csv(samples_path, dtype=str, keep_default_na=False)
    for field in fields.values():
        file = building.row_file(path, field, card["number"])
        if not file.is_there():
            size = file.path.stat().st_size if file.path.exists() else 0
            raise StoreError(
                f"{file.path}: {size:,} bytes, and the card promises {card['number']} rows in "
                f"{file.total_bytes:,}; fetch the file again or delete the folder and rebuild it"
            )
    return Dataset(path, card, fields, samples)


def build(
    path: str | os.PathLike,
    fields: Sequence[Field],
    samples: Sequence[Sample],
    make: Make,
    seed: int,
    workers: int = 1,
    *,
    source: str,
    licence: str,
    parameters: Mapping[str, Any] | None = None,
    shares: Mapping[str, float] = SHARES,
    max_rejected: float = 0.5,
    progress: bool = True,
) -> Dataset:
    """Build a dataset, go on with one that was interrupted, or open a complete one.

    For any number of workers and after any kill the files are the same, but for the card's date.

    Args:
        path: the dataset's folder; one begun with other arguments is refused.
        fields: the arrays of a sample.
        samples: id and identity of each, and its split if the source has its own; ids are unique.
        make: called with a sample's index and its own generator, ``SeedSequence([seed, index])``;
            returns the arrays by field name, or raises `Rejected` with the reason. What a notebook
            defines is part of the recipe: changed code is refused under the old folder's name.
        seed: of all randomness.
        workers: processes, through joblib, so that another joblib backend can take over.
        source: where the samples come from.
        licence: under which licence.
        parameters: what else shapes the result, as JSON can hold it.
        shares: how identities are split, see `split_of`.
        max_rejected: the share of rejected samples, see ``rejected.csv``, above which to stop.
        progress: whether to show bars.

    Returns:
        The complete dataset, without the rejected samples.

    Raises:
        StoreError: if samples, folder or arrays are not as described here, or the disk is full.
        InUseError: if another process is building it.
    """
    path = Path(path)
    code = fingerprint.of_notebook_function(make)
    recipe = _recipe(path, fields, samples, seed, source, licence, parameters, shares, code)
    if not building.is_complete(path, recipe):
        table, work = _table(samples, shares, source), (make, seed, workers, max_rejected, progress)
        with claimed(path):
            building.complete(path, fields, samples, work, table, recipe)
    return open(path)


def _recipe(
    path: Path,
    fields: Sequence[Field],
    samples: Sequence[Sample],
    seed: int,
    source: str,
    licence: str,
    parameters: Mapping[str, Any] | None,
    shares: Mapping[str, float],
    code: str,
) -> dict:
    """Return all that decides what a dataset will be, as JSON will give it back."""
    _check_samples(path, samples)
    split_of("", shares)  # refuses bad shares before the work
    recipe = {
        "fields": [field.to_json() for field in fields],
        "seed": seed,
        "code": code,
        "source": source,
        "licence": licence,
        "parameters": dict(parameters or {}),
        "shares": {} if all(len(sample) == 3 for sample in samples) else dict(shares),
        "candidates": len(samples),
        "candidates_sha256": hashlib.sha256(json.dumps(list(samples)).encode()).hexdigest(),
    }
    return json.loads(json.dumps(recipe))


def _check_samples(path: Path, samples: Sequence[Sample]) -> None:
    if not samples:
        raise StoreError(f"{path}: no samples; expected a list of (id, identity)")
    for sample in samples:
        is_sample = isinstance(sample, (tuple, list)) and len(sample) in (2, 3)
        if not is_sample or not all(isinstance(text, str) for text in sample):
            raise StoreError(f"{path}: found sample {sample!r}; expected texts, (id, identity)")
    different = len({sample[0] for sample in samples})
    if different != len(samples):
        raise StoreError(f"{path}: {len(samples)} samples share {different} ids; make each unique")


def _table(
    samples: Sequence[Sample], shares: Mapping[str, float], source: str
) -> list[dict[str, str]]:
    """Return the lines of ``samples.csv``."""
    return [
        {"id": name, "identity": who, "split": split, "source": source}
        for name, who, split in ((*sample, split_of(sample[1], shares))[:3] for sample in samples)
    ]


def _missing(path: Path) -> str:
    """Say what is there instead of a complete dataset, and what to do."""
    if (path / building.RECIPE).exists():
        made, rejected = building.read_journal(path / building.JOURNAL)
        recipe = json.loads((path / building.RECIPE).read_text("utf-8"))
        done = f"{len(made) + len(rejected)} of {recipe['candidates']} samples are made"
        return f"unfinished, {done}; call build with the same parameters to go on"
    if path.is_dir():
        return f"a folder without {building.CARD}, so no dataset; name another or build it"
    return "there is no such folder; build the dataset first"
