"""The Large Scale Facial Model (LSFM), full and cropped: ``GENDER_ETHNICITY_AGE[_cropped].mat``.

Booth et al., "A 3D Morphable Model Learnt from 10,000 Faces" (CVPR 2016). Shapes only; eigenvalues
are variances, triangles count from 0. Neither the unit of length nor the axes are documented.
"""

from __future__ import annotations

import pathlib

import numpy as np

from lib.scene.morphable import arrays, matlab_files
from lib.scene.morphable.model import MorphableModel

KEYS = ("mean", "components", "eigenvalues", "trilist")
_TYPICAL_HEIGHT = 200.0
"""Of a face mesh from forehead to throat, mm."""


def recognises(path: pathlib.Path) -> bool:
    """Say whether a file is of this format."""
    return set(KEYS[:3]) <= set(matlab_files.names(path))


def unit(height: float) -> float:
    """Return how many mm a file's unit has: the power of ten that fits a face best.

    Args:
        height: of the mean mesh in the file's unit.

    Returns:
        1 for mm, 0.001 for micrometres, 10 for centimetres, 1000 for metres ...
    """
    return float(10.0 ** np.rint(np.log10(_TYPICAL_HEIGHT / height)))


def read(path: pathlib.Path) -> MorphableModel:
    """Read the model; it has no landmarks, give ``load`` a file of them.

    Raises:
        MorphableError: if the file is cut short, lacks a variable, or holds wrong numbers.
    """
    content = matlab_files.read(path, *KEYS)
    mean = arrays.points(path, "mean", content["mean"])
    count = len(mean)
    variances = arrays.deviations(path, "eigenvalues", content["eigenvalues"])
    faces = arrays.triangles(path, "trilist", content["trilist"], count)
    height = float(np.ptp(mean[:, 1]))
    scale = unit(height or 1.0)
    cropped = "map_cropped_to_full" in matlab_files.names(path)
    return MorphableModel(
        name="LSFM, cropped" if cropped else "LSFM",
        source=str(path),
        mean=mean,
        identity=arrays.modes(path, "components", content["components"], variances, count),
        triangles=arrays.turned_outwards(mean, faces),
        expression=np.zeros((0, count, 3), np.float32),
        notes=(
            f"the unit is not documented: taken as {scale:g} mm, by which the mean face is "
            f"{height * scale:.0f} mm high; correct it with model.scaled(factor)",
            "the axes are not documented: taken as x to the subject's left, y up, z outwards",
        ),
    ).scaled(scale)
