"""Is training exact? Resuming, who learns from what, several devices, half precision.

    python -m lib.benchmarks.training

Each figure that needs a process of its own (a kill, another backend, two devices) comes from
`python -m lib.benchmarks.training TASK`, which prints JSON.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
from typing import Any

import keras
import numpy as np
import pandas

from lib import env
from lib.benchmarks.example import ALL_TERMS, BATCH_SIZE, SIZE, WIDTH, Example, Noise
from lib.profiles import Profile
from lib.training import Run, train
from lib.training.weights import read_arrays, to_arrays

STEPS = Profile(
    "smoke", SIZE, WIDTH, BATCH_SIZE, steps=12, sample_every=4, identities=1, captures=1
)
KILLED_AT = 6
OPTIMIZERS = {
    "SGD(0.1)": functools.partial(keras.optimizers.SGD, 0.1),
    "Adam(0.001)": functools.partial(keras.optimizers.Adam, 1e-3),
}


class Kill(keras.callbacks.Callback):
    """Ends the process with SIGKILL after a step, as a machine that goes away would."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step = step

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Die where it is time."""
        if int(self.model.optimizer.iterations.value) == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


def _example(
    term_weights: dict[str, float],
    random: bool = True,
    optimizer: keras.optimizers.Optimizer | None = None,
) -> Example:
    env.seed_everything(3)
    model = Example(term_weights, random)
    model.compile(optimizer or keras.optimizers.Adam(1e-3))
    return model


def _train(model: keras.Model, steps: int, folder: str | None = None, **options: Any) -> Run:
    profile = Profile(**{**vars(STEPS), "steps": steps})
    with contextlib.nullcontext(folder) if folder else tempfile.TemporaryDirectory() as runs:
        return train(model, Noise(), profile, "run", runs=runs, **options)


def _largest(first: list[np.ndarray], second: list[np.ndarray]) -> float:
    """Return the largest absolute difference between two lists of arrays."""
    pairs = zip(first, second, strict=True)
    return float(max(np.abs(a.astype(float) - b.astype(float)).max(initial=0) for a, b in pairs))


def who_moves() -> list[dict[str, Any]]:
    """Take one step on a single term at a time, on the backend in use.

    Returns:
        A row a term: the largest change of a weight in the generator and in the critic.
    """
    rows = []
    for only in ALL_TERMS:
        model = _example({name: float(name == only) for name in ALL_TERMS})
        networks = {"generator": model.generator, "critic": model.critic}
        before = {name: to_arrays(network.weights) for name, network in networks.items()}
        _train(model, steps=1)
        change = {
            name: _largest(before[name], to_arrays(networks[name].weights)) for name in before
        }
        rows.append({"backend": keras.backend.backend(), "only term": only, **change})
    return rows


def half_precision() -> dict[str, Any]:
    """Train some steps under mixed_float16.

    Returns:
        Whether all is finite, the loss scale in use, the dtypes of activations and of weights.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = _example(ALL_TERMS)
        run = _train(model, steps=5)
    finally:
        keras.config.set_dtype_policy(before)
    return {
        "finite": bool(np.isfinite(run.history.to_numpy()).all()) and run.finished,
        "loss scale": float(getattr(model.optimizer, "dynamic_scale", 0.0)),
        "computed in": model.generator.get_layer("up_0_convolution").compute_dtype,
        "weights in": sorted({variable.dtype for variable in model.trainable_variables}),
    }


