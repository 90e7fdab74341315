"""The way back from a chip into the photo: edits pasted back, masks, and maps spread over it."""

import cv2
import numpy as np
import pytest

from lib import portraits
from lib.benchmarks import alignment as benchmark
from lib.faces import align, detect, landmarks
from lib.faces.warping import edge_weight, invert, mask_weight, warp


@pytest.fixture(scope="module")
def portrait():
    photo = portraits.read("astronaut")
    return photo, landmarks.landmarks68(photo, detect.one_face(photo))


def differing(first, second):
    return np.any(first != second, axis=-1)


@pytest.mark.parametrize("resolution", [0.4, 1.0, 2.0])
@pytest.mark.parametrize("convention", ["dlib", "celeba"])
def test_an_unedited_chip_gives_the_photo_back(portrait, resolution, convention):
    photo, points = portrait
    chip, alignment = align.chip(photo, points, round(120 * resolution), convention=convention)
    result = alignment.paste_back(photo, chip)
    assert result is not photo and np.array_equal(result, photo)


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("edit", list(benchmark.EDITS))
def test_an_edit_arrives_within_two_grey_levels_and_nowhere_else(edit, replace):
    row = benchmark.measure_paste("astronaut", edit, replace)
    assert 0 < row["inside, mean"] <= 2
    assert row["outside, largest"] == 0


def test_aligning_the_result_gives_the_edited_chip(portrait):
    photo, points = portrait
    chip, alignment = align.chip(photo, points, 64)
    edited = cv2.GaussianBlur(chip, (0, 0), 2)
    again = alignment.extract(alignment.paste_back(photo, edited)).astype(int)
    inside = edge_weight((64, 64), 0.08 * 64) == 1
    before = np.abs(chip.astype(int) - edited)[inside].mean()
    assert before > 5 and np.abs(again - edited)[inside].mean() < 0.1 * before


def test_a_mask_replaces_sharp_detail_that_a_change_would_leave(portrait):
    photo, points = portrait
    striped = photo.copy()
    striped[::2] = 0  # too fine for the chip to see
    chip, alignment = align.chip(striped, points, 48)
    grey, mask = np.full_like(chip, 128), np.zeros((48, 48), "uint8")
    mask[16:32, 16:32] = 1
    place = warp(mask.astype("float32"), invert(alignment.matrix), photo.shape[:2]) == 1
    assert alignment.paste_back(striped, grey, mask=mask)[place].std() < 8
    assert alignment.paste_back(striped, grey)[place].std() > 30


def test_a_mask_keeps_the_change_near_itself(portrait):
    photo, points = portrait
    chip, alignment = align.chip(photo, points, 120)
    mask = np.zeros((120, 120), "uint8")
    mask[50:70, 40:80] = 1
    changed = differing(alignment.paste_back(photo, 255 - chip, 0.05, mask), photo)
    rows, columns = np.nonzero(changed)
    places = alignment.to_chip(np.stack([columns, rows], axis=1))
    reach = 0.05 * 120 + 2
    assert places.min(axis=0) == pytest.approx((40, 50), abs=reach)
    assert places.max(axis=0) == pytest.approx((79, 69), abs=reach)
    empty = np.zeros_like(mask)
    assert np.array_equal(alignment.paste_back(photo, 255 - chip, mask=empty), photo)


def test_a_face_at_the_edge_of_the_photo_is_pasted_back(portrait):
    photo, points = portrait
    corner, shifted = photo[100:, 215:], points - (215, 100)
    for convention in ("dlib", "celeba"):
        chip, alignment = align.chip(corner, shifted, 128, convention=convention)
        assert np.array_equal(alignment.paste_back(corner, chip), corner)
        brighter = np.clip(corner * 1.2, 0, 255).astype("uint8")
        result = alignment.paste_back(corner, alignment.extract(brighter))
        middle = np.s_[10:30, 5:30]
        assert np.abs(result[middle].astype(int) - brighter[middle]).mean() < 2


