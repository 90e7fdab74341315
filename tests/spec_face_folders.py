"""Small sets in the layout of Spec-Face, drawn by hand, which the tests of its reader share."""

import csv

import cv2
import numpy as np

from lib import images
from lib.prepare import sources, spec_face_files

SIZE = 24


def face(shine=0, height=40, width=40):
    """Draw an oval with a pupil on black, and a patch of shine on it."""
    picture = np.zeros((height, width, 3), np.uint8)
    middle = (width // 2, height // 2)
    cv2.ellipse(picture, middle, (width // 3, height * 2 // 5), 0, 0, 360, (150, 110, 90), -1)
    cv2.circle(picture, (width // 2, height // 3), 2, (0, 0, 0), -1)
    if shine:
        cv2.circle(picture, (width // 2, height * 2 // 3), 5, (shine,) * 3, -1)
    return picture


def make_set(folder, people=("ann", "bob", "cy"), number=2, suffix=".png"):
    """Write a set in the original's layout: one person in each split."""
    for start, who in zip(spec_face_files.SPLITS, people, strict=True):
        for index in range(number):
            name = f"{who}_{index:02d}{suffix}"
            images.write(folder / f"{start}A" / name, face(shine=200 + index))
            images.write(folder / f"{start}B" / name, face())
    return folder


def read(path, folder, **options):
    """Read a set as small pictures, in one process."""
    return sources.spec_face(path, folder, SIZE, **{"workers": 1, "progress": False} | options)


def rejected(dataset):
    """Return why each file was left out, by its name."""
    with (dataset.path / "rejected.csv").open(newline="") as file:
        return {row["id"]: row["reason"] for row in csv.DictReader(file)}
