"""Filling a dataset's files from several processes, so that a kill costs only what was in hand.

While it is being built a dataset is a folder with one full-length file per field, ``building.json``
(the recipe) and ``journal.jsonl``: one line for every chunk of samples, added once the chunk's rows
are on the disk. A later run with the same recipe makes what the journal lacks. Every sample has its
own row and its own random numbers, so neither the number of workers nor a kill changes a byte.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import joblib
import numpy as np
from tqdm.auto import tqdm

from lib import env
from lib.files import is_full, one_line, remove_leftovers, replacing, sha256, write_csv, write_json
from lib.store.making import Make, make_chunk
from lib.store.recipe import require_same
from lib.store.rows import Field, RowFile, Statistics, StoreError

CARD, SAMPLES, REJECTED = "card.json", "samples.csv", "rejected.csv"
RECIPE, JOURNAL = "building.json", "journal.jsonl"

CHUNK_SAMPLES, CHUNK_BYTES = 64, 16 << 20  # at most; more would be lost with a killed worker
EARLY = 100  # samples, after which a hopeless rejection rate ends the build
PACKAGES = ("numpy", "opencv-python-headless", "pillow", "scikit-image", "dlib-bin", "mtcnn")

Sample = tuple[str, str] | tuple[str, str, str]  # id, identity, and the split if it is given


def is_complete(path: Path, recipe: dict) -> bool:
    """Tell whether the folder holds a complete dataset.

    Raises:
        StoreError: if it does, made by another recipe.
    """
    if not (path / CARD).exists():
        return False
    card = json.loads((path / CARD).read_text("utf-8"))
    require_same(recipe, {key: card.get(key) for key in recipe}, path)
    return True


def complete(
    path: Path,
    fields: Sequence[Field],
    samples: Sequence[Sample],
    work: tuple[Make, int, int, float, bool],
    table: Sequence[Mapping[str, str]],
    recipe: dict,
) -> None:
    """Begin, fill and finish a dataset that nobody else is building.

    Args:
        path: the dataset's folder.
        fields: its fields.
        samples: all that are asked for.
        work: make, seed, workers, max_rejected and progress, as `fill` takes them.
        table: see `finish`.
        recipe: how the dataset is made.
    """
    remove_leftovers(path)
    if is_complete(path, recipe):  # by another process, just now
        return
    begin(path, fields, len(samples), recipe)
    rejected = fill(path, fields, samples, *work)
    finish(path, fields, table, rejected, recipe, work[-1])


def begin(path: Path, fields: Sequence[Field], number: int, recipe: dict) -> None:
    """Make the folder and its full-length files, or check that the same recipe began it.

    Raises:
        StoreError: if another recipe did, the folder holds something else, or the disk is full.
    """
    if (path / RECIPE).exists():
        require_same(recipe, json.loads((path / RECIPE).read_text("utf-8")), path)
        return
    files = [row_file(path, field, number) for field in fields]
    foreign = _open_folder(path) - {file.path.name for file in files}
    if foreign:
        raise StoreError(f"{path}: holds {min(foreign)!r} but no dataset; name an empty folder")
    needed, free = sum(file.total_bytes for file in files), shutil.disk_usage(path).free
    if needed > free:
        raise StoreError(
            f"{path}: the dataset needs {needed / 2**30:.2f} GiB and the disk has "
            f"{free / 2**30:.2f} left; make room, or build fewer or smaller samples"
        )
    with _explaining_a_full_disk(path):
        for file in files:
            file.create()
        write_json(path / RECIPE, recipe)


def fill(
    path: Path,
    fields: Sequence[Field],
    samples: Sequence[Sample],
    make: Make,
    seed: int,
    workers: int,
    max_rejected: float,
    progress: bool,
) -> dict[int, str]:
    """Make every sample that the journal lacks.

    Returns:
        The reason of each rejected sample, by its index.

    Raises:
        StoreError: if too many are rejected, an array is not as its field says, or the disk fills.
    """
    files = [row_file(path, field, len(samples)) for field in fields]
    made, rejected = read_journal(path / JOURNAL)
    missing = sorted(set(range(len(samples))) - made - rejected.keys())
    tasks = (
        joblib.delayed(make_chunk)(files, make, seed, chunk, os.getpid())
        for chunk in chunks(missing, fields, workers)
    )
    with (
        _explaining_a_full_disk(path),
        open(path / JOURNAL, "a", encoding="utf-8") as journal,
        tqdm(total=len(samples), initial=len(samples) - len(missing), disable=not progress) as bar,
    ):
        bar.set_description(path.name)
        for entry in joblib.Parallel(workers, return_as="generator_unordered", batch_size=1)(tasks):
            journal.write(json.dumps(entry) + "\n")
            journal.flush()
            made.update(entry["made"])
            rejected.update(entry["rejected"])
            bar.update(len(entry["made"]) + len(entry["rejected"]))
            if len(made) + len(rejected) >= EARLY:
                _require_enough(path, made, rejected, max_rejected)
    _require_enough(path, made, rejected, min(max_rejected, 1 - 1 / len(samples)))
    return rejected


def chunks(missing: list[int], fields: Sequence[Field], workers: int) -> Iterator[list[int]]:
    """Cut the work into pieces: small enough for even shares, large enough for the disk."""
    fitting = CHUNK_BYTES // max(1, sum(field.row_bytes for field in fields))
    share = len(missing) // (8 * max(1, workers))
    size = max(1, min(CHUNK_SAMPLES, fitting, share))
    return (missing[start : start + size] for start in range(0, len(missing), size))


def read_journal(path: Path) -> tuple[set[int], dict[int, str]]:
    """Return what is made and what is rejected; a last line cut short by a kill is taken off."""
    if not path.exists():
        return set(), {}
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        with open(path, "r+b") as file:
            file.truncate(len(whole))
    entries = [json.loads(line) for line in whole.splitlines()]
    made = {index for entry in entries for index in entry["made"]}
    return made, {index: reason for entry in entries for index, reason in entry["rejected"]}


def finish(
    path: Path,
    fields: Sequence[Field],
    table: Sequence[Mapping[str, str]],
    rejected: Mapping[int, str],
    recipe: dict,
    progress: bool,
) -> None:
    """Close the gaps that rejected samples leave, and write the tables and the card.

    Each step can be cut off and done again. A field with gaps is copied, and for that moment takes
    its place on the disk twice.

    Args:
        path: the dataset's folder, filled.
        fields: its fields.
        table: id, identity, split and source of every sample asked for.
        rejected: the reasons, by index into the table.
        recipe: how the dataset is made; the card repeats it.
        progress: whether to show a bar.
    """
    kept = np.array([index for index in range(len(table)) if index not in rejected])
    statistics = {}
    with _explaining_a_full_disk(path):
        for field in tqdm(fields, f"{path.name}: closing", disable=not progress):
            final = row_file(path, field, len(kept))
            if not final.is_there():
                copy_rows(row_file(path, field, len(table)), final, kept)
            statistics[field.name] = _statistics(final)
        samples = [table[index] for index in kept]
        write_csv(path / SAMPLES, ("id", "identity", "split", "source"), samples)
        refused = [{**table[index], "reason": rejected[index]} for index in sorted(rejected)]
        write_csv(path / REJECTED, ("id", "identity", "reason"), refused)
        card = recipe | {
            "number": len(kept),
            "rejected": len(rejected),
            "splits": dict(Counter(sample["split"] for sample in samples)),
            "statistics": statistics,
            "samples_sha256": sha256(path / SAMPLES),
            "versions": _versions(),
            "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        }
        write_json(path / CARD, card)
    for name in (RECIPE, JOURNAL):
        (path / name).unlink(missing_ok=True)


def copy_rows(file: RowFile, final: RowFile, kept: np.ndarray) -> None:
    """Put the kept rows alone in the file's place."""
    with replacing(final.path) as temporary, open(temporary, "wb") as target:
        target.write(final.header)
        for block in file.blocks(kept):
            target.write(block.data)


