"""The lab's commands without make: `python -m lib NAME`, on Linux, macOS and Windows alike.

`python -m lib setup` comes first and needs nothing but Python; every other command then finds
`.venv` by itself, for example `python -m lib run-all --profile smoke`.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys

COMMANDS = {
    "setup": ("setup", "make .venv with everything in it; a second call does nothing"),
    "doctor": ("doctor", "say what this machine has and what is missing: the text of a bug report"),
    "compile": ("compile", "compile the renderer of faces now instead of at its first use"),
    "lab": ("lab", "open JupyterLab on the lessons"),
    "run": ("run", "run lessons, e.g. run 01 --profile smoke"),
    "run-all": ("run", "run every lesson and end with a table of results"),
    "test": ("test", "lint, unit tests, and every lesson at the smoke profile"),
    "render": ("render", "record the outputs that lessons are committed with"),
    "restore": ("restore", "repair photos: restore --task unmask --photos FOLDER --out FOLDER"),
    "weights": (
        "weights",
        "train the shipped weights anew: half an hour on a GPU, else most of a day",
    ),
    "badges": ("badges", "rewrite badges, set-up cells and the lesson index"),
    "book": ("book", "write every lesson as a web page that needs no network"),
    "bench": ("bench", "print the measurements behind the figures we state"),
    "clean": ("clean", "remove runs, prepared data and caches; .venv stays"),
}
WITHOUT_OPTIONS = {"setup", "doctor", "compile", "clean"}


def _usage() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {text}" for name, (_, text) in COMMANDS.items()]
    return "usage: python -m lib COMMAND [options]\n\n" + "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Run one command; outside .venv, run it again with .venv's Python.

    Args:
        arguments: the command's name and its options.

    Returns:
        The exit status.
    """
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(_usage())
        return 0
    # compiled to bytecode once, TensorFlow starts in 4 s instead of 9, in every process
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    name, *rest = arguments
    if name not in COMMANDS:
        print(f"no command {name!r}\n\n{_usage()}", file=sys.stderr)
        return 2

    from lib import env
    from lib.commands import setup

    if name in WITHOUT_OPTIONS and rest:
        print(f"python -m lib {name}: {COMMANDS[name][1]}. It takes no options.")
        return 0 if rest[0] in {"-h", "--help"} else 2

    needs_no_packages = name in {"setup", "clean"}
    if not needs_no_packages and not setup.is_inside() and setup.python().exists():
        return subprocess.run([setup.python(), "-m", "lib", *arguments], cwd=env.ROOT).returncode
    module = importlib.import_module(f"lib.commands.{COMMANDS[name][0]}")
    try:
        return module.main(["--all", *rest] if name == "run-all" else rest)
    except ModuleNotFoundError as error:
        print(f"{error}: run `make setup` (or `python -m lib setup`) first", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
