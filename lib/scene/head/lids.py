"""Opens and closes the eyelids and wraps them round the eyeballs: the one part that is not linear.

Closed, both lids meet in the template's slit. The upper lid is raised and the lower one lowered by
`curves.lid_curves`; a blink brings the upper lid down to wherever the lower one is, so that a full
blink leaves no gap. The skin then takes the larger of the socket's depth and a sphere a little
larger than the eyeball.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np

from lib.scene.curves import (
    EYE_CENTRE,
    EYE_RADIUS,
    SLIT_HEIGHT,
    lid_curves,
    smooth_maximum,
    smooth_step,
)
from lib.scene.head.template import Template

LID_THICKNESS = 1.4
"""How far the lids' outside lies over the eyeball, mm."""
_REACH = 30.0
_RIM = 2.2


@dataclass(frozen=True, eq=False)
class LidRegion:
    """The vertices round one eye.

    Attributes:
        vertices: (n,) int32 those that the lids move.
        lateral: (n,) mm outwards from the eye's centre, on the canonical face.
        distance: (n,) mm from the slit, on the canonical face.
        below: (n,) whether they belong to the lower lid or lie below it.
        edges: (m,) int32 the lids' edges, and `rims` the vertices behind them.
        rims: (m,) int32.
        corners: (2,) int32 inner and outer corner of the eye.
    """

    vertices: np.ndarray
    lateral: np.ndarray
    distance: np.ndarray
    below: np.ndarray
    edges: np.ndarray
    rims: np.ndarray
    corners: np.ndarray


def region(template: Template, canonical: np.ndarray, side: int) -> LidRegion:
    """Find the vertices round one eye.

    Args:
        template: the mesh.
        canonical: (V, 3) mean head without features, mm.
        side: -1 the subject's right eye, 1 the left.
    """
    slit = template.slits["left_eye" if side > 0 else "right_eye"]
    x, y, z = canonical.T
    near = (np.abs(x - side * EYE_CENTRE[0]) < _REACH) & (np.abs(y) < _REACH) & (z > 20)
    found = np.flatnonzero(near[: template.skin])
    corners = slit.upper[[0, -1]] if side > 0 else slit.upper[[-1, 0]]
    return LidRegion(
        vertices=found.astype(np.int32),
        lateral=side * x[found] - EYE_CENTRE[0],
        distance=np.abs(y[found] - SLIT_HEIGHT),
        below=template.below[SLIT_HEIGHT][found],
        edges=np.concatenate([slit.upper, slit.lower]).astype(np.int32),
        rims=np.concatenate([slit.strips[0][0], slit.strips[1][0]]).astype(np.int32),
        corners=corners.astype(np.int32),
    )


@dataclass(frozen=True)
class LidPose:
    """How the lids of one eye stand.

    Attributes:
        upper: height of the upper lid's edge over the slit if there were no blink, mm.
        lower: the lower lid's edge under the slit, mm.
        blink: 0 open to 1 closed.
        hood: the identity's "eye_hood", standard deviations.
    """

    upper: float
    lower: float
    blink: float
    hood: float

    @property
    def opening(self) -> float:
        """How far the lids stand apart in the middle of the eye, mm."""
        return (self.upper + self.lower) * (1 - self.blink)


def pose(
    *, eye_opening: float, hood: float, blink: float, squint: float, wide_eyes: float, smile: float
) -> LidPose:
    """Work out how the lids stand.

    Args:
        eye_opening: the identity's mode, standard deviations; so is ``hood``.
        hood: how far the fold of the upper lid hangs down.
        blink: 0 to 1; so are the other expressions.
        squint: the lower lid rises, the upper one sinks a little.
        wide_eyes: the upper lid leaves the iris bare.
        smile: the cheeks push the lower lid up.
    """
    upper = 6.1 + 0.85 * eye_opening - 0.3 * hood + 2.0 * wide_eyes - 1.2 * squint - 0.4 * smile
    lower = 3.5 + 0.3 * eye_opening + 0.4 * wide_eyes - 1.3 * squint - 0.8 * smile
    blink = min(max(blink, 0.0), 1.0)
    return LidPose(max(upper, 1.5), max(lower, 0.6) * (1 - 0.4 * blink), blink, hood)


