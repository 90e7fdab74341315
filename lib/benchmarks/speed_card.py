"""How fast one card trains pix2pix's networks, and what share of its own matrix rate that is.

``python -m lib.benchmarks.speed_card`` measures how fast the card multiplies large matrices and
trains `lib.benchmarks.speed.Pix2Pix` by Keras' own `fit`, in float32 and under mixed_float16, on
the backend that KERAS_BACKEND names. With ``--torch PYTHON`` the same networks, written by hand for
PyTorch, train on the same card, each in a process of its own.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import math
import statistics
import time
from typing import Any

import keras
import numpy as np
import pandas
from keras import layers, ops

from lib.benchmarks import speed_torch
from lib.benchmarks.speed import InMemory, Pix2Pix

POLICIES = {"float32": "float32", "float16": "mixed_float16"}
IN_FLIGHT = 8
COUNTED = "Conv2D, Conv2DTranspose and Dense; teach `operations` to count it"
Size = tuple[int, int, int]


def _framework() -> Any:
    return importlib.import_module(keras.backend.backend())


def card() -> str:
    """Return the name of the device that the backend computes on."""
    framework, backend = _framework(), keras.backend.backend()
    if backend == "jax":
        return framework.devices()[0].device_kind
    if backend == "torch":
        return framework.cuda.get_device_name() if framework.cuda.is_available() else "cpu"
    details = framework.config.experimental.get_device_details
    found = framework.config.list_physical_devices("GPU")
    return details(found[0])["device_name"] if found else "cpu"


def synchronise(arrays: Any) -> None:
    """Wait until the device has finished all it was given; `arrays` are what it computes last."""
    framework, backend = _framework(), keras.backend.backend()
    if backend == "jax":
        framework.block_until_ready(arrays)
    elif backend == "tensorflow":
        framework.test.experimental.sync_devices()
    elif framework.cuda.is_available():
        framework.cuda.synchronize()


def matrix_rate(size: int, precision: str, repetitions: int = 20) -> float:
    """Measure how fast the device multiplies square matrices of random numbers.

    NVIDIA's cards compute float32 products in TF32, as they do the networks' convolutions.

    Args:
        size: rows and columns.
        precision: "float32", "bfloat16" or "float16".
        repetitions: timed, after one that is not; each keeps several products in flight.

    Returns:
        TFLOP/s of the median repetition.
    """
    if keras.backend.backend() == "torch":  # its convolutions take TF32 unasked, its products not
        _framework().set_float32_matmul_precision("high")
    factors = [keras.random.uniform((size, size), -1, 1, precision, seed) for seed in range(2)]
    seconds = []
    for _ in range(repetitions + 1):
        synchronise(factors)
        began = time.perf_counter()
        synchronise([ops.matmul(*factors) for _ in range(IN_FLIGHT)])
        seconds.append((time.perf_counter() - began) / IN_FLIGHT)
    return 2 * size**3 / statistics.median(seconds[1:]) / 1e12


def operations(model: keras.Model) -> int:
    """Count the products and sums of one picture's forward pass in convolutions and dense layers.

    Args:
        model: a functional model of fixed size that calls each of its layers once.

    Raises:
        ValueError: for a layer that has a kernel and is of another kind.
    """
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            total += operations(layer)
        elif isinstance(layer, layers.Conv2D | layers.Conv2DTranspose | layers.Dense):
            # an output sees a filter's weights; where the kernel is transposed, an input does
            seen = layer.input if isinstance(layer, layers.Conv2DTranspose) else layer.output
            total += 2 * math.prod(seen.shape[1:]) * math.prod(layer.kernel.shape[:-1])
        elif hasattr(layer, "kernel"):
            raise ValueError(f"layer {layer.name}: found a kernel, expected one only in {COUNTED}")
    return total


@functools.cache
def step_operations(side: int, width: int, number: int) -> int:
    """Count the operations of one training step of `number` pictures, as the algorithm asks them.

    The generator and the critic on real and on fake pictures go forward, back to their inputs and
    back to their weights; the frozen critic skips the last. XLA does up to an eighth less: the
    critic sees each fake twice, and no gradient goes to data. Padding counts as if it were picture.
    """
    model = Pix2Pix(side, width)
    return number * (3 * operations(model.generator) + (3 + 3 + 2) * operations(model.critic))


def by_fit(size: Size, precision: str, steps: int, turns: int) -> tuple[str, float]:
    """Train by Keras' own `fit`; return how, and the seconds a step takes on the device.

    Args:
        size: side of the pictures, filters of the first layers, pictures a step.
        precision: "float32", or "float16" for mixed precision.
        steps: of a turn.
        turns: of which the fastest counts; one more goes before them, and compiles.
    """
    side, width, number = size
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(POLICIES[precision])
    try:
        model = Pix2Pix(side, width)
        model.compile(keras.optimizers.Adam(2e-4, beta_1=0.5))
    finally:
        keras.config.set_dtype_policy(before)
    batch = np.random.default_rng(0).uniform(-1, 1, (2, number, side, side, 3)).astype("float32")
    on_card = keras.backend.backend() == "jax"  # the others' `fit` would fetch it back
    data = InMemory(tuple(map(ops.convert_to_tensor, batch) if on_card else batch), steps)
    seconds = []
    for _ in range(turns + 1):
        began = time.perf_counter()
        model.fit(data, verbose=0, shuffle=False)
        synchronise([variable.value for variable in model.trainable_variables])
        seconds.append(time.perf_counter() - began)
    return f"Keras fit, {keras.backend.backend()}", min(seconds[1:]) / steps


def row(case: tuple[Size, str], way: str, seconds: float) -> dict[str, Any]:
    """Return a row of the table, and print the step's time in case the rest takes too long."""
    (side, width, number), precision = case
    print(f"... {way}, {case}: {1e3 * seconds:.2f} ms a step", flush=True)
    names = {"px": side, "width": width, "a step": number, "computed in": precision, "way": way}
    needed = step_operations(side, width, number)
    figures = {"ms/step": 1e3 * seconds, "pictures/s": number / seconds, "GFLOP/step": needed / 1e9}
    return names | figures | {"TFLOP/s": needed / seconds / 1e12}


