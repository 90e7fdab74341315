"""Workers that are watched: when one dies, the others end too, and all begin anew from the backup.

Synchronous training cannot go on without one of its workers, nor take a new one in half-way: the
others wait for its gradients. So a death ends the *session*, and the next session resumes.

    report = supervise(group(job.path, workers=2))

On a cluster each machine runs one supervisor over its own worker, with TF_CONFIG from outside:
`python -m lib.scaling.supervision job.json`. A worker whose peer on another machine dies ends with
an error by itself, its supervisor starts it again, and there it meets the new peer.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lib import env
from lib.scaling import addresses
from lib.scaling.worker import SUPERVISOR

GRACE = 1.0  # seconds from SIGTERM to SIGKILL
POLL = 0.05


class SupervisionError(RuntimeError):
    """Workers that died more often than they may be replaced; the message quotes the last words."""


@dataclasses.dataclass(frozen=True)
class Command:
    """How one worker is started.

    Attributes:
        words: program and arguments.
        log: where everything that it prints goes; a later session is appended.
        environment: variables to set on top of the supervisor's own; None removes one.
    """

    words: Sequence[str]
    log: Path
    environment: Mapping[str, str | None] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Event:
    """What happened to a worker.

    Attributes:
        seconds: since the supervisor began.
        session: from 0.
        worker: from 0.
        what: "started", "finished", "killed by SIGKILL", "ended with 3" or "stopped".
    """

    seconds: float
    session: int
    worker: int
    what: str


@dataclasses.dataclass(frozen=True)
class Report:
    """How the work went.

    Attributes:
        events: in order.
        restarts: sessions after the first.
        seconds: from the first start to the last end.
    """

    events: Sequence[Event]
    restarts: int
    seconds: float


Commands = Callable[[int], Sequence[Command]]
Watch = Callable[[int, Sequence[subprocess.Popen]], None]


def group(
    job: str | os.PathLike, workers: int, *words: str, cores: bool = False, first_core: int = 0
) -> Commands:
    """Return the commands of a job's workers on this machine, with free ports for each session.

    Args:
        job: the job's file.
        workers: how many; 1 trains alone.
        *words: further arguments of `lib.scaling.worker`.
        cores: hold each worker on a core of its own, where the system has `taskset`, and hide the
            GPUs. By default a single worker sees all GPUs, worker i of several GPU i, or none where
            there are too few.
        first_core: the core of worker 0, counted from 0; those of the others follow.
    """
    gpus = 0 if cores else addresses.gpus()

    def _commands(session: int) -> list[Command]:
        program = [sys.executable, "-m", "lib.scaling.worker", str(job), *words]
        configurations = addresses.configurations(addresses.free_here(workers))
        return [
            Command(
                [*(addresses.on_core(first_core + index) if cores else ()), *program],
                Path(job).parent / f"worker_{index}.log",
                {
                    "TF_CONFIG": configurations[index] if workers > 1 else None,
                    "CUDA_VISIBLE_DEVICES": addresses.visible_gpus(index, workers, gpus),
                },
            )
            for index in range(workers)
        ]

    return _commands


class _Session:
    """Processes that live and die together."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self.logs = [command.log for command in commands]
        self.processes = [_start(command) for command in commands]
        self.running = dict(enumerate(self.processes))

    def ended(self) -> list[tuple[int, int]]:
        """Return worker and exit status of all that have ended since the last look."""
        found = [(index, process.poll()) for index, process in self.running.items()]
        found = [(index, status) for index, status in found if status is not None]
        for index, _ in found:
            del self.running[index]
        return found

    def stop(self) -> list[int]:
        """End what still runs, kindly and then surely, and return which workers that were."""
        stopped = list(self.running)
        for process in self.running.values():
            process.terminate()
        until = time.monotonic() + GRACE
        for process in self.running.values():
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running = {}
        return stopped


