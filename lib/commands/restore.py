"""`make restore TASK=unmask PHOTOS=folder OUT=folder`: repair a folder of photos."""

from __future__ import annotations

import argparse
import sys

from lib.restore import TASKS, folders
from lib.shipped import ShippedError


def main(arguments: list[str]) -> int:
    """Repair the photos of a folder.

    Args:
        arguments: the options.

    Returns:
        The exit status: 0 where every photo was repaired, 1 where some were rejected, 2 where
        nothing could be done.
    """
    parser = argparse.ArgumentParser(prog="make restore", description=__doc__.splitlines()[0])
    parser.add_argument("--task", default="unmask", help=", ".join(TASKS))
    parser.add_argument("--photos", required=True, help="folder of photos, sub-folders included")
    parser.add_argument("--out", required=True, help="folder for the results")
    parser.add_argument("--keep", action="store_true", help="keep maps and single faces")
    parser.add_argument("--again", action="store_true", help="also what was repaired before")
    options = parser.parse_args(arguments)
    try:
        done = folders.restore_folder(
            options.photos, options.out, options.task, keep=options.keep, again=options.again
        )
    except (folders.RestoreError, ShippedError, OSError) as error:
        print(f"restore: {error}", file=sys.stderr)
        return 2
    print(f"{done.repaired} repaired, {done.skipped} done before, {done.rejected} rejected")
    if done.rejected:
        print(f"why: {options.out}/{folders.REJECTED}")
    if done.page:
        print(f"before and after: {done.page}")
    print("A restored face is a guess, not evidence of identity.")
    return int(done.rejected > 0)
