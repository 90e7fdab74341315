"""What the processes in the wheel of faults do: a small build and a small training, to be hurt.

Everything heavy is imported here once, and each process is forked from one that has it already.
"""

from __future__ import annotations

import itertools
import os
import pathlib
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from lib import env, store
from lib.profiles import Profile
from lib.training import train

SAMPLES = [(f"{index:03d}", f"person {index // 4}") for index in range(240)]
FIELDS = [store.Field("photo", (8, 8, 3)), store.Field("number", (1,), "float32", "vector")]
PROFILE = Profile("smoke", 8, 4, 4, steps=24, sample_every=4, identities=1, captures=1)
RUN = "wheel"
Tell = Callable[[Any], None]


class Points(keras.utils.PyDataset):
    """Batches of points whose sum is to be learned; slow on demand, for a kill to hit."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__()
        self.epoch, self.seconds = 0, seconds

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        time.sleep(self.seconds)
        x = np.random.default_rng([self.epoch, index]).normal(size=(4, 3)).astype(np.float32)
        return x, x.sum(1, keepdims=True)


class ReadingPoints(Points):
    """Points whose every batch also reads a dataset from the disk."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.data = store.open(path)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        x, y = super().__getitem__(index)
        return x, y + self.data[index]["number"][0] / 255


class Begun(keras.callbacks.Callback):
    """Tells the parent at the first step, and does something after each round."""

    def __init__(self, tell: Tell, after_round: Callable[[int], None]) -> None:
        super().__init__()
        self.tell, self.after_round = tell, after_round

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Say that training has begun, again and again."""
        self.tell("begun")

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Do what the fault asks for; rounds count from 1."""
        self.after_round(epoch + 1)


def watch_files(folder: str, hurt: Callable[[int, str, str], None]) -> None:
    """Call ``hurt`` at each operation on the files of a folder, before it is done.

    Args:
        folder: the files below it count.
        hurt: called with the operation's number, from 1, its name, and the file's name.
    """
    numbers = itertools.count(1)

    def _watch(event: str, arguments: tuple) -> None:
        if event in {"open", "os.rename", "os.remove", "os.mkdir"} and arguments:
            path = str(arguments[0])
            if path.startswith(folder):
                hurt(next(numbers), event, os.path.basename(path))

    sys.addaudithook(_watch)


def die(*_: Any) -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def make_sample(index: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Return a sample of noise; some are rejected, so that closing the gaps has work to do."""
    time.sleep(0.002)
    if index % 9 == 5:
        raise store.Rejected("made to be rejected")
    photo = generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return {"photo": photo, "number": photo.mean(keepdims=True).astype(np.float32).reshape(1)}


def build(tell: Tell, path: str, workers: int = 1, killed_at: int = 0) -> None:
    """Build the small dataset.

    Args:
        tell: sends something to the parent.
        path: its folder.
        workers: processes.
        killed_at: die before that operation on a file; 0 lives.
    """
    if killed_at:
        watch_files(path, lambda number, *_: number == killed_at and die())
    tell("begun")
    origin = {"source": "noise", "licence": "none needed", "progress": False}
    store.build(path, FIELDS, SAMPLES, make_sample, 5, workers, **origin)


def learn(
    tell: Tell,
    runs: str,
    seconds: float = 0.0,
    killed_at: int = 0,
    clock: float | None = None,
    after_round: Callable[[int], None] = lambda number: None,
    batches: str = "",
) -> dict[str, Any]:
    """Train the small model, or go on with it.

    Args:
        tell: sends something to the parent.
        runs: the folder of runs.
        seconds: that a batch takes.
        killed_at: die before that operation on a file of the run; 0 lives.
        clock: what the time of day is, in seconds since 1970; None leaves it.
        after_round: called after each round, before its backup.
        batches: a dataset to read all the while, or none.

    Returns:
        The step it began at, the steps done, and the operations on files.
    """
    operations = []

    def _note(number: int, event: str, name: str) -> None:
        operations.append((number, event, name))
        if number == killed_at:
            die()

    watch_files(os.path.join(runs, PROFILE.name, RUN), _note)
    if clock is not None:
        time.time = lambda: clock  # type: ignore[assignment]
    env.seed_everything(4, deterministic=True)
    layers = [keras.Input((3,)), keras.layers.Dense(500, "relu"), keras.layers.Dense(1)]
    model = keras.Sequential([*layers[:2], keras.layers.Dropout(0.5, seed=9), layers[2]])
    model.compile(keras.optimizers.Adam(0.01), loss="mse")
    points = ReadingPoints(batches) if batches else Points(seconds)
    extra = [Begun(tell, after_round)]
    run = train(model, points, PROFILE, RUN, runs=runs, extra_callbacks=extra, moving_average=0.9)
    return {"from": run.resumed_from, "steps": run.steps, "operations": operations}


def lose_folder(tell: Tell, path: str, at_round: int, **options: Any) -> dict[str, Any]:
    """Train, and delete a folder in mid-way, as a tidy person would."""
    import shutil

    def _delete(number: int) -> None:
        if number == at_round:
            shutil.rmtree(path)

    return learn(tell, after_round=_delete, **options)


def fill_disk(tell: Tell, disk: str, at_round: int, spare: int, **options: Any) -> dict[str, Any]:
    """Train, and fill the disk in mid-way but for some bytes."""

    def _fill(number: int) -> None:
        if number == at_round:
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            pathlib.Path(disk, "ballast").write_bytes(bytes(max(0, free - spare)))

    return learn(tell, after_round=_fill, **options)
