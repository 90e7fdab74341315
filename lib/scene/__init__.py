"""From parameters to pictures with exact ground truth: a parametric head and its renderer.

The loops over pixels and hairs are compiled by Numba on their first use (half a minute) and kept
in `.cache`, in a folder named after the scene's source: whoever changes a line compiles anew.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pathlib

import numba

from lib import env


@functools.cache
def source_digest() -> str:
    """Return a hash of everything that decides what a capture looks like, 16 hex digits.

    Datasets state it, and Numba's code lies under it. The classes' numbers are compiled in, too.
    """
    digest = hashlib.sha256()
    library = env.ROOT / "lib"
    for path in (*sorted((library / "scene").rglob("*.py")), library / "labels.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def compiled_folder() -> pathlib.Path:
    """Return where Numba keeps the code compiled from the scene's present source."""
    return env.ROOT / ".cache" / "scene" / source_digest()


if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(compiled_folder())
