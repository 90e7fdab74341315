"""Rows of equal arrays in one plain ``.npy`` file, read and written at their place on the disk.

Rows are read with seek and readinto, not through a memory map: the pages a map has touched count as
this process's memory until the system takes them back, and after one shuffled pass over a file of
3 GiB that is all of it. Read this way the file stays in the system's page cache, and the process
holds one batch. Opening the file for every batch costs microseconds; in return there is no shared
file position, so any number of threads and processes may read or write different rows at once.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np

Kind = Literal["picture", "mask", "labels", "landmarks", "vector"]

BLOCK_BYTES = 1 << 20  # of a pass over a whole file: large enough for the disk, kind to the cache


class StoreError(ValueError):
    """A dataset that cannot be built or opened: one line with what was found and what to do."""


@dataclass(frozen=True)
class Field:
    """One array that every sample of a dataset has.

    Attributes:
        name: the name in a sample's dictionary, and of the file.
        shape: of one sample, such as (64, 64, 3).
        dtype: as it lies on the disk.
        kind: what the numbers mean, which decides how they are augmented and fed to a network.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str = "uint8"
    kind: Kind = "picture"

    def __post_init__(self) -> None:
        """Bring shape and dtype, which may come from JSON, to one spelling."""
        try:
            object.__setattr__(self, "shape", tuple(int(side) for side in self.shape))
            object.__setattr__(self, "dtype", np.dtype(self.dtype).name)
        except TypeError as error:
            raise StoreError(
                f"field {self.name}: found shape {self.shape!r}, dtype {self.dtype!r} ({error}); "
                'expected such as (64, 64, 3), "uint8"'
            ) from None
        if not self.name.isidentifier():
            raise StoreError(f"field name {self.name!r}: use letters, digits and underscores")
        if self.kind not in get_args(Kind):
            raise StoreError(f"field {self.name}: kind {self.kind!r} is none of {get_args(Kind)}")

    @property
    def row_bytes(self) -> int:
        """The bytes of one sample."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize

    def to_json(self) -> dict:
        """Return the field as JSON holds it."""
        return asdict(self) | {"shape": list(self.shape)}


@dataclass(frozen=True)
class RowFile:
    """A ``.npy`` file of rows; `numpy.load` reads it too.

    Attributes:
        path: where the file is.
        field: shape and dtype of a row.
        number: how many rows there are.
    """

    path: Path
    field: Field
    number: int

    @property
    def header(self) -> bytes:
        """The file's first bytes, as NumPy writes them."""
        return _header(self.field, self.number)

    @property
    def total_bytes(self) -> int:
        """The size of the whole file."""
        return len(self.header) + self.number * self.field.row_bytes

    def create(self) -> None:
        """Make the file with all rows zero; on most disks it takes up space as it fills."""
        with open(self.path, "wb") as file:
            file.write(self.header)
            file.truncate(self.total_bytes)

    def is_there(self) -> bool:
        """Tell whether the file exists with exactly this header and size."""
        try:
            with open(self.path, "rb") as file:
                same_header = file.read(len(self.header)) == self.header
            return same_header and self.path.stat().st_size == self.total_bytes
        except FileNotFoundError:
            return False

    def read(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Read rows in any order, repetitions allowed.

        Args:
            rows: row numbers, 0..number - 1.

        Returns:
            (number of rows, *field.shape) in the field's dtype.
        """
        rows = np.asarray(rows, np.int64)
        if rows.size and not 0 <= rows.min() <= rows.max() < self.number:
            raise IndexError(f"{self.path}: rows {rows.min()}..{rows.max()} of {self.number}")
        batch = np.empty((len(rows), *self.field.shape), self.field.dtype)
        start, step = len(self.header), self.field.row_bytes
        views = batch.view(np.uint8).reshape(len(rows), step)
        with open(self.path, "rb", buffering=0) as file:
            for place in np.argsort(rows, kind="stable"):  # forwards over the disk
                file.seek(start + int(rows[place]) * step)
                if file.readinto(views[place]) != step:
                    raise StoreError(f"{self.path}: cut off at row {rows[place]}; build it again")
        return batch

    def write(self, rows: Sequence[int], values: Sequence[np.ndarray]) -> None:
        """Write one value for each row number, and return when the disk has them.

        Raises:
            StoreError: if the file is not this one any more, as when a killed build has left a
                worker behind that writes while the next build is closing the gaps.
        """
        if not self.is_there():
            raise StoreError(f"{self.path}: not a file of {self.number} rows any more")
        with open(self.path, "r+b") as file:
            for row, value in zip(rows, values, strict=True):
                file.seek(len(self.header) + row * self.field.row_bytes)
                file.write(np.ascontiguousarray(value).data)
            file.flush()
            os.fsync(file.fileno())

    def blocks(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        """Read rows a few at a time, about `BLOCK_BYTES` of them."""
        step = max(1, BLOCK_BYTES // max(1, self.field.row_bytes))
        for start in range(0, len(rows), step):
            yield self.read(rows[start : start + step])


def _header(field: Field, number: int) -> bytes:
    """Return the header of NumPy's format 1.0, padded by it to a multiple of 64 bytes."""
    buffer = io.BytesIO()
    description = np.lib.format.dtype_to_descr(np.dtype(field.dtype))
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": description, "fortran_order": False, "shape": (number, *field.shape)}
    )
    return buffer.getvalue()


@dataclass
class Statistics:
    """Mean, deviation and range of numbers that come in blocks."""

    count: int = 0
    total: float = 0.0
    total_squares: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf

    def add(self, block: np.ndarray) -> None:
        """Take in a block of any shape."""
        exact = block.dtype in (np.uint8, np.float32)
        values = (block if exact else block.astype(np.float64)).ravel()
        mean, deviation = (float(figure[0, 0]) for figure in cv2.meanStdDev(values))  # 50 x NumPy
        self.count += values.size
        self.total += mean * values.size
        self.total_squares += (deviation**2 + mean**2) * values.size
        self.minimum = min(self.minimum, float(values.min()))
        self.maximum = max(self.maximum, float(values.max()))

    def to_json(self) -> dict[str, float]:
        """Return mean, deviation (of the population), minimum and maximum."""
        mean = self.total / self.count
        variance = max(0.0, self.total_squares / self.count - mean**2)
        return {
            "mean": mean,
            "deviation": math.sqrt(variance),
            "minimum": self.minimum,
            "maximum": self.maximum,
        }
