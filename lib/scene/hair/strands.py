"""Hair as strands: each grows from its root, is combed, falls, and lies on the skull.

A strand is a polyline of `POINTS` points. Strands rooted near each other share the slow noise that
bends them, so they fall in locks.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np

from lib.scene.hair.hairline import Hairline, hairline, hairline_height
from lib.scene.hair.scalp import CENTRE, Scalp, skull_distance
from lib.scene.look import COMBS, HairStyle
from lib.scene.materials.finish import step
from lib.scene.noise import MIDDLE, look_up
from lib.scene.vectors import Vector, add, cross, dot, normalise, row, scale, subtract

POINTS = 9
"""Points of a strand."""

PARTED, BACK, FORWARD, OUT = (COMBS.index(name) for name in ("parted", "back", "forward", "out"))
_CENTRE = (float(CENTRE[0]), float(CENTRE[1]), float(CENTRE[2]))
_TIE = (0.0, 15.0, -98.0)
"""Where combed-back hair is tied to a bun or a tail, mm."""


class Growth(NamedTuple):
    """A hair style's numbers as the loop over strands needs them; see `HairStyle`."""

    line: Hairline
    density: float
    top: float
    sides: float
    back: float
    volume_top: float
    volume_sides: float
    comb: int
    parting: float
    curl: float
    wave: float
    disorder: float
    tied: float
    ceiling: float


def growth(style: HairStyle, ceiling: float = 999.0) -> Growth:
    """Return the numbers of a style.

    Args:
        style: the style.
        ceiling: unwrapped height above which a hat hides all roots, mm.
    """
    return Growth(
        hairline(style),
        float(style.density),
        *(float(length) for length in style.length),
        *(float(volume) for volume in style.volume),
        COMBS.index(style.comb),
        float(style.parting),
        float(style.curl),
        float(style.wave),
        float(style.disorder),
        float(style.bun),
        float(ceiling),
    )


@numba.njit(cache=True)
def comb(p: Vector, style: Growth) -> Vector:
    """Return which way the comb goes at a place over the skull (not yet along its surface)."""
    top = step(p[1], 25.0, 85.0)
    front = step(p[2], -30.0, 60.0)
    side = 1.0 if p[0] > 0 else -1.0
    if style.comb == BACK:
        if style.tied > 0:
            return normalise(subtract(_TIE, p))
        return normalise((0.15 * side, 0.25 * front - 0.6 * (1 - top), -1.0))
    if style.comb == FORWARD:
        if p[2] < -20.0 or top < 0.2:
            return normalise((0.0, -1.0, 0.25))
        return normalise((0.12 * p[0] / 40.0, -0.35 - 0.4 * front, 0.9))
    if style.comb == OUT:
        return (0.0, -0.25 - 0.5 * (1 - top), 0.25 * front)
    away = 1.0 if p[0] > style.parting * top else -1.0
    across = normalise((away, -0.30 * (1 - front), -0.42))
    down = normalise((0.10 * away, -1.0, -0.12))
    share = 1 - top
    return normalise(add(scale(across, top), scale(down, share)))


@numba.njit(cache=True)
def _regions(around: float, height: float) -> tuple[float, float]:
    """Return how much a root belongs to the top and to the back of the head, 0 to 1 each."""
    top = step(height, 38.0, 84.0)
    return top, step(abs(around), 120.0, 180.0) * (1 - top)


@numba.njit(cache=True)
def strand_length(around: float, height: float, style: Growth) -> float:
    """Return the length of a hair by where its root is, mm."""
    top, back = _regions(around, height)
    return style.top * top + style.back * back + style.sides * (1 - top - back)


@numba.njit(cache=True)
def _laid_on(p: Vector, clearance: float, stick: float, skull: np.ndarray) -> Vector:
    """Return a place, moved out to a clearance above the skull, or drawn in to it by a share."""
    offset = subtract(p, _CENTRE)
    distance = math.sqrt(dot(offset, offset)) + 1e-9
    wanted = clearance + skull_distance(skull, offset[0], offset[1], offset[2])
    if distance >= wanted:
        wanted = distance + (wanted - distance) * stick
    return add(_CENTRE, scale(offset, wanted / distance))


