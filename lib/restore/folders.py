"""Repairs a folder of photos: goes on where it was stopped, and loses none to another's failure.

The folder of results has the repaired photos under their own names as PNG, `repaired.csv` with a
line for each, `rejected.csv` with what could not be read or shows no face, `index.html` with
before and after side by side, and, on request, `stages/`: the maps found and each face by itself.
"""

from __future__ import annotations

import csv
import dataclasses
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from lib import images, results_page
from lib.files import is_full, one_line, write_csv
from lib.restore import marking
from lib.restore.repairing import TASKS, Repair, repair
from lib.shipped import ShippedError

REPAIRED, REJECTED, STAGES, PREVIEWS = "repaired.csv", "rejected.csv", "stages", "previews"
COLUMNS = ("file", "task", "result", "faces", "says", "seconds", "bytes", "modified")

ON_PAGE = 200
"""Photos on the page; more would make a browser slow."""

PREVIEW = 480
"""Longest side of the page's pictures, pixels."""


class RestoreError(ValueError):
    """Folders that make no sense."""


@dataclasses.dataclass(frozen=True)
class Done:
    """What became of a folder.

    Attributes:
        repaired: photos repaired in this call.
        skipped: photos that an earlier call had repaired.
        rejected: photos that could not be read, or show no face.
        page: the page that shows them; None where there is nothing to show.
    """

    repaired: int
    skipped: int
    rejected: int
    page: Path | None


def restore_folder(
    photos: str | os.PathLike,
    out: str | os.PathLike,
    task: str = "unmask",
    *,
    keep: bool = False,
    again: bool = False,
    progress: bool = True,
) -> Done:
    """Repair every photo of a folder and its sub-folders.

    Args:
        photos: where the photos are.
        out: where results go; another folder.
        task: one of `lib.restore.TASKS`.
        keep: whether to write the stages between, too.
        again: whether to repair also what an earlier call has repaired.
        progress: whether to show a bar.

    Returns:
        The counts, and the page.

    Raises:
        RestoreError: for another task, a folder of photos that there is not or that holds none, or
            results that would land among the photos.
        ShippedError: where the shipped weights are missing.
        OSError: where the disk is full.
    """
    photos, out = Path(photos), Path(out)
    files = _find(photos, out, task)
    known = {} if again else _read_rows(out / REPAIRED)
    rows, rejected, skipped = dict(known), [], 0
    for file, target in tqdm(_targets(files, photos), "repairing", disable=not progress):
        name = one_line(file.relative_to(photos))
        if _is_done(known.get(name), file, task, out / target):
            skipped += 1
            continue
        rows.pop(name, None)
        try:
            rows[name] = {"file": name, "task": task} | _one(file, out, target, task, keep)
        except (images.PictureError, OSError, ValueError, MemoryError) as error:
            rejected.append({"file": name, "reason": _reason(error)})
        if rows or known:
            write_csv(out / REPAIRED, COLUMNS, _sorted(rows))
    _write_rejected(out / REJECTED, rejected)
    page = _write_page(out, _sorted(rows), task)
    return Done(len(files) - skipped - len(rejected), skipped, len(rejected), page)


def _reason(error: Exception) -> str:
    """Say why a photo is rejected; raise again what is no photo's fault."""
    if isinstance(error, ShippedError) or is_full(error):
        raise error  # the next photo would fare no better
    reason = error.reason if isinstance(error, images.PictureError) else str(error)
    return one_line(reason or type(error).__name__)


def _find(photos: Path, out: Path, task: str) -> list[Path]:
    if task not in TASKS:
        raise RestoreError(f"found task {task!r}, expected one of {', '.join(TASKS)}")
    if not photos.is_dir():
        raise RestoreError(f"{one_line(photos)}: found no such folder; name one that holds photos")
    inside, outside = out.resolve(), photos.resolve()
    if inside == outside or outside in inside.parents:
        raise RestoreError(
            f"{one_line(out)}: results would land among the photos; name a folder beside them"
        )
    found = sorted(
        path for path in photos.rglob("*")
        if path.suffix.lower() in images.SUFFIXES and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(photos).parts)
    )  # fmt: skip
    if not found:
        suffixes = ", ".join(sorted(images.SUFFIXES))
        raise RestoreError(f"{one_line(photos)}: found no photos in it; expected {suffixes}")
    return found


