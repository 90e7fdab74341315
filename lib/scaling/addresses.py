"""Where workers are: TF_CONFIG for each of them, free ports, cores, GPUs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Sequence

from lib import env


def configurations(workers: Sequence[str]) -> list[str]:
    """Return the TF_CONFIG of each worker.

    Args:
        workers: "host:port" of every worker, the chief first.

    Raises:
        ValueError: for an address without a port, or one given twice.
    """
    for address in workers:
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit() or list(workers).count(address) > 1:
            raise ValueError(f"found the address {address!r}, expected host:port, each once")
    cluster = {"worker": list(workers)}
    return [
        json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})
        for index in range(len(workers))
    ]


def free_here(number: int) -> list[str]:
    """Return addresses on this machine whose ports nobody uses at the moment.

    Another process may take a port before a worker does. Then that worker ends with an error, and a
    supervisor tries others.

    Args:
        number: of addresses.
    """
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("localhost", 0))
        return [f"localhost:{one.getsockname()[1]}" for one in sockets]


def gpus() -> int:
    """Return how many NVIDIA GPUs this machine has."""
    if not env.has_gpu():
        return 0
    listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True).stdout
    return sum(line.startswith("GPU ") for line in listed.splitlines())


def visible_gpus(index: int, workers: int, gpus: int) -> str:
    """Return CUDA_VISIBLE_DEVICES for one of several workers on a machine.

    Args:
        index: which worker.
        workers: how many; one alone sees every GPU.
        gpus: how many there are; too few for all workers are hidden from each of them.
    """
    if workers == 1:
        return ",".join(map(str, range(gpus)))
    return str(index) if gpus >= workers else ""


def on_core(index: int) -> list[str]:
    """Return the words before a command that hold it on one core; none without `taskset`.

    Args:
        index: which of the cores that this process may use, counted round.
    """
    if not shutil.which("taskset") or not hasattr(os, "sched_getaffinity"):
        return []
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(cores[index % len(cores)])]
