"""The material of the head: skin with the face painted on it, and the scalp under the hair."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from lib import labels
from lib.scene.hair.hairline import Hairline, hairline_height
from lib.scene.materials import face, skin
from lib.scene.materials.finish import SKIN_REFLECTANCE, Finish, ridge, step
from lib.scene.noise import COARSE, FINE, MIDDLE, STRAND, look_up
from lib.scene.person import Colour
from lib.scene.vectors import mix, scale

SKIN, NOSE, NECK, HAIR, U_LIP, L_LIP, L_BROW, R_BROW = (
    labels.CLASSES.index(name)
    for name in ("skin", "nose", "neck", "hair", "u_lip", "l_lip", "l_brow", "r_brow")
)
_BLACK = (0.012, 0.009, 0.008)
_NOSTRIL = (0.020, 0.008, 0.006)


class ScalpPaint(NamedTuple):
    """The hair of the head as it colours the scalp.

    Attributes:
        colour: of the roots.
        density: share of the scalp that is covered.
        softness: width of the hairline, mm.
        thick: 0 for stubble, 1 for hair that casts a shadow on the forehead.
        line: where it ends.
    """

    colour: Colour
    density: float
    softness: float
    thick: float
    line: Hairline


MOLES = 4
"""So many moles are painted at most."""


class HeadPaint(NamedTuple):
    """Everything painted on the head; `moles` are always `MOLES` of (x, y, radius) in mm."""

    skin: skin.SkinPaint
    lips: face.LipPaint
    brows: face.BrowPaint
    beard: face.BeardPaint
    eyes: face.EyePaint
    scalp: ScalpPaint
    nose_width: float
    lid_crease: float
    moles: tuple


@numba.njit(cache=True)
def paint_face(x: float, y: float, paint: HeadPaint, noise: np.ndarray) -> Finish:
    """Return the finish of a place of the face, given by its canonical front coordinates, mm."""
    tone = paint.skin
    mottle = look_up(noise, MIDDLE, x + 3.1 * tone.pattern, y, 120.0, 120.0)
    blotch = look_up(noise, COARSE, x + 7.7 * tone.pattern, y, 150.0, 150.0)
    shade = look_up(noise, COARSE, x + 3.3 * tone.pattern, y + 50.0, 190.0, 190.0)
    pores = look_up(noise, FINE, x, y, 110.0, 110.0) * tone.detail
    blood = tone.haemoglobin + skin.blood_of_face(x, y, tone)
    blood += 0.03 * mottle + 0.09 * blotch * tone.unevenness
    melanin = (
        tone.melanin + 0.022 * tone.unevenness * shade + skin.melanin_of_face(x, y, tone, noise)
    )
    melanin += 0.008 * mottle + 0.008 * pores + skin.mole(x, y, paint.moles)
    colour = skin.skin_colour(melanin, blood)
    gloss = skin.oil_of_face(x, y) * (1 + 0.15 * blotch + 0.10 * pores)
    roughness = 0.48 + 0.02 * pores
    label = NOSE if face.is_nose(x, y, paint.nose_width) else SKIN

    colour = mix(colour, paint.eyes.shadow_colour, face.shadow_cover(x, y, paint.eyes))
    lip = face.lip_cover(x, y, paint.lips, 0.15 * mottle)
    if lip != 0.0:
        red = face.lip_colour(x, y, tone, melanin, paint.lips, noise)
        colour = mix(colour, red, 0.95 * abs(lip))
        if abs(lip) > 0.5:
            roughness = 0.38 - 0.14 * paint.lips.gloss
            gloss = 0.7 + 1.1 * paint.lips.gloss
            label = U_LIP if lip > 0 else L_LIP
    crease = face.face_creases(x, y, paint.nose_width)
    crease += paint.lid_crease * face.lid_crease(x, y) + skin.wrinkles(x, y, tone, noise)
    colour = scale(colour, max(1.0 - crease, 0.1))
    hole = 0.93 * face.nostril(x, y, paint.nose_width)
    colour = mix(colour, _NOSTRIL, hole)
    hairs = face.brow_cover(x, y, paint.brows, tone.pattern, noise) * paint.brows.density
    colour = mix(colour, paint.brows.colour, hairs)
    if label != U_LIP and face.is_brow(x, y, paint.brows):
        label = L_BROW if x > 0 else R_BROW
    whiskers = (1 - abs(lip)) * face.beard_cover(
        x, y, paint.beard, tone.pattern, tone.detail, noise
    )
    colour = mix(colour, paint.beard.colour, whiskers)
    lashes = face.lash_cover(x, y, paint.eyes)
    colour = mix(colour, _BLACK, lashes)
    matte = (1 - 0.9 * hole) * (1 - 0.6 * hairs) * (1 - 0.75 * whiskers) * (1 - 0.7 * lashes)
    return Finish(colour, roughness, gloss * matte, SKIN_REFLECTANCE, 1.0, label)


@numba.njit(cache=True)
def paint_neck(around: float, height: float, paint: HeadPaint, noise: np.ndarray) -> Finish:
    """Return the finish of the head's skin behind the face: scalp, nape, throat, neck."""
    tone = paint.skin
    mottle = look_up(noise, MIDDLE, around, height, 140.0, 140.0)
    colour = skin.skin_colour(tone.melanin + 0.02 + 0.012 * mottle, 0.9 * tone.haemoglobin)
    return Finish(colour, 0.5, 0.5, SKIN_REFLECTANCE, 1.0, SKIN)


@numba.njit(cache=True)
def scalp_cover(around: float, height: float, paint: ScalpPaint, noise: np.ndarray) -> float:
    """Return how much hair covers a place of the head, 0 to 1."""
    above = height - hairline_height(around, paint.line)
    if above < -12.0:
        return 0.0
    ragged = 1.5 * look_up(noise, STRAND, around, height, 90.0, 200.0)
    ragged += 1.2 * look_up(noise, MIDDLE, around, height, 90.0, 90.0)
    return paint.density * step(above + ragged, -paint.softness, 1.5 * paint.softness)


@numba.njit(cache=True)
def paint_head(
    x: float, y: float, around: float, height: float, paint: HeadPaint, noise: np.ndarray
) -> Finish:
    """Return the finish of a place of the head.

    Args:
        x: canonical front coordinates, mm, as is y.
        y: see x.
        around: unwrapped coordinates, mm: round the head from the middle of the face.
        height: unwrapped height, mm.
        paint: what is painted.
        noise: the textures.
    """
    if abs(around) < 70.0 and height > -122.0:
        finish = paint_face(x, y, paint, noise)
    else:
        finish = paint_neck(around, height, paint, noise)
    label = finish.label
    if height < -109.5 + 34.0 * step(abs(around), 60.0, 110.0):
        label = NECK
    hair = scalp_cover(around, height, paint.scalp, noise)
    if hair > 0.45:
        label = HAIR
    under = max(hairline_height(around, paint.scalp.line) - height, 0.0)
    shade = 1 - paint.scalp.thick * (0.35 * (1 - hair) * ridge(under, 7.0) + 0.55 * hair)
    return Finish(
        mix(finish.colour, paint.scalp.colour, hair),
        finish.roughness,
        finish.gloss * (1 - 0.85 * hair),
        finish.reflectance,
        shade,
        label,
    )
