"""Processes to be hurt, and what they leave: the parent's side of the wheel of faults."""

from __future__ import annotations

import contextlib
import importlib
import json
import multiprocessing
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import psutil

from lib.store.building import CARD, JOURNAL, RECIPE
from lib.training.weights import read_arrays

TASKS = "lib.benchmarks.fault_tasks"
RUN = Path("smoke", "wheel")
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TQDM_DISABLE": "1", "CUDA_VISIBLE_DEVICES": ""}
LONGEST = 120
"""Seconds; a process that takes more has hung."""


class Child:
    """A process at one of the tasks.

    Args:
        task: a function's name in `fault_tasks`.
        *arguments: for it.
        **options: for it.
    """

    def __init__(self, task: str, *arguments: Any, **options: Any) -> None:
        os.environ.update(QUIET)  # for the process that the others are forked from
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload([TASKS])
        self.pipe, end = self.context.Pipe(duplex=False)
        work = (end, task, arguments, options)
        self.process = self.context.Process(target=_work, args=work)
        self.process.start()
        end.close()

    def wait_until_begun(self) -> None:
        """Wait for the first step, or the end."""
        self.pipe.poll(LONGEST)

    def kill(self) -> None:
        """End it with SIGKILL, and what of its workers has not left by itself (still starting)."""
        try:
            workers = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:  # done already
            workers = []
        self.process.kill()
        self.process.join()
        for worker in psutil.wait_procs(workers, timeout=2)[1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                worker.kill()

    def finish(self) -> tuple[str, Any]:
        """Return ("done", result), ("failed", the error's line), or ("killed", signal)."""
        answer = None
        with contextlib.suppress(EOFError):
            while self.pipe.poll(LONGEST):
                answer = self.pipe.recv()
        self.process.join(LONGEST)
        is_answer = isinstance(answer, tuple)
        return answer if is_answer else ("killed", -(self.process.exitcode or 0))


def _work(end: Any, task: str, arguments: tuple, options: dict) -> None:
    """Do a task in the child and send what came of it."""
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    told = []

    def _tell(message: str) -> None:
        if not told:
            told.append(message)
            end.send(message)

    try:
        result = getattr(importlib.import_module(TASKS), task)(_tell, *arguments, **options)
        end.send(("done", result))
    except BaseException as error:
        end.send(("failed", f"{type(error).__name__}: {error}"))


def learned(runs: Path) -> dict[str, bytes]:
    """Return what a training leaves, but for its seconds: backup, weights, steps and losses."""
    backup = read_arrays(runs / RUN / "backup" / "latest.npz")
    backup["position"] = backup["position"][:2]  # not the seconds
    rows = [json.loads(line) for line in (runs / RUN / "metrics.jsonl").read_text().splitlines()]
    log = [(row["step"], row["loss"]) for row in rows]
    weights = {}
    for name in ("model.weights.h5", "average.weights.h5"):
        weights |= {name + key: value for key, value in _h5(runs / RUN / name).items()}
    return {"log": repr(log).encode()} | {k: v.tobytes() for k, v in (backup | weights).items()}


def _h5(path: Path) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: found.update({name: item[()]}) if hasattr(item, "dtype") else None
        )
    return found


def built(path: Path) -> dict[str, bytes]:
    """Return a dataset's files, but for the card with its date and a build's own notes."""
    apart = {CARD, RECIPE, JOURNAL}
    return {file.name: file.read_bytes() for file in path.iterdir() if file.name not in apart}


def litter(folder: Path) -> list[str]:
    """Return what is left half written below a folder; a dead process's lock bars nobody."""
    hidden = [path for path in folder.rglob(".*") if path.is_file()]
    return [path.name for path in hidden if path.suffix != ".lock"]
