"""How long a large photo takes, what memory it needs, and how well masks come off photographs.

``python -m lib.benchmarks.restoring`` lays the two portraits, in masks, on a photo of 24 megapixels
and repairs its five faces. With FACE_LAB_REAL it also scores the photographs of ``masked_pairs``,
whose masks others drew.
"""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import cv2
import numpy as np
import pandas

from lib import images, portraits, restore, shipped
from lib.benchmarks.unmasking import describe
from lib.faces import detect, landmarks
from lib.prepare import masks

SIDES = (4000, 6000)
PLACES = ((100, 100, 1700), (1900, 100, 1700), (3800, 100, 1700), (300, 2000, 1500),
          (2300, 2200, 1500))  # fmt: skip
"""Left, top and width of each portrait on the large photo, pixels."""


def _masked_portrait(number: int) -> np.ndarray:
    """Return one of the two portraits in a surgical mask, uint8."""
    portrait = portraits.read(list(portraits.PEOPLE)[number % 2])
    points = landmarks.landmarks68(portrait, detect.one_face(portrait))
    return masks.put_on(portrait, points, number, kind="surgical", loosely=0)[0]


def large_photo() -> np.ndarray:
    """Return a photo of 24 megapixels with five masked faces, uint8."""
    photo = np.full((*SIDES, 3), 150, np.uint8)
    for number, (left, top, width) in enumerate(PLACES):
        masked = _masked_portrait(number)
        height = int(width * masked.shape[0] / masked.shape[1])
        photo[top : top + height, left : left + width] = images.resize(masked, (height, width))
    return photo


def measure_large() -> dict[str, float]:
    """Return faces, seconds, and by how much the process's largest memory grew, in GiB."""
    for name in ("mask_finder", "unmask_two_critics", "parser"):
        shipped.load(name)
    restore.unmask(_masked_portrait(0))  # once, to be warm
    photo, before = large_photo(), _largest_memory()
    began = time.perf_counter()
    repair = restore.repair(photo)
    seconds = time.perf_counter() - began
    return {
        "megapixels": photo[..., 0].size / 1e6,
        "faces painted": sum("painted" in face.says for face in repair.faces),
        "seconds": seconds,
        "GiB more": _largest_memory() - before,
    }


def _largest_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def score(photo: np.ndarray, masked: np.ndarray, mask: np.ndarray) -> dict[str, float]:
    """Return how well a mask was found and taken off.

    Args:
        photo: the true photo, uint8 (H, W, 3).
        masked: the same with a mask.
        mask: uint8 {0, 1} (H, W), where.
    """
    points = landmarks.landmarks68(photo, detect.one_face(photo))
    made, truth = restore.repair(masked), describe(photo[None], points[None])
    ways = {
        "masked": masked, "Telea": cv2.inpaint(masked, mask, 3, cv2.INPAINT_TELEA),
        "ours": made.photo,
    }  # fmt: skip
    row = {"IoU": (made.mask & mask).sum() / (made.mask | mask).sum()}
    for name, picture in ways.items():
        error = np.mean((picture.astype(float) - photo)[mask == 1] ** 2)
        row[f"dB {name}"] = 10 * np.log10(255**2 / error)
        row[f"identity {name}"] = np.linalg.norm(describe(picture[None], points[None]) - truth)
    return row


def photographs(folder: Path) -> pandas.DataFrame:
    """Score the photographs of ``masked_pairs``."""
    rows = {}
    for file in sorted(folder.glob("masked_pairs/gt/*.png")):
        paths = [folder / "masked_pairs" / kind / file.name for kind in ("gt", "masked", "map")]
        photo, masked, drawn = map(images.read, paths)
        rows[f"photograph {len(rows) + 1}"] = score(photo, masked, np.uint8(drawn[..., 0] > 127))
    return pandas.DataFrame(rows).T


def drawn() -> pandas.DataFrame:
    """Score both portraits in five kinds of masks."""
    rows = {}
    for name in portraits.PEOPLE:
        photo = portraits.read(name)
        points = landmarks.landmarks68(photo, detect.one_face(photo))
        for seed, kind in enumerate(("surgical", "cloth", "cup", "folded", "valve")):
            masked, mask, _ = masks.put_on(photo, points, seed, kind=kind, loosely=0)
            rows[f"{name}, {kind}"] = score(photo, masked, mask)
    return pandas.DataFrame(rows).T


def main() -> None:
    """Print the tables."""
    print(pandas.Series(measure_large()).round(2).to_string())
    tables = {"the two portraits": drawn()}
    if os.environ.get("FACE_LAB_REAL"):
        tables["masked_pairs"] = photographs(Path(os.environ["FACE_LAB_REAL"]))
    for title, table in tables.items():
        table.loc["mean"] = table.mean()
        print(f"\n{title}\n{table.round(3).to_string()}")


if __name__ == "__main__":
    main()
