"""`make clean`: remove what the lab can make again. The environment and raw data stay."""

from __future__ import annotations

import shutil

from lib.env import ROOT

MADE_AGAIN = ("runs", "book", "data/prepared", ".cache", ".pytest_cache", ".ruff_cache")


def main(arguments: list[str]) -> int:
    """Remove runs, prepared data and caches, naming each.

    Args:
        arguments: none are taken.

    Returns:
        The exit status.
    """
    outside = [p for p in ROOT.rglob("__pycache__") if ".venv" not in p.parts]
    checkpoints = [p for p in ROOT.rglob(".ipynb_checkpoints") if ".venv" not in p.parts]
    for path in [ROOT / name for name in MADE_AGAIN] + outside + checkpoints:
        if path.exists():
            shutil.rmtree(path)
            print("removed", path.relative_to(ROOT))
    return 0
