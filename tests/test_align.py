"""Alignment: dlib's chips, CelebA's and facegan's, and where their points lie in the photo."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import transform

from lib import images, portraits
from lib.benchmarks import alignment as benchmark
from lib.faces import align, detect, landmarks
from lib.faces.warping import invert, move, warp


@pytest.fixture(scope="module")
def portrait():
    photo = portraits.read("astronaut")
    return photo, landmarks.landmarks68(photo, detect.one_face(photo))


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


def test_points_survive_the_round_trip():
    assert benchmark.measure_points("astronaut") < 1e-3


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
