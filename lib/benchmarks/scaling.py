"""Several processes: are the results the same, what do they gain, what does a death cost?

``python -m lib.benchmarks.scaling`` prepares a dataset by one process and by two Dask workers, one
of them killed; trains a small GAN by one worker, by two, by two devices, and by two workers of
which one is killed in mid-round. It takes some minutes; run it on an otherwise idle machine.
"""

from __future__ import annotations

import argparse
import hashlib
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lib import profiles
from lib.prepare import renders, sources
from lib.profiles import Profile
from lib.scaling import cluster, progress
from lib.scaling.job import Job
from lib.scaling.supervision import Watch, group, supervise
from lib.store import Dataset

ONE_THREAD = ("--threads", "1")
PLAN = "lib.scaling.example:plan"


def digest(dataset: Dataset) -> str:
    """Return a hash of all field files of a dataset."""
    found = hashlib.sha256()
    for path in sorted(dataset.path.glob("*.npy")):
        found.update(path.read_bytes())
    return found.hexdigest()


def _prepare(path: Path, profile: Profile, workers: int) -> tuple[Dataset, float]:
    began = time.perf_counter()
    size = (profile.identities, profile.captures, profile.size)
    made = sources.rendered(path, *size, seed=1, workers=workers, progress=False)
    return made, time.perf_counter() - began


def preparation(folder: Path, profile: Profile) -> list[tuple[str, str]]:
    """Prepare a dataset in three ways.

    Args:
        folder: to make the datasets in; "alone" stays for the training.
        profile: identities, captures and size count.

    Returns:
        Rows of a table: what, and how it went.
    """
    renders.compile_renderer()
    alone, seconds = _prepare(folder / "alone", profile, 1)
    rows = [("prepared by one process", f"{seconds:.1f} s for {len(alone)} samples")]
    with cluster.connect("", workers=2) as client, cluster.preparing(client, folder):
        for name in ("two Dask workers", "two, one killed"):
            path = folder / name.replace(" ", "_")
            if "killed" in name:
                threading.Thread(target=_kill_one, args=(client, path), daemon=True).start()
            made, seconds = _prepare(path, profile, 2)
            same = "the same bytes" if digest(made) == digest(alone) else "OTHER BYTES"
            rows.append((f"prepared by {name}", f"{seconds:.1f} s, {same}"))
    return rows


def _kill_one(client: object, path: Path) -> None:
    while not (path / "journal.jsonl").exists() or not (path / "journal.jsonl").read_text():
        time.sleep(0.01)
    cluster.kill(client, min(client.nthreads()))


def kill_at(job: Job, victim: int, step: int) -> Watch:
    """Return a watch that kills a worker of the first session after so many steps."""

    def _watch(session: int, processes: Sequence[subprocess.Popen]) -> None:
        alive = session == 0 and processes[victim].poll() is None
        if alive and progress.step_of(job.folder, victim) >= step:
            processes[victim].send_signal(signal.SIGKILL)

    return _watch


def training(folder: Path, profile: Profile) -> list[tuple[str, str]]:
    """Train in four ways, on the dataset that `preparation` left.

    Args:
        folder: with the dataset; the jobs go beside it.
        profile: of the training.

    Returns:
        Rows of a table: what, and how it went.
    """
    keep = [1, profile.steps]
    options = {"data": str(folder / "alone"), "seed": 1, "epsilon": 1e-4}

    def _do(name: str, workers: int, *words: str, kill: bool = False, pause: float = 0.0) -> Job:
        job = Job(PLAN, profile, 1, str(folder / name), options, keep, pause)
        watch = kill_at(job, 1, profile.sample_every + 2) if kill else None
        supervise(group(job.write(), workers, *ONE_THREAD, *words, cores=True), watch=watch)
        return job

    one, two = _do("one", 1), _do("two", 2)
    devices, killed = _do("devices", 1, "--devices", "2"), _do("killed", 2, kill=True, pause=0.1)
    step = {count: _a_step(job, count) for count, job in ((1, one), (2, two))}
    states = zip(progress.final_state(two), progress.final_state(killed), strict=True)
    unequal = sum(not np.array_equal(*pair) for pair in states)
    return [
        ("a step of one worker", "{:.3f} s, of which it computes {:.3f} s".format(*step[1])),
        ("a step of two workers", "{:.3f} s, of which each computes {:.3f} s".format(*step[2])),
        ("two workers against one", _differences(two, one, keep)),
        ("two devices against two workers", _differences(devices, two, keep)),
        ("arrays that a killed worker changes", str(unequal)),
    ]


def _a_step(job: Job, workers: int) -> list[float]:
    """Return the median seconds of a step, and of computing, of the worker that takes longest."""
    folder, clocks = job.folder, ("time", "computing")
    every = [
        [np.median(progress.seconds_a_step(folder, index, clock)) for index in range(workers)]
        for clock in clocks
    ]
    return [float(max(seconds)) for seconds in every]


def _differences(first: Job, second: Job, steps: Sequence[int]) -> str:
    found = []
    for step in steps:
        both = (progress.weights_after(job.folder, step) for job in (first, second))
        found.append(f"{progress.largest_difference(*both):.0e} after step {step}")
    return f"largest difference of a weight {', '.join(found)}"


def main(arguments: list[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m lib.benchmarks.scaling", description=__doc__)
    parser.add_argument("--size", type=int, default=48, help="pixels of a picture's side")
    parser.add_argument("--width", type=int, default=16, help="filters of the first layer")
    parser.add_argument("--batch", type=int, default=48, help="pictures of a whole batch")
    options = parser.parse_args(arguments)
    changes = {"size": options.size, "width": options.width, "batch_size": options.batch}
    scale = {"identities": 60, "captures": 4, "steps": 24, "sample_every": 6, "max_minutes": 0.0}
    profile = profiles.change(profiles.PROFILES["laptop"], **changes, **scale)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for label, figure in [*preparation(folder, profile), *training(folder, profile)]:
            print(f"{label:36} {figure}", flush=True)


if __name__ == "__main__":
    main()
