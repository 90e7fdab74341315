"""Compile the renderer of faces ahead of time, so that no lesson and no test has to wait for it."""

from __future__ import annotations

import os
import shutil

COMPLETE = "complete"
"""An empty file that says a folder of compiled code is whole."""


def compile_renderer() -> bool:
    """Compile every loop of the scene and drop the code of older sources.

    Returns:
        Whether there was anything to do.
    """
    from lib import scene

    folder = scene.compiled_folder()
    if (folder / COMPLETE).exists():
        return False
    print("Compiling the renderer of faces (once, about half a minute) ...", flush=True)
    from lib.scene.render import render
    from lib.scene.sampling import sample

    render(sample(0, 0, 0), 16)  # a woman with glasses: every loop there is
    if "NUMBA_CACHE_DIR" in os.environ:
        return True
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / COMPLETE).touch()
    return True


def main(arguments: list[str]) -> int:
    """Compile what is not compiled yet.

    Args:
        arguments: none are taken.

    Returns:
        The exit status.
    """
    if not compile_renderer():
        print("The renderer is compiled.")
    return 0
