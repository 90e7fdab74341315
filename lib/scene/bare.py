"""The bare morphable model: the face alone on black, lit by Phong's model.

This is the picture that 3DMM-conditioned GANs start from (Gecer et al., "Semi-supervised
Adversarial Learning to Generate Photorealistic Face Images of New Identities from 3D Morphable
Model", ECCV 2018): shape, skin colour, expression, pose and light, but neither hair, clothes nor
background. As in every such model the colour belongs to the vertices. Phong, "Illumination for
Computer Generated Pictures", CACM 1975.
"""

from __future__ import annotations

import functools

import numba
import numpy as np

from lib.scene.head import Head
from lib.scene.kinds import Kind
from lib.scene.materials import eye
from lib.scene.materials.head import HeadPaint, paint_face
from lib.scene.materials.paints import bare_paint
from lib.scene.noise import textures
from lib.scene.person import Person
from lib.scene.shading import Lamps
from lib.scene.surface import Mesh, Surface
from lib.scene.vectors import Vector, add, dot, multiply, normalise, row, scale, subtract

MIDDLE, HALF_AXES, SQUARENESS = -26.0, (96.0, 88.0), 2.5
"""The face as morphable models cut it out: a superellipse on the unwrapped skin, mm."""
AMBIENT, SHINE, SHARPNESS = 0.35, 0.12, 14.0
"""Phong's constants."""

_TEETH, _WHITE = (0.55, 0.52, 0.45), (0.45, 0.42, 0.39)
_MOUTH, _RIM = (0.08, 0.03, 0.03), (0.12, 0.06, 0.05)
_INSIDE = np.array([kind not in (Kind.SKIN, Kind.EAR) and kind < Kind.TORSO for kind in Kind])
"""For each kind, whether it is seen inside the face's openings."""


def _from_middle(unwrapped: np.ndarray) -> np.ndarray:
    """Return how far places lie from the middle of the face, (N,): 1 on the edge of the cut."""
    across = np.abs(unwrapped[:, 0]) / HALF_AXES[0]
    down = np.abs(unwrapped[:, 1] - MIDDLE) / HALF_AXES[1]
    return across**SQUARENESS + down**SQUARENESS


@functools.cache
def _face_triangles(model: Head) -> np.ndarray:
    """Return which triangles of the head lie in the cut at least in part, (T,) bool."""
    inside = _from_middle(model.unwrapped) < 1.2
    return inside[model.triangles].any(axis=1) | (model.kinds != Kind.SKIN)


def face_mesh(mesh: Mesh, model: Head) -> Mesh:
    """Return the part of a scene that a morphable model of the face has.

    Args:
        mesh: the whole scene, the head's triangles first.
        model: the head.
    """
    number = len(model.triangles)
    kept = _INSIDE[mesh.kind]
    kept[:number] = _face_triangles(model)
    kept = np.flatnonzero(kept)
    return mesh._replace(
        triangles=mesh.triangles[kept],
        kind=mesh.kind[kept],
        side=mesh.side[kept],
        two_sided=mesh.two_sided[kept],
    )


def is_face(surface: Surface) -> np.ndarray:
    """Say which visible places lie within the cut, (N,) bool: exact where triangles cross it."""
    return (_from_middle(surface.unwrapped) < 1) | (surface.kind != Kind.SKIN)


@numba.njit(cache=True)
def _paint_vertices(
    chosen: np.ndarray, canonical: np.ndarray, paint: HeadPaint, noise: np.ndarray
) -> np.ndarray:
    found = np.zeros((canonical.shape[0], 3), np.float32)
    for index in chosen:
        x, y = float(canonical[index, 0]), float(canonical[index, 1])
        finish = paint_face(x, y, paint, noise)
        found[index, 0], found[index, 1], found[index, 2] = finish.colour
    return found


