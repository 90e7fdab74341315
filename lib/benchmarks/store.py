"""What reading shuffled batches from a large dataset costs in memory and time.

``python -m lib.benchmarks.store --gib 3`` builds a dataset of random pictures, reads shuffled
batches from it in a process of its own, sets the disk's own speed beside it, and removes it again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from lib import store
from lib.store.rows import BLOCK_BYTES, RowFile

BATCH = 32


def make_dataset(folder: Path, gib: float, side: int, workers: int) -> store.Dataset:
    """Build a dataset of about ``gib`` GiB of random pictures, side x side pixels."""
    field = store.Field("photo", (side, side, 3))
    number = max(BATCH, int(gib * 2**30 / field.row_bytes))
    samples = [(f"{index:07d}", f"person {index // 10}") for index in range(number)]

    def _make(index: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
        noise = np.frombuffer(generator.bytes(field.row_bytes), np.uint8)
        return {"photo": noise.reshape(field.shape)}

    origin = {"source": "random numbers", "licence": "none needed"}
    return store.build(folder, [field], samples, _make, seed=0, workers=workers, **origin)


def measure(folder: Path, seconds: float = 10) -> dict[str, float]:
    """Read shuffled batches for some seconds; call it in a fresh process.

    Returns:
        ``growth_mib``, the most the process's memory grew after the first batch; ``share_read``,
        the part of the dataset read by then; ``pictures_per_second``.
    """
    dataset = store.open(folder)
    batches = dataset.batches(BATCH)
    forget(dataset)
    batches.read(0, 0)
    process = psutil.Process()
    before = peak = process.memory_info().rss
    start, number = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        epoch, index = divmod(number + 1, len(batches))
        batches.read(epoch, index)
        number += 1
        peak = max(peak, process.memory_info().rss)
    rate = number * BATCH / (time.perf_counter() - start)
    return {
        "growth_mib": (peak - before) / 2**20,
        "share_read": number / len(batches),
        "pictures_per_second": rate,
    }


def measure_disk(folder: Path, seconds: float = 3) -> dict[str, float]:
    """Read the first field's file without any of our code: in order, and rows at random.

    Returns:
        ``sequential_mb_per_second`` and ``random_rows_per_second``, page cache dropped before each.
    """
    dataset = store.open(folder)
    file = field_file(dataset)
    forget(dataset)
    start, read = time.perf_counter(), 0
    with open(file.path, "rb", buffering=0) as raw:
        while time.perf_counter() - start < seconds and (block := raw.read(BLOCK_BYTES)):
            read += len(block)
        sequential = read / 1e6 / (time.perf_counter() - start)
        forget(dataset)
        generator, rows = np.random.default_rng(1), 0
        start = time.perf_counter()
        while time.perf_counter() - start < seconds:
            row = int(generator.integers(file.number))
            raw.seek(len(file.header) + row * file.field.row_bytes)
            raw.read(file.field.row_bytes)
            rows += 1
        rate = rows / (time.perf_counter() - start)
    return {"sequential_mb_per_second": sequential, "random_rows_per_second": rate}


def forget(dataset: store.Dataset) -> None:
    """Ask the system to drop the dataset from its page cache, where it can be asked."""
    if hasattr(os, "posix_fadvise"):
        with open(field_file(dataset).path, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def field_file(dataset: store.Dataset) -> RowFile:
    """Return the file of the dataset's first field."""
    name, field = next(iter(dataset.fields.items()))
    return RowFile(dataset.path / f"{name}.npy", field, dataset.card["number"])


def measure_apart(folder: Path, seconds: float) -> dict[str, float]:
    """Run `measure` in a fresh process, where nothing else has used memory before."""
    code = (
        "import json, sys, pathlib; from lib.benchmarks import store; "
        "print(json.dumps(store.measure(pathlib.Path(sys.argv[1]), float(sys.argv[2]))))"
    )
    command = [sys.executable, "-c", code, str(folder), str(seconds)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1])


def main(arguments: list[str] | None = None) -> None:
    """Build, read, print the table, remove."""
    parser = argparse.ArgumentParser(prog="python -m lib.benchmarks.store", description=__doc__)
    parser.add_argument("--gib", type=float, default=3, help="size of the dataset")
    parser.add_argument("--side", type=int, default=96, help="pixels of a picture's side")
    parser.add_argument("--seconds", type=float, default=15, help="time to read batches for")
    parser.add_argument("--workers", type=int, default=2, help="processes that build")
    parser.add_argument("--folder", help="a folder on the disk to measure; temporary by default")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        start = time.perf_counter()
        dataset = make_dataset(Path(folder) / "noise", options.gib, options.side, options.workers)
        build_seconds = time.perf_counter() - start
        figures = measure_apart(dataset.path, options.seconds) | measure_disk(dataset.path)
        row = dataset.fields["photo"].row_bytes
        size = len(dataset) * row
    rate, random_rate = figures["pictures_per_second"], figures["random_rows_per_second"]
    sequential = figures["sequential_mb_per_second"]
    table = [
        ("dataset", f"{size / 2**30:.2f} GiB, {size // row:,} pictures of {options.side} px"),
        ("built in", f"{build_seconds:.0f} s by {options.workers} processes, statistics included"),
        ("memory growth, shuffled batches", f"{figures['growth_mib']:.1f} MiB"),
        ("dataset read meanwhile", f"{figures['share_read']:.0%}"),
        ("shuffled batches", f"{rate:,.0f} pictures/s = {rate * row / 1e6:,.0f} MB/s"),
        (
            "the disk, random rows",
            f"{random_rate:,.0f} rows/s = {random_rate * row / 1e6:,.0f} MB/s",
        ),
        ("the disk, in order", f"{sequential:,.0f} MB/s"),
    ]
    for label, figure in table:
        print(f"{label:33} {figure}")


if __name__ == "__main__":
    main()
