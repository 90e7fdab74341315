"""Linear face models (3DMM) and the file formats in which they are handed out.

A file is recognised by its content, whatever its name, and converted to millimetres and the lab's
axes. None of these models comes with the lab: users fetch them under the models' own licences.
Pickles are never loaded, as they can run any program.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import zipfile

from lib.scene.morphable import (
    basel_2009,
    basel_2017,
    ict,
    landmark_vertices,
    lsfm,
    matlab_files,
    surrey,
)
from lib.scene.morphable.model import MorphableError, MorphableModel

__all__ = ["MorphableError", "MorphableModel", "load"]

READERS = (basel_2009, lsfm, basel_2017, ict, surrey)
"""Each knows one format: ``recognises(path)`` and ``read(path)``. Surrey's has no signature."""

_EXPECTED = (
    "Basel 2009 (.mat), Basel 2017 or 2019 (.h5), LSFM (.mat), Surrey or eos (.bin), or "
    "ICT-FaceKit (folder of OBJ files, .npz)"
)


def load(path: str | os.PathLike, landmarks: str | os.PathLike | None = None) -> MorphableModel:
    """Read a face model of any format the lab knows.

    Args:
        path: the file; for ICT-FaceKit also its folder.
        landmarks: a text file of 68 vertex numbers (from 0; -1 for none), for models that come
            without landmarks or to replace theirs.

    Returns:
        The model; its ``notes`` say what had to be assumed.

    Raises:
        MorphableError: if the format is unknown or refused, or the file is broken.
        FileNotFoundError: if there is nothing at this path.
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: found nothing there, expected {_EXPECTED}")
    _refuse_pickles(path)
    reader = next((reader for reader in READERS if reader.recognises(path)), None)
    if reader is None:
        raise MorphableError(path, f"found {_described(path)}, expected {_EXPECTED}")
    model = reader.read(path)
    if landmarks is None:
        return model
    vertices = landmark_vertices.read(landmarks, len(model.mean))
    return dataclasses.replace(model, landmarks68=vertices)


def _refuse_pickles(path: pathlib.Path) -> None:
    """Refuse files that only unpickling could read."""
    if not path.is_file():
        return
    with open(path, "rb") as file:
        start = file.read(256)
    pickled = start[:1] == b"\x80" and start[1:2] in (b"\2", b"\3", b"\4", b"\5")
    objects = start.startswith(b"\x93NUMPY") and b"'descr': '|O'" in start
    if pickled or objects or path.suffix.lower() in {".pkl", ".pickle"}:
        raise MorphableError(
            path,
            "found a Python pickle (FLAME comes as one), which is refused because unpickling runs "
            "programs: convert it to plain arrays where you trust it, or use ICT-FaceKit",
        )


def _described(path: pathlib.Path) -> str:
    """Say what a file of no known format is, as far as one can tell."""
    if path.is_dir():
        names = sorted(item.name for item in path.iterdir())
        return f"a folder with {', '.join(names[:6])}" if names else "an empty folder"
    if path.stat().st_size == 0:
        return "an empty file"
    variables = matlab_files.names(path)
    if variables:
        return f"a MATLAB file of {', '.join(sorted(variables)[:12])}"
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return f"an archive of {', '.join(archive.namelist()[:12])}"
    with open(path, "rb") as file:
        start = file.read(12)
    return "an archive that breaks off" if start[:2] == b"PK" else f"a file beginning {start!r}"