@functools.cache
def _vertices(model: Head) -> np.ndarray:
    """Return the vertices of the head that the cut shows."""
    return np.unique(model.triangles[_face_triangles(model)])


@functools.cache
def _strip(model: Head, kind: Kind) -> np.ndarray:
    """Return the vertices that belong to a kind of surface but not to the skin."""
    skin = model.triangles[model.kinds == Kind.SKIN]
    return np.setdiff1d(model.triangles[model.kinds == kind], skin)


_remembered: dict[tuple, np.ndarray] = {}


def albedo(model: Head, person: Person) -> np.ndarray:
    """Return the colour of every vertex of a person's bare head, (V, 3) float32 linear RGB.

    Pictures of one person follow each other, so the last person's colours are remembered.
    """
    key = (id(model), person.shape.tobytes(), person.skin, person.brows, person.lips)
    painted = _remembered.get(key)
    if painted is None:
        paint = bare_paint(person, model, 0.5)
        painted = _paint_vertices(_vertices(model), model.canonical, paint, textures())
        painted[_strip(model, Kind.INNER_LIP)] = _MOUTH
        painted[_strip(model, Kind.LID_RIM)] = _RIM
        _remembered.clear()
        _remembered[key] = painted
    return painted


def colours(mesh: Mesh, model: Head, person: Person) -> np.ndarray:
    """Return the colour of every vertex of a scene as the bare model has it, (V, 3) float32."""
    found = np.empty((len(mesh.vertices), 3), np.float32)
    number = len(model.mean)
    found[:number] = albedo(model, person)
    found[number:] = _MOUTH
    for kind, colour in ((Kind.TEETH, _TEETH), (Kind.EYE, _WHITE)):
        found[mesh.triangles[mesh.kind == kind]] = colour
    eyes = mesh.triangles[mesh.kind == Kind.EYE].ravel()
    radius = np.hypot(mesh.place[eyes, 0], mesh.place[eyes, 1])
    found[eyes[radius < eye.IRIS_RADIUS]] = person.iris
    found[eyes[radius < person.pupil]] = 0.01
    return found


@numba.njit(cache=True)
def phong(
    surface: Surface, triangles: np.ndarray, owner: np.ndarray, weights: np.ndarray,
    colours: np.ndarray, lamps: Lamps, camera: Vector,
) -> np.ndarray:  # fmt: skip
    """Light the visible places by Phong's model, without shadows.

    Args:
        surface: the places.
        triangles: (T, 3) of the mesh they lie on.
        owner: (pixels,) flattened owners.
        weights: (pixels, 3) flattened weights.
        colours: (V, 3) of the vertices.
        lamps: the lights; their colours are scaled so that the strongest is 1.
        camera: where the camera stands, mm.

    Returns:
        (N, 3) float32 linear RGB.
    """
    number = surface.pixel.shape[0]
    found = np.empty((number, 3), np.float32)
    strength = 1.0 / max(lamps.colour.max(), 1e-6)
    for index in range(number):
        pixel = surface.pixel[index]
        colour = (0.0, 0.0, 0.0)
        for corner in range(3):
            vertex = row(colours, triangles[owner[pixel], corner])
            colour = add(colour, scale(vertex, float(weights[pixel, corner])))
        normal = row(surface.normal, index)
        view = normalise(subtract(camera, row(surface.position, index)))
        total = scale(colour, AMBIENT)
        for lamp in range(lamps.direction.shape[0]):
            light = row(lamps.direction, lamp)
            facing = max(dot(normal, light), 0.0)
            mirrored = subtract(scale(normal, 2.0 * dot(normal, light)), light)
            peak = SHINE * max(dot(mirrored, view), 0.0) ** SHARPNESS if facing > 0 else 0.0
            answer = add(scale(colour, facing), (peak, peak, peak))
            total = add(total, multiply(scale(row(lamps.colour, lamp), 0.8 * strength), answer))
        found[index, 0], found[index, 1], found[index, 2] = total
    return found
