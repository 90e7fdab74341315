"""A worker's part of building a dataset: make some samples, and write their rows."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lib.files import one_line
from lib.store.rows import RowFile, StoreError

Make = Callable[[int, np.random.Generator], Mapping[str, np.ndarray]]


class Rejected(Exception):  # noqa: N818 - no error, but a sample's way of saying no
    """Raised by a sample's maker to leave the sample out, with the reason in one line."""


@functools.cache
def _leave_with(builder: int) -> None:
    """Have this worker end when its builder was killed: joblib's own would wait for ever."""

    def _wait() -> None:
        while os.getppid() == builder:
            time.sleep(1)
        os._exit(1)

    if os.getppid() == builder:  # not so for the builder itself, or a cluster's worker
        threading.Thread(target=_wait, daemon=True).start()


def make_chunk(
    files: Sequence[RowFile], make: Make, seed: int, indices: Sequence[int], builder: int = 0
) -> dict:
    """Make some samples and write their rows; runs in a worker process.

    Args:
        files: of the fields.
        make: called with an index and its generator, see `lib.store.build`.
        seed: of all randomness.
        indices: of the samples.
        builder: the process that the worker works for, 0 if that need not be known.

    Returns:
        The journal's entry: ``made``, a list of indices, and ``rejected``, pairs of index, reason.
    """
    _leave_with(builder)
    made, rejected = {}, []
    for index in indices:
        generator = np.random.default_rng(np.random.SeedSequence([seed, index]))
        try:
            made[index] = check_arrays(make(index, generator), files, index)
        except Rejected as refusal:
            rejected.append((index, one_line(refusal)))
    for file in files:
        file.write(list(made), [arrays[file.field.name] for arrays in made.values()])
    return {"made": list(made), "rejected": rejected}


def check_arrays(
    arrays: Mapping[str, np.ndarray], files: Sequence[RowFile], index: int
) -> Mapping[str, np.ndarray]:
    """Return the arrays, if they are exactly those that the fields announce."""
    if not isinstance(arrays, Mapping):
        found = type(arrays).__name__
        raise StoreError(f"sample {index}: make returned {found}; expected arrays by field name")
    if arrays.keys() != {file.field.name for file in files}:
        expected = sorted(file.field.name for file in files)
        raise StoreError(f"sample {index} has the arrays {sorted(arrays)}; expected {expected}")
    for field in (file.field for file in files):
        array = np.asarray(arrays[field.name])
        if array.shape != field.shape or array.dtype != field.dtype:
            raise StoreError(
                f"sample {index}, field {field.name}: found {array.dtype} {array.shape}; "
                f"expected {field.dtype} {field.shape}"
            )
        if not np.isfinite(array).all():
            raise StoreError(f"sample {index}, field {field.name}: holds NaN or infinity")
    return arrays
