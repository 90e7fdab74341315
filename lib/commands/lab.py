"""`make lab`: JupyterLab on the lessons, with this environment's kernel."""

from __future__ import annotations

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
    command = [sys.executable, "-m", "jupyterlab", *arguments, str(lesson)]
    try:
        return subprocess.run(command, cwd=env.ROOT).returncode
    except KeyboardInterrupt:
        return 0
