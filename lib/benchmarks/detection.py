"""How many real faces the two detectors find, bare and under a painted mask.

    FACE_LAB_REAL=... python -m lib.benchmarks.detection

It needs photographs with 68 landmarks set by hand (`landmarks68/*/*.pts` with a picture of the same
name beside each), which the lab does not ship; FACE_LAB_REAL names the folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas

from lib import images
from lib.faces import detect
from lib.faces.landmark_files import read_pts
from lib.prepare import masks

COLOURS = {"light blue": (168, 200, 222), "white": (235, 235, 235), "black": (25, 25, 25)}


def faces(folder: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield every picture of a folder, uint8 (H, W, 3), with its landmarks (68, 2)."""
    for points in sorted(folder.rglob("*.pts")):
        beside = [points.with_suffix(suffix) for suffix in images.SUFFIXES]
        picture = next((path for path in beside if path.exists()), None)
        if picture:
            yield images.read(picture), read_pts(points)


def paint_mask(picture: np.ndarray, points: np.ndarray, colour: tuple[int, ...]) -> np.ndarray:
    """Return the picture with the region between jaw and nose bridge in one colour."""
    painted = picture.copy()
    painted[masks.lower_face(points, picture.shape[:2]) > 0] = colour
    return painted


def is_found(picture: np.ndarray, points: np.ndarray, masked: bool) -> bool:
    """Say whether the best box holds the tip of the nose (point 30)."""
    found = detect.find_faces(picture, masked=masked)
    if not found:
        return False
    left, top, right, bottom = found[0].box
    x, y = points[30]
    return left < x < right and top < y < bottom


def measure(folder: Path) -> list[dict[str, object]]:
    """Return for the bare faces and for each colour of mask how many each detector finds."""
    every = list(faces(folder))
    rows = []
    for name, colour in {"none": None, **COLOURS}.items():
        shown = [(paint_mask(*face, colour) if colour else face[0], face[1]) for face in every]
        hits = {
            detector: sum(is_found(*face, masked) for face in shown)
            for detector, masked in (("HOG", False), ("MTCNN", True))
        }
        rows.append({"mask": name, "faces": len(every), **hits})
    return rows


def main() -> None:
    """Print the table, or what is needed for it."""
    folder = os.environ.get("FACE_LAB_REAL")
    if not folder:
        print("not measured: FACE_LAB_REAL names no folder of real faces")
        return
    print(pandas.DataFrame(measure(Path(folder) / "landmarks68")).to_string(index=False))


if __name__ == "__main__":
    main()
