"""How light plays on hair: Kajiya and Kay's fibres with Marschner's two highlights.

Kajiya and Kay, "Rendering Fur with Three Dimensional Textures", SIGGRAPH 1989; Scheuermann,
"Practical Real-Time Hair Rendering and Shading", SIGGRAPH sketches 2004, for the two shifted
highlights of Marschner et al. 2003: one in the light's colour, one deeper in the hair's.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np

from lib.scene.hair.scalp import CENTRE
from lib.scene.light import gather
from lib.scene.materials.finish import step
from lib.scene.shading import Lamps, shadow_of
from lib.scene.vectors import Vector, add, dot, mix, multiply, normalise, row, scale, subtract

_CENTRE = (float(CENTRE[0]), float(CENTRE[1]), float(CENTRE[2]))


class Fibres(NamedTuple):
    """The strands of a head, ready to be lit.

    Attributes:
        points: (hairs, points, 3) float32, mm.
        tint: (hairs,) float32 brightness of each hair, about 1.
        depth: (hairs,) float32: 0 deep in the hair to 1 at its surface.
        colour: of the hair.
        gloss: strength of the highlights.
        label: the class of all of them.
    """

    points: np.ndarray
    tint: np.ndarray
    depth: np.ndarray
    colour: Vector
    gloss: float
    label: int


@numba.njit(cache=True)
def _highlight(along: Vector, out: Vector, half: Vector, shift: float, doublings: int) -> float:
    """Return the highlight of a fibre whose scales tilt it by a shift.

    It is the sine between fibre and half vector to the power of twice 2^doublings.
    """
    tilted = normalise(add(along, scale(out, shift)))
    cosine = dot(tilted, half)
    sine = max(1 - cosine * cosine, 0.0)
    for _ in range(doublings):
        sine *= sine
    return sine


@numba.njit(cache=True)
def _light_fibre(
    position: Vector, along: Vector, out: Vector, view: Vector, open_share: float, tint: float,
    fibres: Fibres, lamps: Lamps,
) -> tuple[Vector, Vector]:  # fmt: skip
    """Return the diffuse and the specular layer of one place of a hair."""
    colour = scale(fibres.colour, tint)
    arriving = scale(gather(lamps.irradiance, out[0], out[1], out[2]), open_share)
    shiny = (0.0, 0.0, 0.0)
    for lamp in range(lamps.direction.shape[0]):
        light = row(lamps.direction, lamp)
        lit = shadow_of(lamps, lamp, position, scale(out, 2.0))
        facing = min(max(0.35 + 0.65 * dot(out, light), 0.0), 1.0) * (0.4 + 0.6 * open_share)
        cosine = dot(along, light)
        shared = scale(row(lamps.colour, lamp), lit * facing)
        arriving = add(arriving, scale(shared, 0.85 * math.sqrt(max(1 - cosine * cosine, 0.0))))
        half = normalise(add(light, view))
        white = 0.10 * _highlight(along, out, half, -0.10 + 0.06 * (tint - 1), 5)
        tinted = 0.55 * _highlight(along, out, half, 0.14 + 0.06 * (tint - 1), 3)
        peak = add((white, white, white), scale(colour, tinted))
        shiny = add(shiny, scale(multiply(shared, peak), fibres.gloss * open_share))
    return multiply(arriving, colour), shiny


@numba.njit(cache=True)
def light_fibres(
    segment: np.ndarray, along: np.ndarray, fibres: Fibres, lamps: Lamps, camera: Vector
) -> tuple[np.ndarray, np.ndarray]:
    """Light the visible places of hairs.

    Args:
        segment: (N,) which segment each place is on: hair times points plus segment.
        along: (N,) how far along it, 0 to 1.
        fibres: the hairs.
        lamps: the lights.
        camera: where the camera stands, mm.

    Returns:
        (N, 3) float32 diffuse and (N, 3) float32 specular layer.
    """
    number, length = segment.shape[0], fibres.points.shape[1]
    diffuse, specular = np.empty((number, 3), np.float32), np.empty((number, 3), np.float32)
    for index in range(number):
        hair, k = segment[index] // length, segment[index] % length
        start, end = row(fibres.points[hair], k), row(fibres.points[hair], k + 1)
        position = mix(start, end, float(along[index]))
        direction = normalise(subtract(end, start))
        out = normalise(subtract(position, _CENTRE))
        out = normalise(subtract(out, scale(direction, 0.8 * dot(out, direction))))
        grown = step((k + along[index]) / length, 0.0, 0.4)
        open_share = (0.30 + 0.70 * fibres.depth[hair]) * (0.55 + 0.45 * grown)
        view = normalise(subtract(camera, position))
        layers = _light_fibre(
            position, direction, out, view, open_share, float(fibres.tint[hair]), fibres, lamps
        )
        diffuse[index, 0], diffuse[index, 1], diffuse[index, 2] = layers[0]
        specular[index, 0], specular[index, 1], specular[index, 2] = layers[1]
    return diffuse, specular
