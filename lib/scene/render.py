"""From a capture to its picture and everything that is true of it.

    channels = render(sample(seed=0, identity=3, capture=1), size=128)

A picture is the sum of two layers of linear light: what the skin sends back from below (diffuse)
and what its oily surface mirrors (specular). Every channel comes from the same sub-pixels.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lib import labels
from lib.scene import background, bare, camera, head, lenses, pictures, staging
from lib.scene.capture import Capture
from lib.scene.hair.fibres import light_fibres
from lib.scene.kinds import Kind
from lib.scene.materials.painter import paint
from lib.scene.materials.skin import skin_colour
from lib.scene.noise import textures
from lib.scene.rasteriser import NOTHING
from lib.scene.shading import shade
from lib.scene.staging import Stage
from lib.scene.surface import Surface, collect, see
from lib.scene.validity import require_renderable, require_whole
from lib.scene.vectors import turned

SPECULAR_THRESHOLD = 0.04
"""The specular mask is where the specular layer's luminance exceeds this."""

_SKIN = (labels.CLASSES.index("skin"), labels.CLASSES.index("nose"))
_SEEN_THROUGH_GLASS = [
    labels.CLASSES.index(name) for name in ("l_eye", "r_eye", "l_brow", "r_brow")
]
_GLASSES = labels.CLASSES.index("eye_g")
_BLURRED = np.array([kind in (Kind.SKIN, Kind.EAR) for kind in Kind])
"""For each kind, whether light spreads so far under it that the picture shows it: not in lips."""
_SKIN_BRIGHTNESS = (0.17, 0.72)
"""How bright lit skin of a tone is in a picture: a base, and so many times its reflectance."""
_TONE_PERCENTILE = 85
_HIDING = 6.0
"""A landmark is hidden where something lies so much nearer to the camera, mm."""
_PORES = 0.1
"""Tilt of the normal by pores of average relief."""


