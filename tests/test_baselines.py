"""Baselines: what stays, what can be known of the filling, and one way to call them all."""

import numpy as np
import pytest

from lib import baselines
from lib.metrics import ScoreError

PICTURES = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
MASKS = np.zeros((2, 16, 16), np.uint8)
MASKS[0, 6:12, 5:11] = 1
MEAN_FACE = baselines.mean_face([PICTURES])
ALL = baselines.CLASSICAL | {"mean face": MEAN_FACE}


@pytest.mark.parametrize("name", ALL)
def test_outside_the_mask_are_the_inputs_own_pixels(name):
    pictures, masks = PICTURES.copy(), MASKS.copy()
    repaired = ALL[name](pictures, masks)
    assert repaired.dtype == np.uint8 and not np.shares_memory(repaired, pictures)
    np.testing.assert_array_equal(repaired[MASKS == 0], PICTURES[MASKS == 0])
    np.testing.assert_array_equal(pictures, PICTURES)
    np.testing.assert_array_equal(masks, MASKS)
    np.testing.assert_array_equal(ALL[name](pictures, masks.astype(bool)), repaired)


@pytest.mark.parametrize("name", ALL)
def test_wrong_arrays_are_refused(name):
    for pictures, masks in [
        (PICTURES / 255, MASKS),
        (PICTURES[0], MASKS[0]),
        (PICTURES, MASKS[..., None]),
        (PICTURES, MASKS * 255),
    ]:
        with pytest.raises(ScoreError, match="expected"):
            ALL[name](pictures, masks)


def test_doing_nothing_changes_nothing():
    np.testing.assert_array_equal(baselines.do_nothing(PICTURES, MASKS), PICTURES)


@pytest.mark.parametrize("repair", [baselines.telea, baselines.navier_stokes])
def test_inpainting_reads_nothing_of_the_hole(repair):
    other = PICTURES.copy()
    other[MASKS == 1] = 0
    np.testing.assert_array_equal(repair(other, MASKS), repair(PICTURES, MASKS))


@pytest.mark.parametrize("repair", [baselines.telea, baselines.navier_stokes])
def test_inpainting_continues_even_colours_and_slopes(repair):
    even = np.broadcast_to(np.array([200, 100, 50], np.uint8), PICTURES.shape)
    holed = np.where(MASKS[..., None] == 1, np.uint8(0), even)
    assert np.abs(repair(holed, MASKS).astype(int) - even).max() <= 2  # of 255
    slope = np.broadcast_to(np.arange(0, 160, 10, dtype=np.uint8)[:, None, None], (1, 16, 16, 3))
    hole = MASKS[:1]
    holed = np.where(hole[..., None] == 1, np.uint8(0), slope)
    error = np.abs(repair(holed, hole).astype(int) - slope)[hole == 1].mean()
    assert error < np.abs(slope[hole == 1] - slope[hole == 1].mean()).mean()  # than an even filling


def test_the_mean_face_by_hand_and_streamed():
    levels = (np.full((number, 2, 2, 3), level, np.uint8) for number, level in ((1, 255), (3, 254)))
    assert (baselines.mean_face(levels).picture == 254).all()  # 254.25; uint8 sums would overflow
    stacks = (PICTURES[index : index + 1] for index in range(2))
    np.testing.assert_array_equal(baselines.mean_face(stacks).picture, MEAN_FACE.picture)
    exact = np.rint(PICTURES.astype(float).mean(axis=0))
    np.testing.assert_array_equal(MEAN_FACE.picture, exact)
    np.testing.assert_array_equal(MEAN_FACE(PICTURES, MASKS)[MASKS == 1], exact[MASKS[0] == 1])


def test_a_mean_face_needs_pictures_of_one_size():
    with pytest.raises(ScoreError, match="no picture"):
        baselines.mean_face([])
    with pytest.raises(ScoreError, match="as before"):
        baselines.mean_face([PICTURES, PICTURES[:, :8]])
    with pytest.raises(ScoreError, match="repaired"):
        MEAN_FACE(PICTURES[:, :8], MASKS[:, :8])
