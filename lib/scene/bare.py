"""The bare morphable model: the face alone on black, lit by Phong's model.

This is the picture that 3DMM-conditioned GANs start from (Gecer et al., "Semi-supervised
Adversarial Learning to Generate Photorealistic Face Images of New Identities from 3D Morphable
Model", ECCV 2018): shape, skin colour, expression, pose and light, but neither hair, clothes nor
background. Phong, "Illumination for Computer Generated Pictures", CACM 1975.
"""

from __future__ import annotations

import numba
import numpy as np

from lib.scene.head import Head
from lib.scene.kinds import Kind
from lib.scene.materials.painter import Painted
from lib.scene.shading import Lamps
from lib.scene.surface import Mesh, Surface
from lib.scene.vectors import Vector, add, dot, multiply, normalise, row, scale, subtract

HALF_WIDTH, CHIN, FOREHEAD = 76.0, -110.0, 60.0
"""The face as morphable models cut it out, in canonical coordinates, mm."""
AMBIENT, SHINE, SHARPNESS = 0.35, 0.12, 14.0
"""Phong's constants."""

_INSIDE = (Kind.LID_RIM, Kind.INNER_LIP, Kind.EYE, Kind.TEETH, Kind.TONGUE, Kind.MOUTH_BACK)


def face_mesh(mesh: Mesh, model: Head) -> Mesh:
    """Return the part of a scene that a morphable model of the face has.

    Args:
        mesh: the whole scene, the head's triangles first.
        model: the head.
    """
    x, y = np.abs(model.canonical[:, 0]), model.canonical[:, 1]
    around = np.abs(model.unwrapped[:, 0])
    arch = FOREHEAD - 12 * (x / 60) ** 2
    inside = (x < HALF_WIDTH) & (around < 104) & (y > CHIN - 6) & (y < arch + 6)
    of_face = np.zeros(len(mesh.triangles), bool)
    number = len(model.triangles)
    of_face[:number] = inside[model.triangles].any(axis=1)
    kept = (of_face & (mesh.kind == Kind.SKIN)) | np.isin(mesh.kind, _INSIDE)
    return mesh._replace(
        triangles=mesh.triangles[kept],
        kind=mesh.kind[kept],
        side=mesh.side[kept],
        two_sided=mesh.two_sided[kept],
    )


def is_face(surface: Surface) -> np.ndarray:
    """Say which visible places lie within the cut, (N,) bool: exact where triangles cross it."""
    x, y = np.abs(surface.place[:, 0]), surface.place[:, 1]
    arch = FOREHEAD - 12 * (x / 60) ** 2
    inside = (x < HALF_WIDTH) & (y > CHIN) & (y < arch)
    return inside | (surface.kind != Kind.SKIN)


@numba.njit(cache=True)
def phong(surface: Surface, painted: Painted, lamps: Lamps, camera: Vector) -> np.ndarray:
    """Light the visible places by Phong's model, without shadows.

    Args:
        surface: the places.
        painted: their colours.
        lamps: the lights; their colours are scaled so that the strongest is 1.
        camera: where the camera stands, mm.

    Returns:
        (N, 3) float32 linear RGB.
    """
    number = surface.pixel.shape[0]
    found = np.empty((number, 3), np.float32)
    strength = 1.0 / max(lamps.colour.max(), 1e-6)
    for index in range(number):
        normal, colour = row(surface.normal, index), row(painted.colour, index)
        view = normalise(subtract(camera, row(surface.position, index)))
        total = scale(colour, AMBIENT * float(painted.shade[index]))
        for lamp in range(lamps.direction.shape[0]):
            light = row(lamps.direction, lamp)
            brightness = scale(row(lamps.colour, lamp), 0.8 * strength)
            facing = max(dot(normal, light), 0.0)
            mirrored = subtract(scale(normal, 2.0 * dot(normal, light)), light)
            peak = SHINE * max(dot(mirrored, view), 0.0) ** SHARPNESS if facing > 0 else 0.0
            total = add(total, multiply(brightness, add(scale(colour, facing), (peak, peak, peak))))
        found[index, 0], found[index, 1], found[index, 2] = total
    return found
