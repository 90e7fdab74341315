"""The renderer: how fast it is, and whether its truth is exact.

    python -m lib.benchmarks.rendering
    python -m lib.benchmarks.rendering --only speed stages --number 60

Speeds are those of this machine at this moment, sampling and all channels included, antialiased.
"""

from __future__ import annotations

import argparse
import hashlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import joblib
import numpy as np
import pandas
from joblib.externals.loky import get_reusable_executor

from lib import env, labels
from lib.prepare import renders, sources
from lib.scene import head, mesh, pictures, staging
from lib.scene.pictures import to_srgb
from lib.scene.render import SPECULAR_THRESHOLD, render
from lib.scene.sampling import sample
from lib.store import Dataset
from lib.store.building import JOURNAL

SEED = 20261120
SUPERSAMPLE = 2
REDRAW_SIZE = 192
"""Pixels of the live widget."""


def render_some(indices: Iterable[int], size: int) -> float:
    """Draw and render captures, forget them, and return the seconds of processor time it took."""
    start = time.process_time()
    for index in indices:
        render(sample(SEED, index, 0), size)
    return time.process_time() - start


def measure_speed(
    number: int = 200, sizes: Sequence[int] = (64, 128), processes: Sequence[int] = (1, 2)
) -> list[dict[str, object]]:
    """Time the renderer; each process has rendered some faces before.

    Returns:
        A row for each size and number of processes: faces per second, and the processor time for
        each, which other work on the machine hardly changes.
    """
    rows = []
    for workers in processes:
        shares = [range(first, number, workers) for first in range(workers)]
        with joblib.Parallel(workers) as pool:
            for size in sizes:
                pool(joblib.delayed(render_some)(range(3), size) for _ in shares)
                start = time.perf_counter()
                used = sum(pool(joblib.delayed(render_some)(share, size) for share in shares))
                rate = number / (time.perf_counter() - start)
                row = {"faces/s": round(rate, 1), "CPU ms/face": 1000 * used / number}
                rows.append({"pixels": size, "processes": workers} | row)
    return rows


def milliseconds(action: Callable[[int], object], number: int) -> float:
    """Return the mean time of an action on 0 ... number - 1, after a first one untimed."""
    action(0)
    start = time.perf_counter()
    for index in range(number):
        action(index)
    return 1000 * (time.perf_counter() - start) / number


def measure_stages(number: int = 40, sizes: Sequence[int] = (64, 128)) -> list[dict[str, object]]:
    """Time what a picture is made in; each stage includes none of the others.

    Returns:
        A row for each stage, a column of milliseconds for each size.
    """
    captures = [sample(SEED, index, 0) for index in range(number)]
    skull = head.load()
    draw = milliseconds(lambda index: sample(SEED, index, 0), number)
    build = milliseconds(lambda index: mesh.build(skull, captures[index]), number)
    columns = {}
    for size in sizes:
        set_up = milliseconds(
            lambda i, s=size: staging.stage(captures[i], skull, s, SUPERSAMPLE), number
        )
        whole = milliseconds(lambda i, s=size: render(captures[i], s), number)
        columns[f"ms at {size} px"] = {
            "sampling": draw,
            "geometry": build,
            "hair, visibility, shadows": set_up - build,
            "shading, channels": whole - set_up,
            "all": draw + whole,
        }
    table = pandas.DataFrame(columns).rename_axis("stage").reset_index()
    return table.to_dict("records")


def measure_redraw(number: int = 20, size: int = REDRAW_SIZE) -> dict[str, object]:
    """Time single pictures, as the live widget redraws them."""
    captures = [sample(SEED, index, 0) for index in range(number)]
    seconds = []
    for capture in (captures[0], *captures):
        start = time.perf_counter()
        render(capture, size)
        seconds.append(time.perf_counter() - start)
    middle, most = np.median(seconds[1:]), np.max(seconds[1:])
    return {"pixels": size, "median ms": 1000 * float(middle), "longest ms": 1000 * float(most)}


