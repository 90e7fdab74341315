"""`make lab`: JupyterLab on the lessons, with this environment's kernel."""

from __future__ import annotations

import os
import subprocess
import sys

from lib import env


def main(arguments: list[str]) -> int:
    """Start JupyterLab in notebooks/ and wait for it.

    Args:
        arguments: passed on to JupyterLab, for example `--no-browser --port 8899`.

    Returns:
        The exit status.
    """
    lesson = env.ROOT / "notebooks" / "00_start_here.ipynb"
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0  # in a container, usually
    allowed = ["--allow-root"] if is_root else []
    command = [sys.executable, "-m", "jupyterlab", *allowed, *arguments, str(lesson)]
    try:
        return subprocess.run(command, cwd=env.ROOT).returncode
    except KeyboardInterrupt:
        return 0
