"""A painting becomes part of a photo: colours and grain, inside the hole and never outside."""

import types

import cv2
import numpy as np
import pytest

from lib import portraits
from lib.faces import align, detect, landmarks
from lib.prepare import masks
from lib.restore import blending, painting

SIDE = 64


@pytest.fixture
def square():
    """A grey painting with a square hole, and the ring of three pixels round it."""
    hole = np.zeros((SIDE, SIDE), np.uint8)
    hole[20:44, 20:44] = 1
    ring = cv2.dilate(hole, np.ones((7, 7), np.uint8)) - hole
    painted = np.full((SIDE, SIDE, 3), 100, np.uint8)
    return types.SimpleNamespace(hole=hole, ring=ring, painted=painted)


def error_of(square, values):
    return np.where(square.ring[..., None] == 1, np.float32(values), 0)


def test_an_error_that_is_the_same_all_round_is_taken_off_whole(square):
    new = blending.continue_colours(
        square.painted, square.hole, error_of(square, [10, -20, 3]), square.ring
    )
    assert (new[square.hole == 1] == [90, 120, 97]).all()
    assert (new[square.hole == 0] == 100).all()


def test_errors_differ_from_side_to_side_and_count_most_nearby(square):
    left = np.arange(SIDE)[None, :, None] < SIDE / 2
    error = error_of(square, np.where(left, 12.0, -12.0) * np.ones((SIDE, 1, 3)))
    new = blending.continue_colours(square.painted, square.hole, error, square.ring)
    across = new[32, 20:44, 0].astype(int)
    assert (np.diff(across) >= 0).all()
    assert across[0] <= 91 and across[-1] >= 109
    assert abs(across[11] + across[12] - 200) <= 1  # in the middle both sides weigh alike


def test_a_strap_that_is_taken_for_skin_changes_next_to_nothing(square):
    error = error_of(square, np.full((SIDE, SIDE, 3), 10.0))
    with_strap = error.copy()
    with_strap[30:34, 17:20] = 150
    plain, disturbed = (
        blending.continue_colours(square.painted, square.hole, one, square.ring).astype(int)
        for one in (error, with_strap)
    )
    assert np.abs(plain - disturbed).max() <= 1
    averaged = np.mean(with_strap[square.ring == 1])
    assert averaged > 15, "a mean over the ring would have been off by more than 5"


def test_without_skin_to_compare_the_painting_stays(square):
    few = np.zeros_like(square.ring)
    few[18, 20 : 20 + blending.FEWEST - 1] = 1
    error = np.full((SIDE, SIDE, 3), 30.0)
    for hole, known in ((square.hole, few), (0 * square.hole, square.ring)):
        assert blending.continue_colours(square.painted, hole, error, known) is square.painted


def test_a_black_and_white_photo_gets_a_painting_without_colours(square):
    photo = np.arange(SIDE * SIDE, dtype=np.uint8).reshape(SIDE, SIDE, 1).repeat(3, axis=-1)
    painted = np.where(square.hole[..., None] == 1, np.uint8([200, 100, 50]), photo)
    grey = blending.follow_greyness(painted, square.hole)
    luma = round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)
    assert (grey[square.hole == 1] == luma).all()
    assert np.array_equal(grey[square.hole == 0], photo[square.hole == 0])


def test_a_coloured_photo_keeps_the_paintings_colours(square):
    painted = np.where(
        square.hole[..., None] == 1, np.uint8([200, 100, 50]), np.uint8([90, 80, 70])
    )
    for hole in (square.hole, 0 * square.hole, 0 * square.hole + 1):
        assert blending.follow_greyness(painted, hole) is painted


@pytest.fixture(scope="module")
def rough():
    """A photo of rough skin with a smooth patch painted in its middle."""
    generator = np.random.default_rng(0)
    fine, coarse = generator.normal(0, 1, (2, 200, 200)).astype("float32")
    texture = 4 * fine + 12 * cv2.GaussianBlur(coarse, (0, 0), 1.5)
    hole = np.zeros((200, 200), np.float32)
    hole[60:140, 60:140] = 1
    photo = np.where(hole[..., None] == 1, 128, 128 + texture[..., None])
    photo = np.repeat(photo, 3, axis=-1).round().clip(0, 255).astype(np.uint8)
    away = np.float32(cv2.dilate(hole, np.ones((9, 9), np.uint8)) == 0)
    return types.SimpleNamespace(photo=photo, hole=hole, skin=away)


def roughness(photo, where, sigma):
    """Return the standard deviation of what a blur takes away, SciPy's and not OpenCV's."""
    from scipy.ndimage import gaussian_filter

    grey = photo[..., 1].astype(float)
    return (grey - gaussian_filter(grey, sigma))[where == 1].std()


