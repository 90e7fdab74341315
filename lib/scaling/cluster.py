"""Preparing datasets on a Dask cluster: on this machine, or on any number of them.

    with cluster.connect(SCHEDULER, workers=2) as client, cluster.preparing(client, folder):
        faces = sources.rendered(folder / "faces", identities=500, captures=4, size=64)

Everything in the lab that prepares data does so through `joblib.Parallel`, and joblib can hand its
tasks to Dask. Each worker writes its samples straight into the dataset's files, so every machine
has to see the dataset's folder under the same path; `preparing` makes sure before work begins.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import logging
import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import joblib

from lib import env
from lib.prepare import renders

if TYPE_CHECKING:
    from distributed import Client

_START = "python -m dask worker ADDRESS --nthreads 1"  # `dask` alone does not see the folder
PATIENCE = 30
"""Seconds to wait for a scheduler, and for its first worker."""


class ClusterError(RuntimeError):
    """A cluster that cannot be used; the message says what to do."""


def dask() -> ModuleType:
    """Return Dask's `distributed`, installed first where it is missing, as on Colab.

    Raises:
        RuntimeError: when it cannot be installed.
    """
    if importlib.util.find_spec("distributed") is None:
        print("Installing what is missing here: distributed")
        env.install(["distributed"])
    return importlib.import_module("distributed")


@contextlib.contextmanager
def connect(scheduler: str = "", workers: int = 2) -> Iterator[Client]:
    """Connect to a Dask cluster, or start one on this machine and end it afterwards.

    Args:
        scheduler: its address, such as "tcp://192.168.0.10:8786"; empty starts a cluster here.
        workers: processes of a cluster started here, one thread each. At an address, the number of
            workers to wait for.

    Yields:
        The client, which is Dask's default one within the block.

    Raises:
        ClusterError: where nothing answers at the address.
    """
    distributed = dask()
    with contextlib.ExitStack() as stack:
        if not scheduler:
            scheduler = stack.enter_context(_here(workers))
        try:
            client = stack.enter_context(distributed.Client(scheduler, timeout=PATIENCE))
            client.wait_for_workers(workers, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(
                f"{scheduler}: no cluster with {workers} workers answers ({error}); start "
                f"`python -m dask scheduler` there and `{_START}` on each machine, both in the "
                "lab's folder"
            ) from error
        yield client


@contextlib.contextmanager
def _here(workers: int) -> Iterator[str]:
    """Start a cluster on this machine and yield its address."""
    with dask().LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        memory_limit=0,  # a limit would pause or kill workers on a small machine
        dashboard_address=":0",  # 8787 may be taken by another cluster
        silence_logs=logging.CRITICAL,  # a killed worker is reported by whoever counts on it
    ) as cluster:
        yield cluster.scheduler_address


@contextlib.contextmanager
def preparing(client: Client, folder: str | os.PathLike) -> Iterator[None]:
    """Let all preparation within the block run on the cluster.

    The number of workers is the cluster's own: what the prepare functions call `workers` then only
    decides how finely the work is cut. (Where the cluster has a single worker with one thread,
    joblib sees nothing to share and works in this process.)

    Args:
        client: of the cluster.
        folder: the folder below which datasets are made; every worker has to see it.

    Raises:
        ClusterError: naming the workers that do not see the folder, or lack the lab.
    """
    warm_up(client)
    require_shared(client, folder)
    with joblib.parallel_config("dask", client=client, wait_for_workers_timeout=PATIENCE):
        yield


def require_shared(client: Client, folder: str | os.PathLike) -> None:
    """Make sure that every worker reads and writes the same folder.

    Args:
        client: of the cluster.
        folder: made here where it is missing.

    Raises:
        ClusterError: naming the workers that do not.
    """
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / f".probe-{uuid.uuid4().hex}"
    probe.write_text("seen")
    try:
        answers = client.run(_answer, str(probe))
        blind = [
            address for address, name in answers.items() if not name or not (folder / name).exists()
        ]
    finally:
        for path in folder.glob(f"{probe.name}*"):
            path.unlink(missing_ok=True)
    if blind:
        raise ClusterError(
            f"{len(blind)} of {len(answers)} workers do not share the folder {folder.name!r} with "
            f"this machine ({', '.join(blind)}): mount it everywhere under the same path, "
            "such as a network share, and name it there"
        )


def _answer(probe: str) -> str:
    """Write a file beside the probe and return its name; nothing where there is no probe."""
    path = Path(probe)
    if not path.is_file():
        return ""
    answer = path.with_name(f"{path.name}-{uuid.uuid4().hex}")
    answer.touch()
    return answer.name


def warm_up(client: Client) -> None:
    """Have every worker import the lab and load the compiled renderer.

    Args:
        client: of the cluster.

    Raises:
        ClusterError: naming the first worker that cannot.
    """
    answers = client.run(renders.compile_renderer, on_error="return")
    errors = {who: answer for who, answer in answers.items() if isinstance(answer, BaseException)}
    if errors:
        address, error = next(iter(errors.items()))
        raise ClusterError(
            f"{len(errors)} of {len(answers)} workers cannot load the lab ({address}: {error}): "
            f"start them in the lab's folder, by `{_START}`, from an environment of the same lock"
        )


def kill(client: Client, address: str) -> None:
    """End one worker process by SIGKILL, as a machine that goes away would; its nanny replaces it.

    Args:
        client: of the cluster.
        address: of the worker.
    """
    client.run(_die, workers=[address], wait=False)


async def _die() -> None:  # Dask waits for everything that is not asynchronous
    os.kill(os.getpid(), signal.SIGKILL)
