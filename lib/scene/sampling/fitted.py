"""Pose, light and strength of expression of real photos, from 300W-3D and AFLW2000-3D files.

The fits belong to another face model, whose expressions and albedo mean nothing to ours: what
carries over is how heads are turned, how strongly faces move and where the light comes from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lib.scene.camera import rotation
from lib.scene.capture import Camera, Capture, Environment, Light
from lib.scene.fitted import FittedFace
from lib.scene.person import Colour
from lib.scene.sampling.expressions import draw_gaze
from lib.scene.sampling.light import Lighting, direction, normalise
from lib.scene.sampling.records import freeze
from lib.scene.sampling.streams import Draw

TYPICAL_EXPRESSION = 2.6
"""Median length of the 29 expression coefficients in ten files of AFLW2000-3D."""

STRONGEST = 1.5
"""Expressions are made at most so much stronger than they were drawn."""


@dataclass(frozen=True)
class PoseStatistics:
    """How heads are turned in a set of photos: (yaw, pitch, roll), degrees, in our sense."""

    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


def expression_strength(fitted: FittedFace) -> float:
    """Return how strong a fitted expression is: 0 at rest, 1 typical, at most `STRONGEST`."""
    return min(STRONGEST, float(np.linalg.norm(fitted.expression)) / TYPICAL_EXPRESSION)


def light_of(fitted: FittedFace, camera: Camera) -> Lighting:
    """Return a fit's lamp and the light around it, at the strength of sampled captures.

    The files hold lamps of negative strength, which darken; those are left out.

    Args:
        fitted: a photo's parameters; the lamp's angles are taken to be relative to the camera.
        camera: how the head is turned, because our lights keep to the head.

    Returns:
        One light that casts a soft shadow, and the light from all around.
    """
    lamp = fitted.light
    towards = direction(math.degrees(lamp.azimuth), math.degrees(lamp.elevation))
    turned = tuple((rotation(camera).T @ towards).tolist())
    light = Light(turned, _radiance(lamp.directed), size=0.1, softness=3.5, shadow=True)
    around = _radiance(lamp.ambient, floor=0.05)
    return normalise((light,), Environment(around, around, ()))


def from_fitted(capture: Capture, fitted: FittedFace) -> Capture:
    """Take a picture of the same person at a fitted photo's pose, light and expressiveness.

    Args:
        capture: who, how they look and which expression.
        fitted: a photo's parameters.

    Returns:
        The capture at that pose and light, its expression scaled by `expression_strength`.
    """
    yaw, pitch, roll = fitted.pose_degrees
    camera = replace(capture.camera, yaw=yaw, pitch=pitch, roll=roll)
    lights, environment = light_of(fitted, camera)
    strength = np.float32(expression_strength(fitted))
    return replace(
        capture,
        camera=camera,
        expression=freeze(np.clip(capture.expression * strength, -1, 1)),
        lights=lights,
        environment=environment,
    )


def poses_of(fitted: Sequence[FittedFace]) -> PoseStatistics:
    """Measure how heads are turned in a set of photos.

    Args:
        fitted: parameters of at least one photo.

    Returns:
        Mean and standard deviation of yaw, pitch and roll.

    Raises:
        ValueError: if there are no photos.
    """
    if not fitted:
        raise ValueError("found no fitted photos; expected at least one")
    angles = np.array([face.pose_degrees for face in fitted])
    mean, deviation = angles.mean(axis=0).tolist(), angles.std(axis=0).tolist()
    return PoseStatistics(tuple(mean), tuple(deviation))


def with_pose(draw: Draw, capture: Capture, statistics: PoseStatistics) -> Capture:
    """Turn a capture's head as heads are turned in a set of photos.

    Args:
        draw: the stream to draw from.
        capture: where to start from.
        statistics: what `poses_of` measured.

    Returns:
        The capture at a pose drawn from normal distributions, looking about at the camera.
    """
    yaw, pitch, roll = map(draw.normal, statistics.mean, statistics.deviation)
    camera = replace(capture.camera, yaw=yaw, pitch=pitch, roll=roll)
    return replace(capture, camera=camera, gaze=draw_gaze(draw, camera))


def _radiance(values: Sequence[float], floor: float = 0.0) -> Colour:
    red, green, blue = (max(floor, float(value)) for value in values)
    return red, green, blue
