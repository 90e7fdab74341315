"""The live training dashboard: the kernel's half. The browser's is run_dashboard.js beside this.

The files are read whenever the browser asks, so that it does not matter which process trains.
"""

from __future__ import annotations

import os
from typing import Any

from lib import show
from lib.widgets import run_files
from lib.widgets.live import SHARED, Live, joined

FRONT_END = (*SHARED, "curves.js", "run_dashboard.js")


class RunDashboard(Live):
    """Loss terms and sample sheets of a run, read from its folder again and again.

    Args:
        folder: of the run.
        every: seconds between two looks at the folder.
    """

    _esm = joined(*FRONT_END)
    _css = joined("live.css", "run_dashboard.css")
    invitation = "To look through this run, run the cell."

    def __init__(self, folder: str | os.PathLike, every: float) -> None:
        super().__init__()
        self.folder, self.every = folder, every

    def answer(self, content: dict, buffers: list[memoryview]) -> tuple[dict, list[bytes]]:
        """Say what there is by now, or send a sample sheet."""
        if content["kind"] == "sheet":
            return self._sheet(int(content["step"]))
        about = self._news(content)
        if content["kind"] == "hello":
            about |= {"kind": "start", "every": self.every, "colours": show.COLOURS}
        return about, []

    def _news(self, content: dict) -> dict[str, Any]:
        """Return the rounds that the browser has not yet; all of them where the run began anew."""
        run = run_files.read(self.folder)
        known, step = int(content.get("rows", 0)), content.get("step")
        if known > len(run.rows) or (known and run.rows[known - 1]["step"] != step):
            known = 0
        sheets = [[step, path.stat().st_mtime_ns // 1000] for step, path in run.sheets.items()]
        about = {"kind": "news", "name": run.name, "steps": run.steps, "terms": run.terms}
        return {**about, "first": known, "rows": run.rows[known:], "sheets": sheets}

    def _sheet(self, step: int) -> tuple[dict, list[bytes]]:
        sheets = run_files.read(self.folder).sheets
        if step not in sheets:
            raise ValueError(f"found no sample sheet of step {step}; it has been removed")
        return {"kind": "sheet", "step": step}, [sheets[step].read_bytes()]
