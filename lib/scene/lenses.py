"""Glasses are looked through: lenses tint what is behind them and mirror the lights."""

from __future__ import annotations

import numpy as np

from lib.scene import rasteriser
from lib.scene.kinds import Kind
from lib.scene.light import gather
from lib.scene.rasteriser import Visible
from lib.scene.shading import Lamps, fresnel
from lib.scene.surface import Mesh

_FRESNEL = fresnel.py_func
_GLASS = 0.04
_SHARPNESS = 260
"""Of the lights' mirror images."""
_STRENGTH = 1.2
_BULGE = (300.0, 400.0)
"""Radii of the lenses' curvature across and up, mm."""


def visible_lenses(
    mesh: Mesh, points: np.ndarray, before: Visible
) -> tuple[np.ndarray, np.ndarray]:
    """Return which pixels are seen through a lens, and where on it.

    Args:
        mesh: the scene.
        points: (V, 3) float32, its vertices in the picture.
        before: what is visible without lenses.

    Returns:
        (N,) int64 flat indices of pixels, and (N, 3) the places on the lenses, mm.
    """
    chosen = np.flatnonzero(mesh.kind == Kind.LENS)
    through = rasteriser.empty(len(before.depth))
    rasteriser.fill_triangles(
        points, mesh.triangles[chosen], np.ones(len(chosen), bool), 0,
        through.depth, through.owner, through.weights,
    )  # fmt: skip
    pixel = np.flatnonzero(through.depth < before.depth)
    corners = mesh.triangles[chosen[through.owner.ravel()[pixel]]]
    weights = through.weights.reshape(-1, 3)[pixel]
    return pixel, (mesh.vertices[corners] * weights[..., None]).sum(axis=1)


def reflections(positions: np.ndarray, camera: np.ndarray, lamps: Lamps) -> np.ndarray:
    """Return what lenses mirror, (N, 3) linear RGB.

    Args:
        positions: (N, 3) places on the lenses, mm; they bulge a little outwards.
        camera: (3,) where the camera stands, mm.
        lamps: the lights.
    """
    bulge = np.stack([positions[:, 0] / _BULGE[0], 0.05 + positions[:, 1] / _BULGE[1]], axis=1)
    normal = np.concatenate([bulge, np.ones((len(bulge), 1))], axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    view = camera - positions
    view /= np.linalg.norm(view, axis=1, keepdims=True)
    facing = np.clip((normal * view).sum(axis=1), 0, 1)[:, None]
    mirrored = 2 * facing * normal - view
    found = np.array([gather(lamps.sky, *direction) for direction in mirrored]).reshape(-1, 3)
    found = found * _STRENGTH * _FRESNEL(_GLASS, facing)
    for direction, colour in zip(lamps.direction, lamps.colour, strict=True):
        image = np.clip(mirrored @ direction, 0, 1)[:, None] ** _SHARPNESS
        found = found + _STRENGTH * image * colour
    return found
