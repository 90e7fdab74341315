"""Shine taken off one picture by classical methods, which need no training and no second picture.

    from lib.prepare import specular
    diffuse, shine, mask = specular.estimate(photo, "bilateral", within=skin)

All four rest on the dichromatic model (Shafer, "Using color to separate reflection components",
1985): a pixel is the sum of light that came back from below the surface, which has the surface's
colour, and light mirrored by the surface, which has the lamp's. They take the lamp to be white and
work in linear light: in a picture's own levels the two do not add.
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Callable

import numpy as np

from lib.prepare.specular import bilateral, dichromatic, intensity_ratio, threshold
from lib.prepare.specular.light import to_linear
from lib.scene.pictures import luminance, to_srgb
from lib.scene.render import SPECULAR_THRESHOLD

__all__ = ["METHODS", "SpecularError", "estimate", "to_linear"]

Separation = Callable[[np.ndarray, np.ndarray], np.ndarray]

METHODS: types.MappingProxyType[str, Separation] = types.MappingProxyType(
    {
        "threshold": threshold.diffuse,
        "dichromatic": dichromatic.diffuse,
        "intensity_ratio": intensity_ratio.diffuse,
        "bilateral": bilateral.diffuse,
    }
)
"""Each takes linear light float32 (H, W, 3) in 0..1 and the pixels to look at, bool (H, W), which
are at least one and none of them nearly black; it returns the diffuse layer, float32 (H, W, 3).
What it says of other pixels, or beyond 0 and the light itself, is not used."""

_DARKEST = 0.01
"""Linear light of the brightest channel below which a pixel is left alone (level 25 of 255): its
colour is the rounding's, and there is no shine to take off."""


class SpecularError(ValueError):
    """A picture or a method that cannot be used: one line with what was found and expected."""


def estimate(
    picture: np.ndarray, method: str, within: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Separate one picture into its diffuse and specular layers.

    Args:
        picture: uint8 sRGB (H, W, 3).
        method: one of `METHODS`.
        within: (H, W) of 0 and 1; where it is 0, such as off the skin or on the black around a cut
            out face, nothing is looked at and nothing changes. None looks everywhere.

    Returns:
        diffuse: uint8 sRGB (H, W, 3), nowhere brighter than the picture; where ``within`` is 0, and
            where the picture is nearly black, the picture's own to the bit.
        specular: uint8 sRGB (H, W, 3), what was taken off; the two layers' linear light adds up to
            the picture's within the rounding of both.
        mask: uint8 {0, 1} (H, W), 1 where the specular layer's linear luminance exceeds
            `lib.scene.render.SPECULAR_THRESHOLD`, as in rendered faces.

    Raises:
        SpecularError: for an unknown method, or another type or shape.
    """
    separate = _require_method(method)
    light = to_linear(_require_picture(picture))
    inside = _require_within(within, light.shape[:2]) & (light.max(axis=-1) >= _DARKEST)
    found = separate(light, inside) if inside.any() else light
    diffuse = np.where(inside[..., None], np.clip(found, 0, light), light)
    specular = np.ascontiguousarray(light - diffuse)
    mask = (luminance(specular) > SPECULAR_THRESHOLD).astype(np.uint8)
    return to_srgb(diffuse), to_srgb(specular), mask


def _require_method(method: str) -> Separation:
    if method in METHODS:
        return METHODS[method]
    close = difflib.get_close_matches(str(method), METHODS, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    raise SpecularError(f"found method {method!r}{hint}; expected one of {', '.join(METHODS)}")


def _require_picture(picture: np.ndarray) -> np.ndarray:
    picture = np.asarray(picture)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[-1] != 3 or not picture.size:
        raise SpecularError(
            f"found a picture of {picture.dtype} {picture.shape}; expected uint8 RGB (H, W, 3)"
        )
    return np.ascontiguousarray(picture)


def _require_within(within: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """Return the pixels that may be looked at as bool (H, W)."""
    if within is None:
        return np.ones(shape, bool)
    within = np.ascontiguousarray(within)
    inside = within == 1
    if within.shape != shape or not (inside | (within == 0)).all():
        raise SpecularError(
            f"found within of {within.dtype} {within.shape}; expected 0 and 1 only, {shape}"
        )
    return inside
