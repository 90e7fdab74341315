"""How surfaces answer light: a diffuse and a specular layer, kept apart.

Skin reflects in two ways: at its oily surface, where light keeps its own colour (specular), and
from below, where it takes the colour of the skin (diffuse): Shafer's dichromatic model (1985). The
surface is a Trowbridge-Reitz (GGX) microfacet model with two lobes (Walter et al., "Microfacet
Models for Refraction through Rough Surfaces", EGSR 2007; d'Eon and Luebke, "Advanced Techniques for
Realistic Real-Time Skin Rendering", GPU Gems 3, 2007).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np

from lib.scene.kinds import Kind
from lib.scene.light import COSINE_LOBE, gather, lit_share
from lib.scene.materials.finish import step
from lib.scene.materials.painter import Painted
from lib.scene.surface import Surface
from lib.scene.vectors import Vector, add, dot, multiply, normalise, row, scale, subtract

WRAP = (0.22, 0.10, 0.06)
"""How far red, green and blue light wraps round skin past the terminator, by scattering."""
BIAS = 2.0
"""A place is moved this far along its normal before a shadow map is asked, mm."""
LOBES = ((0.82, 1.0), (0.18, 0.6))
"""Weight and relative roughness of the two specular lobes of skin."""


class Lamps(NamedTuple):
    """The lights of a scene as arrays, one row each.

    Attributes:
        direction: (L, 3) float64 unit vectors to the light.
        colour: (L, 3) float64.
        size: (L,) float64.
        blur: (L,) float64: spread of the shadow's taps, pixels of the map.
        shadow: (L,) bool.
        axes: (L, 3, 3) float64: right, up and towards the light.
        maps: (L, R, R) float32: depth along the light, mm.
        centre: (3,) middle of what the maps cover, mm.
        reach: half the width of what they cover, mm.
        sky: (9, 3) radiance from all around.
        irradiance: (9, 3) the same after Lambert's cosine, divided by pi.
    """

    direction: np.ndarray
    colour: np.ndarray
    size: np.ndarray
    blur: np.ndarray
    shadow: np.ndarray
    axes: np.ndarray
    maps: np.ndarray
    centre: np.ndarray
    reach: float
    sky: np.ndarray
    irradiance: np.ndarray


def irradiance(sky: np.ndarray) -> np.ndarray:
    """Turn radiance from all around into what a diffuse surface makes of it, (9, 3)."""
    return COSINE_LOBE[:, None] * sky / np.pi


@numba.njit(cache=True)
def lambert(normal: Vector, light: Vector, wrap: float) -> float:
    """Return diffuse light by Lambert's law, wrapped round the terminator by a share."""
    share = max((dot(normal, light) + wrap) / (1.0 + wrap), 0.0)
    return share * (1.0 - 0.35 * wrap)


@numba.njit(cache=True)
def fresnel(reflectance: float, cosine: float) -> float:
    """Return Schlick's approximation of Fresnel's equations ("An Inexpensive BRDF Model", 1994)."""
    return reflectance + (1.0 - reflectance) * (1.0 - cosine) ** 5


@numba.njit(cache=True)
def microfacets(roughness: float, size: float, half: float, light: float, view: float) -> float:
    """Return distribution times shadowing of one GGX lobe.

    Args:
        roughness: of the surface.
        size: of the light, which blurs the highlight.
        half: cosine between the normal and the half vector.
        light: cosine between the normal and the light.
        view: cosine between the normal and the camera.
    """
    alpha = max(roughness * roughness + 0.35 * size, 0.003)
    squared = alpha * alpha
    spread = half * half * (squared - 1.0) + 1.0
    slope = 0.5 * alpha
    masking = (view * (1 - slope) + slope) * (light * (1 - slope) + slope)
    return squared / (spread * spread) / (4.0 * masking)


@numba.njit(cache=True)
def shadow_of(lamps: Lamps, lamp: int, position: Vector, normal: Vector) -> float:
    """Return the share of a lamp's light that reaches a place."""
    if not lamps.shadow[lamp]:
        return 1.0
    axes, resolution = lamps.axes[lamp], lamps.maps.shape[1]
    moved = subtract(add(position, scale(normal, BIAS)), row3(lamps.centre))
    pixels = resolution / (2.0 * lamps.reach)
    x = (dot(row(axes, 0), moved) + lamps.reach) * pixels
    y = (lamps.reach - dot(row(axes, 1), moved)) * pixels
    z = -dot(row(axes, 2), moved) - 1.5
    return lit_share(lamps.maps[lamp], x, y, z, lamps.blur[lamp])


@numba.njit(cache=True)
def row3(array: np.ndarray) -> Vector:
    """Return an array of three numbers as a vector."""
    return (array[0], array[1], array[2])


