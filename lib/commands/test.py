"""`make test`: lint, unit tests, JupyterLab in a browser, and every lesson through nbval."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from lib import env, profiles
from lib.commands.compile import compile_renderer

STAGES = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "unit tests": ["pytest"],
    "browser": ["pytest", "-m", "browser"],
    "lessons": ["pytest", "--nbval-lax", "--nbval-cell-timeout=300", "notebooks"],
}


def main(arguments: list[str]) -> int:
    """Run all stages, each even if one before it failed.

    Args:
        arguments: passed on to the unit tests only, for example `-k align`; the other stages are
            left out then.

    Returns:
        The exit status: 0 if every stage passed.
    """
    environment = {**os.environ, profiles.VARIABLE: "smoke", "TF_CPP_MIN_LOG_LEVEL": "3"}
    # compiled to bytecode once, TensorFlow starts in 4 s instead of 8, in every process
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    failed = []
    compile_renderer()
    with tempfile.TemporaryDirectory() as runs:  # lessons must not find an older run's files
        environment["LAB_RUNS"] = runs
        for name, command in STAGES.items():
            if arguments and name != "unit tests":
                continue
            print(f"--- {name}", flush=True)
            full = [sys.executable, "-m", *command, *arguments]
            if subprocess.run(full, cwd=env.ROOT, env=environment).returncode:
                failed.append(name)
    print("--- all passed" if not failed else f"--- failed: {', '.join(failed)}")
    return int(bool(failed))
