"""Light: what comes from everywhere, and who stands in whose shadow.

Light from all around is nine spherical harmonics (Ramamoorthi and Hanrahan, "An Efficient
Representation for Irradiance Environment Maps", SIGGRAPH 2001); shadows are depth maps seen from
the light (Williams, "Casting Curved Shadows on Curved Surfaces", SIGGRAPH 1978), blurred by
percentage-closer filtering (Reeves et al., SIGGRAPH 1987).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numba
import numpy as np

from lib.scene import rasteriser
from lib.scene.capture import Environment, Light
from lib.scene.vectors import turned

COSINE_LOBE = np.array([np.pi] + [2 * np.pi / 3] * 3 + [np.pi / 4] * 5)
"""What Lambert's cosine does to each harmonic: irradiance is radiance times this (section 3.1)."""

CENTRE = np.array([0.0, -50.0, 10.0])
"""The middle of what a shadow map covers, mm."""
REACH = 200.0
"""Half the width of what a shadow map covers, mm."""

_SPIRAL = 2.399963 * np.arange(9)
TAPS = 1.35 * np.sqrt((np.arange(9) + 0.5) / 9) * np.stack([np.cos(_SPIRAL), np.sin(_SPIRAL)])
"""Where a shadow map is asked around a place, (2, 9): a sunflower of radius 1.3."""


def directions(number: int) -> np.ndarray:
    """Return unit vectors spread evenly over the sphere along a spiral, (number, 3)."""
    index = np.arange(number) + 0.5
    height = 1 - 2 * index / number
    angle = np.pi * (1 + math.sqrt(5)) * index
    radius = np.sqrt(1 - height**2)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)


@numba.njit(cache=True)
def harmonics(x: float, y: float, z: float) -> tuple:
    """Return the nine real spherical harmonics up to degree 2 in a direction."""
    return (
        0.282095,
        0.488603 * y,
        0.488603 * z,
        0.488603 * x,
        1.092548 * x * y,
        1.092548 * y * z,
        0.315392 * (3.0 * z * z - 1.0),
        1.092548 * x * z,
        0.546274 * (x * x - y * y),
    )


@functools.cache
def _sphere() -> tuple[np.ndarray, np.ndarray]:
    """Return directions over the sphere and their harmonics, (400, 3) and (400, 9)."""
    spread = directions(400)
    return spread, np.array([harmonics(*direction) for direction in spread])


def radiance(environment: Environment) -> np.ndarray:
    """Project light from all around on the harmonics.

    Returns:
        (9, 3) float64, linear RGB.
    """
    spread, basis = _sphere()
    share = (spread[:, 1:2] + 1) / 2
    light = np.asarray(environment.ground) * (1 - share) + np.asarray(environment.sky) * share
    for direction, colour, sharpness in environment.lobes:
        lobe = np.exp(sharpness * (spread @ np.asarray(direction) - 1))
        light = light + lobe[:, None] * np.asarray(colour)
    return basis.T @ light * (4 * np.pi / len(spread))


@numba.njit(cache=True)
def gather(coefficients: np.ndarray, x: float, y: float, z: float) -> tuple:
    """Return the colour nine coefficients (9, 3) give in a direction, at least 0."""
    red, green, blue = 0.0, 0.0, 0.0
    basis = harmonics(x, y, z)
    for index in range(9):
        red += basis[index] * coefficients[index, 0]
        green += basis[index] * coefficients[index, 1]
        blue += basis[index] * coefficients[index, 2]
    return (max(red, 0.0), max(green, 0.0), max(blue, 0.0))


def axes(direction: Sequence[float]) -> np.ndarray:
    """Return the axes (3, 3) of a view along a light: right, up, towards the light."""
    towards = np.asarray(direction, float)
    up = np.array([0.0, 1, 0]) if abs(towards[1]) < 0.95 else np.array([1.0, 0, 0])
    right = np.cross(up, towards)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(towards, right), towards])


def seen_from(points: np.ndarray, direction: Sequence[float], resolution: int) -> np.ndarray:
    """Project points along a light.

    Returns:
        (..., 3) float32: x and y in pixels of the map, depth along the light in mm.
    """
    view = axes(direction) * np.array([[1.0], [-1.0], [-1.0]])
    found = turned(points.reshape(-1, 3), CENTRE, view).reshape(points.shape)
    found[..., :2] += np.float32(REACH)
    found[..., :2] *= np.float32(resolution / (2 * REACH))
    return found


def shadow_map(
    points: np.ndarray, triangles: np.ndarray, light: Light, resolution: int
) -> np.ndarray:
    """Return how far the first surface lies along a light, (resolution, resolution) float32.

    Args:
        points: (V, 3) mm.
        triangles: (T, 3) of what casts shadows.
        light: its direction counts.
        resolution: width of the map in pixels.
    """
    depth = np.full((resolution, resolution), np.inf, np.float32)
    rasteriser.fill_depth(seen_from(points, light.direction, resolution), triangles, depth)
    return depth


@numba.njit(cache=True)
def lit_share(depth: np.ndarray, x: float, y: float, z: float, blur: float) -> float:
    """Return the share of nine taps around a place in a shadow map that the light reaches.

    Args:
        depth: the map.
        x: place in the map, pixels, as is y.
        y: see x.
        z: depth along the light, mm.
        blur: how far the taps are spread, pixels.
    """
    last = depth.shape[0] - 1
    lit = 0.0
    for tap in range(9):
        column = min(max(int(x + blur * TAPS[0, tap]), 0), last)
        row = min(max(int(y + blur * TAPS[1, tap]), 0), last)
        if z <= depth[row, column]:
            lit += 1.0
    return lit / 9.0
