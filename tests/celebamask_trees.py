"""A CelebAMask-HQ tree of one face drawn by hand, and what it should become."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib import images
from lib.labels import CLASSES
from lib.prepare import celebamask_files, sources
from lib.prepare.celebamask_files import MAPPING, PHOTOS

SIDE, SIZE = 64, 32
REAL = Path(os.environ.get("FACE_LAB_REAL", ""), "celebamask_hq_samples")
needs_real = pytest.mark.skipif("FACE_LAB_REAL" not in os.environ, reason="no real photos here")
BOXES = {  # of a face drawn by hand: top, bottom, left, right
    "skin": (16, 56, 16, 48),
    "nose": (32, 40, 28, 36),
    "l_eye": (26, 30, 36, 44),
    "r_eye": (26, 30, 20, 28),
    "l_ear": (28, 40, 44, 54),
    "hair": (4, 20, 12, 52),
    "hat": (0, 8, 12, 52),
    "neck": (52, 64, 24, 40),
}


def mask_of(part):
    mask = np.zeros((SIDE, SIDE), bool)
    top, bottom, left, right = BOXES[part]
    mask[top:bottom, left:right] = True
    return mask


def write_mask(folder, number, part, mask):
    path = folder / celebamask_files.mask_file(number, part)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.repeat(mask[..., None], 3, 2).astype(np.uint8) * 255).save(path)
    return path


def write_face(folder, number, parts=tuple(BOXES)):
    photo = np.random.default_rng(number).integers(0, 256, (4, 4, 3)).astype(np.uint8)
    photo = images.resize(photo, 2 * SIDE, nearest=True)
    images.write(folder / PHOTOS / f"{number}.jpg", photo)
    for part in parts:
        write_mask(folder, number, part, mask_of(part))


def write_table(folder, originals):
    rows = [f"{number}   {index}  {index + 1:06d}.jpg" for number, index in originals.items()]
    (folder / MAPPING).write_text("\n".join(["idx   orig_idx  orig_file", *rows, ""]))


def expected_labels():
    labels = np.zeros((SIDE, SIDE), np.uint8)
    for value, part in enumerate(CLASSES):
        if part in BOXES:
            labels[mask_of(part)] = value
    return labels


def prepare(path, folder, size=SIZE, **options):
    return sources.celebamask_hq(path, folder, size, **{"workers": 1, "progress": False} | options)


def rejected(dataset):
    with (dataset.path / "rejected.csv").open(newline="") as file:
        return {row["id"]: row["reason"] for row in csv.DictReader(file)}


def make_tree(tmp_path):
    """Three faces, one of them in the second folder of masks."""
    for number in (0, 7, 2000):
        write_face(tmp_path / "set", number)
    write_table(tmp_path / "set", {0: 5, 7: 162_771, 2000: 182_638})
    return tmp_path / "set"
