"""Alignment: dlib's chips, CelebA's and facegan's; and the way back into the photo."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import transform

from lib import images, portraits
from lib.benchmarks import alignment as benchmark
from lib.faces import align, detect, landmarks
from lib.faces.warping import edge_weight, invert, mask_weight, move, warp


@pytest.fixture(scope="module")
def portrait():
    photo = portraits.read("astronaut")
    return photo, landmarks.landmarks68(photo, detect.one_face(photo))


def differing(first, second):
    return np.any(first != second, axis=-1)


@pytest.mark.parametrize("name", list(portraits.PEOPLE))
@pytest.mark.parametrize(("size", "padding"), [(150, 0.25), (256, 0.5), (300, 0.1)])
def test_chips_are_dlibs_to_its_rounding(name, size, padding):
    # dlib cuts values off where we round them: half a grey level on average.
    assert benchmark.measure_dlib(name, size, padding)["mean difference"] < 0.6


def test_landmarks_land_on_dlibs_template(portrait):
    photo, points = portrait
    _, alignment = align.chip(photo, points, 150, 0.25)
    placed = landmarks.five_points(alignment.to_chip(points))
    expected = (align._DLIB_FIVE + 0.25) / 1.5 * 150 - 0.5
    assert np.abs(placed - expected).max() < 6  # a similarity cannot meet five points at once
    assert np.abs(placed.mean(axis=0) - expected.mean(axis=0)).max() < 0.6


def test_the_similarity_is_the_least_squares_one():
    random = np.random.default_rng(0)
    chip_points, photo_points = random.normal(size=(2, 5, 2))
    expected = transform.SimilarityTransform.from_estimate(chip_points, photo_points)
    ours = invert(align._similarity(chip_points, photo_points))
    assert np.allclose(ours, expected.params[:2], atol=1e-9)


def test_five_points_and_sixty_eight_share_one_convention(portrait):
    photo, points = portrait
    whole, _ = align.chip(photo, points)
    reduced, _ = align.chip(photo, landmarks.five_points(points))
    assert whole.shape == (150, 150, 3) and np.array_equal(whole, reduced)


@pytest.mark.parametrize("degrees", [-20, 20])
def test_a_turned_photo_gives_the_same_chip(portrait, degrees):
    photo, points = portrait
    turn = cv2.getRotationMatrix2D((224, 125), degrees, 1.3)
    turned = cv2.warpAffine(photo, turn, (512, 512), flags=cv2.INTER_CUBIC)
    upright, _ = align.chip(photo, points, 128)
    again, alignment = align.chip(turned, move(points, turn), 128)
    assert np.abs(again.astype(int) - upright).mean() < 4
    direction = alignment.matrix[:, 0]
    assert np.rad2deg(np.arctan2(direction[1], direction[0])) == pytest.approx(
        degrees, abs=abs(align_angle(portrait)) + 0.5
    )


def align_angle(portrait):
    _, alignment = align.chip(*portrait, 128)
    return np.rad2deg(np.arctan2(alignment.matrix[1, 0], alignment.matrix[0, 0]))


def test_celeba_eyes_are_where_celeba_has_them(portrait):
    photo, points = portrait
    chip, alignment = align.chip(photo, points, (218, 178), 0, convention="celeba")
    assert chip.shape == (218, 178, 3)
    eyes = alignment.to_chip(landmarks.eye_centres(points))
    assert np.allclose(eyes, [(69.5, 113), (107.5, 113)], atol=1e-3)
    half, alignment = align.chip(photo, points, (109, 89), 0, convention="celeba")
    eyes = alignment.to_chip(landmarks.eye_centres(points))
    assert np.allclose((eyes + 0.5) * 2, [(70, 113.5), (108, 113.5)], atol=1e-3)
    assert np.abs(images.resize(chip, (109, 89)).astype(int) - half).mean() < 4


def test_padding_makes_room_around_the_same_face(portrait):
    photo, points = portrait
    _, tight = align.chip(photo, points, 100, 0)
    _, wide = align.chip(photo, points, 200, 0.5)
    gap = (wide.to_chip(points) - 99.5) - (tight.to_chip(points) - 49.5)
    assert np.abs(gap).max() < 1


def test_beyond_the_photo_is_black_or_repeated(portrait):
    photo, points = portrait
    white = np.full_like(photo, 255)
    assert align.chip(white, points, 64, 3.0)[0].min() == 0
    assert align.chip(white, points, 64, 3.0, convention="celeba")[0].min() == 255


def test_strong_shrinking_does_not_alias(portrait):
    _, points = portrait
    checkers = np.indices((1024, 1024)).sum(axis=0) % 2 * 255
    photo = np.repeat(checkers[..., None], 3, axis=-1).astype("uint8")
    chip, _ = align.chip(photo, points * 2, 24)
    assert chip[4:-4, 4:-4].std() < 8 and abs(chip[4:-4, 4:-4].mean() - 127.5) < 2


def test_mtcnn_chips_show_the_box_and_its_margin():
    photo = np.zeros((200, 300, 3), "uint8")
    photo[60:140, 90:150] = 255
    face = detect.Face((90.0, 60.0, 150.0, 140.0), 1.0, "mtcnn")
    chip, alignment = align.mtcnn_chip(photo, face)
    assert chip.shape == (108, 108, 3)
    # 44 of 182 pixels are margin: 22 / 182 of 108 on each side, whatever the box's shape.
    rows, columns = np.nonzero(chip[..., 0] > 127)
    margin = 108 * 22 / 182
    for low, high in ((rows.min(), rows.max()), (columns.min(), columns.max())):
        assert low == pytest.approx(margin, abs=1) and high == pytest.approx(107 - margin, abs=1)
    corners = alignment.to_chip(np.array([(89.5, 59.5), (149.5, 139.5)]))
    assert np.allclose(corners, [[margin - 0.5] * 2, [107.5 - margin] * 2], atol=1e-3)
    assert np.array_equal(alignment.paste_back(photo, chip), photo)


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


def test_points_survive_the_round_trip():
    assert benchmark.measure_points("astronaut") < 1e-3


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


def test_warping_agrees_with_scikit_image():
    picture = portraits.read("astronaut")[50:200, 150:300]
    matrix = np.array([(0.9, -0.3, 20), (0.3, 0.9, -10)])
    ours = warp(picture.astype("float32"), matrix, (120, 130))
    inverse = transform.AffineTransform(matrix=np.vstack([matrix, (0, 0, 1)])).inverse
    other = transform.warp(picture.astype(float), inverse, output_shape=(120, 130), order=1)
    inner = warp(np.ones(picture.shape[:2], "float32"), matrix, (120, 130)) == 1
    assert np.abs(ours - other)[inner].mean() < 0.5


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"landmarks": np.zeros((4, 2))}, "(4, 2)"),
        ({"landmarks": np.ones((5, 2))}, "all on one point"),
        ({"landmarks": np.full((5, 2), np.nan)}, "no numbers"),
        ({"size": 0}, "positive"),
        ({"size": (10, -1)}, "positive"),
        ({"padding": -0.5}, "padding"),
        ({"convention": "ffhq"}, "dlib, celeba"),
        ({"picture": np.zeros((9, 9))}, "uint8"),
    ],
)
def test_unusable_arguments_are_named(portrait, arguments, problem):
    photo, points = portrait
    with pytest.raises(ValueError) as caught:
        align.chip(**({"picture": photo, "landmarks": points} | arguments))
    assert problem in str(caught.value)


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


def test_the_face_networks_part_of_a_chip():
    assert align.identity_window(0.25) == (1.0, (0.5, 0.5))
    assert align.identity_window(0.5) == (0.75, (0.5, 0.5))
    with pytest.raises(ValueError, match="expected one of dlib, portrait"):
        align.identity_window(0.0, "celeba")


def test_a_portrait_holds_the_face_networks_chip():
    photo = portraits.read("astronaut")
    points = landmarks.landmarks68(photo, detect.one_face(photo))
    portrait, _ = align.chip(photo, points, 300, 0.0, "portrait")
    direct, _ = align.chip(photo, points, 150, 0.25)
    window, (x, y) = align.identity_window(0.0, "portrait")
    side, left, top = (round(300 * share) for share in (window, x - window / 2, y - window / 2))
    found = cv2.resize(portrait[top : top + side, left : left + side], (150, 150))
    shift, _ = cv2.phaseCorrelate(*(p.mean(axis=2).astype(np.float64) for p in (found, direct)))
    assert np.abs(shift).max() < 3  # pixels: five points fit two templates a little differently
    assert np.corrcoef(found.ravel(), direct.ravel())[0, 1] > 0.9


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
