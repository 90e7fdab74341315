"""Aligning a face and pasting it back: what it changes, where, and how long it takes.

``python -m lib.benchmarks.alignment`` edits each portrait as a whole, cuts the edited chip out,
pastes it into the *unedited* portrait, and compares the result with the edited portrait: inside the
feather the two should be equal, outside the chip nothing may have changed.
"""

from __future__ import annotations

import time

import cv2
import dlib
import numpy as np
import pandas

from lib import images, portraits
from lib.faces import align, detect, landmarks
from lib.faces.warping import edge_weight, invert, warp

FEATHER = 0.08


def _brighten(photo: np.ndarray) -> np.ndarray:
    return np.clip(photo * 1.25 + 10, 0, 255).astype("uint8")


def _blur(photo: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(photo, (0, 0), 3)


def _mirror(photo: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(photo[:, ::-1])


EDITS = {"brighter": _brighten, "blurred": _blur, "mirrored": _mirror}


def aligned(name: str, resolution: float = 1.0) -> tuple[np.ndarray, np.ndarray, align.Alignment]:
    """Align a portrait at a given resolution.

    Args:
        name: of a portrait.
        resolution: pixels of the chip for each pixel of the photo; 1 is equal resolution.

    Returns:
        The photo, the chip and the alignment.
    """
    photo = portraits.read(name)
    points = landmarks.landmarks5(photo, detect.one_face(photo, name=name))
    _, unit = align.chip(photo, points, 150, 0.25)
    return photo, *align.chip(photo, points, round(150 / unit.scale * resolution), 0.25)


def measure_paste(name: str, edit: str, replace: bool, resolution: float = 1.0) -> dict:
    """Paste an edited chip back and compare with the edited photo.

    Args:
        name: of a portrait.
        edit: one of `EDITS`.
        replace: paste with a mask over the whole chip, instead of the change alone.
        resolution: as in `aligned`.

    Returns:
        One row: mean error inside the feather and largest change outside the chip, in grey levels.
    """
    photo, _, alignment = aligned(name, resolution)
    truth = EDITS[edit](photo)
    mask = np.ones(alignment.size, "uint8") if replace else None
    result = alignment.paste_back(photo, alignment.extract(truth), FEATHER, mask).astype(int)
    weight = edge_weight(alignment.size, max(1.0, FEATHER * min(alignment.size)))
    back, size = invert(alignment.matrix), photo.shape[:2]
    inside = warp((weight == 1).astype("float32"), back, size) == 1
    outside = warp(np.ones(alignment.size, "float32"), back, size) == 0
    return {
        "portrait": name,
        "edit": edit,
        "pasted": "chip" if replace else "change",
        "resolution": resolution,
        "inside, mean": round(float(np.abs(result - truth)[inside].mean()), 2),
        "outside, largest": int(np.abs(result - photo)[outside].max()),
    }


def measure_points(name: str) -> float:
    """Take a grid of points into the chip and back; return the largest error in pixels."""
    photo, _, alignment = aligned(name)
    grid = np.stack(np.meshgrid(*map(np.arange, photo.shape[1::-1])), axis=-1).reshape(-1, 2)
    return float(np.abs(alignment.to_photo(alignment.to_chip(grid)) - grid).max())


def chip_by_dlib(photo: np.ndarray, points: np.ndarray, size: int, padding: float) -> np.ndarray:
    """Cut a chip with dlib's own get_face_chip, from five points."""
    parts = dlib.points([dlib.point(int(x), int(y)) for x, y in points])
    everywhere = dlib.rectangle(0, 0, photo.shape[1], photo.shape[0])
    details = dlib.full_object_detection(everywhere, parts)
    return dlib.get_face_chip(photo, details, size=size, padding=padding)


def measure_dlib(name: str, size: int, padding: float = 0.25) -> dict:
    """Compare one chip with dlib's; returns a row with the mean difference in grey levels."""
    photo = portraits.read(name)
    points = landmarks.landmarks5(photo, detect.one_face(photo, name=name))
    ours, alignment = align.chip(photo, points, size, padding)
    gap = np.abs(ours.astype(int) - chip_by_dlib(photo, points, size, padding)).mean()
    return {
        "portrait": name,
        "size": size,
        "shrunk by": round(1 / alignment.scale, 2),
        "mean difference": round(float(gap), 2),
    }


def measure_time(size: int = 256, megapixels: float = 12.0) -> list[dict]:
    """Time the way there and back in a large photo; milliseconds a photo, and a megapixel."""
    photo, rows = portraits.read("grace_hopper"), []
    points = landmarks.landmarks5(photo, detect.one_face(photo))
    scale = np.sqrt(megapixels * 1e6 / (photo.shape[0] * photo.shape[1]))
    photo = images.resize(photo, tuple(round(side * scale) for side in photo.shape[:2]))
    chip, alignment = align.chip(photo, points * scale, size, 0.25)
    edited = _brighten(chip)
    steps = {
        "detect": lambda: detect.find_faces(photo),
        "align": lambda: alignment.extract(photo),
        "paste back": lambda: alignment.paste_back(photo, edited),
    }
    for name, step in steps.items():
        step()
        start = time.perf_counter()
        step()
        spent = 1000 * (time.perf_counter() - start)
        rows.append({"step": name, "ms": round(spent), "ms a megapixel": round(spent / megapixels)})
    return rows


def main() -> None:
    """Print every table."""
    pastes = [
        measure_paste(name, edit, replace, resolution)
        for resolution in (1.0, 0.5)
        for name in portraits.PEOPLE
        for edit in EDITS
        for replace in (False, True)
    ]
    print("Pasted back, errors in grey levels (at resolution 1: inside at most 2; outside 0)")
    print(pandas.DataFrame(pastes).to_string(index=False))
    points = max(measure_points(name) for name in portraits.PEOPLE)
    print(f"\nPoints taken to the chip and back: off by {points:.1e} pixels at most")
    print(
        "\nChips against dlib.get_face_chip, in grey levels (dlib's pyramid is shifted from 2 on)"
    )
    rows = [measure_dlib(name, size) for name in portraits.PEOPLE for size in (64, 150, 300)]
    print(pandas.DataFrame(rows).to_string(index=False))
    print("\nA photo of 12 megapixels, the chip 256 x 256")
    print(pandas.DataFrame(measure_time()).to_string(index=False))


if __name__ == "__main__":
    main()
