"""Lessons in processes of their own, some at once, as `lib.commands.lanes` decides.

Papermill changes the working directory and takes over the signals of the process that it runs in,
and memory is counted by process: so each lesson has one.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from multiprocessing import connection
from typing import Any

from lib.commands import lanes

SPAWNING = multiprocessing.get_context("spawn")  # alike on every system


def _live(answer: connection.Connection, environment: Mapping[str, str], work: Callable) -> None:
    """Do a lesson's work in this process, made for it, and send what it returns."""
    if hasattr(os, "setsid"):  # Ctrl-C is for the one who waits: it ends this and the kernel
        os.setsid()
    else:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _leave_with_parent() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=_leave_with_parent, daemon=True).start()
    for name, value in environment.items():
        os.environ.setdefault(name, value)  # who has set one wants it so
    answer.send(work())


class _Child:
    """A lesson in a process.

    Args:
        lesson: its name.
        work: to be done there.
        environment: variables that are set there unless they are already.
    """

    def __init__(self, lesson: str, work: Callable, environment: Mapping[str, str]) -> None:
        self.lesson = lesson
        self.answer, theirs = SPAWNING.Pipe(duplex=False)
        self.process = SPAWNING.Process(target=_live, args=(theirs, environment, work), daemon=True)
        self.process.start()
        theirs.close()  # so that its end is seen here when the process dies

    def outcome(self) -> Any:
        """Wait for the process's end; return what its work returned, None if it died."""
        outcome = None
        with contextlib.suppress(EOFError, OSError), self.answer:
            outcome = self.answer.recv()
        self.process.join()
        return outcome

    def kill(self) -> None:
        """Kill the process and the kernel that it has started."""
        import psutil

        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    child.kill()
        self.process.kill()
        self.process.join()


def run(
    works: Mapping[str, Callable[[], Any]],
    minutes: Mapping[str, float],
    jobs: int,
    begins: Callable[[str], None],
) -> Iterator[tuple[str, Any]]:
    """Do the work of lessons in processes of their own, some at once.

    Args:
        works: what to call for each lesson, by its name; it can be pickled, and so can what it
            returns, which has an attribute `error`, empty if all went well.
        minutes: that each is expected to take.
        jobs: how many may run at once.
        begins: called with a lesson's name just before it begins.

    Yields:
        A lesson's name and what its work returned, None if its process died, as each ends. Where
        the caller goes no further, as after Ctrl-C, the lessons that run are killed.
    """
    length, waiting, ended_well = lanes.lengths(minutes), set(works), set()
    running: dict[connection.Connection, _Child] = {}
    try:
        while waiting or running:
            names = {child.lesson for child in running.values()}
            free = len(running) < jobs
            lesson = lanes.choose(waiting, names, ended_well, length) if free else None
            if lesson:
                begins(lesson)
                child = _Child(lesson, works[lesson], lanes.environment(lesson, jobs))
                running[child.answer] = child
                waiting.remove(lesson)
                continue
            child = running.pop(connection.wait(running)[0])
            outcome = child.outcome()
            if outcome is not None and not outcome.error:
                ended_well.add(child.lesson)
            yield child.lesson, outcome
    finally:
        for child in running.values():
            child.kill()
