"""The lights of a capture, with their shadow maps, ready for the loops over pixels."""

from __future__ import annotations

import numpy as np

from lib.scene import light, rasteriser
from lib.scene.capture import Capture
from lib.scene.kinds import Kind
from lib.scene.shading import Lamps, irradiance
from lib.scene.surface import Mesh

CASTS_SHADOW = np.array(
    [kind not in (Kind.LENS, Kind.EYE, Kind.SOCKET, Kind.MOUTH_BACK, Kind.LID_RIM) for kind in Kind]
)
"""For each kind, whether it casts a shadow."""


def _map_resolution(size: int) -> int:
    return int(np.clip(0.7 * size, 96, 288))


def _shadow_map(
    mesh: Mesh, casters: np.ndarray, hairs: np.ndarray, lamp: light.Light, resolution: int
) -> np.ndarray:
    """Return the depth map of one light, hair included."""
    depth = light.shadow_map(mesh.vertices, casters, lamp, resolution)
    strands = light.seen_from(hairs, lamp.direction, resolution)
    owner = np.empty((resolution, resolution), np.int32)
    weights = np.empty((resolution, resolution, 3), np.float32)
    thin = np.zeros(len(hairs), np.float32)
    rasteriser.fill_hairs(strands, thin, 0, depth, owner, weights)
    return depth


def lamps(capture: Capture, mesh: Mesh, hairs: np.ndarray, size: int) -> Lamps:
    """Prepare the lights of a capture.

    Args:
        capture: its lights and environment count.
        mesh: what casts shadows.
        hairs: (hairs, points, 3) mm, which cast them too.
        size: width of the picture; the shadow maps are as fine as it needs.
    """
    resolution = _map_resolution(size)
    casters = mesh.triangles[CASTS_SHADOW[mesh.kind]]
    maps = np.full((len(capture.lights), resolution, resolution), np.inf, np.float32)
    for index, lamp in enumerate(capture.lights):
        if lamp.shadow:
            maps[index] = _shadow_map(mesh, casters, hairs, lamp, resolution)
    sky = light.radiance(capture.environment)
    return Lamps(
        np.array([lamp.direction for lamp in capture.lights], float),
        np.array([lamp.colour for lamp in capture.lights], float),
        np.array([lamp.size for lamp in capture.lights], float),
        np.array([lamp.softness for lamp in capture.lights], float) * resolution / 256,
        np.array([lamp.shadow for lamp in capture.lights], bool),
        np.array([light.axes(lamp.direction) for lamp in capture.lights]),
        maps,
        light.CENTRE,
        light.REACH,
        sky,
        irradiance(sky),
    )