@numba.njit(cache=True)
def _off_the_face(p: Vector, comb: int) -> Vector:
    """Return the pull that keeps hair out of the face, towards the nearer side and back."""
    if comb == FORWARD or p[2] < 25.0 or p[1] > 66.0:
        return (0.0, 0.0, 0.0)
    away = 1.0 if p[0] > 0 else -1.0
    share = step(p[2], 25.0, 45.0) * (1 - step(abs(p[0]), 58.0, 76.0)) * step(-p[1], -66.0, -50.0)
    return (2.5 * away * share, 0.0, -0.8 * share)


@numba.njit(cache=True)
def _is_over_the_face(p: Vector, comb: int, chance: float) -> bool:
    """Say whether a place lies so low before the forehead that a hair ends there: cut or pinned."""
    lowest, width = (33.0 + 9.0 * chance, 66.0) if comb == FORWARD else (54.0, 56.0)
    return p[2] > 32.0 and abs(p[0]) < width and p[1] < lowest


@numba.njit(cache=True)
def _wound(
    p: Vector, along: Vector, out: Vector, travelled: float, phase: float, style: Growth
) -> Vector:
    """Return a place on a strand, moved aside by its waves and curls."""
    aside = cross(along, out)
    grown = min(travelled / 30.0, 1.0)
    bend = style.wave * grown * math.sin(0.11 * travelled + phase)
    radius = 4.5 * style.curl * (0.3 + 0.7 * grown)
    turn = 0.42 * travelled + phase
    right = bend + radius * math.cos(turn)
    return add(p, add(scale(aside, right), scale(out, radius * (0.5 + 0.5 * math.sin(turn)))))


@numba.njit(cache=True)
def _first_direction(root: Vector, normal: Vector, stray: Vector, style: Growth) -> Vector:
    """Return which way a hair leaves the skin: as combed, lifted a little; or straight out."""
    combed = comb(root, style)
    if style.comb == OUT:
        return normalise(add(add(normal, scale(combed, 0.35)), stray))
    lift = 0.22 + 0.2 * style.disorder
    return normalise(add(add(scale(normal, lift), combed), stray))


@numba.njit(cache=True)
def _grow_one(
    root: Vector, normal: Vector, unwrapped: Vector, chance: np.ndarray, style: Growth,
    skull: np.ndarray, noise: np.ndarray, points: np.ndarray,
) -> None:  # fmt: skip
    """Fill in the points of one strand, (POINTS, 3)."""
    around, height = unwrapped[0], unwrapped[1]
    lock = look_up(noise, MIDDLE, around, height, 260.0, 260.0)
    lock_two = look_up(noise, MIDDLE, around + 71.0, height + 33.0, 260.0, 260.0)
    top = _regions(around, height)[0]
    volume = style.volume_top * top + style.volume_sides * (1 - top)
    length = strand_length(around, height, style)
    if style.comb == OUT:
        length = min(length, 1.2 * volume + 3.0)
    length *= 0.75 + 0.25 * chance[0] + 0.05 * lock
    layer = math.sqrt(chance[1])
    apart = style.disorder * 0.6
    stray = (
        apart * (0.5 * lock + chance[2] - 0.5),
        apart * (chance[3] - 0.5),
        apart * (0.5 * lock_two + chance[4] - 0.5),
    )
    direction = _first_direction(root, normal, stray, style)
    phase = 2.5 * lock + 1.5 * chance[5]
    pace = length / (POINTS - 1)
    p, travelled = root, 0.0
    for index in range(POINTS):
        out = normalise(subtract(p, _CENTRE))
        shown = p if index == 0 else _wound(p, direction, out, travelled, phase, style)
        points[index, 0], points[index, 1], points[index, 2] = shown
        travelled += pace
        beside = max(step(abs(p[0]), 48.0, 66.0), 1 - step(p[2], 10.0, 40.0))
        hanging = beside * step(travelled, 40.0, 130.0) * (1 - step(p[1], 10.0, 70.0))
        pull = add(scale(comb(p, style), 1 - hanging), (0.0, -hanging, 0.0))
        pull = subtract(pull, scale(out, min(dot(pull, out), 0.0)))
        hold = 0.9 if style.comb == OUT else 0.45
        pull = add(pull, add(_off_the_face(p, style.comb), scale(stray, 0.35)))
        pull = scale(pull, 1 - hold)
        direction = normalise(add(scale(direction, hold), pull))
        following = add(p, scale(direction, pace))
        if _is_over_the_face(following, style.comb, chance[5]):
            pace = 0.0
            continue
        p = following
        rise = 0.6 + layer * volume * (0.4 + 0.6 * step(travelled, 0.0, 0.8 * volume + 6.0))
        loose = style.comb == OUT or travelled < 4.0
        stick = 0.0 if loose else 0.85 * step(p[1], -15.0, 25.0)
        p = _laid_on(p, 0.6 if style.comb == OUT else rise, stick, skull)


