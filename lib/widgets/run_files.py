"""What a training leaves in its folder, read while another process may still be writing it.

options.json is replaced as a whole, metrics.jsonl grows by a line a round, and a sample sheet
appears as a whole. So the only thing that can be half there is the last line of metrics.jsonl.
"""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path
from typing import NamedTuple

SHEET = re.compile(r"step_(\d+)\.png")
PLACE = ("step", "seconds")


class RunFiles(NamedTuple):
    """A run as its files tell it.

    Attributes:
        name: of the folder and the one it is in.
        rows: a dictionary a round: step, seconds and each loss term; None where a number is not
            finite.
        terms: the names of the loss terms, loss first.
        sheets: {step: the sample sheet's path}, by step.
        steps: how many the run is to have; None where options.json does not say.
    """

    name: str
    rows: list[dict[str, float | None]]
    terms: tuple[str, ...]
    sheets: dict[int, Path]
    steps: int | None


def read(folder: str | os.PathLike) -> RunFiles:
    """Read a run's folder.

    Args:
        folder: what `train(...).folder` names.

    Returns:
        The run so far; it may have no round and no sheet yet.

    Raises:
        ValueError: in one line, where this is no run's folder or a whole line is no round.
    """
    folder = Path(folder)
    options, metrics = folder / "options.json", folder / "metrics.jsonl"
    if not options.is_file() and not metrics.is_file():
        found = "a folder without options.json" if folder.is_dir() else "no folder"
        raise ValueError(
            f"{folder}: found {found}; expected a run's, as train(...).folder names it"
        )
    rows = _rows(metrics)
    names = dict.fromkeys(name for row in rows for name in row if name not in PLACE)
    terms = sorted(names, key=lambda name: name != "loss")
    name = "/".join(folder.resolve().parts[-2:])
    return RunFiles(name, rows, tuple(terms), _sheets(folder / "samples"), _steps(options))


def _rows(path: Path) -> list[dict[str, float | None]]:
    """Return the rounds; a last line that is still being written is left out."""
    if not path.is_file():
        return []
    lines = path.read_bytes().splitlines(keepends=True)
    return [
        _row(path, number, line) for number, line in enumerate(lines, 1) if line.endswith(b"\n")
    ]


def _row(path: Path, number: int, line: bytes) -> dict[str, float | None]:
    try:
        row = json.loads(line)
        return {"step": int(row["step"])} | {
            name: float(value) if math.isfinite(value) else None
            for name, value in row.items()
            if name != "step"
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        expected = 'a round such as {"step": 100, "seconds": 9.5, "loss": 0.7}'
        raise ValueError(f"{path}: found no round in line {number}; expected {expected}") from None


def _sheets(folder: Path) -> dict[int, Path]:
    found = [(SHEET.fullmatch(path.name), path) for path in folder.glob("step_*.png")]
    return dict(sorted((int(match[1]), path) for match, path in found if match))


def _steps(options: Path) -> int | None:
    """Return how many steps the run is to have, as far as options.json tells."""
    try:
        return int(json.loads(options.read_text("utf-8"))["profile"]["steps"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
