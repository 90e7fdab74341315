"""Masks on faces: drawn flat, fitted by a thin-plate spline to 68 landmarks, lit like the face.

    from lib.prepare import masks
    masked, mask, description = masks.put_on(photo, landmarks, seed=1)

No picture of a mask is used: outline, pleats, prints and shading are drawn anew for each face.
Pictures of the user's own can be put on too, see `lib.prepare.masks.templates`.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from lib.prepare.masks import designs, light, sheet
from lib.prepare.masks.canvas import Canvas
from lib.prepare.masks.crude import paste_as_s2
from lib.prepare.masks.designs import KINDS, LOOSELY, OCCLUDERS, TEMPLATE, WORN, Description
from lib.prepare.masks.fitting import Fit
from lib.prepare.masks.regions import MaskError, lower_face, require_face
from lib.prepare.masks.templates import Template, TemplateError

__all__ = [
    "KINDS",
    "LOOSELY",
    "OCCLUDERS",
    "TEMPLATE",
    "WORN",
    "Description",
    "MaskError",
    "Template",
    "TemplateError",
    "lower_face",
    "paste_as_s2",
    "put_on",
]

_DENSITY = 1.15
"""Texels of the flat sheet per pixel of the picture."""

_DENSEST = 400.0
"""Texels of one unit at most: larger faces wear a slightly softer mask, and memory stays flat."""

_LEAST_COVER = 0.5
"""Share of a pixel from which it counts as covered. What covers less is left out of the picture as
well: a map that held every trace could not be seen, and one that left traces out would be wrong."""


def put_on(
    picture: np.ndarray,
    landmarks: np.ndarray,
    seed: int | np.random.Generator,
    kind: str | None = None,
    *,
    occluder: str | None = None,
    template: Template | None = None,
    loosely: float = LOOSELY,
) -> tuple[np.ndarray, np.ndarray, Description]:
    """Put a mask on a face.

    Args:
        picture: uint8 RGB (height, width, 3).
        landmarks: (68, 2), x then y in pixels, dlib's order; chin and ears may lie outside.
        seed: whole number >= 0, or a generator to draw from.
        kind: one of `KINDS`; None draws one.
        occluder: one of `OCCLUDERS`, instead of a mask.
        template: a mask of the user's own, instead of one of ours.
        loosely: how likely a mask shows the nose, or hangs under the chin.

    Returns:
        The picture with the mask, a copy; uint8 {0, 1} (height, width), 1 where the mask, its
        straps or its contact shadow lie: all else is the picture's own to the bit; and what was put
        on.

    Raises:
        MaskError: for an unknown kind, a seed that is no whole number from 0, a share outside
            0..1, or a picture and landmarks that show no face for a mask.
    """
    points = require_face(picture, landmarks)
    chosen = _require_kind(kind, occluder, template)
    if not 0 <= loosely <= 1:
        raise MaskError(f"found loosely = {loosely!r}; expected a share, 0 to 1")
    generator = _generator(seed)
    design = designs.draw(generator, chosen, loosely, template.name if template else None)
    fit = Fit(points)
    lit, skin = _look_at_skin(picture, fit, points)
    canvas = Canvas(sheet.bounds(design.kind), min(_DENSITY * fit.unit, _DENSEST))
    places = _wear(fit.places, design, generator)
    painted = sheet.paint(design, canvas, generator, lit, skin, template)
    texels = canvas.texels(places)
    layer = cv2.remap(painted, texels, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    masked, mask = _compose(picture, layer * fit.reach[..., None], fit.corner)
    return masked, mask, design


def _generator(seed: int | np.random.Generator) -> np.random.Generator:
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise MaskError(f"found seed = {seed!r}; expected a whole number from 0") from error


def _require_kind(kind: str | None, occluder: str | None, template: Template | None) -> str | None:
    for name, found, known in (("kind", kind, KINDS), ("occluder", occluder, OCCLUDERS)):
        if found is not None and found not in known:
            raise MaskError(f"found {name} = {found!r}; expected one of {', '.join(known)}")
    given = {"kind": kind, "occluder": occluder, "template": template and template.name}
    said = [f"{name} = {value!r}" for name, value in given.items() if value is not None]
    if len(said) > 1:
        raise MaskError(f"found {' and '.join(said)}; expected one of them")
    return TEMPLATE if template else occluder or kind


@dataclasses.dataclass(frozen=True)
class _Overlap:
    """The pixels that a region shares with its picture, as slices of both."""

    picture: tuple[slice, slice]
    region: tuple[slice, slice]


def _overlap(shape: tuple[int, ...], corner: tuple[int, int], region: tuple[int, ...]) -> _Overlap:
    left, top = corner
    right, bottom = min(shape[1], left + region[1]), min(shape[0], top + region[0])
    x, y = max(left, 0), max(top, 0)
    return _Overlap(
        (slice(y, bottom), slice(x, right)),
        (slice(y - top, bottom - top), slice(x - left, right - left)),
    )


def _look_at_skin(
    picture: np.ndarray, fit: Fit, points: np.ndarray
) -> tuple[light.Light, np.ndarray]:
    """Return the light on the lower face, and the median colour of its skin, linear (3,)."""
    shared = _overlap(picture.shape, fit.corner, fit.places.shape)
    stride = max(1, int(fit.unit / 16))
    step = (slice(None, None, stride),) * 2
    pixels = picture[shared.picture][step].reshape(-1, 3)
    places = fit.places[shared.region][step].reshape(-1, 2)
    region = lower_face(points - fit.corner, fit.places.shape[:2])
    inside = region[shared.region][step].ravel() == 1
    seen = np.median(pixels[inside], axis=0) if inside.any() else (200, 160, 140)
    return light.estimate(pixels, places, inside), (np.float32(seen) / 255) ** np.float32(2.2)


def _wear(places: np.ndarray, design: Description, generator: np.random.Generator) -> np.ndarray:
    """Take face space to the mask's own: a little off centre, or slipped down.

    Args:
        places: float32 (height, width, 2).
        design: says how it is worn.
        generator: of the random numbers.
    """
    angle, scale = generator.normal(0, 0.018), generator.normal(1, 0.025)
    shift = generator.normal(0, (0.012, 0.025))
    down, squeeze = {"under the nose": (0.66, 0.68), "under the chin": (1.26, 0.48)}.get(
        design.worn, (0.0, 1.0)
    )
    cosine, sine = np.cos(angle) / scale, np.sin(angle) / scale
    matrix = np.array([[cosine, sine], [-sine / squeeze, cosine / squeeze]])
    middle = matrix @ np.add(shift, (0, down))
    return cv2.transform(places, np.column_stack([matrix, -middle]).astype(np.float32))


def _compose(
    picture: np.ndarray, layer: np.ndarray, corner: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    shared = _overlap(picture.shape, corner, layer.shape)
    seen = layer[shared.region]
    masked, mask = picture.copy(), np.zeros(picture.shape[:2], np.uint8)
    under = picture[shared.picture]
    covered = seen[..., 3] >= _LEAST_COVER
    on_top = seen[covered]
    mixed = under[covered] * (1 - on_top[:, 3:]) + on_top[:, :3]
    masked[shared.picture][covered] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
    mask[shared.picture] = covered
    return masked, mask