class _Canvas:
    """The sub-pixels of a picture: both layers and the labels, flattened."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.diffuse = np.zeros((size * size, 3), np.float32)
        self.specular = np.zeros((size * size, 3), np.float32)
        self.labels = np.zeros(size * size, np.uint8)
        self.transmission: np.ndarray | None = None  # (N, 3) of the lenses, where there are any

    def put(self, pixels: np.ndarray, diffuse: np.ndarray, specular: np.ndarray) -> None:
        """Write both layers of some sub-pixels."""
        self.diffuse[pixels], self.specular[pixels] = diffuse, specular


def _scattered(stage: Stage, surface: Surface, arriving: np.ndarray) -> np.ndarray:
    """Return the light arriving on every covered sub-pixel, spread under skin, (N, 3)."""
    size = len(stage.visible.depth)
    light = np.zeros((size * size, 3), np.float32)
    light[stage.covered] = arriving[stage.source]
    skin = np.zeros(size * size, bool)
    skin[stage.covered] = _BLURRED[surface.kind][stage.source]
    spread = pictures.scatter(
        light.reshape(size, size, 3), skin.reshape(size, size), stage.millimetres
    )
    return spread.reshape(-1, 3)[stage.covered]


def _draw_surface(stage: Stage, canvas: _Canvas) -> Surface:
    """Draw everything but hair and lenses."""
    weights = stage.visible.weights.reshape(-1, 3)
    owner = stage.visible.owner.ravel()
    surface = collect(stage.mesh, stage.shaded, owner, weights, stage.eye)
    painted = paint(surface, stage.paints, textures())
    capture = stage.capture
    arriving, specular = shade(
        surface,
        painted,
        stage.lamps,
        stage.eye,
        capture.oil,
        _PORES * capture.relief * stage.detail,
    )
    diffuse = _scattered(stage, surface, arriving) * painted.colour[stage.source]
    canvas.put(stage.covered, diffuse, specular[stage.source])
    canvas.labels[stage.covered] = painted.label[stage.source]
    return surface


def _draw_hair(stage: Stage, canvas: _Canvas) -> None:
    flat = stage.visible.owner.ravel()
    pixel = np.flatnonzero(flat >= stage.first_hair)
    along = stage.visible.weights.reshape(-1, 3)[pixel, 0]
    segment = flat[pixel] - stage.first_hair
    layers = light_fibres(segment, along, stage.fibres, stage.lamps, stage.eye)
    canvas.put(pixel, *layers)
    canvas.labels[pixel] = stage.fibres.label


def _draw_lenses(stage: Stage, canvas: _Canvas) -> None:
    glasses = stage.capture.look.glasses
    if glasses is None:
        return
    pixel, place = lenses.visible_lenses(stage.mesh, stage.points, stage.visible)
    canvas.transmission = np.ones_like(canvas.diffuse)
    canvas.transmission[pixel] = glasses.tint
    canvas.diffuse *= canvas.transmission
    canvas.specular *= canvas.transmission
    canvas.specular[pixel] += lenses.reflections(place, np.array(stage.eye), stage.lamps)
    clear = np.mean(glasses.tint) > 0.5
    kept = np.isin(canvas.labels[pixel], _SEEN_THROUGH_GLASS) & clear
    canvas.labels[pixel] = np.where(kept, canvas.labels[pixel], _GLASSES)


def _expose(stage: Stage, canvas: _Canvas) -> None:
    """Scale both layers so that skin is as bright as its tone should be, then add what is behind.

    A camera's automatic exposure would make all skin equally bright; here dark skin stays dark.
    """
    capture, skin = stage.capture, stage.capture.person.skin
    on_skin = (canvas.labels == _SKIN[0]) | (canvas.labels == _SKIN[1])
    shown = pictures.luminance(canvas.diffuse[np.flatnonzero(on_skin)[::4]])
    bright = np.percentile(shown, _TONE_PERCENTILE) if shown.size else 0.4
    tone = float(pictures.luminance(np.array([skin_colour(skin.melanin, skin.haemoglobin)]))[0])
    base, slope = _SKIN_BRIGHTNESS
    factor = capture.exposure * (base + slope * tone) / max(float(bright), 1e-3)
    behind = background.paint(capture.background, canvas.size).reshape(-1, 3)
    canvas.diffuse *= np.float32(factor)
    canvas.specular *= np.float32(factor)
    uncovered = np.flatnonzero(stage.visible.owner.ravel() == NOTHING)
    seen = behind[uncovered]
    if canvas.transmission is not None:
        seen *= canvas.transmission[uncovered]
    canvas.diffuse[uncovered] += seen * np.float32(capture.exposure)


def _bare_render(stage: Stage, supersample: int) -> np.ndarray:
    """Return the bare morphable model's picture, (size, size, 3) uint8."""
    mesh = bare.face_mesh(stage.mesh, stage.model)
    size = len(stage.visible.depth)
    visible = see(mesh, stage.points, size)
    flat = visible.owner.ravel()
    weights = visible.weights.reshape(-1, 3)
    surface = collect(mesh, np.flatnonzero(flat >= 0), flat, weights, stage.eye)
    colours = bare.colours(stage.mesh, stage.model, stage.capture.person)
    lit = bare.phong(surface, mesh.triangles, flat, weights, colours, stage.lamps, stage.eye)
    shown = bare.is_face(surface)
    picture = np.zeros((size * size, 3), np.float32)
    picture[surface.pixel[shown]] = lit[shown]
    return pictures.to_srgb(pictures.average(picture.reshape(size, size, 3), supersample))