@pytest.mark.parametrize("octaves", [1, 2])
def test_a_smooth_patch_becomes_about_as_rough_as_the_skin(rough, octaves):
    new = blending.match_grain(rough.photo, rough.hole, rough.skin, octaves)
    inner = np.zeros_like(rough.hole)
    inner[64:136, 64:136] = 1
    wanted = roughness(rough.photo, rough.skin, 0.8)
    assert roughness(rough.photo, inner, 0.8) < 0.1 * wanted
    assert roughness(new, inner, 0.8) == pytest.approx(wanted, rel=0.4 if octaves == 2 else 0.15)
    assert np.array_equal(new[rough.hole == 0], rough.photo[rough.hole == 0])
    assert abs(new[rough.hole == 1].mean() - 128) < 0.3  # as bright as before
    assert np.array_equal(new, blending.match_grain(rough.photo, rough.hole, rough.skin, octaves))


def test_what_is_rough_enough_gets_no_more(rough):
    for photo in (rough.photo[::-1], np.full_like(rough.photo, 90)):
        hole, skin = 1 - rough.skin, rough.skin
        smooth_skin = np.where(skin[..., None] == 1, np.uint8(90), photo)
        assert np.array_equal(blending.match_grain(smooth_skin, hole, skin, 2), smooth_skin)


def test_without_skin_or_hole_a_photo_stays_as_it_is(rough):
    nothing = np.zeros_like(rough.hole)
    for hole, skin in ((rough.hole, nothing), (nothing, rough.skin), (nothing, nothing)):
        assert np.array_equal(blending.match_grain(rough.photo, hole, skin, 2), rough.photo)
    with pytest.raises(ValueError, match="found 0 octaves, expected at least 1"):
        blending.match_grain(rough.photo, rough.hole, rough.skin, 0)


@pytest.fixture(scope="module")
def portrait():
    """A portrait's chip in a mask, whose colours a painter of rendered people does not hit."""
    photo = portraits.read("grace_hopper")
    points = landmarks.landmarks68(photo, detect.one_face(photo))
    masked, mask, _ = masks.put_on(photo, points, 2, kind="cup", loosely=0)
    chip, alignment = align.chip(masked, points, 128, 0.0, "portrait")
    hole = painting.widened(np.uint8(alignment.extract(255 * np.dstack([mask] * 3))[..., 0] > 127))
    painted = painting.paint(chip, hole)
    skin = painting.skin_beside(painted, hole)
    return types.SimpleNamespace(chip=chip, hole=hole, painted=painted, skin=skin)


def test_skin_lies_beside_the_hole_and_is_no_cap(portrait):
    assert not (portrait.skin & portrait.hole).any()
    assert portrait.skin.mean() > 0.05  # the forehead, if nothing else
    assert portrait.skin[:20].sum() == 0  # the cap


def seam(picture, hole, skin):
    """Return how far colours within two pixels of the hole's rim are from skin's beyond it."""
    inner = hole & (1 - cv2.erode(hole, np.ones((5, 5), np.uint8)))
    beyond = cv2.dilate(hole, np.ones((5, 5), np.uint8)) & skin
    inner &= cv2.dilate(beyond, np.ones((9, 9), np.uint8))
    means = [picture[where == 1].mean(axis=0) for where in (inner, beyond)]
    return np.abs(means[0] - means[1]).mean()


def test_a_painting_in_the_colours_of_the_skin_has_less_of_a_seam(portrait):
    new = painting.with_colours_of(portrait.chip, portrait.painted, portrait.hole, portrait.skin)
    before, after = (seam(one, portrait.hole, portrait.skin) for one in (portrait.painted, new))
    assert before > 10 and after < before / 2
    outside = portrait.hole == 0
    assert np.array_equal(new[outside], portrait.chip[outside])


def test_a_photo_that_is_larger_than_the_chip_gets_coarser_grain_as_well(monkeypatch):
    asked, hole = [], np.zeros((128, 128), np.uint8)
    monkeypatch.setattr(
        painting, "match_grain", lambda photo, hole, skin, octaves: asked.append(octaves)
    )
    for scale in (0.25, 0.5, 1.0, 2.0, 8.0):
        matrix = np.array([[1 / scale, 0, 0], [0, 1 / scale, 0]])
        photo = np.zeros((round(128 * scale), round(128 * scale), 3), np.uint8)
        alignment = align.Alignment(matrix, (128, 128), photo.shape[:2])
        painting.with_grain_of_skin(photo, alignment, hole, 1 - hole)
    assert asked == [1, 2, 4]  # photos of half the size and less lack nothing