def measure(
    sizes: list[Size], precisions: list[str], turns: tuple[int, int], matrix: int, torch: str | None
) -> pandas.DataFrame:
    """Return a row for each size, precision and way; print the device's matrix rates."""
    # PyTorch goes first, before Keras takes the card's memory
    cases = [(size, precision) for size in sizes for precision in precisions]
    by_hand = {case: speed_torch.train(torch, *case, *turns) for case in cases if torch}
    rows = [row(case, *found) for case, found in by_hand.items()]
    rates = {name: matrix_rate(matrix, name) for name in ("float32", "bfloat16", "float16")}
    named = ", ".join(f"{rate:.4g} TFLOP/s in {name}" for name, rate in rates.items())
    print(f"{card()}: {matrix} x {matrix} matrix products at {named}", flush=True)
    rows += [row(case, *by_fit(*case, *turns)) for case in cases]
    table = pandas.DataFrame(rows)
    table["of the rate"] = table["TFLOP/s"] / table["computed in"].map(rates)
    return table


def read_size(text: str) -> Size:
    """Return the size that "PX:WIDTH:N" names; argparse reports what does not name one."""
    parts = text.split(":")
    if len(parts) != 3 or not all(part.isdecimal() and int(part) for part in parts):
        raise argparse.ArgumentTypeError(f"found {text!r}, expected PX:WIDTH:N, as in 64:16:16")
    return tuple(map(int, parts))


def main() -> None:
    """Print the card's rates and the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sizes = [(64, 16, 16), (128, 32, 16), (256, 64, 16)]
    parser.add_argument("--sizes", nargs="+", type=read_size, default=sizes, metavar="PX:WIDTH:N")
    parser.add_argument("--precisions", nargs="+", choices=POLICIES, default=list(POLICIES))
    parser.add_argument("--steps", type=int, default=40, help="of a turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--matrix", type=int, default=8192, help="side of the matrices multiplied")
    parser.add_argument("--torch", metavar="PYTHON", help="a Python interpreter that has PyTorch")
    of = parser.parse_args()
    table = measure(of.sizes, of.precisions, (of.steps, of.turns), of.matrix, of.torch)
    print("", table.to_string(index=False, float_format="{:.4g}".format), sep="\n")


if __name__ == "__main__":
    main()
