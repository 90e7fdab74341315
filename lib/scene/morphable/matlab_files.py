"""MATLAB's ``.mat`` files (version 5 to 7.2), numbers only.

Variables of any other class (cells, objects, functions) are never turned into Python objects.
"""

from __future__ import annotations

import os
import pathlib
import struct

import numpy as np

from lib.scene.morphable.model import MorphableError

_SIGNATURES = (b"\x00\x01IM", b"\x01\x00MI")
_NUMBERS = {"double", "single", "logical"} | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}


def is_matlab(path: pathlib.Path) -> bool:
    """Say whether a file begins as a MATLAB file does."""
    if not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.read(128)[124:] in _SIGNATURES


def names(path: pathlib.Path) -> dict[str, str]:
    """Return the class of each variable in a MATLAB file; {} if it is none.

    Raises:
        MorphableError: if the file breaks off.
    """
    import scipy.io

    if not is_matlab(path):
        return {}
    if _breaks_off(path):
        raise _broken(path, "it breaks off")
    try:
        return {name: kind for name, _, kind in scipy.io.whosmat(path)}
    except Exception as error:  # SciPy's reader meets broken bytes with a dozen types of error
        raise _broken(path, error) from error


def read(path: str | os.PathLike, *keys: str) -> dict[str, np.ndarray]:
    """Read some variables of a MATLAB file.

    Args:
        path: the file.
        keys: the variables' names.

    Returns:
        An array for each name, as stored: at least two-dimensional.

    Raises:
        MorphableError: if the file breaks off, lacks a variable, or holds no numbers in it.
    """
    import scipy.io

    path = pathlib.Path(path)
    found = names(path)
    for key in keys:
        if key not in found:
            raise MorphableError(
                path, f"found {', '.join(sorted(found)[:12]) or 'nothing'}, expected also {key}"
            )
        if found[key] not in _NUMBERS:
            raise MorphableError(
                path,
                f"found a MATLAB {found[key]} in {key}, expected numbers; objects are not loaded: "
                "save the numbers as a plain matrix",
            )
    try:
        content = scipy.io.loadmat(path, variable_names=keys)
    except Exception as error:  # as above
        raise _broken(path, error) from error
    lost = [key for key in keys if key not in content]
    if lost:
        raise _broken(path, f"{lost[0]} ends too early")
    return {key: content[key] for key in keys}


def _breaks_off(path: pathlib.Path) -> bool:
    """Say whether the last variable's bytes are missing: SciPy would pass over it in silence."""
    size = path.stat().st_size
    with open(path, "rb") as file:
        order = "<" if file.read(128)[124:] == _SIGNATURES[0] else ">"
        position = 128
        while position + 8 <= size:
            file.seek(position + 4)  # after the type: a variable, compressed or not
            position += 8 + struct.unpack(f"{order}I", file.read(4))[0]
    return position != size


def _broken(path: pathlib.Path, error: object) -> MorphableError:
    size = path.stat().st_size
    return MorphableError(
        path, f"its {size} bytes are no whole MATLAB file ({error}): fetch the file again"
    )
