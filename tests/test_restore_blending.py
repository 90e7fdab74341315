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


@pytest.mark.parametrize("step", [12.0, 40.0])
def test_errors_differ_from_side_to_side_and_count_most_nearby(square, step):
    left = np.arange(SIDE)[None, :, None] < SIDE / 2
    error = error_of(square, np.where(left, step, -step) * np.ones((SIDE, 1, 3)))
    new = blending.continue_colours(square.painted, square.hole, error, square.ring)
    across = new[32, 20:44, 0].astype(int)
    assert (np.diff(across) >= 0).all()
    assert across[0] <= 100 - 0.75 * step and across[-1] >= 100 + 0.75 * step
    assert abs(across[11] + across[12] - 200) <= 2  # in the middle both sides weigh alike


def test_two_places_weigh_by_the_inverse_cube_of_their_softened_distances(square):
    known, hole = (np.zeros((SIDE, SIDE), np.uint8) for _ in range(2))
    known[:6, 18], known[:6, 24], hole[2, 20] = 1, 1, 1
    error = np.zeros((SIDE, SIDE, 3), np.float32)
    error[:, 18] = 20
    away = np.arange(6) - 2
    near, far = (((away**2 + side**2 + 4.0) ** -1.5).sum() for side in (2, 4))
    # the median of all twelve is 10, which both sides are equally unlike
    wanted = 100 - 20 * near / (near + far)
    new = blending.continue_colours(square.painted, hole, error, known)
    assert (new[2, 20] == round(wanted)).all() and new[2, 20, 0] == 85


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


def test_errors_of_which_none_is_like_the_median_count_all_the_same(square):
    top = np.arange(SIDE)[:, None, None] < SIDE / 2
    error = error_of(square, np.where(top, 250.0, -250.0) * np.ones((1, SIDE, 3)))
    new = blending.continue_colours(square.painted, square.hole, error, square.ring)
    assert (new[20, 32] == 0).all() and (new[43, 32] == 255).all()


def test_without_skin_to_compare_the_painting_stays(square):
    few = np.zeros_like(square.ring)
    few[18, 20 : 20 + blending.FEWEST - 1] = 1
    error = np.full((SIDE, SIDE, 3), 30.0)
    for hole, known in ((square.hole, few), (0 * square.hole, square.ring)):
        assert blending.continue_colours(square.painted, hole, error, known) is square.painted


def test_grey_is_what_has_no_colours_outside_the_mask(square):
    photo = np.arange(SIDE * SIDE, dtype=np.uint8).reshape(SIDE, SIDE, 1).repeat(3, axis=-1)
    worn = np.where(square.hole[..., None] == 1, np.uint8([200, 100, 50]), photo)
    assert blending.is_grey(worn, square.hole) and not blending.is_grey(worn, 0 * square.hole)
    rosy = photo.copy()
    rosy[:8, :8] = [210, 170, 160]  # a fiftieth of the picture is skin
    assert not blending.is_grey(rosy, 0 * square.hole)
    assert not blending.is_grey(photo, 0 * square.hole + 1)  # nothing to judge by


def test_greyed_places_have_their_luma(square):
    painted = np.full((SIDE, SIDE, 3), [200, 100, 50], np.uint8)
    grey = blending.greyed(painted, square.hole)
    luma = round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)
    assert (grey[square.hole == 1] == luma).all()
    assert np.array_equal(grey[square.hole == 0], painted[square.hole == 0])


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


def test_what_is_half_as_rough_becomes_as_rough_and_what_is_rougher_stays(rough):
    inner = cv2.erode(rough.hole, np.ones((9, 9), np.uint8))
    noise = np.random.default_rng(1).normal(0, 1, (200, 200, 1))
    wanted = roughness(rough.photo, rough.skin, 0.8)
    for strength, expected in ((wanted / 2, wanted), (4 * wanted, None)):
        fine = noise * strength / roughness(100 + 20 * noise.repeat(3, -1), inner, 0.8) * 20
        photo = np.where(rough.hole[..., None] == 1, 128 + fine, rough.photo)
        photo = photo.round().clip(0, 255).astype(np.uint8)
        new = blending.match_grain(photo, rough.hole, rough.skin, 1)
        if expected is None:
            assert np.array_equal(new, photo)
        else:
            assert roughness(photo, inner, 0.8) == pytest.approx(strength, rel=0.05)
            assert roughness(new, inner, 0.8) == pytest.approx(expected, rel=0.1)


