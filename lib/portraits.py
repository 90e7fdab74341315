"""The two public-domain portraits that come with packages: real photographs for every lesson.

Both are photographs of the United States government (NASA, 1993; US Navy, 1984) and free of rights:
Eileen Collins, who piloted and commanded the space shuttle, and Grace Hopper, who wrote the first
compiler.
"""

from __future__ import annotations

import pathlib

import numpy as np

from lib import images

PEOPLE = {"astronaut": "Eileen Collins", "grace_hopper": "Grace Hopper"}


def path(name: str) -> pathlib.Path:
    """Return the file of a portrait inside the package that brings it.

    Args:
        name: "astronaut" (scikit-image) or "grace_hopper" (matplotlib).

    Raises:
        KeyError: for any other name; the message names the two.
    """
    if name not in PEOPLE:
        raise KeyError(f"no portrait {name!r}: there are {', '.join(PEOPLE)}")
    if name == "astronaut":
        import skimage

        return pathlib.Path(skimage.__file__).parent / "data" / "astronaut.png"
    import matplotlib

    return pathlib.Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"


def read(name: str) -> np.ndarray:
    """Return a portrait: uint8 RGB, 512 x 512 (astronaut) or 600 x 512 (grace_hopper).

    Args:
        name: "astronaut" or "grace_hopper".
    """
    return images.read(path(name))
