"""Expressions and gaze: what a face does at the moment of the picture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lib.scene.capture import Camera
from lib.scene.sampling.streams import Draw

MOODS = {
    "neutral": 20,
    "smile": 24,
    "laugh": 25,
    "speech": 10,
    "smirk": 4,
    "pucker": 4,
    "frown": 5,
    "surprise": 3,
    "stretch": 3,
    "doubt": 2,
}
"""What mouths do, and how often out of about a hundred pictures."""

BLINK_SHARE = 0.02
WINK_SHARE = 0.01


def names() -> tuple[str, ...]:
    """Return the names of the head's expression modes, in the order of `Capture.expression`."""
    from lib.scene import head

    return tuple(head.EXPRESSIONS)


def vector(weights: Mapping[str, float]) -> np.ndarray:
    """Put weights by name into the order of the head's expression modes.

    Args:
        weights: weights by the mode's name; modes that are not named stay 0.

    Returns:
        (expressions,) float32, read-only.

    Raises:
        ValueError: for a name that the head does not have.
    """
    order = names()
    unknown = sorted(set(weights) - set(order))
    if unknown:
        raise ValueError(f"found expressions {unknown}; the head has {', '.join(order)}")
    values = np.array([weights.get(name, 0.0) for name in order], np.float32)
    values.flags.writeable = False
    return values


def neutral() -> np.ndarray:
    """Return the weights of a face at rest: (expressions,) float32 zeros, read-only."""
    return vector({})


def draw_mouth(draw: Draw) -> dict[str, float]:
    """Draw what the mouth does, by one of `MOODS`.

    Args:
        draw: the stream to draw from.

    Returns:
        Weights by the mode's name, 0 to about 1.
    """
    mood = draw.pick(MOODS)
    strength = draw.uniform(0.25, 1.0)
    if mood == "smile":
        return {"smile": 0.65 * strength, "squint": 0.2 * strength}
    if mood == "laugh":
        return {
            "smile": 0.35 + 0.6 * strength,
            "lips_part": 0.3 + 0.6 * strength,
            "jaw_open": draw.uniform(0.0, 0.16) * strength,
            "squint": 0.35 * strength,
        }
    if mood == "speech":
        return {"jaw_open": draw.uniform(0.06, 0.34), "lips_part": draw.uniform(0.1, 0.5)}
    if mood == "surprise":
        return {"jaw_open": 0.12 + 0.4 * strength, "brow_raise": strength, "wide_eyes": strength}
    if mood == "doubt":
        return {"mouth_sideways": draw.sign() * strength, "brow_lower": 0.3 * strength}
    return {} if mood == "neutral" else {mood: 0.85 * strength}


def draw_eyes(draw: Draw) -> dict[str, float]:
    """Draw what brows and lids do by themselves: small movements, seldom a blink or a wink.

    Args:
        draw: the stream to draw from.

    Returns:
        Weights by the mode's name, 0 to 1.
    """
    weights = {
        "brow_raise": max(0.0, draw.normal(0.0, 0.30)),
        "brow_lower": max(0.0, draw.normal(0.0, 0.16)),
        "squint": max(0.0, draw.normal(0.0, 0.30)),
        "brow_cock": draw.uniform(0.3, 1.0) if draw.chance(0.04) else 0.0,
        "brow_raise_inner": draw.uniform(0.2, 0.9) if draw.chance(0.07) else 0.0,
        "sneer": draw.uniform(0.1, 0.5) if draw.chance(0.04) else 0.0,
        "cheek_puff": draw.uniform(0.2, 0.8) if draw.chance(0.02) else 0.0,
    }
    if draw.chance(BLINK_SHARE):
        lids = draw.uniform(0.6, 1.0)
        return weights | {"blink_right": lids, "blink_left": lids}
    if draw.chance(WINK_SHARE):
        return weights | {draw.among(("blink_right", "blink_left")): 1.0, "squint": 0.4}
    return weights


def draw_expression(draw: Draw) -> np.ndarray:
    """Draw an expression: the mouth's, the eyes', and a slight pull to one side.

    Args:
        draw: the stream to draw from.

    Returns:
        (expressions,) float32 weights of the head's modes, 0 to about 1.
    """
    weights = draw_eyes(draw)
    for name, weight in draw_mouth(draw).items():
        weights[name] = min(1.0, weights.get(name, 0.0) + weight)
    weights.setdefault("mouth_sideways", draw.normal(0.0, 0.10))
    return vector(weights)


def draw_gaze(draw: Draw, camera: Camera) -> tuple[float, float]:
    """Draw where the eyes look: mostly near the camera, sometimes past it.

    Args:
        draw: the stream to draw from.
        camera: the turn of the head, which the eyes make up for.

    Returns:
        (yaw, pitch) relative to the head, degrees; within 25 and 12.
    """
    follow = 0.85 if draw.chance(0.85) else 0.3
    yaw = -follow * camera.yaw + draw.normal(0.0, 4.0)
    pitch = -follow * 0.7 * camera.pitch + draw.normal(0.0, 2.5)
    return min(max(yaw, -25.0), 25.0), min(max(pitch, -12.0), 12.0)
