"""From parameters to pictures with exact ground truth: a parametric head and its renderer.

The loops over pixels and hairs are compiled by Numba on their first use (half a minute) and kept
in `.cache`, in a folder named after the scene's source: whoever changes a line compiles anew.
"""

from __future__ import annotations

import hashlib
import os

import numba

from lib import env


def _keep_compiled_code() -> None:
    """Let Numba keep its code where a change of any module of the scene leaves it behind."""
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    folder = env.ROOT / "lib" / "scene"
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    numba.config.CACHE_DIR = str(env.ROOT / ".cache" / "scene" / digest.hexdigest()[:16])


_keep_compiled_code()
