"""Every visible place gets its finish: the one loop over sub-pixels that knows all materials."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from lib.scene.kinds import Kind
from lib.scene.materials import eye, head, mouth, things
from lib.scene.materials.finish import Finish
from lib.scene.noise import FINE, look_up
from lib.scene.surface import Surface
from lib.scene.vectors import Vector, row


class Paints(NamedTuple):
    """All paints of a capture.

    Attributes:
        head: skin, face and scalp.
        eyes: the eyeballs.
        cloth: the shirt.
        worn: hat, glasses, jewellery.
        teeth: their brightness.
        mouth_front: how far forward the lips' inner edge lies, mm.
        mouth_middle: height between the lips, mm.
    """

    head: head.HeadPaint
    eyes: eye.EyeballPaint
    cloth: things.ClothPaint
    worn: things.WornPaint
    teeth: float
    mouth_front: float
    mouth_middle: float


class Painted(NamedTuple):
    """The finishes of N places, one row each; see `Finish`.

    Attributes:
        colour: (N, 3) float32.
        roughness: (N,) float32.
        gloss: (N,) float32.
        reflectance: (N,) float32.
        shade: (N,) float32.
        label: (N,) uint8.
        tilt: (N, 2) float32: how pores tilt the normal to the right and up.
    """

    colour: np.ndarray
    roughness: np.ndarray
    gloss: np.ndarray
    reflectance: np.ndarray
    shade: np.ndarray
    label: np.ndarray
    tilt: np.ndarray


@numba.njit(cache=True)
def _finish_of_body(
    kind: int, side: int, u: float, v: float, position: Vector, paints: Paints, noise: np.ndarray
) -> Finish:
    """Return the finish of what belongs to the body itself, but the head's skin."""
    skin = paints.head.skin
    if kind == Kind.EYE:
        return eye.paint_eyeball(u, v, side, position, paints.eyes, noise)
    if kind == Kind.SOCKET:
        return eye.paint_socket(side, paints.eyes)
    if kind == Kind.EAR:
        return things.paint_ear(u, v, side, skin, noise)
    if kind == Kind.LID_RIM:
        return eye.paint_lid_rim(position, skin, paints.eyes)
    if kind == Kind.INNER_LIP:
        return mouth.paint_inner_lip(position, paints.mouth_middle, skin)
    if kind == Kind.TORSO:
        return things.paint_torso(u, v, skin, paints.cloth, noise)
    return mouth.paint_mouth(kind, u, v, side, position, paints.mouth_front, paints.teeth)


@numba.njit(cache=True)
def _finish_of_thing(
    kind: int, u: float, v: float, worn: things.WornPaint, noise: np.ndarray
) -> Finish:
    """Return the finish of what is worn."""
    if kind == Kind.BUN:
        return things.paint_bun(u, v, worn, noise)
    if kind == Kind.HAT:
        return things.paint_hat(u, v, worn, noise)
    if kind == Kind.EARRING:
        return things.paint_jewellery(worn.earrings, things.EAR_R)
    if kind == Kind.NECKLACE:
        return things.paint_jewellery(worn.necklace, things.NECK_L)
    return things.paint_frame(worn)


@numba.njit(cache=True)
def paint(surface: Surface, paints: Paints, noise: np.ndarray) -> Painted:
    """Return the finish of every visible place."""
    number = surface.pixel.shape[0]
    colour, tilt = np.empty((number, 3), np.float32), np.zeros((number, 2), np.float32)
    roughness, gloss = np.empty(number, np.float32), np.empty(number, np.float32)
    reflectance, shade = np.empty(number, np.float32), np.empty(number, np.float32)
    label = np.empty(number, np.uint8)
    for index in range(number):
        kind, side = surface.kind[index], surface.side[index]
        u, v = float(surface.place[index, 0]), float(surface.place[index, 1])
        if kind == Kind.SKIN:
            around, height = surface.unwrapped[index, 0], surface.unwrapped[index, 1]
            finish = head.paint_head(u, v, float(around), float(height), paints.head, noise)
            tilt[index, 0] = look_up(noise, FINE, u, v, 110.0, 110.0)
            tilt[index, 1] = look_up(noise, FINE, u + 37.0, v + 11.0, 110.0, 110.0)
        elif kind < Kind.BUN:
            position = row(surface.position, index)
            finish = _finish_of_body(kind, side, u, v, position, paints, noise)
        else:
            finish = _finish_of_thing(kind, u, v, paints.worn, noise)
        colour[index, 0], colour[index, 1], colour[index, 2] = finish.colour
        roughness[index], gloss[index] = finish.roughness, finish.gloss
        reflectance[index], shade[index] = finish.reflectance, finish.shade
        label[index] = finish.label
    return Painted(colour, roughness, gloss, reflectance, shade, label, tilt)
