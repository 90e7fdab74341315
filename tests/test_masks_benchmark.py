"""The measures of masks and of the quick search, on the portraits and on made-up faces."""

from __future__ import annotations

import numpy as np
import pytest

from lib import images, portraits
from lib.benchmarks import masks as benchmark
from lib.faces import align, detect, landmarks


@pytest.fixture(scope="module")
def chips():
    """The portraits cut to 160 pixels, with their landmarks."""
    faces = []
    for name in portraits.PEOPLE:
        photo = portraits.read(name)
        points = landmarks.landmarks68(photo, detect.one_face(photo))
        chip, alignment = align.chip(photo, points, 160, 0.25)
        faces.append((chip, alignment.to_chip(points)))
    return faces


def test_the_quick_search_finds_what_the_whole_one_finds(chips):
    row = benchmark.measure_quick_search(chips)
    assert (row["faces"], row["found"], row["by it alone"]) == (2, 2, 0)
    assert row["apart"] < 0.05 and row["error"] < 0.05


def test_the_quick_search_looks_at_less_and_then_at_all(chips, monkeypatch):
    seen = []
    find = detect._find_hog

    def _find(picture, upsample, minimum_score):
        seen.append(max(picture.shape) << upsample)
        return find(picture, upsample, minimum_score)

    monkeypatch.setattr(detect, "_find_hog", _find)
    detect.one_face(chips[0][0], quick=True)
    assert seen == [pytest.approx(detect.SMALLEST_HOG_FACE / detect.LARGE_FACE, abs=1)]
    seen.clear()
    astronaut = portraits.read("astronaut")  # her face fills a sixth of the picture
    assert detect.one_face(astronaut, quick=True) == detect.one_face(astronaut)
    assert len(seen) == 3


def test_an_empty_picture_holds_no_face_however_searched():
    for shape in ((0, 0, 3), (40, 30, 3)):
        with pytest.raises(detect.NoFaceError):
            detect.one_face(np.zeros(shape, "uint8"), quick=True)
    with pytest.raises(ValueError, match="expected a NumPy array"):
        detect.one_face([[1]], quick=True)


def test_faces_without_a_mask_are_counted(chips):
    wall = np.full((64, 64, 3), 128, np.uint8), chips[0][1]
    away = chips[0][0], chips[0][1] + 1000
    rows = benchmark.measure_photographs([*chips, wall, away])
    by_hand, found = rows
    assert (by_hand["masked"], by_hand["no mask fits"], by_hand["not found"]) == (2, 2, 0)
    assert (found["masked"], found["no mask fits"], found["not found"]) == (3, 0, 1)
    assert found["share"] == 0.75


def test_work_counts_a_face_once_however_often_it_fails(chips):
    small = images.resize(chips[0][0], 64), chips[0][1] * 0.01
    spent, failed = benchmark.work("mask, landmarks given", [chips[0], small], 3)
    assert spent > 0 and failed == 1
