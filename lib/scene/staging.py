"""A capture, set up to be drawn: geometry, hair, lights, paints, and what each sub-pixel sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib import labels
from lib.scene import camera, lighting, rasteriser
from lib.scene import mesh as meshes
from lib.scene.capture import Capture
from lib.scene.hair.fibres import Fibres
from lib.scene.hair.scalp import scalp
from lib.scene.hair.strands import grow, growth
from lib.scene.head import Head
from lib.scene.materials.painter import Paints
from lib.scene.materials.paints import paints
from lib.scene.noise import MIDDLE, SIZE, textures
from lib.scene.rasteriser import Visible
from lib.scene.shading import Lamps
from lib.scene.surface import Mesh, see, share_out

_LOCK = 200.0
"""Period of the noise that makes whole locks lighter or darker, mm."""
THICKNESS = 1.1
"""Width of a strand, mm: each stands for the many hairs beside it."""


@dataclass(frozen=True, eq=False)
class Stage:
    """Everything that is needed to draw a capture.

    Attributes:
        capture: what there is to see.
        model: the parametric head.
        mesh: all triangles.
        points: (V, 3) the mesh in the picture: x and y in sub-pixels, depth in mm.
        fibres: the strands of hair.
        lamps: the lights.
        paints: the materials' numbers.
        visible: what each sub-pixel sees, lenses excepted.
        first_hair: the owner number of the first segment of hair.
        shaded: (S,) flat indices of the sub-pixels to shade; see `lib.scene.surface.share_out`.
        covered: (N,) flat indices of all that triangles own.
        source: (N,) which row of the shaded each of these takes its shading from.
        eye: where the camera stands, mm.
        millimetres: covered by one sub-pixel.
        detail: share of the finest texture that a sub-pixel can show, 0 to 1.
    """

    capture: Capture
    model: Head
    mesh: Mesh
    points: np.ndarray
    fibres: Fibres
    lamps: Lamps
    paints: Paints
    visible: Visible
    first_hair: int
    shaded: np.ndarray
    covered: np.ndarray
    source: np.ndarray
    eye: tuple[float, float, float]
    millimetres: float
    detail: float


def strands_wanted(size: int) -> int:
    """Return how many strands of hair a picture of this many sub-pixels across can show."""
    return int(np.clip(700 + 5 * size, 1300, 9000))


def _fibres(capture: Capture, model: Head, mesh: Mesh, size: int) -> Fibres:
    """Grow the hair of a capture."""
    style, hat = capture.look.hair, capture.look.hat
    number = len(model.mean)
    roots = scalp(model)
    points, kept = grow(
        growth(style, hat.line if hat else 999.0), roots, mesh.vertices[:number],
        mesh.normals[:number], strands_wanted(size), textures(),
    )  # fmt: skip
    chance = roots.chance[kept]
    column, row = np.floor(roots.unwrapped[kept] * (SIZE / _LOCK)).astype(int).T % SIZE
    locks = textures()[MIDDLE, row, column]
    tint = np.clip(1 + 0.30 * (chance[:, 2] - 0.5) + 0.10 * locks, 0.5, 1.6)
    return Fibres(
        points,
        tint.astype(np.float32),
        np.sqrt(chance[:, 1]),
        tuple(float(channel) for channel in style.colour),
        float(style.gloss),
        labels.CLASSES.index("hair"),
    )


def _draw_strands(fibres: Fibres, capture: Capture, visible: Visible, first: int) -> None:
    """Draw the strands over what is visible already."""
    size = len(visible.depth)
    points = camera.project(fibres.points, capture.camera, size)
    lengths = np.linalg.norm(np.diff(fibres.points, axis=1), axis=2).sum(axis=1)
    width = THICKNESS * np.clip(0.35 + lengths / 40, 0.4, 1)
    radius = width / 2 / camera.millimetres_per_pixel(capture.camera, size)
    rasteriser.fill_hairs(
        points, radius.astype(np.float32), first, visible.depth, visible.owner, visible.weights
    )


def stage(capture: Capture, model: Head, pixels: int, supersample: int) -> Stage:
    """Set up a capture.

    Args:
        capture: what there is to see.
        model: the parametric head.
        pixels: width of the picture.
        supersample: sub-pixels per pixel along each axis.
    """
    size = pixels * supersample
    mesh = meshes.build(model, capture)
    fibres = _fibres(capture, model, mesh, size)
    points = camera.project(mesh.vertices, capture.camera, size)
    visible = see(mesh, points, size)
    _draw_strands(fibres, capture, visible, len(mesh.triangles))
    millimetres = camera.millimetres_per_pixel(capture.camera, size)
    first_hair = len(mesh.triangles)
    shaded, covered, source = share_out(
        mesh, visible.owner, visible.depth, supersample, first_hair, 4.0 * millimetres
    )
    detail = float(min(0.6 / millimetres, 1.0))
    return Stage(
        capture=capture,
        model=model,
        mesh=mesh,
        points=points,
        fibres=fibres,
        lamps=lighting.lamps(capture, mesh, fibres.points, size),
        paints=paints(capture, model, mesh.vertices[: len(model.mean)], detail),
        visible=visible,
        first_hair=first_hair,
        shaded=shaded,
        covered=covered,
        source=source,
        eye=tuple(float(number) for number in camera.position(capture.camera)),
        millimetres=millimetres,
        detail=detail,
    )