def wrap(vertices: np.ndarray, region: LidRegion, centre: np.ndarray, pose: LidPose) -> None:
    """Open the lids of one eye and wrap them round its eyeball, in place.

    Args:
        vertices: (V, 3) float32 head with closed eyes, mm.
        region: the vertices round that eye.
        centre: (3,) float32 the eyeball's centre, mm.
        pose: how the lids stand.
    """
    places = (region.vertices, region.lateral, region.distance, region.below)
    _wrap_skin(vertices, places, centre, (pose.upper, pose.lower, pose.blink, pose.hood))
    edges = vertices[region.edges]
    inwards = centre - edges
    inwards *= _RIM / np.linalg.norm(inwards, axis=1, keepdims=True)
    vertices[region.rims] = edges + inwards


@numba.njit(cache=True)
def _wrap_skin(
    vertices: np.ndarray,
    places: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    centre: np.ndarray,
    lids: tuple[float, float, float, float],
) -> None:
    """Do `wrap` for the skin."""
    index, lateral, distance, below = places
    upper, lower, blink, hood = lids
    for i in range(len(index)):
        x, y, z = vertices[index[i]]
        over, under = lid_curves(lateral[i])
        crease = SLIT_HEIGHT + upper * over
        bag = SLIT_HEIGHT - lower * under
        if below[i]:
            y -= lower * under * (1.0 - smooth_step(distance[i], 1.5, 12.0))
        else:
            height = (1.0 - blink) * upper * over - blink * lower * under
            y += height * (1.0 - smooth_step(distance[i], 2.5, 14.0))
        z = _over_eyeball(x - centre[0], y - centre[1], z, centre[2])
        if below[i]:
            relief = _bag(y - centre[1] - bag, lateral[i])
        else:
            relief = _crease(y - centre[1] - crease, lateral[i], hood) * (1.0 - 0.5 * blink)
        vertices[index[i], 1] = y
        vertices[index[i], 2] = z + relief * smooth_step(distance[i], 0.0, 2.0)


@numba.njit(cache=True)
def _over_eyeball(x: float, y: float, z: float, depth: float) -> float:
    """Give the larger of the skin's depth and a sphere's, x and y from the eye's centre.

    The sphere runs out in a cone: its own edge would be too steep for the mesh.
    """
    away, radius = math.sqrt(x * x + y * y), EYE_RADIUS + LID_THICKNESS
    cone = 0.92 * radius
    inside = min(away, cone)
    flank = math.sqrt(radius * radius - inside * inside)
    sphere = flank - (away - inside) * cone / flank
    return smooth_maximum(z, depth + sphere, 3.0)


@numba.njit(cache=True)
def _crease(over_edge: float, lateral: float, hood: float) -> float:
    """Relief of the upper lid, mm: its crease and the fold that hangs over it."""
    over = over_edge - 3.6 + 1.0 * hood
    crease = -1.0 * math.exp(-((over / 1.2) ** 2))
    fold = (0.7 + 0.8 * hood) * math.exp(-(((over - 3.4) / 2.8) ** 2))
    return (crease + fold) * smooth_step(18.0 - abs(lateral - 0.5), 0.0, 8.0)


@numba.njit(cache=True)
def _bag(over_edge: float, lateral: float) -> float:
    """Relief of the lower lid, mm: the furrow below it."""
    furrow = math.exp(-(((over_edge + 6.5) / 1.8) ** 2))
    return -0.4 * furrow * smooth_step(14.0 - abs(lateral), 0.0, 6.0)
