"""The materials of the eyeball and of the lids' wet rims."""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np

from lib import labels
from lib.scene.materials.finish import SKIN_REFLECTANCE, Finish, ridge, step
from lib.scene.materials.skin import SkinPaint, skin_colour
from lib.scene.noise import STRAND, look_up
from lib.scene.person import Colour
from lib.scene.vectors import Vector, mix, scale

L_EYE, R_EYE, SKIN = (labels.CLASSES.index(name) for name in ("l_eye", "r_eye", "skin"))
IRIS_RADIUS = 6.0
"""Radius of the iris, mm."""

_SCLERA = (0.50, 0.455, 0.415)
_CARUNCLE = (0.50, 0.21, 0.17)
_VEINS = (0.56, 0.33, 0.29)
_PUPIL = (0.004, 0.004, 0.004)
_CORNEA = 0.03


class EyeballPaint(NamedTuple):
    """A person's eyes.

    Attributes:
        iris: its colour.
        pupil: its radius, mm.
        pattern: where in the noise textures the iris lies.
        sclera: brightness of the white, less with darker skin and age.
        right: centre of the subject's right eyeball, mm.
        left: centre of the left one.
        lid_right: height of the right upper lid's margin over the eyeball's centre, mm.
        lid_left: the same on the left.
    """

    iris: Colour
    pupil: float
    pattern: float
    sclera: float
    right: Vector
    left: Vector
    lid_right: float
    lid_left: float


@numba.njit(cache=True)
def iris_colour(
    radius: float, angle: float, y: float, paint: EyeballPaint, noise: np.ndarray
) -> Vector:
    """Return the colour of the iris: fibres, a lighter collarette, a dark rim, shade from above."""
    fibres = look_up(noise, STRAND, 60 * angle + 11 * paint.pattern, 5 * radius, 190.0, 150.0)
    light = min(max(1 + 0.26 * fibres, 0.35), 1.9) * (1.2 - 0.85 * step(radius, 4.0, 6.0))
    light *= 1 - 0.25 * step(y, -1.0, 5.0)
    colour = scale(paint.iris, light)
    around_pupil = scale(paint.iris, 1.5)
    return mix(colour, around_pupil, 0.45 * ridge(radius - paint.pupil - 0.8, 0.8))


@numba.njit(cache=True)
def sclera_colour(
    x: float, angle: float, radius: float, side: int, paint: EyeballPaint, noise: np.ndarray
) -> Vector:
    """Return the colour of the white: darker towards the corners, pink in the inner one."""
    white = scale(_SCLERA, paint.sclera * (1 - 0.22 * step(radius, 6.0, 11.5)))
    veins = min(max(look_up(noise, STRAND, 40 * angle, 3 * radius, 100.0, 100.0), 0.0), 2.0)
    white = mix(white, _VEINS, 0.14 * veins * step(radius, 6.5, 10.0))
    return mix(white, scale(_CARUNCLE, paint.sclera), 0.6 * step(-side * x, 8.0, 10.3))


@numba.njit(cache=True)
def paint_eyeball(
    x: float, y: float, side: int, position: Vector, paint: EyeballPaint, noise: np.ndarray
) -> Finish:
    """Return the finish of a place of an eyeball.

    Args:
        x: from the pupil's centre to the right of the picture, mm on the eyeball, as is y.
        y: see x.
        side: -1 the subject's right eye, 1 the left.
        position: of the place, mm: lids shade the eyeball by how near they are.
        paint: the eyes.
        noise: the textures.
    """
    radius, angle = math.sqrt(x * x + y * y), math.atan2(y, x)
    colour = mix(
        sclera_colour(x, angle, radius, side, paint, noise),
        iris_colour(radius, angle, y, paint, noise),
        1 - step(radius, IRIS_RADIUS - 0.35, IRIS_RADIUS + 0.35),
    )
    colour = mix(colour, _PUPIL, 1 - step(radius, paint.pupil, paint.pupil + 0.35))
    centre, lid = (paint.left, paint.lid_left) if side > 0 else (paint.right, paint.lid_right)
    up, aside = position[1] - centre[1], position[0] - centre[0]
    shade = 1 - 0.68 * step(up, lid - 4.2, lid + 0.4)
    shade *= (1 - 0.30 * step(-up, 2.5, 5.5)) * (1 - 0.40 * step(abs(aside), 7.0, 14.0))
    return Finish(colour, 0.06, 1.6, _CORNEA, shade, L_EYE if side > 0 else R_EYE)


@numba.njit(cache=True)
def paint_socket(side: int, paint: EyeballPaint) -> Finish:
    """Return the finish of the lining behind the lids' corners: dark and wet."""
    colour = scale(_CARUNCLE, 0.6 * paint.sclera)
    return Finish(colour, 0.3, 0.3, SKIN_REFLECTANCE, 0.5, L_EYE if side > 0 else R_EYE)


@numba.njit(cache=True)
def paint_lid_rim(position: Vector, skin: SkinPaint, paint: EyeballPaint) -> Finish:
    """Return the finish of a lid's rim: lashes above, a wet pink edge below."""
    left = position[0] > 0
    centre = paint.left if left else paint.right
    if position[1] > centre[1] - 0.5:
        return Finish((0.035, 0.025, 0.022), 0.5, 0.1, SKIN_REFLECTANCE, 0.8, SKIN)
    colour = scale(skin_colour(0.8 * skin.melanin, skin.haemoglobin + 0.45), 0.8)
    return Finish(colour, 0.3, 1.0, SKIN_REFLECTANCE, 0.9, SKIN)
