"""Masks of the user's own: transparent PNG pictures, each with six anchor points.

They lie in one folder, with ``anchors.json`` beside them. It says where, in pixels of the picture
(x to the right, y down, from the centre of the first one), six points of the mask are::

    {"mine.png": {"nose": [300, 20], "chin": [300, 470],
                  "upper right": [20, 100], "upper left": [600, 100],
                  "lower right": [25, 320], "lower left": [600, 320]}}

Right and left are the wearer's: "upper right" is at the left of the picture. `ANCHORS` names the
landmarks that the points come to lie on. Ear loops are those of the picture; none are added. Each
mask is photographed from the front: the warp turns it with the head.
"""

from __future__ import annotations

import configparser
import dataclasses
import json
import math
import os
import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from lib.files import one_line
from lib.prepare.masks.canvas import Canvas
from lib.prepare.masks.cuts import head
from lib.prepare.masks.fitting import PLACES, spline
from lib.prepare.masks.light import Light, shade

ANCHORS = {
    "nose": 28, "upper right": 1, "upper left": 15, "lower right": 4, "lower left": 12, "chin": 8,
}  # fmt: skip
"""The names of the anchors, and dlib's landmark (from 0) that each is put on."""

ANCHORS_FILE = "anchors.json"

BOUNDS = (-1.4, -0.5, 1.4, 2.3)
"""Least x, least y, greatest x, greatest y of what is drawn of a template, in face space."""

SMALLEST, LARGEST, KEPT = 32, 6000, 640
"""Pixels of the longer side: the least taken, the most taken, and the most kept of them."""

_UPSTREAM = dict(
    zip("abcdef", ("upper right", "nose", "upper left", "lower right", "chin", "lower left"),
        strict=True)
)  # fmt: skip


class TemplateError(ValueError):
    """A folder of masks that is of no use: one line with the file, what was found, what to do."""