def _landmarks(stage: Stage, size: int, supersample: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the landmarks in pixels, (68, 2) float32, and which are not hidden, (68,) bool.

    The lab counts pixels from the centre of the first, the camera from the picture's edge.
    """
    vertices = stage.mesh.vertices[: len(stage.model.mean)]
    untilted = camera.rotation(replace(stage.capture.camera, roll=0.0))
    points = stage.model.landmarks(vertices, stage.capture.person, untilted[0])
    projected = camera.project(points, stage.capture.camera, size)
    inside = np.clip((projected[:, :2] * supersample).astype(int), 0, size * supersample - 1)
    nearest = stage.visible.depth[inside[:, 1], inside[:, 0]]
    framed = ((projected[:, :2] >= 0) & (projected[:, :2] < size)).all(axis=1)
    return projected[:, :2] - np.float32(0.5), framed & (projected[:, 2] <= nearest + _HIDING)


def _geometry(stage: Stage, surface: Surface, supersample: int) -> dict[str, np.ndarray]:
    """Return depth and normals of every pixel's first sub-pixel, which is always shaded itself."""
    size = len(stage.visible.depth)
    normals = np.zeros((size * size, 3), np.float32)
    view = camera.rotation(stage.capture.camera)
    normals[stage.covered] = turned(surface.normal, np.zeros(3), view)[stage.source]
    first = slice(None, None, supersample)
    depth = stage.visible.depth[first, first]
    return {
        "depth": np.where(np.isfinite(depth), depth, 0).astype(np.float32),
        "normals": normals.reshape(size, size, 3)[first, first],
    }


def _pixels(canvas: _Canvas, supersample: int) -> dict[str, np.ndarray]:
    """Return what a canvas shows: both layers, their sum, the mask of shine and the labels."""
    square = (canvas.size, canvas.size)
    diffuse = pictures.average(canvas.diffuse.reshape(*square, 3), supersample)
    specular = pictures.average(canvas.specular.reshape(*square, 3), supersample)
    return {
        "photo": pictures.to_srgb(diffuse + specular),
        "diffuse": pictures.to_srgb(diffuse),
        "specular": pictures.to_srgb(specular),
        "diffuse_linear": diffuse,
        "specular_linear": specular,
        "specular_mask": (pictures.luminance(specular) > SPECULAR_THRESHOLD).astype(np.uint8),
        "labels": pictures.vote(canvas.labels.reshape(square), supersample),
    }


def render(
    capture: Capture, size: int, *, supersample: int = 2, bare_model: bool = True
) -> dict[str, np.ndarray]:
    """Render a capture and everything that is true of it.

    Args:
        capture: what there is to see.
        size: width and height of the picture, pixels.
        supersample: sub-pixels per pixel along each axis.
        bare_model: whether to draw `render`, too; without it the rest takes less time.

    Returns:
        photo: (size, size, 3) uint8 sRGB, the rounded sum of the two linear layers.
        diffuse, specular: the same of one layer alone.
        render: (size, size, 3) uint8 sRGB, the bare morphable model on black.
        diffuse_linear, specular_linear: (size, size, 3) float32 linear light.
        specular_mask: (size, size) uint8, 1 where the specular layer's luminance exceeds
            `SPECULAR_THRESHOLD`.
        labels: (size, size) uint8, `lib.labels.CLASSES`.
        landmarks: (68, 2) float32, pixels.
        landmarks_visible: (68,) uint8, 0 where something hides one, or it is out of the picture.
        depth: (size, size) float32, mm from the camera, at the upper left sub-pixel of each pixel;
            0 where nothing is.
        normals: (size, size, 3) float32 in the camera's axes, there; 0 on hair and background.

    Raises:
        SceneError: for a size or a capture that cannot be rendered, in one line.
    """
    size, supersample = require_whole("size", size), require_whole("supersample", supersample)
    require_renderable(capture)
    stage = staging.stage(capture, head.load(), size, supersample)
    canvas = _Canvas(size * supersample)
    surface = _draw_surface(stage, canvas)
    _draw_hair(stage, canvas)
    _draw_lenses(stage, canvas)
    _expose(stage, canvas)
    landmarks, shown = _landmarks(stage, size, supersample)
    return {
        **_pixels(canvas, supersample),
        **({"render": _bare_render(stage, supersample)} if bare_model else {}),
        "landmarks": landmarks,
        "landmarks_visible": shown.astype(np.uint8),
        **_geometry(stage, surface, supersample),
    }