def row_file(path: Path, field: Field, number: int) -> RowFile:
    """Return the file of a field."""
    return RowFile(path / f"{field.name}.npy", field, number)


def _open_folder(path: Path) -> set[str]:
    """Make the folder unless it is there, and return the names in it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        return {entry.name for entry in path.iterdir()}
    except OSError as error:
        reason = one_line(error.strerror)
        raise StoreError(f"{path}: no folder can be made here ({reason}); name another") from error


def _require_enough(path: Path, made: set, rejected: Mapping[int, str], limit: float) -> None:
    tried = len(made) + len(rejected)
    if len(rejected) > limit * tried:
        reason, times = Counter(rejected.values()).most_common(1)[0]
        raise StoreError(
            f"{path}: {len(rejected)} of {tried} samples rejected, over max_rejected={limit:g}; "
            f"{times} times: {reason}. Mend the source and delete the folder, or raise the limit"
        )


def _statistics(file: RowFile) -> dict[str, float]:
    statistics = Statistics()
    for block in file.blocks(np.arange(file.number)):
        statistics.add(block)
    return statistics.to_json()


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: env.version(name) for name in PACKAGES}}


@contextlib.contextmanager
def _explaining_a_full_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise
        remedy = "make room and call build again: it goes on from here"
        raise StoreError(f"{path}: the disk is full; {remedy}") from error