@dataclasses.dataclass(frozen=True, eq=False)
class Template:
    """A mask as a transparent picture.

    Attributes:
        name: the file's name without ".png".
        picture: uint8 (height, width, 4); RGB times cover, and cover.
        anchors: float64 (6, 2), x then y in pixels of the picture, in the order of `ANCHORS`.
    """

    name: str
    picture: np.ndarray
    anchors: np.ndarray

    def draw(self, canvas: Canvas, light: Light) -> tuple[np.ndarray, np.ndarray]:
        """Spread the picture over the flat face, lit like it.

        The picture's own folds and shadows stay; the light on it counts for half.

        Args:
            canvas: to draw on, over `BOUNDS`.
            light: on the face.

        Returns:
            Linear colours, float32 (height, width, 3), and cover, float32 (height, width) in
            [0, 1].
        """
        picture, anchors = self._shrunk(canvas.density)
        places = canvas.texels(np.array([PLACES[index] for index in ANCHORS.values()]))
        pixels = spline(places, anchors, canvas.size, canvas.density)
        spread = cv2.remap(picture, pixels, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        spread = spread.astype(np.float32) / 255
        cover = spread[..., 3]
        colours = (spread[..., :3] / np.maximum(cover, 1 / 255)[..., None]) ** np.float32(2.2)
        lit = shade(canvas, 0.5 * head(canvas), canvas.blank(), light)
        return colours * lit[..., None], cover

    def _shrunk(self, density: float) -> tuple[np.ndarray, np.ndarray]:
        """Return picture and anchors with no more pixels than there are texels to fill."""
        length = np.linalg.norm(self.anchors[5] - self.anchors[0]) / PLACES[ANCHORS["chin"]][1]
        return _shrink(self.picture, self.anchors, density / length)


def read_folder(folder: str | os.PathLike) -> list[Template]:
    """Read the masks of a folder.

    Args:
        folder: with PNG files and `ANCHORS_FILE`.

    Returns:
        A template for each PNG file, sorted by name.

    Raises:
        TemplateError: if there is none, or any of them is of no use.
    """
    folder = Path(folder)
    files = sorted(folder.glob("*.png")) if folder.is_dir() else []
    if not files:
        raise TemplateError(f"{one_line(folder)}: found no PNG file; expected masks as *.png")
    listed = _read_anchors(folder / ANCHORS_FILE)
    return [_read(file, listed) for file in files]


def _read_anchors(path: Path) -> dict[str, dict]:
    try:
        listed = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise TemplateError(f"{one_line(path)}: missing; list the anchors of every PNG") from None
    except (OSError, ValueError) as error:
        raise TemplateError(f"{one_line(path)}: no JSON ({one_line(error)}); mend it") from error
    if not isinstance(listed, dict):
        found = type(listed).__name__
        raise TemplateError(f"{one_line(path)}: found a {found}; expected anchors by file name")
    return listed


def _read(file: Path, listed: dict[str, dict]) -> Template:
    try:
        rgba = _decode(file)
        anchors = _require_anchors(listed.get(file.name), rgba.shape)
    except TemplateError as error:
        raise TemplateError(f"{one_line(file)}: {error}") from error
    cover = rgba[..., 3:].astype(np.uint16)
    colours = (rgba[..., :3] * cover + 127) // 255
    picture = np.dstack([colours, cover]).astype(np.uint8)
    return Template(one_line(file.stem), *_shrink(picture, anchors, KEPT / max(rgba.shape)))


def _decode(file: Path) -> np.ndarray:
    """Return the pixels of a transparent PNG, uint8 (height, width, 4)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=["PNG"]) as image:
                _require_size(image.size)
                rgba = np.asarray(image.convert("RGBA"))
    except TemplateError:
        raise
    except Exception as error:  # broken files make decoders raise nearly anything
        found = one_line(f"{type(error).__name__}: {error}")
        raise TemplateError(f"no whole PNG picture ({found}); save it again") from error
    lowest, highest = rgba[..., 3].min(), rgba[..., 3].max()
    if lowest > 127 or highest < 128:
        found = "none" if lowest > 127 else "nothing else"
        raise TemplateError(f"found {found} transparent; expected a mask on a transparent ground")
    return rgba


def _require_size(size: tuple[int, int]) -> None:
    if min(size) < SMALLEST or max(size) > LARGEST:
        raise TemplateError(
            f"found {size[0]} x {size[1]} pixels; expected sides from {SMALLEST} to {LARGEST}"
        )


def _require_anchors(found: object, shape: tuple[int, ...]) -> np.ndarray:
    """Return the anchors in the order of `ANCHORS`, float64 (6, 2)."""
    if not isinstance(found, dict):
        raise TemplateError(f"not listed in {ANCHORS_FILE}; add its anchors {', '.join(ANCHORS)}")
    height, width = shape[:2]
    points = []
    for name in ANCHORS:
        try:
            x, y = (float(number) for number in found[name])
        except (KeyError, TypeError, ValueError):
            said = f"found {name} = {one_line(found[name])}" if name in found else f"lacks {name!r}"
            raise TemplateError(f"{said} in {ANCHORS_FILE}; expected [x, y]") from None
        if not (0 <= x <= width - 1 and 0 <= y <= height - 1):  # also false for NaN
            raise TemplateError(
                f"found {name} = [{x:g}, {y:g}], outside its {width} x {height} pixels; "
                "measure it in this very picture"
            )
        points.append((x, y))
    return _require_upright(dict(zip(ANCHORS, points, strict=True)))


def _require_upright(at: dict[str, tuple[float, float]]) -> np.ndarray:
    """Refuse anchors that are mixed up: the warp would turn the mask inside out."""
    ordered = [("nose", "chin", 1), ("upper right", "lower right", 1),
               ("upper left", "lower left", 1), ("upper right", "upper left", 0),
               ("lower right", "lower left", 0)]  # fmt: skip
    for first, second, axis in ordered:
        if at[second][axis] - at[first][axis] < SMALLEST / 8:
            where = ("to the left of", "above")[axis]
            raise TemplateError(
                f"found {first!r} at {at[first]} and {second!r} at {at[second]}; expected the "
                f"first {where} the second, in a mask that hangs upright"
            )
    return np.array(list(at.values()), np.float64)


def _shrink(
    picture: np.ndarray, anchors: np.ndarray, factor: float
) -> tuple[np.ndarray, np.ndarray]:
    """Shrink by a factor, or leave alone what would grow."""
    if factor >= 1:
        return picture, anchors
    height, width = (max(2, math.ceil(side * factor)) for side in picture.shape[:2])
    scale = np.array([width / picture.shape[1], height / picture.shape[0]])
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return small, (anchors + 0.5) * scale - 0.5


def anchors_of_masktheface(path: str | os.PathLike) -> dict[str, dict[str, list[float]]]:
    """Translate the ``masks.cfg`` of MaskTheFace, for `ANCHORS_FILE`; side views are left out.

    Args:
        path: of a file with a section per mask: ``template`` and ``mask_a`` to ``mask_f``, in
            pixels of the pictures as that project ships them.

    Returns:
        Anchors by file name, as `json.dumps` takes them.
    """
    sections = configparser.ConfigParser()
    sections.read(path, "utf-8")
    listed = {}
    for section in sections.values():
        if "template" in section and not section.name.endswith(("_left", "_right")):
            points = {
                name: [max(0.0, float(number)) for number in section[f"mask_{letter}"].split(",")]
                for letter, name in _UPSTREAM.items()
            }
            listed[Path(section["template"]).name] = points
    return listed
