"""One process of a training: `python -m lib.scaling.worker job.json`, on any machine.

Alone it trains as the lessons do. With the environment variable TF_CONFIG, which names all workers
and says which one this is, it trains with the others under MultiWorkerMirroredStrategy; with
`--devices 2` on two devices of this machine under MirroredStrategy. Worker 0 is the chief: it keeps
the log, the backups and the weights. The others restore from the chief's backup and keep nothing,
so there is one state of the run and never two that disagree.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SUPERVISOR = "LAB_SUPERVISOR"
"""Environment variable with the process id of the supervisor, which a worker does not outlive."""

FAILED = 3


class WorkerError(RuntimeError):
    """A worker that cannot take part; the message says what to do."""


def place() -> tuple[int, int]:
    """Return which worker this is and how many there are, from TF_CONFIG; (0, 1) without it.

    Raises:
        WorkerError: for a TF_CONFIG that does not say it.
    """
    text = os.environ.get("TF_CONFIG", "")
    if not text:
        return 0, 1
    try:
        config = json.loads(text)
        workers, task = config["cluster"]["worker"], config["task"]
        index = int(task["index"])
    except (ValueError, KeyError, TypeError) as error:
        raise WorkerError(f"TF_CONFIG: {error!r}; expected {_example_of_config()}") from error
    if task.get("type") != "worker" or not 0 <= index < len(workers):
        raise WorkerError(f"TF_CONFIG: found task {task}; expected {_example_of_config()}")
    return index, len(workers)


def _example_of_config() -> str:
    workers = {"worker": ["first-machine:12345", "second-machine:12345"]}
    return json.dumps({"cluster": workers, "task": {"type": "worker", "index": 0}})


def leave_with_supervisor() -> None:
    """End this process as soon as its supervisor is gone, lest it waits for others for ever."""
    supervisor = int(os.environ.get(SUPERVISOR) or 0)

    def _watch() -> None:
        while os.getppid() == supervisor:
            time.sleep(0.5)
        os._exit(FAILED)

    if supervisor:
        threading.Thread(target=_watch, daemon=True).start()


def choose_strategy(devices: int, threads: int) -> Any:
    """Set TensorFlow up and return the strategy: of workers, of devices, or the plain one.

    Args:
        devices: of this machine; GPUs where there are so many, else the CPU cut into so many.
        threads: that one operation may use; 0 leaves it to TensorFlow.
    """
    import tensorflow

    if threads:
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    if place()[1] > 1:
        return tensorflow.distribute.MultiWorkerMirroredStrategy()
    if devices < 2:
        return tensorflow.distribute.get_strategy()
    gpus = tensorflow.config.list_physical_devices("GPU")
    if len(gpus) >= devices:
        return tensorflow.distribute.MirroredStrategy([f"GPU:{n}" for n in range(devices)])
    cpu = tensorflow.config.list_physical_devices("CPU")[0]
    cut = [tensorflow.config.LogicalDeviceConfiguration() for _ in range(devices)]
    tensorflow.config.set_logical_device_configuration(cpu, cut)
    return tensorflow.distribute.MirroredStrategy([f"CPU:{n}" for n in range(devices)])


def borrow(run: Path, own: Path) -> None:
    """Copy the run's backup, if there is one, for a worker that is not the chief."""
    if (run / "backup").is_dir():
        shutil.copytree(run / "backup", own / "backup", ignore=shutil.ignore_patterns(".*"))


def require_shared(strategy: Any, folder: Path, run: Path) -> None:
    """Make sure that all workers see one folder and one backup; none trains before all have looked.

    Args:
        strategy: of the workers.
        folder: the job's, as this worker sees it.
        run: the run's folder in it.

    Raises:
        WorkerError: where they see different ones.
    """
    token = folder / "chief.txt"
    if place()[0] == 0:
        token.write_text(uuid.uuid4().hex)
    _told_by_all(strategy, 0)  # nobody looks before the chief has written
    digest = hashlib.sha256()
    for path in [token, *sorted((run / "backup").glob("[!.]*.npz"))]:
        digest.update(path.read_bytes() if path.is_file() else b"none")
    seen = _told_by_all(strategy, int.from_bytes(digest.digest()[:4], "little") >> 1)
    if len(set(seen)) > 1:
        raise WorkerError(
            f"{folder}: worker {place()[0]} sees other files there than the others: expected one "
            "folder that all machines share, mounted everywhere under the same path"
        )


def _told_by_all(strategy: Any, number: int) -> list[int]:
    """Tell every worker a number, and return what all of them tell; waits for the last one."""
    import tensorflow

    told = strategy.run(lambda: tensorflow.constant([number]))
    return strategy.gather(told, axis=0).numpy().tolist()


def work(path: str | os.PathLike, devices: int = 1, threads: int = 0) -> None:
    """Do a job, alone or with others, to its last step.

    Args:
        path: the job's file.
        devices: see `choose_strategy`.
        threads: see `choose_strategy`.

    Raises:
        JobError: for a job that cannot be done.
        WorkerError: for a TF_CONFIG that makes no sense, or workers that see different folders.
    """
    from lib import env, imports
    from lib.scaling import job

    what, (index, count) = job.read(path), place()
    what.require_module()
    imports.import_quietly(env.choose_backend())
    from lib.scaling import fitting, progress
    from lib.training import train

    strategy = choose_strategy(devices, threads)
    env.seed_everything(what.seed)
    env.use_precision(what.profile.mixed_precision)
    with strategy.scope():
        model, batches = what.function()(what.profile, **what.options)
        model(batches[0][0])
        model.optimizer.build(model.trainable_variables)
    if count > 1:
        fitting.prepare_for_workers(model)
    folder, run = Path(what.folder), Path(what.profile.name) / job.RUN
    extra = [progress.Progress(folder / progress.FOLDER, index, what.pause)]
    with tempfile.TemporaryDirectory() as own:
        if count > 1:
            require_shared(strategy, folder, folder / run)
        if index:
            borrow(folder / run, Path(own) / run)
        else:
            extra.append(progress.Weights(folder, what.keep))
        options = {"workers": "any", "plan": what.plan, "plan options": dict(what.options)}
        runs = own if index else what.folder
        train(
            model, batches, what.profile, job.RUN, runs=runs, options=options, extra_callbacks=extra
        )


def main(arguments: Sequence[str]) -> int:
    """Do the job of the command line.

    Args:
        arguments: the words after the program's name.

    Returns:
        The exit status; 0 where the job is done.
    """
    parser = argparse.ArgumentParser("python -m lib.scaling.worker", description=__doc__)
    parser.add_argument("job", help="job.json, in a folder that every worker sees")
    parser.add_argument("--devices", type=int, default=1, help="devices of this machine")
    parser.add_argument("--threads", type=int, default=0, help="threads of one operation")
    options = parser.parse_args(arguments)
    leave_with_supervisor()
    work(options.job, options.devices, options.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
