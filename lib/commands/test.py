"""`make test`: lint, unit tests, JupyterLab in a browser, and every lesson through nbval."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from lib import env, profiles
from lib.commands import lanes
from lib.commands.compile import compile_renderer


def _files(pattern: str) -> list[str]:
    """Return the files of tests of that name, relative to the project."""
    found = env.ROOT.glob(f"tests/test_{pattern}.py")
    return [path.relative_to(env.ROOT).as_posix() for path in sorted(found)]


UNIT_TESTS = "unit tests"
PYTEST = ["pytest", "-p", "no:nbval"]  # nbval is for lessons
LESSONS = "lessons"
NBVAL = ["pytest", "--nbval-lax", "--nbval-cell-timeout=300"]
STAGES = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    UNIT_TESTS: PYTEST,
    LESSONS: NBVAL,
}
HALF = (
    "adversarial", "half_precision", "locks", "map_to_face*", "render_to_photo*", "restore*",
    "scaling*", "specularity*", "unmasking*", "*_browser",
)  # fmt: skip
"""Tests of models and in a browser: alone they take as long as all the others, as measured."""

WITH_BROWSER = ["-m", "browser or not browser"]
"""Pytest leaves out the tests in a browser unless it is told otherwise."""


def halves() -> list[list[str]]:
    """Split the unit tests into two calls of pytest that take about as long as each other.

    Returns:
        What follows `python -m`, twice. A file that `HALF` does not name is in the first.
    """
    chosen = [path for name in HALF for path in _files(name)]
    others = [f"--ignore={path}" for path in chosen]
    return [[*PYTEST, *others], [*PYTEST, *WITH_BROWSER, *chosen]]


LESSONS_HALF = ("01", "02", "10", "11", "12", "15", "22")
"""Lessons that take as long as all the others; those that share what they prepare stay together."""


def lesson_halves() -> list[list[str]]:
    """Split the lessons into two calls of nbval that take about as long as each other.

    Returns:
        What follows `python -m`, twice. A lesson that `LESSONS_HALF` does not name is in the first.
    """
    parts = [list(NBVAL), list(NBVAL)]
    for path in sorted(env.ROOT.glob("notebooks/*.ipynb")):
        parts[path.name[:2] in LESSONS_HALF].append(path.relative_to(env.ROOT).as_posix())
    return parts


def run_together(commands: Sequence[Sequence[str]], environment: dict[str, str]) -> int:
    """Run commands of Python at once and show what each prints, one after the other.

    Args:
        commands: what follows `python -m` in each; what the first prints is seen while it runs.
        environment: of all.

    Returns:
        0 if all ended well, else the exit status of the first that did not.
    """
    first, *others = ([sys.executable, "-m", *command] for command in commands)
    options = {"cwd": env.ROOT, "env": environment}
    with contextlib.ExitStack() as stack:
        begun = []
        for command in others:
            printed = stack.enter_context(tempfile.TemporaryFile())
            process = subprocess.Popen(command, stdout=printed, stderr=printed, **options)
            stack.callback(process.wait)
            stack.callback(process.kill)  # where the first was interrupted, none goes on alone
            begun.append((process, printed))
        statuses = [subprocess.run(first, **options).returncode]
        for process, printed in begun:
            statuses.append(process.wait())
            printed.seek(0)
            print(printed.read().decode(errors="replace"), end="", flush=True)
    return next(filter(None, statuses), 0)


def main(arguments: list[str]) -> int:
    """Run all stages, each even if one before it failed.

    Args:
        arguments: passed on to the unit tests only, for example `-k align`, which then run in one
            process; the other stages are left out.

    Returns:
        The exit status: 0 if every stage passed.
    """
    import joblib

    environment = {**os.environ, profiles.VARIABLE: "smoke", "TF_CPP_MIN_LOG_LEVEL": "3"}
    failed = []
    compile_renderer()
    with tempfile.TemporaryDirectory() as runs:  # lessons must not find an older run's files
        environment["LAB_RUNS"] = runs
        for name, command in STAGES.items():
            if arguments and name != UNIT_TESTS:
                continue
            print(f"--- {name}", flush=True)
            split = {UNIT_TESTS: halves, LESSONS: lesson_halves}.get(name)
            commands = split() if split and not arguments else [[*command, *arguments]]
            share = lanes.threads(joblib.cpu_count(), len(commands)) if len(commands) > 1 else {}
            if run_together(commands, share | environment):
                failed.append(name)
    print("--- all passed" if not failed else f"--- failed: {', '.join(failed)}")
    return int(bool(failed))