@numba.njit(cache=True)
def _roots_kept(
    unwrapped: np.ndarray, chance: np.ndarray, style: Growth, wanted: int, noise: np.ndarray
) -> np.ndarray:
    """Return the indices of the first wanted roots from which a style lets hair grow."""
    kept = np.empty(wanted, np.int64)
    number = 0
    for index in range(unwrapped.shape[0]):
        if number == wanted:
            break
        around, height = float(unwrapped[index, 0]), float(unwrapped[index, 1])
        ragged = 2.0 * look_up(noise, MIDDLE, around, height, 90.0, 90.0) + 4 * chance[index, 5] - 2
        above = height - hairline_height(around, style.line) + ragged
        thinned = step(style.density, 0.3, 0.85) * step(above, -3.0, 9.0)
        if height < style.ceiling and chance[index, 4] < thinned:
            kept[number] = index
            number += 1
    return kept[:number]


@numba.njit(cache=True)
def _grow_all(
    kept: np.ndarray, corners: np.ndarray, weights: np.ndarray, unwrapped: np.ndarray,
    chance: np.ndarray, vertices: np.ndarray, normals: np.ndarray, style: Growth,
    skull: np.ndarray, noise: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return the strands of the kept roots, (hairs, POINTS, 3) float32."""
    points = np.empty((kept.shape[0], POINTS, 3), np.float32)
    for number in range(kept.shape[0]):
        index = kept[number]
        root, normal = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
        for corner in range(3):
            weight = float(weights[index, corner])
            root = add(root, scale(row(vertices, corners[index, corner]), weight))
            normal = add(normal, scale(row(normals, corners[index, corner]), weight))
        place = (float(unwrapped[index, 0]), float(unwrapped[index, 1]), 0.0)
        _grow_one(
            root, normalise(normal), place, chance[index], style, skull, noise, points[number]
        )
    return points


def grow(
    style: Growth, scalp: Scalp, vertices: np.ndarray, normals: np.ndarray, wanted: int,
    noise: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Grow a style on a head.

    Args:
        style: its numbers.
        scalp: the roots.
        vertices: (V, 3) of the head, mm.
        normals: (V, 3) of the head.
        wanted: at most so many strands.
        noise: the textures.

    Returns:
        (hairs, POINTS, 3) float32 strands, mm, and (hairs,) the index of each one's root.
    """
    kept = _roots_kept(scalp.unwrapped, scalp.chance, style, wanted, noise)
    skull = scalp.skull(vertices)
    points = _grow_all(
        kept, scalp.corners, scalp.weights, scalp.unwrapped, scalp.chance, vertices, normals,
        style, skull, noise,
    )  # fmt: skip
    return points, kept