def two_devices(*names: str) -> list[dict[str, Any]]:
    """Compare one step on two logical CPU devices with the same step on one (TensorFlow).

    The whole batch is split in halves. It has to run before TensorFlow sets its devices up.

    Args:
        *names: of `OPTIMIZERS`; all of them by default.

    Returns:
        A row an optimizer: the largest difference between weights.
    """
    import tensorflow

    config = tensorflow.config
    two = [config.LogicalDeviceConfiguration()] * 2
    config.set_logical_device_configuration(config.list_physical_devices("CPU")[0], two)
    rows = []
    for name in names or OPTIMIZERS:
        optimizer = OPTIMIZERS[name]
        single = _example(ALL_TERMS, False, optimizer())
        start = to_arrays(single.trainable_variables)
        _train(single, steps=1)
        strategy = tensorflow.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
        with strategy.scope():
            spread = _example(ALL_TERMS, False, optimizer())
        _train(spread, steps=1)
        after = [to_arrays(model.trainable_variables) for model in (single, spread)]
        moved, apart = _largest(start, after[0]), _largest(*after)
        rows.append({"optimizer": name, "largest step": moved, "largest difference": apart})
    return rows


def _sessions(*folders: str, kill: bool = False) -> list[dict[str, Any]]:
    """Train deterministically, once in each folder; on request die in mid-round."""
    rows = []
    for folder in folders:
        env.seed_everything(3, deterministic=True)
        callbacks = [Kill(KILLED_AT)] if kill else []
        options = {"moving_average": 0.9, "extra_callbacks": callbacks}
        run = _train(_example(ALL_TERMS), STEPS.steps, folder, **options)
        rows.append({"resumed from": run.resumed_from, "steps": run.steps})
    return rows


TASKS = {
    "who_moves": who_moves,
    "half_precision": half_precision,
    "two_devices": two_devices,
    "sessions": _sessions,
    "killed": functools.partial(_sessions, kill=True),
}


def start(task: str, *arguments: str, backend: str = "tensorflow") -> subprocess.Popen:
    """Start one of `TASKS` in a process of its own, on the CPU.

    Args:
        task: its name.
        *arguments: handed to it.
        backend: of Keras.

    Returns:
        The process; `finish` reads its answer.
    """
    surroundings = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TQDM_DISABLE": "1",
    }
    command = [sys.executable, "-m", "lib.benchmarks.training", task, *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=surroundings, cwd=env.ROOT, **pipes)


def finish(process: subprocess.Popen) -> Any:
    """Wait for a process of `start` and return what its task returned.

    Raises:
        RuntimeError: with the process's last words where it failed.
    """
    out, error = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{process.args[-1]} ended with {process.returncode}: {error[-2000:]}")
    return json.loads(out.splitlines()[-1])


def resume(folder: pathlib.Path) -> dict[str, Any]:
    """Kill a training in mid-round, run it again, and compare with one that was left alone.

    Args:
        folder: an empty one.

    Returns:
        The signal that ended the first session, the step the second began at, and the largest
        difference in the whole final state: weights, optimizer, seeds, pool, averages.
    """
    places = [folder / "killed", folder / "whole"]
    killed = start("killed", str(places[0]))
    killed.communicate()
    again, _ = finish(start("sessions", *map(str, places)))
    states = []
    for place in places:
        state = read_arrays(place / STEPS.name / "run" / "backup" / "latest.npz")
        state.pop("position")
        states.append(list(state.values()))
    return {
        "signal": -killed.returncode,
        **again,
        "arrays": len(states[0]),
        "largest difference": _largest(*states),
    }


def _print(title: str, rows: list[dict[str, Any]]) -> None:
    table = pandas.DataFrame(rows).to_string(index=False, float_format="{:.3g}".format)
    print(f"\n{title}\n{table}")


def main() -> None:
    """Print every figure."""
    moves = []
    for backend, module in env.BACKENDS.items():
        installed = env.is_installed(module)
        absent = [{"backend": backend, "only term": "not installed"}]
        moves += finish(start("who_moves", backend=backend)) if installed else absent
    _print("One step on one term: the largest change of a weight", moves)
    if env.is_installed("tensorflow"):
        with tempfile.TemporaryDirectory() as folder:
            row = resume(pathlib.Path(folder))
        _print(f"Killed after step {KILLED_AT} of {STEPS.steps}, in a round, and run again", [row])
        _print("One step on two devices and on one", finish(start("two_devices")))
        _print("Five steps under mixed_float16", [finish(start("half_precision"))])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))
    else:
        main()
