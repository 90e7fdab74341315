"""The measures of rendered faces, on answers worked out by hand and on one real rendering."""

from __future__ import annotations

import numpy as np
import pytest

from lib import landmark_order, portraits
from lib.benchmarks import faces, rendering
from lib.faces import align, detect, landmarks

GRID = np.stack(np.divmod(np.arange(68), 10), axis=1).astype(np.float32) * 10


def seen(shift=(0.0, 0.0), person=0, chip=None):
    """Return an observation with every landmark moved by a shift, half a millimetre a pixel."""
    located = GRID + np.float32(shift)
    return faces.Observation(person, 1.0, GRID, located, 0.5, chip)


def missed():
    return faces.Observation(7, np.nan, GRID, None, 0.5, None)


def test_faces_found_are_counted():
    row = faces.measure_detection([seen(), seen(), missed(), seen()])
    assert row == {"faces": 4, "found": 3, "share": 0.75, "score": 1.0, "missed": "7"}
    assert faces.measure_detection([missed()])["found"] == 0


def test_landmark_errors_are_shares_of_the_eye_distance_and_millimetres():
    rows = {row["group"]: row for row in faces.measure_landmarks([seen((3, -4)), missed()])}
    eyes = np.hypot(*(GRID[45] - GRID[36]))
    assert set(rows) == {"all 68", "inner 51", *landmark_order.GROUPS}
    for row in rows.values():
        assert row["error"] == pytest.approx(5 / eyes)
        assert (row["mm"], row["right mm"], row["down mm"]) == (2.5, 1.5, -2.0)


def test_shifts_to_both_sides_cancel_but_errors_do_not():
    (row, *_) = faces.measure_landmarks([seen((3, 0)), seen((-3, 0))], points=True)
    assert (row["mm"], row["right mm"]) == (1.5, 0.0)


def test_each_point_gets_a_row_of_its_own():
    moved = GRID.copy()
    moved[30] += (0, 2)
    one = faces.Observation(0, 1.0, GRID, moved, 0.5, None)
    rows = {row["group"]: row for row in faces.measure_landmarks([one], points=True)}
    assert rows["point 30"]["down mm"] == 1.0
    assert rows["point 31"]["down mm"] == 0.0
    assert rows["nose_bridge"]["down mm"] == 0.25, "one of four points"


def test_two_portraits_and_their_copies_are_told_apart():
    chips = []
    for name in portraits.PEOPLE:
        photo = portraits.read(name)
        points = landmarks.landmarks68(photo, detect.one_face(photo))
        chips.append(align.chip(photo, points, faces.CHIP_SIZE, faces.CHIP_PADDING)[0])
    everyone = [seen(person=who, chip=chips[who]) for who in (0, 0, 1, 1)]
    row = faces.measure_identity([*everyone, missed()])
    assert (row["faces"], row["auc"], row["same"]) == (4, 1.0, pytest.approx(0, abs=1e-5))
    assert row["different"] > faces.SAME_PERSON
    assert (row["same < 0.6"], row["different >= 0.6"]) == (1.0, 1.0)


def test_dlib_finds_rendered_faces_and_their_landmarks():
    found = [faces.observe(1, identity, 0, 192, reshuffle=False) for identity in range(3)]
    assert faces.measure_detection(found)["share"] == 1
    assert faces.measure_landmarks(found)[0]["error"] < 0.08
    assert found[0].chip.shape == (150, 150, 3)


def test_truth_is_exact():
    row = rendering.measure_exactness(number=3, size=48)
    assert list(row.values()) == [3, 0, 0]


def test_every_capture_shows_skin_and_a_nose():
    rows = {row["class"]: row["captures of 4"] for row in rendering.measure_classes(4, 32)}
    assert len(rows) == 19
    assert rows["skin"] == rows["nose"] == 4
