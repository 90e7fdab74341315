"""Watch a training, or look through one that is over."""

from __future__ import annotations

import os

from lib.widgets import run_figure, run_files
from lib.widgets.stills import show_before


def dashboard(run_folder: str | os.PathLike, every: float = 5.0) -> None:
    """Show a run's loss terms and newest samples; below, a dashboard that follows the run.

    In the browser there are a slider through the sample sheets, a tick box for each loss term and
    a logarithmic axis. It looks at the folder every few seconds for as long as it is seen, so that
    a training in another process, a terminal's or another notebook's, can be watched. (The kernel
    that trains answers only when the training is over.)

    Args:
        run_folder: what `train(...).folder` names, with options.json and metrics.jsonl in it.
        every: seconds between two looks at the folder; 0 looks only when asked to.

    Raises:
        ValueError: in one line, where this is no run's folder.
    """
    run = run_files.read(run_folder)
    show_before(run_figure.static(run), "follow the run", lambda: _live(run_folder, every))


def _live(run_folder: str | os.PathLike, every: float) -> object:
    from lib.widgets.run_dashboard import RunDashboard

    return RunDashboard(run_folder, every)
