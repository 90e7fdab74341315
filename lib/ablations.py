"""Results of long trainings that a lesson shows beside the short ones it makes itself.

    from lib import ablations
    print(ablations.source("render_to_photo"))
    print(ablations.read("render_to_photo").round(3).to_string())

`data/ablations/` holds a JSON file for each lesson that has some: the command that made it, on what
device and when, and the rows of the table that the command printed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas

from lib import env

TOLD = ("command", "device", "date")
"""What a file says of its rows."""

REMEDY = "run `git checkout data/ablations`"


class AblationError(OSError):
    """Results that are not there, or not written as they should be."""


def folder() -> Path:
    """Return the folder of results."""
    return env.ROOT / "data" / "ablations"


def read(name: str) -> pandas.DataFrame:
    """Return the table of a file.

    Args:
        name: of the file, without suffix, such as "render_to_photo".

    Returns:
        One row a training and one column a figure, both in the order of the file. A figure that a
        row does not have is NaN.

    Raises:
        AblationError: where there is no such file, or it is no table of numbers; names the file.
    """
    return pandas.DataFrame.from_dict(_content(name)["rows"], orient="index").astype(float)


def source(name: str) -> str:
    """Return where the table comes from, in one line: command, device and date.

    Args:
        name: of the file, without suffix.

    Raises:
        AblationError: as `read` does.
    """
    content = _content(name)
    return f"{content['command']} · {content['device']} · {content['date']}"


def _content(name: str) -> dict[str, Any]:
    path = folder() / f"{name}.json"
    if not path.is_file():
        there = ", ".join(sorted(one.stem for one in folder().glob("*.json"))) or "none"
        raise AblationError(f"{path.name}: found no such results, there are {there}; {REMEDY}")
    try:
        content = json.loads(path.read_text("utf-8"))
        _require_table(content)
    except ValueError as error:
        raise AblationError(f"{path.name}: found a damaged file ({error}); {REMEDY}") from error
    return content


def _require_table(content: Any) -> None:
    """Raise ValueError where a file's content is not told of, or is no table of numbers."""
    for key in TOLD:
        if not isinstance(content, dict) or not isinstance(content.get(key), str):
            raise ValueError(f"no {key!r} in it, expected a text")
    rows = content.get("rows")
    if not isinstance(rows, dict) or not rows:
        raise ValueError("no 'rows' in it, expected label -> figures")
    for label, row in rows.items():
        if not isinstance(row, dict) or not row:
            raise ValueError(f"row {label!r} has no figures")
        for column, value in row.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"row {label!r}: {column} is {value!r}, expected a number")
