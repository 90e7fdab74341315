"""Datasets ready for training: rendered faces, folders of photos, photos with fitted renders.

from lib.prepare import sources

faces = sources.rendered("data/prepared/faces64", identities=500, captures=4, size=64)
"""

from __future__ import annotations

import functools
import hashlib
import pathlib


@functools.cache
def source_digest() -> str:
    """Return a hash of all code that decides what a prepared face looks like, 16 hex digits.

    A dataset made by other code is refused. With this in its folder's name it is made anew instead,
    beside the old one.
    """
    from lib import scene

    digest = hashlib.sha256(scene.source_digest().encode())
    for path in sorted(pathlib.Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