def _targets(files: list[Path], photos: Path) -> list[tuple[Path, Path]]:
    """Give each photo the name of its result; two that differ in their suffix alone keep theirs."""
    taken, pairs = set(), []
    for file in files:
        relative = file.relative_to(photos)
        target = relative.with_suffix(".png")
        if str(target).lower() in taken:
            target = relative.with_name(f"{relative.name}.png")
        taken.add(str(target).lower())
        pairs.append((file, target))
    return pairs


def _read_rows(path: Path) -> dict[str, dict[str, str]]:
    if not path.exists():
        return {}
    with open(path, newline="", encoding="utf-8") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def _is_done(row: Mapping[str, str] | None, file: Path, task: str, target: Path) -> bool:
    """Say whether an earlier call has done this, to this very file."""
    if row is None or not target.exists() or row["task"] != task:
        return False
    return all(row[key] == value for key, value in _stamp(file).items())


def _stamp(file: Path) -> dict[str, str]:
    status = file.stat()
    return {"bytes": str(status.st_size), "modified": str(status.st_mtime_ns)}


def _sorted(rows: Mapping[str, Mapping[str, str]]) -> list[Mapping[str, str]]:
    return [rows[name] for name in sorted(rows)]


def _one(file: Path, out: Path, target: Path, task: str, keep: bool) -> dict[str, str]:
    """Repair one photo and write it; return its line."""
    stamp, began = _stamp(file), time.perf_counter()
    photo = images.read(file)
    made = repair(photo, task)
    if not made.faces:
        raise ValueError("no face was found")
    changed = not np.array_equal(made.photo, photo)
    if changed:
        marking.write(out / target, made.photo, note_of(made))
    else:
        images.write(out / target, photo)
    for name, picture in {"before": photo, "after": made.photo}.items():
        images.write(_preview(out, target, name), _smaller(picture))
    if keep:
        write_stages(out / STAGES / target.with_suffix(""), made)
    return stamp | {
        "result": one_line(target), "faces": str(len(made.faces)),
        "says": " | ".join(face.says for face in made.faces),
        "seconds": f"{time.perf_counter() - began:.1f}",
    }  # fmt: skip


def note_of(made: Repair) -> str:
    """Return what a repaired photo has to say of itself."""
    painted = any("painted" in face.says for face in made.faces)
    return marking.NOTE if painted else marking.SHINE_NOTE


def write_stages(folder: Path, made: Repair) -> None:
    """Write the map of all masks, and each face before, its mask, and after."""
    images.write(folder / "mask.png", np.dstack([255 * made.mask] * 3))
    for number, face in enumerate(made.faces):
        images.write(folder / f"face{number}_before.png", face.chip)
        images.write(folder / f"face{number}_mask.png", np.dstack([255 * face.mask] * 3))
        marking.write(folder / f"face{number}_after.png", face.repaired, note_of(made), strip=False)


def _preview(out: Path, target: Path, name: str) -> Path:
    return out / PREVIEWS / target.with_name(f"{target.stem}_{name}.jpg")


def _smaller(picture: np.ndarray) -> np.ndarray:
    scale = min(1.0, PREVIEW / max(picture.shape))
    return images.resize(picture, tuple(max(1, round(scale * n)) for n in picture.shape[:2]))


def _write_rejected(path: Path, rows: list[dict[str, str]]) -> None:
    if rows:
        write_csv(path, ("file", "reason"), rows)
    else:
        path.unlink(missing_ok=True)


class _Shown(Mapping):
    """The photos of the page, each read when the page comes to it."""

    def __init__(self, out: Path, rows: list[Mapping[str, str]]) -> None:
        self.out, self.rows = out, {row["file"]: Path(row["result"]) for row in rows}

    def __getitem__(self, name: str) -> dict[str, np.ndarray]:
        previews = {way: _preview(self.out, self.rows[name], way) for way in ("before", "after")}
        return {way: images.read(path) for way, path in previews.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def _write_page(out: Path, rows: list[Mapping[str, str]], task: str) -> Path | None:
    there = [row for row in rows if _preview(out, Path(row["result"]), "after").exists()]
    if not there:
        return None
    left = len(there) - ON_PAGE
    more = f" {left} more are in the folder." if left > 0 else ""
    return results_page.write(
        out, _Shown(out, there[:ON_PAGE]), title=f"Before and after: {task}",
        note=f"{marking.NOTE}{more}", width=320,
    )  # fmt: skip