def _start(command: Command) -> subprocess.Popen:
    command.log.parent.mkdir(parents=True, exist_ok=True)
    wanted = {**os.environ, SUPERVISOR: str(os.getpid()), **command.environment}
    surroundings = {name: value for name, value in wanted.items() if value is not None}
    with open(command.log, "ab") as log:
        return subprocess.Popen(
            command.words, stdout=log, stderr=subprocess.STDOUT, env=surroundings, cwd=env.ROOT
        )


def describe(status: int) -> str:
    """Say in words how a process ended.

    Args:
        status: as subprocess tells it; negative for a signal.
    """
    if status == 0:
        return "finished"
    if status > 0:
        return f"ended with {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def last_words(log: Path) -> str:
    """Return the last line that a worker printed, of at most 300 letters."""
    lines = log.read_text("utf-8", errors="replace").split("\n") if log.is_file() else []
    spoken = [line.strip() for line in lines if line.strip()]
    return spoken[-1][:300] if spoken else "nothing"


def supervise(
    commands: Commands, restarts: int = 3, watch: Watch | None = None, quiet: bool = False
) -> Report:
    """Start workers, and start all of them anew whenever one ends badly, until all have finished.

    Args:
        commands: session number -> the commands of its workers.
        restarts: at most so many; a mistake in the code kills every session in the same way.
        watch: called with session and processes at every look, some 20 times a second.
        quiet: print nothing.

    Returns:
        What happened.

    Raises:
        SupervisionError: when the restarts are used up; names the worker, its log and last words.
    """
    began, events = time.monotonic(), []

    def _note(worker: int, what: str) -> None:
        events.append(Event(time.monotonic() - began, number, worker, what))

    for number in range(restarts + 1):
        session = _Session(commands(number))
        try:
            for index in session.running:
                _note(index, "started")
            failed = _follow(session, number, watch, _note)
        finally:
            for index in session.stop():
                _note(index, "stopped")
        if failed is None:
            return Report(events, number, time.monotonic() - began)
        worker, status = failed
        message = f"worker {worker} {describe(status)}"
        if not quiet and number < restarts:
            print(f"{message}: all workers begin anew from the last backup", flush=True)
    raise SupervisionError(
        f"{message} in session {number + 1} of {restarts + 1}, and restarts={restarts} are used "
        f"up; its last words, in {session.logs[worker].name}: {last_words(session.logs[worker])}"
    )


def _follow(
    session: _Session, number: int, watch: Watch | None, note: Callable[[int, str], None]
) -> tuple[int, int] | None:
    """Wait until a worker ends badly, and return it and its status; None when all finish."""
    while session.running:
        if watch:
            watch(number, session.processes)
        failed = None
        for index, status in session.ended():
            note(index, describe(status))
            # of several that end at one look, the killed one is the cause
            if status and (failed is None or status < failed[1]):
                failed = index, status
        if failed:
            return failed
        time.sleep(POLL)
    return None


def main(arguments: Sequence[str]) -> int:
    """Supervise this machine's worker, or several workers on this machine.

    Args:
        arguments: the words after the program's name.

    Returns:
        The exit status; 0 where the job is done.
    """
    parser = argparse.ArgumentParser("python -m lib.scaling.supervision", description=__doc__)
    parser.add_argument("job", help="job.json, in a folder that every worker sees")
    parser.add_argument("--workers", type=int, default=1, help="on this machine, without TF_CONFIG")
    parser.add_argument("--restarts", type=int, default=3, help="at most so many")
    options = parser.parse_args(arguments)
    if os.environ.get("TF_CONFIG"):
        commands = _own(options.job)
    else:
        commands = group(options.job, options.workers)
    try:
        report = supervise(commands, options.restarts)
    except SupervisionError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"finished after {report.seconds:.0f} s, with {report.restarts} restarts")
    return 0


def _own(job: str) -> Commands:
    """Return the command of the one worker that TF_CONFIG says this machine is."""
    from lib.scaling.worker import place

    log = Path(job).parent / f"worker_{place()[0]}.log"
    command = Command([sys.executable, "-m", "lib.scaling.worker", job], log)
    return lambda session: [command]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
