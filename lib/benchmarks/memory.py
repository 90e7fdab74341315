"""How much memory training takes when the dataset is large: 30,000 faces of 128 pixels.

``python -m lib.benchmarks.memory`` writes 3.4 GB of random faces and masks, trains systems S2 and
S3 on them for some steps, each in a process of its own, and on 64 faces beside. What the framework
takes by itself is measured first: imported, with one small convolution run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas
import psutil

from lib import env, store

SIZE = 128
BATCH = 16
SYSTEMS = ("S2", "S3")


def make_dataset(folder: Path, number: int, size: int = SIZE, workers: int = 2) -> store.Dataset:
    """Build a dataset of random faces under random masks.

    Args:
        folder: of the dataset.
        number: of faces.
        size: side of the pictures, pixels.
        workers: processes.
    """
    fields = [
        store.Field("photo", (size, size, 3)),
        store.Field("masked", (size, size, 3)),
        store.Field("mask", (size, size), kind="mask"),
    ]
    samples = [(f"{index:06d}", f"person {index // 5}") for index in range(number)]
    origin = {"source": "random numbers", "licence": "none needed"}
    return store.build(folder, fields, samples, _noise(size), 0, workers, progress=False, **origin)


def _noise(size: int) -> Callable[[int, np.random.Generator], dict[str, np.ndarray]]:
    def _make(index: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
        photo = np.frombuffer(generator.bytes(size * size * 3), np.uint8).reshape(size, size, 3)
        mask = np.zeros((size, size), np.uint8)
        mask[size // 2 :] = 1
        return {"photo": photo, "masked": photo * (1 - mask[..., None]), "mask": mask}

    return _make


class _Peak:
    """Watches this process's memory, 50 times a second, as a context."""

    def __enter__(self) -> _Peak:
        self.process, self.bytes = psutil.Process(), 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()
        return self

    def _watch(self) -> None:
        while not self.stop.wait(0.02):
            self.bytes = max(self.bytes, self.process.memory_info().rss)

    def __exit__(self, *details: object) -> None:
        self.stop.set()
        self.thread.join()
        self.bytes = max(self.bytes, self.process.memory_info().rss)


def measure(folder: Path, system: str, steps: int) -> dict[str, float]:
    """Train a system on a dataset; call it in a fresh process.

    Args:
        folder: of the dataset.
        system: one of `SYSTEMS`, in its laptop widths.
        steps: of training.

    Returns:
        ``framework_mib``, the process's memory before there is a model; ``peak_mib``, the most that
        training takes above it.
    """
    import keras

    from lib import profiles, training
    from lib.gans import repainting
    from lib.gans.unmask_noise import UnmaskNoise
    from lib.gans.unmask_two_critics import UnmaskTwoCritics

    keras.layers.Conv2D(4, 3)(np.zeros((1, 8, 8, 3), np.float32))
    before = psutil.Process().memory_info().rss
    dataset = store.open(folder)
    size = dataset.fields["photo"].shape[0]
    if system == "S2":
        model = UnmaskNoise(size, 32, critic_width=16)
    else:
        model = UnmaskTwoCritics(size, 16, steps, critic_width=16, perceived=4)
    model.compile(keras.optimizers.Adam(2e-4, beta_1=0.5))
    batches = dataset.batches(BATCH, fields=repainting.FIELDS, arrange=repainting.arrange)
    profile = profiles.choose("laptop", steps=steps, sample_every=steps, max_minutes=60.0)
    with tempfile.TemporaryDirectory() as runs, _Peak() as peak:
        training.train(model, batches, profile, "memory", runs=runs, live=False)
    return {"framework_mib": before / 2**20, "peak_mib": (peak.bytes - before) / 2**20}


def _in_a_fresh_process(folder: Path, system: str, steps: int) -> dict[str, float]:
    command = [sys.executable, "-m", __spec__.name, "--measure", str(folder), system, str(steps)]
    done = subprocess.run(command, cwd=env.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the measurement failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=int, default=30_000)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        folder, system, steps = arguments.measure
        print(json.dumps(measure(Path(folder), system, int(steps))))
        return
    rows = {}
    with tempfile.TemporaryDirectory() as scratch:
        for faces in (64, arguments.faces):
            folder = make_dataset(Path(scratch, str(faces)), faces).path
            for system in SYSTEMS:
                found = _in_a_fresh_process(folder, system, arguments.steps)
                rows[f"{system}, {faces:,} faces"] = found
    print(f"{SIZE} px, batches of {BATCH}, MiB: before any model, and the peak above it")
    print(pandas.DataFrame(rows).T.round(0).to_string())


if __name__ == "__main__":
    main()
