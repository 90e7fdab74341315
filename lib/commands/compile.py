"""Have Numba and Python compile ahead of time what every lesson and many a test would wait for."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import sys
from collections.abc import Iterator

from lib import env, imports

COMPLETE = "complete"
"""An empty file that says a folder of compiled code is whole."""


def _compile_beside() -> None:
    """Compile the colours of skin, which the renderer asks for late, and the reader of masks.

    Then import the framework, whose thousands of modules Python compiles at their first import:
    once here, rather than in two lessons at once.
    """
    from lib.prepare import plain_png
    from lib.scene import bare, head
    from lib.scene.sampling import sample

    bare.albedo(head.load(), sample(0, 0, 0).person)
    plain_png.compile_reader()
    sys.dont_write_bytecode = False  # containers often say otherwise, see lib.__main__
    imports.import_quietly(env.choose_backend())


@contextlib.contextmanager
def _helper() -> Iterator[None]:
    """Have a second process compile for as long as a block takes, and wait for it then."""
    process = multiprocessing.get_context("spawn").Process(target=_compile_beside)
    process.start()
    yield
    process.join()


def compile_renderer() -> bool:
    """Compile every loop of the scene on two cores, and drop the code of older sources.

    Returns:
        Whether there was anything to do.
    """
    from lib import scene

    folder = scene.compiled_folder()
    if (folder / COMPLETE).exists():
        return False
    print("Compiling the renderer of faces (once, about half a minute) ...", flush=True)
    with _helper():
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