@numba.njit(cache=True)
def tilted(normal: Vector, right: float, up: float) -> Vector:
    """Return a normal tilted to the right and up along the surface, as pores do."""
    x = right * (1 - normal[0] * normal[0]) - up * normal[0] * normal[1]
    y = up * (1 - normal[1] * normal[1]) - right * normal[0] * normal[1]
    z = -normal[2] * (right * normal[0] + up * normal[1])
    return normalise((normal[0] + x, normal[1] + y, normal[2] + z))


@numba.njit(cache=True)
def _specular(
    normal: Vector, light: Vector, view: Vector, roughness: float, reflectance: float, size: float
) -> float:
    """Return the specular reflection of one light, before gloss and shadow."""
    facing = dot(normal, light)
    if facing <= 0.0:
        return 0.0
    between = normalise(add(light, view))
    half, aside = max(dot(normal, between), 0.0), max(dot(view, between), 0.0)
    seen = max(dot(normal, view), 0.02)
    lobes = 0.0
    for weight, share in LOBES:
        lobes += weight * microfacets(roughness * share, size, half, facing, seen)
    return lobes * fresnel(reflectance, aside) * facing


@numba.njit(cache=True)
def scatters(kind: int) -> bool:
    """Say whether light goes under a surface: skin, ears, lips."""
    return kind in (Kind.SKIN, Kind.EAR, Kind.LID_RIM, Kind.INNER_LIP)


@numba.njit(cache=True)
def shade(
    surface: Surface, painted: Painted, lamps: Lamps, camera: Vector, oil: float, relief: float
) -> tuple[np.ndarray, np.ndarray]:
    """Light every visible place.

    Args:
        surface: where the places are.
        painted: what they are made of.
        lamps: the lights.
        camera: where the camera stands, mm.
        oil: factor on the gloss of skin.
        relief: strength of pores.

    Returns:
        (N, 3) float32 light that arrives for diffuse reflection (times the colour it is the diffuse
        layer), and (N, 3) float32 specular layer.
    """
    number = surface.pixel.shape[0]
    arriving = np.empty((number, 3), np.float32)
    specular = np.empty((number, 3), np.float32)
    for index in range(number):
        kind = surface.kind[index]
        position, normal = row(surface.position, index), row(surface.normal, index)
        view = normalise(subtract(camera, position))
        rough = tilted(normal, relief * painted.tilt[index, 0], relief * painted.tilt[index, 1])
        open_share = float(surface.openness[index] * painted.shade[index])
        skin = scatters(kind)
        shine = float(painted.gloss[index]) * (oil if skin else 1.0)
        roughness, reflectance = float(painted.roughness[index]), float(painted.reflectance[index])
        here = scale(gather(lamps.irradiance, normal[0], normal[1], normal[2]), open_share)
        seen = max(dot(rough, view), 0.02)
        mirrored = subtract(scale(rough, 2 * dot(rough, view)), view)
        edge = reflectance + (1 - reflectance) * (1 - seen) ** 5 * (1 - roughness) * math.sqrt(
            1 - roughness
        )
        glow = gather(lamps.sky, mirrored[0], mirrored[1], mirrored[2])
        shiny = scale(glow, 0.9 * edge * shine * open_share * math.sqrt(open_share))
        for lamp in range(lamps.direction.shape[0]):
            light = row(lamps.direction, lamp)
            lit = shadow_of(lamps, lamp, position, normal)
            facing = dot(normal, light)
            lit = 1 - (1 - lit) * step(facing, -0.05, 0.22)
            lit *= 0.35 + 0.65 * step(open_share, 0.15, 0.75)
            colour = row(lamps.colour, lamp)
            here = add(here, multiply(colour, _diffuse(normal, light, lit, skin)))
            peak = _specular(rough, light, view, roughness, reflectance, lamps.size[lamp])
            shiny = add(shiny, scale(colour, peak * shine * lit))
        arriving[index, 0], arriving[index, 1], arriving[index, 2] = here
        specular[index, 0], specular[index, 1], specular[index, 2] = shiny
    return arriving, specular


@numba.njit(cache=True)
def _diffuse(normal: Vector, light: Vector, lit: float, skin: bool) -> Vector:
    """Return what a light brings to the diffuse layer; in skin red reaches further."""
    if not skin:
        share = max(dot(normal, light), 0.0) * lit
        return (share, share, share)
    red = math.sqrt(lit * math.sqrt(lit)) if 0.0 < lit < 1.0 else lit
    return (
        lambert(normal, light, WRAP[0]) * red,
        lambert(normal, light, WRAP[1]) * lit,
        lambert(normal, light, WRAP[2]) * lit,
    )