def test_a_feather_is_as_rough_as_both_its_sides():
    weight = np.float32(np.clip((np.arange(200) - 60) / 80, 0, 1))[None].repeat(200, axis=0)
    smooth = np.full((200, 200, 3), 128.0)
    generator = np.random.default_rng(2)
    grainy = 128 + generator.normal(0, 6, (200, 200, 1)).repeat(3, axis=-1)
    photo = np.rint(grainy + weight[..., None] * (smooth - grainy)).astype(np.uint8)
    skin = np.float32(weight == 0)
    new = blending.match_grain(photo, weight, skin, 1)
    wanted = roughness(photo, skin, 0.8)
    for first in (70, 90, 110, 150):
        strip = np.zeros((200, 200), np.uint8)
        strip[:, first : first + 20] = 1
        assert roughness(new, strip, 0.8) == pytest.approx(wanted, rel=0.12)


def test_without_skin_or_hole_a_photo_stays_as_it_is(rough):
    nothing = np.zeros_like(rough.hole)
    few = nothing.copy()
    few[100, : blending.ROUGH_FROM - 1] = 1
    for hole, skin in ((rough.hole, nothing), (nothing, rough.skin), (nothing, nothing),
                       (rough.hole, few), (few, rough.skin)):  # fmt: skip
        assert np.array_equal(blending.match_grain(rough.photo, hole, skin, 2), rough.photo)
    with pytest.raises(ValueError, match="found 0 octaves, expected at least 1"):
        blending.match_grain(rough.photo, rough.hole, rough.skin, 0)


@pytest.fixture(scope="module")
def portrait():
    """A portrait in a mask, and its chip, whose colours a painter of rendered people misses."""
    photo = portraits.read("grace_hopper")
    points = landmarks.landmarks68(photo, detect.one_face(photo))
    masked, mask, _ = masks.put_on(photo, points, 2, kind="cup", loosely=0)
    chip, alignment = align.chip(masked, points, 128, 0.0, "portrait")
    worn = np.uint8(alignment.extract(255 * np.dstack([mask] * 3))[..., 0] > 127)
    hole = painting.widened(worn)
    painted = painting.paint(chip, hole)
    skin = painting.skin_outside(painted, hole)
    return types.SimpleNamespace(
        photo=photo, masked=masked, mask=mask, alignment=alignment, worn=worn,
        chip=chip, hole=hole, painted=painted, skin=skin,
    )  # fmt: skip


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


def test_a_repaired_photo_has_its_colours_and_its_grain(portrait, monkeypatch):
    photo, mask = portrait.photo, portrait.mask
    given = portrait.masked, portrait.alignment, portrait.worn
    made = {"as it is": painting.paint_over(*given)}
    for left_out in ("match_grain", "continue_colours"):
        monkeypatch.setattr(painting, left_out, lambda picture, *_: picture)
        made[left_out] = painting.paint_over(*given)
        monkeypatch.undo()
    inner = cv2.erode(mask, np.ones((15, 15), np.uint8))
    assert roughness(made["as it is"], inner, 0.8) > 1.5 * roughness(
        made["match_grain"], inner, 0.8
    )
    errors = {
        name: np.abs(one.astype(float) - photo)[mask == 1].mean() for name, one in made.items()
    }
    assert errors["match_grain"] < 0.9 * errors["continue_colours"]


def test_a_hole_at_the_border_of_its_chip_changes_nothing_beyond_the_feather():
    generator = np.random.default_rng(0)
    photo = generator.integers(60, 190, (300, 300, 1), np.uint8).repeat(3, axis=-1)
    alignment = align.Alignment(np.array([[0.5, 0, -10], [0, 0.5, -10]]), (128, 128), (300, 300))
    hole, skin = np.zeros((2, 128, 128), np.uint8)
    hole[70:], skin[:60] = 1, 1
    pasted = alignment.paste_back(
        photo, np.full((128, 128, 3), 120, np.uint8), painting.FEATHER, mask=hole
    )
    new = painting.with_grain_of_skin(pasted, alignment, hole, skin)
    unpainted = alignment.weight(painting.FEATHER, hole) == 0
    assert (new != pasted).any() and np.array_equal(new[unpainted], photo[unpainted])