def measure_dataset(number: int = 2000, size: int = 64, workers: int = 2) -> dict[str, object]:
    """Time a dataset from the first call to the card, the start of the processes included."""
    renders.compile_renderer()
    get_reusable_executor().shutdown()  # of earlier measurements: a first call has no processes
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        path = Path(folder) / "faces"
        sources.rendered(path, number // 4, 4, size, SEED, workers, progress=False)
        seconds = time.perf_counter() - start
    return {"faces": number, "pixels": size, "processes": workers, "seconds": round(seconds, 1)}


def measure_exactness(number: int = 100, size: int = 64) -> dict[str, object]:
    """Compare photos with the sums of their layers, and masks with their definition."""
    largest = differing = 0
    for index in range(number):
        made = render(sample(SEED, index, 0), size)
        light = made["diffuse_linear"] + made["specular_linear"]
        gap = np.abs(made["photo"].astype(int) - to_srgb(light))
        largest = max(largest, int(gap.max()))
        bright = pictures.luminance(made["specular_linear"]) > SPECULAR_THRESHOLD
        differing += int((bright != made["specular_mask"]).sum())
    return {
        "captures": number,
        "largest difference of photo and layers": largest,
        "pixels where the mask is wrong": differing,
    }


def measure_classes(number: int = 300, size: int = 64) -> list[dict[str, object]]:
    """Count in how many captures each class of the label map occurs."""
    shown = np.zeros(len(labels.CLASSES), int)
    for index in range(number):
        shown[np.unique(render(sample(SEED, index, 0), size)["labels"])] += 1
    return [
        {"class": name, f"captures of {number}": int(count)}
        for name, count in zip(labels.CLASSES, shown, strict=True)
    ]


def build_small(path: Path, workers: int) -> Dataset:
    """Build the dataset whose bytes are compared: 10 people, 4 pictures each, 48 pixels."""
    return sources.rendered(path, 10, 4, 48, SEED, workers, progress=False)


def digest(dataset: Dataset) -> str:
    """Return a hash of all files of a dataset but the card, which holds the date."""
    digest = hashlib.sha256()
    for file in sorted(dataset.path.iterdir()):
        if file.name != "card.json":
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def build_with_a_kill(path: Path) -> tuple[Dataset, int]:
    """Begin in another process, kill it in mid-way, and go on here.

    Returns:
        The dataset, and how many of its chunks the killed process had finished.
    """
    code = (
        "import pathlib, sys; from lib.benchmarks import rendering; "
        "rendering.build_small(pathlib.Path(sys.argv[1]), 1)"
    )
    begun = subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=env.ROOT)
    journal = path / JOURNAL
    while begun.poll() is None and not (journal.exists() and journal.stat().st_size):
        time.sleep(0.01)
    begun.send_signal(signal.SIGKILL)
    begun.wait()
    chunks = journal.read_text().count("\n") if journal.exists() else 0
    return build_small(path, 2), chunks


def measure_bytes(workers: Sequence[int] = (1, 2, 5)) -> list[dict[str, object]]:
    """Build one dataset in several ways; all hashes should be the same."""
    renders.compile_renderer()
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            {
                "built by": f"{count} processes",
                "hash": digest(build_small(Path(folder) / str(count), count)),
            }
            for count in workers
        ]
        dataset, chunks = build_with_a_kill(Path(folder) / "killed")
        name = f"killed after {chunks} chunks, then 2 processes"
        return [*rows, {"built by": name, "hash": digest(dataset)}]


def _table(rows: Iterable[dict[str, object]]) -> str:
    return pandas.DataFrame(list(rows)).to_string(index=False, float_format="{:.1f}".format)


PARTS: dict[str, tuple[str, Callable[[int], list[dict[str, object]]]]] = {
    "speed": ("Faces per second", lambda number: measure_speed(number)),
    "stages": ("Where the time goes", lambda number: measure_stages(max(1, number // 5))),
    "redraw": ("One picture for the live widget", lambda number: [measure_redraw()]),
    "dataset": ("A training set", lambda number: [measure_dataset(10 * number)]),
    "exactness": ("Truth", lambda number: [measure_exactness(number // 2)]),
    "bytes": ("The same bytes however it is built", lambda number: measure_bytes()),
    "classes": ("Classes", lambda number: measure_classes(number * 3 // 2)),
}
"""Titles and measurements by name; each takes the number of faces that `--number` sets."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m lib.benchmarks.rendering")
    parser.add_argument("--number", type=int, default=200, help="faces; some parts take more")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=tuple(PARTS))
    options = parser.parse_args(arguments)
    for name in options.only:
        title, measure = PARTS[name]
        print(f"{title}\n{_table(measure(options.number))}\n", flush=True)


if __name__ == "__main__":
    main()
