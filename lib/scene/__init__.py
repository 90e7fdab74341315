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
def compiled_folder() -> pathlib.Path:
    """Return where Numba keeps the code compiled from the scene's present source."""
    digest = hashlib.sha256()
    for path in sorted((env.ROOT / "lib" / "scene").rglob("*.py")):
        digest.update(path.read_bytes())
    return env.ROOT / ".cache" / "scene" / digest.hexdigest()[:16]


if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(compiled_folder())
