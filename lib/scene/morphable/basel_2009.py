"""The Basel face model of 2009: ``01_MorphableModel.mat``.

Paysan et al., "A 3D Face Model for Pose and Illumination Invariant Face Recognition" (AVSS 2009).
Lengths are micrometres, colours 0 to 255, triangles count from 1 and run clockwise; ``shapeEV`` and
``texEV`` are standard deviations in spite of their name. It has no expressions.
"""

from __future__ import annotations

import pathlib

import numpy as np

from lib.scene.morphable import arrays, landmark_vertices, matlab_files
from lib.scene.morphable.model import MorphableModel

NAME = "Basel 2009"
KEYS = ("shapeMU", "shapePC", "shapeEV", "texMU", "texPC", "texEV", "tl")
_MICROMETRE = np.float32(0.001)


def recognises(path: pathlib.Path) -> bool:
    """Say whether a file is of this format."""
    found = matlab_files.names(path)
    return "shapeMU" in found and "shapePC" in found


def read(path: pathlib.Path) -> MorphableModel:
    """Read the model.

    Raises:
        MorphableError: if the file is cut short, lacks a variable, or holds wrong numbers.
    """
    content = matlab_files.read(path, *KEYS)
    mean = arrays.points(path, "shapeMU", content["shapeMU"]) * _MICROMETRE
    count = len(mean)
    lengths = arrays.finite(path, "shapeEV", content["shapeEV"]) * _MICROMETRE
    colours = arrays.finite(path, "texEV", content["texEV"]) / np.float32(255)
    faces = arrays.triangles(path, "tl", content["tl"], count, first=1)
    return MorphableModel(
        name=NAME,
        source=str(path),
        mean=mean,
        identity=arrays.modes(path, "shapePC", content["shapePC"], lengths, count),
        triangles=arrays.turned_outwards(mean, faces),
        expression=np.zeros((0, count, 3), np.float32),
        landmarks68=landmark_vertices.published(count),
        albedo_mean=arrays.points(path, "texMU", content["texMU"]) / np.float32(255),
        albedo=arrays.modes(path, "texPC", content["texPC"], colours, count),
    )
