"""Where published models have the 68 landmarks.

The vertex numbers are those of the mapping files that come with eos (Huber et al., "A
Multiresolution 3D Morphable Face Model and Fitting Framework", VISAPP 2016): share/ibug_to_bfm.txt,
ibug_to_bfm2017-1_bfm_nomouth.txt and ibug_to_sfm.txt. They hold for one mesh each, told by its
number of vertices. Jaw points other than the chin move with the pose and have no vertex there.
"""

from __future__ import annotations

import pathlib

import numpy as np

from lib.scene.morphable.model import MorphableError

# fmt: off
BASEL_2009 = {
    17: 38792, 19: 40087, 21: 40514, 22: 41091, 24: 41511, 26: 42825, 30: 8319, 33: 8334,
    36: 2088, 39: 5959, 42: 10603, 45: 14472, 48: 5006, 51: 8344, 54: 11714, 57: 8374,
    62: 8354, 66: 8366,
}
"""Landmark to vertex of the Basel 2009 mesh with 53,490 vertices."""

BASEL_2017 = {
    8: 47846, 30: 8156, 36: 2602, 39: 5830, 42: 10390, 45: 13481, 48: 5522, 49: 6026, 50: 7355,
    51: 8181, 52: 9007, 53: 10329, 54: 10857, 55: 9730, 56: 8670, 57: 8199, 58: 7726, 59: 6898,
    60: 6291, 61: 7364, 62: 8190, 63: 9016, 64: 10088, 65: 8663, 66: 8191, 67: 7719,
}
"""Landmark to vertex of the Basel 2017 mesh without mouth, 53,149 vertices."""

SURREY = {
    8: 33, 17: 225, 18: 229, 19: 233, 20: 2086, 21: 157, 22: 590, 23: 2091, 24: 666, 25: 662,
    26: 658, 27: 2842, 28: 379, 29: 272, 30: 114, 31: 100, 32: 2794, 33: 270, 34: 2797, 35: 537,
    36: 177, 37: 172, 38: 191, 39: 181, 40: 173, 41: 174, 42: 614, 43: 624, 44: 605, 45: 610,
    46: 607, 47: 606, 48: 398, 49: 315, 50: 413, 51: 329, 52: 825, 53: 736, 54: 812, 55: 841,
    56: 693, 57: 411, 58: 264, 59: 431, 61: 416, 62: 423, 63: 828, 65: 817, 66: 442, 67: 404,
}
"""Landmark to vertex of the Surrey mesh with 3,448 vertices."""
# fmt: on

PUBLISHED = {53490: BASEL_2009, 53149: BASEL_2017, 3448: SURREY}

BASEL_NAMES = {
    "center.chin.tip": 8,
    "center.nose.tip": 30,
    "center.nose.attachement_to_philtrum": 33,
    "right.eye.corner_outer": 36,
    "right.eye.corner_inner": 39,
    "left.eye.corner_inner": 42,
    "left.eye.corner_outer": 45,
    "right.lips.corner": 48,
    "right.lips.philtrum_ridge": 50,
    "center.lips.upper.outer": 51,
    "left.lips.philtrum_ridge": 52,
    "left.lips.corner": 54,
    "center.lips.lower.outer": 57,
    "center.lips.upper.inner": 62,
    "center.lips.lower.inner": 66,
}
"""Landmark names of the Basel 2017 and 2019 files that mean a dlib point, and no other."""


def published(vertices: int) -> np.ndarray:
    """Return the 68 landmark vertices of a published mesh.

    Args:
        vertices: how many it has.

    Returns:
        (68,) int32, -1 where nothing is published.
    """
    numbers = np.full(68, -1, np.int32)
    for landmark, vertex in PUBLISHED.get(vertices, {}).items():
        numbers[landmark] = vertex
    return numbers


def read(path: str | pathlib.Path, vertices: int) -> np.ndarray:
    """Read 68 vertex numbers from a file.

    Args:
        path: whole numbers apart by blanks, commas or lines, counted from 0, -1 for none; or JSON
            that is a list of them.
        vertices: how many vertices the model has.

    Returns:
        (68,) int32.

    Raises:
        MorphableError: if these are not 68 numbers of vertices.
        OSError: if the file cannot be read.
    """
    text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    try:
        numbers = [int(number) for number in text.strip().strip("[]").replace(",", " ").split()]
    except ValueError as error:
        raise MorphableError(path, f"found {error}, expected 68 whole numbers") from error
    if len(numbers) != 68 or min(numbers) < -1 or max(numbers) >= vertices:
        raise MorphableError(
            path,
            f"found {len(numbers)} numbers from {min(numbers, default=0)} to "
            f"{max(numbers, default=0)}, expected 68 from -1 (none) to {vertices - 1}",
        )
    return np.array(numbers, np.int32)
