"""Masks lie where the landmarks say, follow the head, and leave all else alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lib import portraits
from lib.landmark_order import MIRROR
from lib.prepare import masks
from lib.prepare.masks import canvas, cuts, designs, fitting
from lib.scene.render import render
from lib.scene.sampling import sample

SIZE = 128
MOUTH = slice(48, 68)


@pytest.fixture(scope="module")
def face():
    """A rendered face with its exact landmarks."""
    shown = render(sample(7, 103, 0, yaw_spread=0.0), SIZE)
    return shown["photo"], shown["landmarks"]


def well_worn(picture, landmarks, kind, first=0):
    """Put on a mask with the first seed that draws it properly worn."""
    for seed in range(first, first + 20):
        worn = masks.put_on(picture, landmarks, seed, kind)
        if worn[2].worn == "well":
            return (*worn, seed)
    raise AssertionError("most masks are worn properly")


def overlap(a, b):
    return (a & b).sum() / (a | b).sum()


def at(mask, points):
    """Return the mask's values at points."""
    x, y = np.asarray(points).round().astype(int).T
    return mask[y, x]


def test_a_seed_gives_one_mask_and_another_seed_another(face):
    first, again, other = (masks.put_on(*face, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert first[2] == again[2]
    assert (first[0] != other[0]).any()


@pytest.mark.parametrize("name", [*masks.KINDS, *masks.OCCLUDERS])
def test_all_outside_the_mask_is_the_picture_to_the_bit(face, name):
    picture, landmarks = face
    before = picture.copy(), landmarks.copy()
    chosen = {"occluder" if name in masks.OCCLUDERS else "kind": name}
    masked, mask, description = masks.put_on(picture, landmarks, 3, **chosen)
    assert masked.dtype == mask.dtype == np.uint8
    assert set(np.unique(mask)) == {0, 1}
    np.testing.assert_array_equal(masked[mask == 0], picture[mask == 0])
    changed = (masked != picture).any(axis=2)
    assert changed[mask == 1].mean() > 0.97, "what counts as covered has changed"
    assert description.kind == name
    assert name in str(description)
    np.testing.assert_array_equal(picture, before[0])
    np.testing.assert_array_equal(landmarks, before[1])


@pytest.mark.parametrize("kind", masks.KINDS)
def test_a_mask_well_worn_covers_nose_tip_mouth_and_chin_but_not_the_eyes(face, kind):
    _, mask, _, _ = well_worn(*face, kind)
    landmarks = face[1]
    assert at(mask, landmarks[MOUTH]).all()
    assert at(mask, landmarks[[30, 33, 7, 8, 9]] - (0, 2)).all()
    assert not at(mask, landmarks[36:48]).any()
    assert mask[masks.lower_face(landmarks, SIZE) == 1].mean() > 0.75


def test_loosely_worn_masks_are_a_minority_and_show_the_nose(face):
    found = [masks.put_on(*face, seed, "surgical")[1:] for seed in range(30)]
    tip, upper_lip = face[1][30], face[1][51]
    for mask, description in found:
        assert at(mask, [tip])[0] == (description.worn == "well")
        assert at(mask, [upper_lip])[0] == (description.worn != "under the chin")
    loose = [description for _, description in found if description.worn != "well"]
    assert 0 < len(loose) < 15


def test_every_kind_print_and_way_of_wearing_is_drawn():
    drawn = [designs.draw(np.random.default_rng(seed), None) for seed in range(400)]
    assert {design.kind for design in drawn} == set(masks.KINDS)
    assert {design.worn for design in drawn} == set(designs.WORN)
    assert len({design.print for design in drawn}) == 6


def test_sunglasses_cover_eyes_and_a_hand_covers_the_mouth(face):
    glasses = masks.put_on(*face, 1, occluder="sunglasses")[1]
    assert at(glasses, face[1][36:48]).all()
    assert not at(glasses, face[1][MOUTH]).any()
    hand = masks.put_on(*face, 1, occluder="hand")[1]
    assert at(hand, face[1][MOUTH]).mean() > 0.8
    assert not hand[: int(face[1][29, 1])].any()


@pytest.mark.parametrize("kind", ["cup", "folded", "surgical"])
def test_a_dark_mask_has_no_light_rim(face, kind, monkeypatch):
    picture, landmarks = face
    monkeypatch.setattr(designs, "_PALETTES", {kind: ("black",)})
    monkeypatch.setattr(cuts, "_straps", lambda kind: [])
    white = masks.put_on(np.full_like(picture, 255), landmarks, 4, kind)[0]
    grey = masks.put_on(np.full_like(picture, 90), landmarks, 4, kind)[0]
    assert grey.max() == 90, "nothing black makes skin lighter"
    assert white.min() < 60


def test_the_mask_ends_softly(face, monkeypatch):
    """The outermost pixels of the map are covered by a half at least, and seldom wholly."""
    monkeypatch.setattr(designs, "_PALETTES", {"surgical": ("black",)})
    monkeypatch.setattr(cuts, "_straps", lambda kind: [])
    white = np.full_like(face[0], 255)
    masked, mask, _ = masks.put_on(white, face[1], 4, "surgical")
    edge = (mask == 1) & (cv2.erode(mask, np.ones((3, 3), np.uint8)) == 0)
    inside = np.median(masked[(mask == 1) & ~edge])
    cover = (255 - masked[edge].mean(axis=1)) / (255 - inside)
    assert cover.min() > 0.45
    assert np.quantile(cover, 0.1) < 0.7


def test_worn_loosely_as_often_as_asked():
    generators = [np.random.default_rng(seed) for seed in range(300)]
    worn = [designs.draw(one, "surgical", loosely=0.5).worn for one in generators]
    assert 0.4 < 1 - worn.count("well") / 300 < 0.6
    assert all(designs.draw(one, None, loosely=0).worn == "well" for one in generators)


@pytest.mark.parametrize("kind", ["surgical", "cloth", "gaiter"])
def test_a_mirrored_face_wears_the_mirrored_mask(face, kind):
    picture, landmarks = face
    mirrored = landmarks[list(MIRROR)] * (-1, 1) + (SIZE - 1, 0)
    _, mask, _, seed = well_worn(picture, landmarks, kind)
    other = masks.put_on(picture[:, ::-1], mirrored, seed, kind)[1]
    assert overlap(mask, other[:, ::-1]) > 0.9


@pytest.mark.parametrize("degrees", [25, -40, 90])
def test_a_tilted_head_wears_the_tilted_mask(face, degrees):
    picture, landmarks = face
    middle = tuple(landmarks[33].tolist())
    turn = cv2.getRotationMatrix2D(middle, degrees, 0.8)
    tilted = landmarks @ turn[:, :2].T + turn[:, 2]
    _, mask, _, seed = well_worn(picture, landmarks, "surgical")
    expected = cv2.warpAffine(mask * 255, turn, (SIZE, SIZE)) > 127
    other = masks.put_on(cv2.warpAffine(picture, turn, (SIZE, SIZE)), tilted, seed, "surgical")[1]
    assert overlap(expected, other == 1) > 0.93


def test_face_space_puts_the_landmarks_where_they_belong(face):
    points = face[1].astype(np.float64)
    fit = fitting.Fit(points)
    x, y = (points[[1, 8, 15, 28]] - fit.corner).round().astype(int).T
    expected = [(-1, 0.16), (0, 1.63), (1, 0.16), (0, 0)]
    np.testing.assert_allclose(fit.places[y, x], expected, atol=0.08)


def test_the_mask_is_brighter_on_the_side_of_the_light(face):
    picture, landmarks = face
    ramp = np.linspace(0.35, 1.0, SIZE)[None, :, None]
    lit = (picture * ramp).astype(np.uint8), (picture * ramp[:, ::-1]).astype(np.uint8)
    seed = well_worn(*face, "surgical")[3]
    right, left = (masks.put_on(one, landmarks, seed, "surgical")[0].astype(float) for one in lit)
    nose = round(float(landmarks[33, 0]))
    region = masks.lower_face(landmarks, SIZE).astype(bool)
    difference = np.where(region, (right - left).mean(axis=2), 0)
    assert difference[:, nose + 5 :].sum() > 0 > difference[:, : nose - 5].sum()


def test_a_mask_on_a_dark_photo_is_dark(face):
    picture, landmarks = face
    masked = [masks.put_on(one, landmarks, 3, "cup")[0] for one in (picture, picture // 3)]
    region = masks.lower_face(landmarks, SIZE) == 1
    assert masked[1][region].mean() < 0.75 * masked[0][region].mean()


def test_a_portrait_cut_off_at_the_chin_still_takes_a_mask(face):
    picture, landmarks = face
    height = int(landmarks[8, 1]) - 4
    _, mask, _, _ = well_worn(picture[:height], landmarks, "surgical")
    assert mask[-1].any()
    assert at(mask, landmarks[MOUTH]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda points: points + np.array((0, SIZE)), "outside the picture"),
        (lambda points: points * 0.1 + 20, "expected at least 16"),
        (lambda points: points + np.outer(np.arange(68) < 9, (60, 0)), "profile"),
        (lambda points: points[:5], "expected 68 finite points"),
        (lambda points: points * np.nan, "expected 68 finite points"),
    ],
)
def test_what_is_no_face_for_a_mask_is_refused_in_one_line(face, change, message):
    picture, landmarks = face
    with pytest.raises(masks.MaskError, match=message) as caught:
        masks.put_on(picture, change(landmarks), 0)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "veil"}, "expected one of surgical, cloth"),
        ({"occluder": "cat"}, "expected one of scarf"),
        ({"kind": "cup", "occluder": "hand"}, "found kind = 'cup' and occluder = 'hand'"),
        ({"seed": -1}, "whole number from 0"),
        ({"loosely": 1.2}, "expected a share"),
    ],
)
def test_wrong_arguments_are_refused(face, arguments, message):
    with pytest.raises(masks.MaskError, match=message):
        masks.put_on(*face, **{"seed": 0, **arguments})


