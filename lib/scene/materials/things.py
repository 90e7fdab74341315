"""The materials of ears, neck, clothes and what people wear."""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np

from lib import labels
from lib.scene.materials.finish import SKIN_REFLECTANCE, Finish, ridge
from lib.scene.materials.skin import SkinPaint, skin_colour
from lib.scene.noise import COARSE, FINE, MIDDLE, STRAND, look_up
from lib.scene.parts.torso import neckline_height
from lib.scene.person import Colour
from lib.scene.vectors import mix, scale

L_EAR, R_EAR, NECK, CLOTH, HAT, EYE_G, EAR_R, NECK_L, HAIR = (
    labels.CLASSES.index(name)
    for name in (
        "l_ear", "r_ear", "neck", "cloth", "hat", "eye_g", "ear_r", "neck_l", "hair",
    )
)  # fmt: skip


_neckline = numba.njit(cache=True)(neckline_height)


class ClothPaint(NamedTuple):
    """A shirt; see `lib.scene.capture.Clothing`."""

    neckline: float
    depth: float
    width: float
    colour: Colour
    second_colour: Colour
    pattern: int
    period: float
    sheen: float


class WornPaint(NamedTuple):
    """What is worn: colours, and whether it is metal or knitted (0 or 1)."""

    hat: Colour
    knitted: float
    frame: Colour
    metal: float
    earrings: Colour
    necklace: Colour
    hair: Colour


@numba.njit(cache=True)
def paint_ear(
    open_share: float, height: float, side: int, skin: SkinPaint, noise: np.ndarray
) -> Finish:
    """Return the finish of a place of an ear.

    Args:
        open_share: how open the place is to the light, 0 in the concha to 1 on the rims.
        height: over the ear canal, mm.
        side: -1 the subject's right, 1 the left.
        skin: the skin.
        noise: the textures.
    """
    mottle = look_up(noise, MIDDLE, height, 30 * open_share, 90.0, 90.0)
    blood = skin.haemoglobin + 0.22 * skin.blood + 0.03 * mottle
    colour = skin_colour(skin.melanin + 0.02, blood)
    label = L_EAR if side > 0 else R_EAR
    return Finish(colour, 0.45, 0.5, SKIN_REFLECTANCE, 0.4 + 0.6 * open_share, label)


@numba.njit(cache=True)
def cloth_colour(angle: float, height: float, paint: ClothPaint, noise: np.ndarray) -> Colour:
    """Return the colour of a place of the shirt: plain, striped or checked, with its weave."""
    weave = 1 + 0.06 * look_up(noise, FINE, 90 * angle, height, 60.0, 60.0)
    weave += 0.05 * look_up(noise, COARSE, 60 * angle, height, 160.0, 240.0)
    colour = scale(paint.colour, weave)
    row = math.floor(2 * height / paint.period) & 1
    column = math.floor(2 * 90 * angle / paint.period) & 1
    if paint.pattern == 1 and row:
        colour = scale(paint.second_colour, weave)
    elif paint.pattern == 2 and row != column:
        colour = mix(colour, paint.second_colour, 0.6)
    return colour


@numba.njit(cache=True)
def paint_torso(
    angle: float, height: float, skin: SkinPaint, paint: ClothPaint, noise: np.ndarray
) -> Finish:
    """Return the finish of neck and shoulders: skin above the neckline, cloth below.

    Args:
        angle: round the body, radians; 0 is in front.
        height: mm.
        skin: the skin.
        paint: the shirt.
        noise: the textures.
    """
    below = _neckline(angle, paint.neckline, paint.depth, paint.width) - height
    if below > 0:
        seam = min(ridge(below - 5.0, 1.2) + 0.7 * ridge(below - 0.6, 1.2), 1.0)
        colour = scale(cloth_colour(angle, height, paint, noise), 1 - 0.35 * seam)
        return Finish(colour, 0.75, paint.sheen, SKIN_REFLECTANCE, 1.0, CLOTH)
    colour = skin_colour(skin.melanin + 0.025, 0.9 * skin.haemoglobin)
    shade = 1 - 0.3 * math.exp(below / 4.0)
    return Finish(colour, 0.5, 0.45, SKIN_REFLECTANCE, shade, NECK)


@numba.njit(cache=True)
def paint_hat(around: float, height: float, paint: WornPaint, noise: np.ndarray) -> Finish:
    """Return the finish of a place of a hat; a knitted one has ribs."""
    rib = paint.knitted * math.sin(2 * math.pi * around / 5.5)
    thread = look_up(noise, FINE, around, height, 60.0, 60.0)
    colour = scale(paint.hat, 1 + 0.16 * rib + 0.06 * thread)
    return Finish(colour, 0.8, 0.2, SKIN_REFLECTANCE, 1.0, HAT)


@numba.njit(cache=True)
def paint_frame(paint: WornPaint) -> Finish:
    """Return the finish of a pair of glasses' frame."""
    return Finish(paint.frame, 0.28, 1.4, 0.5 if paint.metal > 0 else 0.04, 1.0, EYE_G)


@numba.njit(cache=True)
def paint_jewellery(colour: Colour, label: int) -> Finish:
    """Return the finish of polished metal: little diffuse light, strong reflections."""
    return Finish(scale(colour, 0.28), 0.24, 1.8, 0.48, 1.0, label)


@numba.njit(cache=True)
def paint_bun(x: float, y: float, paint: WornPaint, noise: np.ndarray) -> Finish:
    """Return the finish of a bun of hair."""
    strand = look_up(noise, STRAND, x, y, 150.0, 420.0)
    colour = scale(paint.hair, min(max(1 + 0.32 * strand, 0.3), 2.2))
    return Finish(colour, 0.5, 0.12, SKIN_REFLECTANCE, 0.85, HAIR)
