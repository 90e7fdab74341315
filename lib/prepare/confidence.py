"""How sure a network is of the photos it made: scores beside them, and the surest ones chosen.

The original writes a line for each generated picture: the critic's error, that of the way back to
the render, and how far it lies from its person. `lib.prepare.generated` exports what is public.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import numbers
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from lib import fingerprint, images
from lib.files import write_csv
from lib.prepare.masked import identify
from lib.prepare.precomputed import Precomputed
from lib.store import Dataset, Field, StoreError

Scores = Callable[[np.ndarray, np.ndarray], Mapping[str, np.ndarray]]

SCORES_FILE = "confidence_scores.csv"
"""As the original names it."""

_LABELS = ("path", "id", "identity")
"""Columns of `SCORES_FILE` that are no scores."""


def write_scores(
    made: Dataset, renders: Dataset, scores: Scores, batch: int, progress: bool
) -> None:
    """Score every picture; begun work goes on, and the file is there when all is done.

    Args:
        made: the generated dataset.
        renders: what it was made of, row by row.
        scores: takes renders and photos, returns (N,) finite numbers by name.
        batch: pictures it is given at a time.
        progress: whether to show a bar.

    Raises:
        StoreError: if the function returns something else.
    """
    names = list(_score(made, renders, scores, None, np.arange(min(batch, len(made)))))
    field = Field("scores", (len(names),), "float32", "vector")
    recipe = digest([names, made.card["samples_sha256"], identify(made)])
    asked = Precomputed.beside(made.path, field, len(made), recipe)

    def _compute(indices: np.ndarray) -> np.ndarray:
        found = _score(made, renders, scores, names, indices)
        return np.stack([found[name] for name in names], axis=1)

    asked.fill(_compute, batch, progress, f"{made.path.name}: scoring")
    rows = asked.values.read(np.arange(len(made)))
    labels = {name: made.samples[name].tolist() for name in ("id", "identity")}
    _write_table(made.path / SCORES_FILE, labels, dict(zip(names, rows.T, strict=True)))
    asked.remove()


def read_scores(dataset: Dataset) -> dict[str, np.ndarray]:
    """Read the scores of a generated dataset.

    Args:
        dataset: as `generated` makes it, with scores; or a view of it.

    Returns:
        float64 (samples,) by name, in the order of the dataset or view.

    Raises:
        StoreError: if there are none, or a picture has no number.
    """
    path = dataset.path / SCORES_FILE
    if not path.exists():
        raise StoreError(f"{path}: there is no such file; make the dataset with scores=...")
    with path.open(newline="", encoding="utf-8") as file:
        rows = {row.get("id"): row for row in csv.DictReader(file)}
    names = [name for name in next(iter(rows.values()), {}) if name not in _LABELS]
    try:
        own = [rows[name] for name in dataset.samples["id"]]
        found = {name: np.array([float(row[name]) for row in own]) for name in names}
    except (KeyError, TypeError, ValueError):
        remedy = "delete the file, and call sources.generated with scores=... again"
        raise StoreError(f"{path}: not a number for every picture; {remedy}") from None
    return found


def confident(dataset: Dataset, share: float = 0.8, by: str = "realism") -> Dataset:
    """Choose the pictures with the lowest error, as the original's scores are meant to be used.

    Args:
        dataset: as `generated` makes it, with scores; or a view of it.
        share: of its pictures, above 0 and up to 1; the number is rounded up.
        by: name of the score.

    Returns:
        The view of these, in their order; of equal errors the first is taken.

    Raises:
        StoreError: for another share, or if there is no such score.
    """
    if not isinstance(share, numbers.Real) or not 0 < share <= 1:
        raise StoreError(f"found share = {share!r}; expected a number above 0, up to 1")
    found = read_scores(dataset)
    if by not in found:
        known = ", ".join(found) or "none"
        raise StoreError(f"{dataset.path}: no score {by!r}; there are {known}")
    number = int(np.ceil(round(share * len(dataset), 9)))
    chosen = np.sort(np.argsort(found[by], kind="stable")[:number])
    return dataclasses.replace(dataset, samples=dataset.samples.iloc[chosen])


def write_tree(dataset: Dataset, folder: str | os.PathLike, *, progress: bool = True) -> Path:
    """Write the photos as the original does: a folder for each person, and the scores beside them.

    What file systems do not take in a name becomes "_".

    Args:
        dataset: with photos, such as `generated` makes, or a view of it.
        folder: a new or empty one: nothing is overwritten.
        progress: whether to show a bar.

    Returns:
        The folder: ``<identity>/<picture>.png``, and `SCORES_FILE` with path and identity, and
        with the scores where the dataset has any.

    Raises:
        StoreError: if the dataset has no photos, or the folder holds something.
    """
    folder = Path(folder)
    require_picture(dataset, "photo")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder}: is there and not empty; name a new folder")
    scored = (dataset.path / SCORES_FILE).exists()
    scores = read_scores(dataset) if scored else {}
    people = _file_names(dataset.samples["identity"])
    pictures = _file_names(dataset.samples["id"])
    paths = [f"{who}/{name}.png" for who, name in zip(people, pictures, strict=True)]
    for place in tqdm(range(len(paths)), folder.name, disable=not progress):
        images.write(folder / paths[place], dataset.read([place], ["photo"])["photo"][0])
    labels = {"path": paths, "identity": dataset.samples["identity"].tolist()}
    _write_table(folder / SCORES_FILE, labels, scores)
    return folder


def digest(recipe: object) -> str:
    """Return a hash of what JSON can hold."""
    return fingerprint.of_text(json.dumps(recipe))


def require_picture(dataset: Dataset, name: str) -> None:
    """Refuse what is no dataset, or has no pictures of this name.

    Raises:
        StoreError: naming what there is.
    """
    if not isinstance(dataset, Dataset):
        raise StoreError(f"found {dataset!r}; expected a dataset, such as store.open(...)")
    if name not in dataset.fields or dataset.fields[name].kind != "picture":
        found = ", ".join(dataset.fields)
        raise StoreError(f"{dataset.path}: no picture {name!r} among {found}")


def _score(
    made: Dataset,
    renders: Dataset,
    scores: Scores,
    names: Sequence[str] | None,
    indices: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return the scores of some pictures, float32 by name."""
    given = [renders.read(indices, ["render"])["render"], made.read(indices, ["photo"])["photo"]]
    found = scores(*given)
    if not isinstance(found, Mapping) or not found:
        raise StoreError(f"found scores {found!r}; expected numbers by name, such as 'realism'")
    expected = list(found) if names is None else names
    taken = [name for name in found if not isinstance(name, str) or name in _LABELS]
    if taken or set(found) != set(expected):
        listed = ", ".join(map(str, found))
        wanted = f"names other than {', '.join(_LABELS)}" if taken else ", ".join(expected)
        raise StoreError(f"found scores {listed}; expected {wanted}")
    return {name: _require_numbers(name, found[name], len(indices)) for name in expected}


def _require_numbers(name: str, values: object, number: int) -> np.ndarray:
    """Return a score's values, one for each picture."""
    array = np.asarray(values)
    if array.shape != (number,) or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        found = f"the score {name!r} is {array.dtype} {array.shape}"
        raise StoreError(f"{found}; expected finite numbers ({number},), one for each picture")
    return array.astype(np.float32)


def _write_table(
    path: Path, labels: Mapping[str, Sequence[str]], scores: Mapping[str, np.ndarray]
) -> None:
    """Write a line for each picture, whole or not at all."""
    columns = dict(labels) | {name: [f"{x:.6g}" for x in row] for name, row in scores.items()}
    lines = zip(*columns.values(), strict=True)
    write_csv(path, list(columns), (dict(zip(columns, line, strict=True)) for line in lines))


def _file_names(names: Sequence[str]) -> list[str]:
    """Return names that a file may have, as different as they were."""
    safe = {name: re.sub(r"[^\w.-]", "_", name).lstrip(".") or "_" for name in dict.fromkeys(names)}
    if len({text.lower() for text in safe.values()}) < len(safe):
        safe = {name: f"{text}-{place}" for place, (name, text) in enumerate(safe.items())}
    return [safe[name] for name in names]
