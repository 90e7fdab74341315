"""The text files that come with CelebA: who is in a photo, its attributes, and where the face is.

They are lists with a line for each photo: its name, then numbers. Some begin with the number of
photos and a line of column names, some do not (Liu et al., ICCV 2015). All are read strictly: a
file that was cut off or edited is named with its line, because a shifted list is a wrong list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.files import one_line
from lib.store import StoreError

LARGEST = 1_000_000
"""No number in these files has more digits: photos and identities are counted, pixels measured."""


@dataclass(frozen=True)
class Columns:
    """What a file holds.

    Attributes:
        number: of numbers after each photo's name.
        header: whether the file begins with a count and the columns' names.
        values: the only numbers allowed; None for any.
    """

    number: int
    header: bool
    values: frozenset[int] | None = None


FILES: Mapping[str, Columns] = {
    "identity_CelebA.txt": Columns(1, header=False),
    "list_eval_partition.txt": Columns(1, header=False, values=frozenset({0, 1, 2})),
    "list_attr_celeba.txt": Columns(40, header=True, values=frozenset({-1, 1})),
    "list_bbox_celeba.txt": Columns(4, header=True),
    "list_landmarks_celeba.txt": Columns(10, header=True),
    "list_landmarks_align_celeba.txt": Columns(10, header=True),
}
"""The files of CelebA by their names."""


@dataclass(frozen=True)
class Table:
    """A file of annotations.

    Attributes:
        path: the file.
        names: of the columns; empty for files that do not name them.
        rows: the place of each photo in `values`, by the photo's name.
        values: (photos, columns) int32.
    """

    path: Path
    names: tuple[str, ...]
    rows: Mapping[str, int]
    values: np.ndarray

    def of(self, photos: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Look photos up.

        Args:
            photos: their names, without folders.

        Returns:
            (photos, columns) int32, zero where there is no line; and whether there is one.
        """
        places = np.array([self.rows.get(photo, -1) for photo in photos], np.int64)
        return np.where(places[:, None] >= 0, self.values[places], 0), places >= 0


def read(path: Path) -> Table:
    """Read one of the files.

    Args:
        path: its name decides what is expected, see `FILES`.

    Raises:
        StoreError: naming file and line, if the file is missing, cut off or not what it should be.
    """
    columns = FILES[path.name]
    lines = _lines(path)
    first, names = _header(path, lines) if columns.header else (0, ())
    if columns.header and len(names) != columns.number:
        raise _wrong(path, 2, f"{len(names)} columns", f"{columns.number} names of columns")
    values = np.empty((len(lines) - first, columns.number), np.int32)
    rows: dict[str, int] = {}
    cache = {str(value): value for value in columns.values} if columns.values else None
    for row, line in enumerate(lines[first:]):
        name, *words = line.split() or [""]
        if len(words) != columns.number:
            expected = f"a photo's name and {columns.number}"
            raise _wrong(path, first + row + 1, f"{len(words)} numbers in {line[:40]!r}", expected)
        if name in rows:
            raise _wrong(path, first + row + 1, f"{name!r} a second time", "each photo once")
        rows[name] = row
        try:
            values[row] = [cache[word] for word in words] if cache else [*map(_number, words)]
        except (KeyError, ValueError):
            expected = f"numbers of {sorted(cache.values())}" if cache else "whole numbers"
            raise _wrong(path, first + row + 1, repr(line[:40]), expected) from None
    return Table(path, names, rows, values)


def _lines(path: Path) -> list[str]:
    """Return the lines of a file, in whichever way they end, without empty ones at the end."""
    if not path.is_file():
        raise StoreError(f"{path}: there is no such file; it comes with the photos of CelebA")
    try:
        lines = path.read_text("utf-8").rstrip().split("\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _wrong(path, line, "bytes that are no text", "a text file") from None
    if lines == [""]:
        raise _wrong(path, 1, "an empty file", "a line for each photo")
    return lines


def _header(path: Path, lines: list[str]) -> tuple[int, tuple[str, ...]]:
    """Check the promised count; return how many lines the header has, and the columns' names."""
    if not lines[0].strip().isdecimal() or len(lines) < 2:
        raise _wrong(path, 1, repr(lines[0][:40]), "the number of photos, then the columns' names")
    promised, found = int(lines[0]), len(lines) - 2
    if promised != found:
        raise _wrong(path, 1, f"{found:,} lines of photos", f"the {promised:,} that it promises")
    names = lines[1].split()
    return 2, tuple(names[1:] if names[:1] == ["image_id"] else names)


def _number(word: str) -> int:
    number = int(word)
    if not -LARGEST <= number <= LARGEST:
        raise ValueError(word)
    return number


def _wrong(path: Path, line: int, found: str, expected: str) -> StoreError:
    remedy = "fetch the file again"
    return StoreError(
        f"{path}: line {line}: found {one_line(found)}; expected {expected}; {remedy}"
    )
