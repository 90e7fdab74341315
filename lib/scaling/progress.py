"""What each worker did when: one small file a worker, for a supervisor's eyes and a timeline."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from lib.scaling.job import RUN, Job
from lib.training import weights

FOLDER = "progress"


class Progress(keras.callbacks.Callback):
    """Writes a line a step: the wall clock, seconds of computing so far, the step, the process.

    Args:
        folder: of the job's progress.
        index: which worker this is.
        pause: seconds to rest after each step.
    """

    def __init__(self, folder: Path, index: int, pause: float = 0.0) -> None:
        super().__init__()
        self.pause = pause
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{index}.jsonl"

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Note that the process is ready."""
        self._write()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Note a step that is done."""
        self._write()
        time.sleep(self.pause)

    def _write(self) -> None:
        step = int(self.model.optimizer.iterations.numpy())
        clocks = {"time": time.time(), "computing": time.process_time()}
        line = {**clocks, "step": step, "process": os.getpid()}
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


class Weights(keras.callbacks.Callback):
    """Writes the trainable weights after some steps, where `weights_after` finds them.

    Args:
        folder: the job's.
        steps: after which.
    """

    def __init__(self, folder: Path, steps: Sequence[int]) -> None:
        super().__init__()
        self.folder, self.steps = folder, set(steps)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Write the weights where it is time."""
        step = int(self.model.optimizer.iterations.numpy())
        if step in self.steps:
            arrays = weights.to_arrays(self.model.trainable_variables)
            named = {f"{index:05d}": array for index, array in enumerate(arrays)}
            weights.write_arrays(_weights_path(self.folder, step), named)


def _weights_path(folder: str | os.PathLike, step: int) -> Path:
    return Path(folder) / "weights" / f"step_{step:06d}.npz"


def weights_after(folder: str | os.PathLike, step: int) -> list[np.ndarray]:
    """Return the trainable weights that a job had after a step, which it was told to keep.

    Args:
        folder: the job's.
        step: which.
    """
    return list(weights.read_arrays(_weights_path(folder, step)).values())


def final_state(what: Job) -> list[np.ndarray]:
    """Return all that the job's newest backup holds: weights, the optimizer's moments, its step."""
    run = Path(what.folder) / what.profile.name / RUN
    named = weights.read_arrays(run / "backup" / "latest.npz")
    return [array for name, array in named.items() if name != "position"]  # it has the clock


def largest_difference(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> float:
    """Return the largest absolute difference between two lists of arrays of the same shapes."""
    pairs = zip(first, second, strict=True)
    return max(float(np.abs(a.astype(np.float64) - b).max(initial=0.0)) for a, b in pairs)


def read(folder: str | os.PathLike, index: int) -> list[dict[str, float]]:
    """Return the lines of one worker, oldest first; none where it has not begun.

    Args:
        folder: the job's.
        index: which worker.
    """
    path = Path(folder) / FOLDER / f"{index}.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True) if path.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def seconds_a_step(folder: str | os.PathLike, index: int, clock: str = "time") -> np.ndarray:
    """Return what each step of one worker's newest process took, without the first.

    The first step builds the graph, which takes seconds whatever the step takes.

    Args:
        folder: the job's.
        index: which worker.
        clock: "time" for the wall clock, "computing" for the seconds that all threads computed.

    Returns:
        float (steps - 1,).
    """
    lines = read(folder, index)
    newest = [line[clock] for line in lines if line["process"] == lines[-1]["process"]]
    return np.diff(newest)[1:]


def step_of(folder: str | os.PathLike, index: int) -> int:
    """Return the newest step of one worker; 0 where it has not begun."""
    lines = read(folder, index)
    return int(lines[-1]["step"]) if lines else 0