def test_the_picture_must_be_bytes(face):
    with pytest.raises(masks.MaskError, match="uint8"):
        masks.put_on(face[0] / 255, face[1], 0)


def test_the_lower_face_of_a_square_face_is_a_known_polygon():
    points = np.zeros((68, 2), np.float32)
    points[2:15] = [(10, 20)] * 4 + [(10, 40)] * 3 + [(30, 40)] * 3 + [(30, 20)] * 3
    points[28] = (20, 20)
    region = masks.lower_face(points, (50, 60))
    assert region.shape == (50, 60)
    assert region[20:41, 10:31].all()
    assert region.sum() == 21 * 21


def test_the_paste_of_s2_fills_its_upright_box_or_is_refused():
    picture = portraits.read("astronaut")
    points = np.full((68, 2), (224, 140), np.float32)
    points[0:17, 0] = np.linspace(179, 272, 17)
    points[0:17, 1] = 104 + 74 * np.sin(np.linspace(0, np.pi, 17))
    points[28] = (224, 110)
    masked, mask = masks.paste_as_s2(picture, points)
    np.testing.assert_array_equal(masked[mask == 0], picture[mask == 0])
    border = 512 * 25 / 224
    columns = np.flatnonzero(mask.any(axis=0))
    width = points[16, 0] - points[2, 0] + 2 * border
    assert columns[0] == pytest.approx(points[2, 0] - border + 0.08 * width, abs=1)
    assert columns[-1] == pytest.approx(points[16, 0] + border - 0.08 * width, abs=1)
    with pytest.raises(masks.MaskError, match="not inside"):
        masks.paste_as_s2(picture[:, :250], points)


def test_a_smooth_curve_passes_through_its_points_and_closes():
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    curve = canvas.smooth(corners, closed=True, count=4)
    assert len(curve) == 16
    np.testing.assert_allclose(curve[::4], corners)
    np.testing.assert_allclose(canvas.smooth(corners)[[0, -1]], [corners[0], corners[-1]])
