"""What a network has to say of every sample, worked out before the samples are made.

Networks run in the main process, in batches; makers run in many. So the network's rows are put into
files beside the dataset first, and the makers read them there. Interrupted work goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from lib.store import Field
from lib.store.rows import RowFile

Compute = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Precomputed:
    """Rows in two files: the values, and which of them are done.

    Attributes:
        values: the rows.
        done: a byte for each, 1 where it is.
    """

    values: RowFile
    done: RowFile

    @classmethod
    def beside(cls, path: Path, field: Field, number: int, recipe: str) -> Precomputed:
        """Name the files.

        Args:
            path: the dataset's folder.
            field: what a row is.
            number: of rows.
            recipe: a hash of all that decides the values, so that others are not mistaken for them.
        """
        names = [f".{path.name}.{recipe}.{name}.npy" for name in (field.name, "done")]
        files = [path.with_name(name) for name in names]
        return cls(
            RowFile(files[0], field, number),
            RowFile(files[1], Field("done", (1,), kind="vector"), number),
        )

    def fill(self, compute: Compute, batch: int, progress: bool, title: str) -> None:
        """Compute the rows that are missing.

        Args:
            compute: called with int64 indices, returns their rows.
            batch: how many at a time; as many are lost by a kill.
            progress: whether to show a bar.
            title: of the bar.
        """
        self.values.path.parent.mkdir(parents=True, exist_ok=True)
        if not (self.values.is_there() and self.done.is_there()):
            self.values.create()
            self.done.create()
        number = self.values.number
        missing = np.flatnonzero(self.done.read(np.arange(number))[:, 0] == 0)
        with tqdm(total=number, initial=number - len(missing), disable=not progress) as bar:
            bar.set_description(title)
            for start in range(0, len(missing), batch):
                rows = missing[start : start + batch]
                self.values.write(rows.tolist(), list(compute(rows)))
                self.done.write(rows.tolist(), [np.ones(1, np.uint8)] * len(rows))
                bar.update(len(rows))

    def row(self, index: int) -> np.ndarray:
        """Return one row."""
        return self.values.read([index])[0]

    def remove(self) -> None:
        """Delete the files: the dataset has the rows now."""
        for file in (self.values, self.done):
            file.path.unlink(missing_ok=True)
