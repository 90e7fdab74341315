"""Pictures with and without shine that the lab did not render: a scan, and a published figure.

Both lie in the folder that FACE_LAB_REAL names, below ``specular_pairs``: ``lps_rendered``, a
scanned head rendered in two layers, and ``specface_figure``, two faces of Spec-Face's own figure
with the true diffuse face and the outputs of seven methods beside them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lib import baselines, images
from lib.gans.specularity import Specularity, translate
from lib.prepare.layers import LINEAR
from lib.scene.pictures import luminance
from lib.scene.render import SPECULAR_THRESHOLD

PUBLISHED = ("specnet", "speccgan", "shen2008", "shen2013", "yang2015", "yi2018", "tan2005")
BLACK = 30
"""Darker than this is the cut-out's ground, not skin."""

FACE_WIDTH = 36
"""How wide a face is in the rendered pictures of 64 pixels that the models know."""

MULTIPLE = 8
"""Sides that the networks can halve three times."""


def pooled(found: np.ndarray, truth: np.ndarray, counted: np.ndarray | None = None) -> float:
    """Return the PSNR of all pixels that count, of all pictures in one pot, in dB."""
    squares = (found.astype(np.float64) - truth) ** 2
    return float(10 * np.log10(255**2 / np.mean(squares if counted is None else squares[counted])))


def at_face_width(model: Specularity, picture: np.ndarray, width: float) -> np.ndarray:
    """Take the shine off a picture of any size by a model that knows small faces.

    The picture is shrunk until its face is as wide as those the model knows; what the model takes
    away there is enlarged and taken away from the picture itself, which so keeps its detail.

    Args:
        model: trained, of any design.
        picture: uint8 (H, W, 3).
        width: of the face in it, pixels.

    Returns:
        uint8 (H, W, 3).
    """
    height, across = picture.shape[:2]
    factor = min(1.0, FACE_WIDTH / width)
    small = images.resize(picture, (round(factor * height), round(factor * across)))
    sides = [-(-side // MULTIPLE) * MULTIPLE for side in small.shape[:2]]
    canvas = np.zeros((max(sides), max(sides), 3), np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small
    found = translate(model, canvas[None])[0][: small.shape[0], : small.shape[1]]
    taken = images.resize(small.astype(np.float32) - found, (height, across))
    return np.clip(np.rint(picture - taken), 0, 255).astype(np.uint8)


class Photographs:
    """Both sets, read once.

    Args:
        folder: that FACE_LAB_REAL names.

    Attributes:
        head: photo, diffuse and mask of the scanned head's renders, 64 pixels wide.
        panels: input, diffuse face, skin and published outputs by name, for each panel.
    """

    def __init__(self, folder: Path) -> None:
        pairs = folder / "specular_pairs"
        self.head = _read_head(pairs / "lps_rendered")
        self.panels = [_read_panel(pairs / "specface_figure", number) for number in (0, 1)]

    def classical(self) -> dict[str, dict[str, float]]:
        """Return the rows of doing nothing, the classical methods, and the published outputs."""
        rows = {}
        for name, remove in baselines.SEPARATIONS.items():
            head = remove(self.head["photo"], self.head["skin"])
            panels = [remove(one["input"][None], one["skin"][None])[0] for one in self.panels]
            rows[name] = self._row(head, panels)
        for name in PUBLISHED:
            row = self._row(self.head["photo"], [one[name] for one in self.panels])
            rows[f"published: {name}"] = {
                key: value for key, value in row.items() if "panel" in key
            }
        return rows

    def score(self, model: Specularity) -> dict[str, float]:
        """Return a trained model's row."""
        head = translate(model, self.head["photo"], self.head["skin"])
        panels = [at_face_width(model, one["input"], one["width"]) for one in self.panels]
        return self._row(head, panels)

    def _row(self, head: np.ndarray, panels: list[np.ndarray]) -> dict[str, float]:
        inside = self.head["mask"] == 1
        row = {
            "head, inside": pooled(head, self.head["diffuse"], inside),
            "head, overall": pooled(head, self.head["diffuse"]),
        }
        scores = [
            pooled(found, one["diffuse"], one["skin"] == 1)
            for found, one in zip(panels, self.panels, strict=True)
        ]
        named = {f"panel {number}": value for number, value in enumerate(scores)}
        return row | named | {"panels, mean": float(np.mean(scores))}


def _read_head(folder: Path) -> dict[str, np.ndarray]:
    stacks: dict[str, list[np.ndarray]] = {"photo": [], "diffuse": [], "specular": []}
    for file in sorted(folder.glob("*_input.png")):
        parts = {"photo": "input", "diffuse": "diffuse_gt", "specular": "specular"}
        for name, part in parts.items():
            picture = images.read(file.with_name(file.name.replace("input", part)))
            stacks[name].append(images.resize(picture, 64))
    arrays = {name: np.stack(stack) for name, stack in stacks.items()}
    shine = luminance(LINEAR[arrays.pop("specular")])
    skin = (arrays["photo"].max(axis=-1) > BLACK).astype(np.uint8)
    return arrays | {"mask": (shine > SPECULAR_THRESHOLD).astype(np.uint8), "skin": skin}


def _read_panel(folder: Path, number: int) -> dict[str, np.ndarray]:
    names = {"input": "input", "diffuse": "diffuse_gt"} | {name: name for name in PUBLISHED}
    panel = {key: images.read(folder / f"{number}_{name}.png") for key, name in names.items()}
    skin = panel["diffuse"].max(axis=-1) > BLACK
    columns = np.flatnonzero(skin.any(axis=0))
    return panel | {"skin": skin.astype(np.uint8), "width": float(np.ptp(columns) + 1)}
