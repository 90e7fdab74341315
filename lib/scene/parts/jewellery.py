"""Earrings, necklaces, and the bun of hair: small solids hung on a head."""

from __future__ import annotations

import numpy as np

from lib.scene.capture import Clothing
from lib.scene.kinds import Kind
from lib.scene.look import Earrings, Necklace
from lib.scene.parts.grids import globe, globe_triangles, join, normalise, tube
from lib.scene.parts.part import Part
from lib.scene.parts.profiles import bump, smooth_step
from lib.scene.parts.torso import (
    COLLAR_THICKNESS,
    half_width,
    neckline_height,
    torso_surface,
)

_ROWS, _COLUMNS = 7, 14
_NECK = 54.0
"""Half the width of a hanging necklace, mm."""


def _part(kind: Kind, vertices: np.ndarray, triangles: np.ndarray, side: int = 0) -> Part:
    """Return a part whose surface is the same everywhere."""
    coordinates = np.zeros((len(vertices), 2), np.float32)
    return Part(kind, vertices.astype(np.float32), triangles, coordinates, side, two_sided=False)


def make_earring(earrings: Earrings, lobe: np.ndarray, side: int) -> Part:
    """Make one earring: a bead on the lobe, or a wire with the bead at its end.

    Args:
        earrings: their shape.
        lobe: (3,) where the lobe is pierced, mm.
        side: -1 the subject's right ear, 1 the left.

    Returns:
        An EARRING part, closed; its coordinates are 0.
    """
    radius, drop = earrings.radius, earrings.drop
    outwards = np.array([0.45 * radius * side, 0.0, 0.3 * radius])
    triangles = globe_triangles(_ROWS, _COLUMNS)
    bead = lobe + outwards + radius * globe(_ROWS, _COLUMNS) - (0.0, drop, 0.0)
    if drop == 0.0:
        return _part(Kind.EARRING, bead, triangles, side)
    wire = lobe + outwards + np.linspace(0.5, -drop, 4)[:, None] * np.array([0.0, 1.0, 0.0])
    stud = lobe + outwards + 1.5 * globe(_ROWS, _COLUMNS)
    pieces = [
        (bead, triangles),
        (stud, triangles),
        tube(wire, (0.6, 0.6), (0.0, 0.0, 1.0), sides=6),
    ]
    return _part(Kind.EARRING, *join(pieces), side)


def make_necklace(necklace: Necklace, clothing: Clothing, neck_width: float = 0.0) -> Part:
    """Make a necklace that lies on the torso.

    Args:
        necklace: how far it hangs and how thick its chain is.
        clothing: the lift and breadth of the shoulders.
        neck_width: in standard deviations.

    Returns:
        A NECKLACE part, a closed tube; its coordinates are 0.
    """
    angle = np.linspace(-np.pi, np.pi, 72, endpoint=False)
    front = np.maximum(np.cos(angle), 0.0)
    height = clothing.shoulders - 147.0 - (8.0 + max(necklace.drop, 0.0)) * front**2
    sine = np.sin(angle)
    narrow = _NECK * sine / half_width(height, clothing, neck_width)
    hanging = np.arcsin(np.clip(narrow, -np.abs(sine), np.abs(sine)))
    angle = np.where(front > 0.0, hanging, angle)
    curve = torso_surface(angle, height, clothing, neck_width)
    border = clothing.neckline + clothing.shoulders
    border = neckline_height(angle, border, clothing.depth, clothing.width)
    above = necklace.radius + 0.5 + COLLAR_THICKNESS * smooth_step(height - border, 3.0, -1.0)
    outwards = np.stack([np.sin(angle), 0.35 + 0 * angle, np.cos(angle)], axis=-1)
    curve = curve + above[:, None] * outwards
    thickness = (necklace.radius, necklace.radius)
    return _part(Kind.NECKLACE, *tube(curve, thickness, (0.0, 1.0, 0.0), closed=True))


def make_bun(skull: np.ndarray, radius: float) -> Part:
    """Make a bun: a flattened, lumpy ball of hair behind the crown.

    Args:
        skull: (rows, columns, 3) surface of the head: see `Sites.skull`.
        radius: of the bun, mm.

    Returns:
        A BUN part, closed. Its coordinates: the angle round the bun's axis times its radius, and
        the distance from its front pole over the surface, both in mm: strands wind round it.
    """
    ball = globe(11, 26)
    polar = np.arccos(np.clip(ball[:, 1], -1.0, 1.0))
    around = np.arctan2(ball[:, 0], ball[:, 2])
    lumps = 1.0 + 0.045 * np.sin(3 * around + 4 * polar) * np.sin(polar)
    lumps = lumps - 0.16 * bump(polar, 0.0, 0.35)
    middle = skull[:, 0]
    axis = np.array([0.0, np.sin(np.radians(58.0)), -np.cos(np.radians(58.0))])
    place = middle[np.argmax(normalise(middle - (0.0, 20.0, 0.0)) @ axis)]
    frame = np.stack([[1.0, 0.0, 0.0], axis, np.cross([1.0, 0.0, 0.0], axis)])
    solid = ball * lumps[:, None] * (radius, 0.8 * radius, radius)
    vertices = solid @ frame + place + 0.55 * radius * axis
    coordinates = np.stack([around, polar], axis=-1) * radius
    return Part(
        Kind.BUN,
        vertices.astype(np.float32),
        globe_triangles(11, 26),
        coordinates.astype(np.float32),
        two_sided=False,
    )