def test_a_chip_beside_the_photo_changes_nothing(portrait):
    photo, points = portrait
    chip, alignment = align.chip(photo, points + 5000, 64)
    assert np.array_equal(alignment.paste_back(photo, chip + 9), photo)


def test_weights_are_soft_and_vanish_at_the_border():
    weight = edge_weight((40, 60), 5)
    assert weight.shape == (40, 60) and weight.max() == 1
    assert not weight[:2].any() and not weight[:, -2:].any() and weight[7:-7, 7:-7].min() == 1
    assert np.abs(np.diff(weight, axis=0)).max() < 0.4
    mask = np.zeros((20, 20), "uint8")
    mask[8:12, 8:12] = 1
    soft = mask_weight(mask, 4)
    assert soft[mask == 1].min() == 1 and soft[0, 0] == 0 and 0 < soft[10, 6] < 1


def test_unusable_edits_are_named(portrait):
    photo, points = portrait
    chip, alignment = align.chip(photo, points, 64)
    for arguments, problem in (
        ((photo[:-1], chip), "align the new photo"),
        ((photo, chip[:32]), r"expected \(64, 64\)"),
        ((photo, chip / 255), "uint8"),
        ((photo, chip, 0.6), "0..0.5"),
        ((photo, chip, 0.1, np.full((64, 64), 255, "uint8")), "values 0 and 1"),
        ((photo, chip, 0.1, np.ones((9, 9), "uint8")), r"mask of \(9, 9\)"),
    ):
        with pytest.raises(ValueError, match=problem):
            alignment.paste_back(*arguments)


def test_a_spread_map_lies_over_its_own_pixels(portrait):
    photo, points = portrait
    _, alignment = align.chip(photo, points, (50, 40))
    maps = (*np.indices((50, 40)).astype("float32"), np.ones((50, 40), "float32"))
    spread = [alignment.spread(one) for one in maps]
    y, x = np.indices(photo.shape[:2])
    placed = alignment.to_chip(np.stack([x.ravel(), y.ravel()], axis=1)).reshape(*x.shape, 2)
    inner = ((placed >= 0.1) & (placed <= (38.9, 48.9))).all(axis=-1)
    outer = ((placed < -1.1) | (placed > (40.1, 50.1))).any(axis=-1)
    assert inner.sum() > 1000 and outer.sum() > 1000
    # bilinear interpolation is exact on ramps, but for OpenCV's steps of 1/32 of a pixel
    assert np.abs(spread[0] - placed[..., 1])[inner].max() < 0.05
    assert np.abs(spread[1] - placed[..., 0])[inner].max() < 0.05
    assert spread[2][inner].min() == pytest.approx(1, abs=1e-6)
    assert all(not one[outer].any() and one.dtype == np.float32 for one in spread)


def test_maps_beside_the_photo_or_of_another_size(portrait):
    photo, points = portrait
    alignment = align.chip(photo, points + 5000, 64)[1]
    assert not alignment.spread(np.ones((64, 64), "float32")).any()
    with pytest.raises(ValueError, match=r"map of \(9, 9\), expected \(64, 64\)"):
        alignment.spread(np.ones((9, 9), "float32"))


def test_a_chip_that_reaches_beyond_its_photo_knows_how_far():
    alignment = align.Alignment(np.array([[2.0, 0, 10.5], [0, 2.0, -0.5]]), (40, 60), (10, 30))
    # the photo's pixels lie in the chip from column 9.5 and row -1.5 on, and are two pixels wide
    expected = np.zeros((40, 60), np.uint8)
    expected[:19, 10:] = 1
    assert np.array_equal(alignment.in_photo(), expected)
    assert alignment.scale == 2.0


def test_the_scale_is_that_of_lengths_however_a_chip_is_turned_or_mirrored():
    cosine, sine = 1.5 * np.cos(0.3), 1.5 * np.sin(0.3)
    for mirror in (1, -1):
        matrix = np.array([[cosine, -mirror * sine, 3], [sine, mirror * cosine, 4]])
        assert align.Alignment(matrix, (8, 8), (9, 9)).scale == pytest.approx(1.5)
