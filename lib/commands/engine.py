"""Papermill's engine, writing the executed copy now and then instead of twice a cell.

A lesson has a hundred cells and, towards its end, megabytes of pictures: two hundred copies of it
would be written, while the kernel waits. The price: where this process is killed in the middle of a
long cell, the copy may lack what was printed in the last seconds before that cell. However else a
lesson ends, the copy is whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import nbformat
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines

NAME = "now and then"
SECONDS = 3.0


class NowAndThen(NBClientEngine):
    """Executes a notebook, and saves it at most every `SECONDS`; at the end, papermill saves it."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any
    ) -> nbformat.NotebookNode | None:
        """Execute the notebook.

        Args:
            nb_man: papermill's manager of this execution.
            kernel_name: of the kernel to start.
            **options: passed on.

        Returns:
            What papermill's own engine returns: None, for the manager holds the notebook.
        """
        nb_man.save = at_most_every(SECONDS, nb_man.save)
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **options)
        finally:
            del nb_man.save  # the class's own is back


def at_most_every(
    seconds: float, action: Callable[..., Any], clock: Callable[[], float] = time.monotonic
) -> Callable[..., None]:
    """Return the same action, left out where the last one is not so long ago.

    Args:
        seconds: from the end of one to the beginning of the next.
        action: what it returns is dropped.
        clock: returns seconds.
    """
    last = float("-inf")

    def _act(*arguments: Any, **options: Any) -> None:
        nonlocal last
        if clock() - last >= seconds:
            action(*arguments, **options)
            last = clock()

    return _act


def register() -> str:
    """Make the engine known to papermill, and return its name there."""
    papermill_engines.register(NAME, NowAndThen)
    return NAME
