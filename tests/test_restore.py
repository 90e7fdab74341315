"""Repair of photos: where changes may lie, several faces, turned photos, photos without a face."""

import types

import cv2
import numpy as np
import pytest

from lib import images, metrics, portraits, restore
from lib.faces import align, detect, landmarks
from lib.prepare import masks
from lib.restore import Located, locating, painting, repairing

HALF = 0.5


def halved(name):
    photo = portraits.read(name)
    return images.resize(photo, tuple(round(HALF * side) for side in photo.shape[:2]))


def masked(name, kind, seed):
    """Return a portrait of half its size with a mask on: photo, masked, mask and face."""
    photo = halved(name)
    points = landmarks.landmarks68(photo, detect.one_face(photo))
    worn, mask, _ = masks.put_on(photo, points, seed, kind=kind, loosely=0)
    side = {"astronaut": 85.0, "grace_hopper": 157.0}[name]
    face = Located(points, side, 1.0)
    return types.SimpleNamespace(photo=photo, masked=worn, mask=mask, face=face)


@pytest.fixture(scope="module")
def collins():
    return masked("astronaut", "surgical", 2)


@pytest.fixture(scope="module")
def pair(collins):
    """Both portraits beside each other, masked, and their two faces; Hopper's is the larger."""
    hopper = masked("grace_hopper", "cloth", 6)
    missing = len(hopper.masked) - len(collins.masked)
    left = np.pad(collins.masked, ((0, missing), (0, 0), (0, 0)), mode="edge")
    moved = Located(hopper.face.points + np.float32([left.shape[1], 0]), hopper.face.side, 1.0)
    photo = np.concatenate([left, hopper.masked], axis=1)
    mask = np.concatenate([np.pad(collins.mask, ((0, missing), (0, 0))), hopper.mask], axis=1)
    return types.SimpleNamespace(photo=photo, mask=mask, faces=[moved, collins.face])


@pytest.fixture(scope="module", params=restore.TASKS)
def repaired_pair(request, pair):
    """The pair after each of the tasks, its faces known, so that nothing is searched for."""
    before = pair.photo.copy()
    made = restore.repair(pair.photo, request.param, pair.faces)
    assert np.array_equal(pair.photo, before), "the photo given was changed"
    return request.param, made


def changed(first, second):
    return np.any(first != second, axis=-1)


def reach_of(made):
    """Return in how far each pixel of the photo lies from a mask, in shares of a face's frame."""
    away = np.full(made.photo.shape[:2], np.inf)
    rows, columns = np.indices(away.shape)
    places = np.stack([columns.ravel(), rows.ravel()], axis=1)
    for face in made.faces:
        size = len(face.mask)
        _, frame = align.chip(made.photo, face.located.points, size, 0.0, "portrait")
        x, y = frame.to_chip(places).T
        wide = cv2.distanceTransform(np.uint8(np.pad(face.mask, size) == 0), cv2.DIST_L2, 5)
        distances = cv2.remap(
            wide, *(np.float32(one + size).reshape(away.shape) for one in (x, y)),
            cv2.INTER_LINEAR, borderValue=1e6,
        )  # fmt: skip
        away = np.minimum(away, distances / size)
    return away


def frames_of(made):
    """Return which pixels of the photo lie in a face's frame, bool (H, W)."""
    inside = np.zeros(made.photo.shape[:2], bool)
    rows, columns = np.indices(inside.shape)
    places = np.stack([columns.ravel(), rows.ravel()], axis=1)
    for face in made.faces:
        _, frame = align.chip(made.photo, face.located.points, 128, 0.0, "portrait")
        placed = frame.to_chip(places)
        within = ((placed >= -0.5) & (placed <= 127.5)).all(axis=1)
        inside |= within.reshape(inside.shape)
    return inside


def test_nothing_outside_the_feather_changes(repaired_pair, pair):
    task, made = repaired_pair
    moved = changed(made.photo, pair.photo)
    assert made.photo.shape == pair.photo.shape and made.photo.dtype == np.uint8
    assert moved.any(), "nothing was repaired at all"
    assert not (moved & ~frames_of(made)).any()
    if task == "unmask":
        # the rim, the feather, and two pixels of the chip for what interpolation reaches
        limit = painting.RIM + painting.FEATHER + 2 / 128
        assert reach_of(made)[moved].max() <= limit


def test_both_faces_are_repaired_each_in_its_own_place(repaired_pair, pair):
    task, made = repaired_pair
    moved = changed(made.photo, pair.photo)
    half = pair.photo.shape[1] // 2
    assert len(made.faces) == 2 and moved[:, :half].any() and moved[:, half:].any()
    for face in made.faces:
        assert ("shine" in face.says) == (task != "unmask")
        assert ("painted" in face.says) == (task != "shine")
        assert face.chip.shape == face.repaired.shape == (128, 128, 3)
        _, frame = align.chip(made.photo, face.located.points, 128, 0.0, "portrait")
        assert np.array_equal(frame.extract(made.photo), face.repaired)


def test_the_masks_are_found_where_they_were_put(repaired_pair, pair):
    _, made = repaired_pair
    overlap = metrics.intersection_over_union(made.mask[None], pair.mask[None])[0]
    assert overlap > 0.8 and made.mask.dtype == np.uint8 and made.mask.max() == 1
    found = restore.find_mask(pair.photo, pair.faces)
    assert np.array_equal(found, made.mask)


def test_shine_is_taken_off_the_skin_and_not_off_the_mask(repaired_pair):
    task, made = repaired_pair
    for face in made.faces if task == "shine" else ():
        inner = cv2.erode(face.mask, np.ones((5, 5), np.uint8)) == 1
        drawn = np.abs(face.repaired.astype(int) - face.chip)
        assert inner.any() and drawn[inner].max() <= 1 and drawn[face.mask == 0].max() > 1


def test_the_short_ways_are_the_long_one(repaired_pair, pair):
    task, made = repaired_pair
    short = {"unmask": restore.unmask, "shine": restore.remove_shine}
    if task in short:
        assert np.array_equal(short[task](pair.photo, pair.faces), made.photo)


def turned(points, width):
    """Take points along when NumPy's rot90 turns a photo of that width once."""
    return np.float32(np.stack([points[:, 1], width - 1 - points[:, 0]], axis=1))


def test_a_quarter_turn_before_is_one_after(collins, monkeypatch):
    monkeypatch.setattr(painting, "match_grain", lambda photo, *_: photo)  # noise is not turned
    upright = restore.unmask(collins.masked, [collins.face])
    points = turned(collins.face.points, collins.masked.shape[1])
    lying = np.ascontiguousarray(np.rot90(collins.masked))
    made = restore.unmask(lying, [Located(points, collins.face.side, 1.0)])
    apart = np.abs(np.rot90(made, -1).astype(int) - upright)
    assert apart.max() <= 2 and apart.mean() < 0.05


@pytest.mark.parametrize("quarters", range(4))
def test_points_found_in_a_turned_photo_are_taken_back(quarters):
    photo = np.zeros((5, 8), int)
    photo[1, 6] = 1
    y, x = np.argwhere(np.rot90(photo, quarters))[0]
    found = Located(np.float32([[x, y]]), 30.0, 0.5)
    back = locating._turned_back(found, quarters, photo.shape)
    assert back.points.tolist() == [[6, 1]] and back.side == 30 and back.confidence == 0.5


def test_both_are_found_once_each_in_one_photo(pair):
    found = restore.locate(pair.photo)
    assert len(found) == 2
    for face, known in zip(found, pair.faces, strict=True):  # both lists: the largest first
        assert face.points.shape == (68, 2) and face.points.dtype == np.float32
        assert np.linalg.norm(face.points.mean(axis=0) - known.points.mean(axis=0)) < 8
        assert face.side == pytest.approx(known.side, rel=0.1)


def test_a_lying_photo_shows_the_same_face(collins):
    upright = np.ascontiguousarray(collins.masked[:150, 35:185])
    lying = np.ascontiguousarray(np.rot90(upright))
    expected, found = restore.locate(upright), restore.locate(lying)
    assert len(expected) == len(found) == 1
    assert np.abs(found[0].points - turned(expected[0].points, 150)).max() <= 1


@pytest.mark.parametrize("task", restore.TASKS)
def test_a_photo_without_a_face_comes_back_as_another_array(task):
    photo = np.zeros((40, 60, 3), np.uint8)
    photo[10:20] = 200
    made = restore.repair(photo, task, None if task == "both" else [])  # one search is enough
    assert made.faces == () and not made.mask.any() and made.mask.shape == (40, 60)
    assert np.array_equal(made.photo, photo) and not np.shares_memory(made.photo, photo)


def test_a_black_and_white_photo_stays_one(collins):
    grey = np.repeat(collins.masked.mean(-1, keepdims=True).round().astype(np.uint8), 3, axis=-1)
    made = restore.repair(grey, "both", [collins.face])
    assert "painted over" in made.faces[0].says and changed(made.photo, grey).any()
    assert np.ptp(made.photo, axis=-1).max() <= 1


def test_a_bare_face_is_left_as_it_is(collins):
    made = restore.repair(collins.photo, "unmask", [collins.face])
    assert made.faces[0].says == "no mask found"
    assert np.array_equal(made.photo, collins.photo)
    assert not np.shares_memory(made.photo, collins.photo)


def test_masks_have_no_holes_and_lie_on_the_face():
    face, found = np.zeros((60, 60), np.uint8), np.zeros((60, 60), np.float32)
    face[10:50, 10:50] = 1
    found[20:40, 20:40] = 0.9
    found[28:32, 28:32] = 0.1  # a print on the mask
    found[52:58, 5:55] = 0.8  # a collar
    kept = repairing.whole_pieces(found, face)
    expected = np.zeros((60, 60), bool)
    expected[20:40, 20:40] = True
    assert np.array_equal(kept >= 0.5, expected)
    untouched = expected & (found >= 0.5)
    assert np.array_equal(kept[untouched], found[untouched])


def test_the_face_is_the_hull_of_its_landmarks_and_a_rim():
    x, y = np.meshgrid([30, 50, 70], [40, 60, 80])
    region = repairing.face_of(np.stack([x.ravel(), y.ravel()], axis=1), 100)
    rows, columns = np.nonzero(region)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (26, 74, 36, 84)
    assert region[40:81, 30:71].all() and region.max() == 1
    assert not region[36, 26], "the rim is round, and leaves the corner out"


def sighting(x, y, side, score, detector="mtcnn"):
    box = (x - side / 2, y - side / 2, x + side / 2, y + side / 2)
    eyes_nose_mouth = np.float32([(-15, -10), (15, -10), (0, 5), (-10, 20), (10, 20)])
    points = eyes_nose_mouth * side / 100 + np.float32([x, y])
    return detect.Face(box, score, detector, points if detector == "mtcnn" else None)


def test_sightings_of_one_face_make_one_group():
    one = [sighting(100, 100, 80, 0.9), sighting(104, 97, 76, 0.8), sighting(99, 103, 90, 0.7)]
    other = sighting(220, 100, 80, 0.9)
    inside = sighting(100, 100, 30, 0.9)  # a nose within a face is no sighting of it
    groups = locating._grouped([*one, other, inside])
    assert sorted(len(group) for group in groups) == [1, 1, 3]


@pytest.mark.parametrize(
    ("scores", "believed"), [((0.95,), True), ((0.85,), False), ((0.6, 0.6), True), ((0.4,), False)]
)
def test_a_faint_face_must_be_seen_twice(scores, believed):
    assert locating._believed([sighting(50, 50, 40, score) for score in scores]) is believed


def test_a_mirrored_sighting_is_mirrored_back():
    face = sighting(30, 40, 20, 0.9)
    back = locating._mirrored(locating._mirrored(face, 100), 100)
    assert back.box == face.box and np.allclose(back.keypoints, face.keypoints)
    once = locating._mirrored(face, 100)
    assert once.box == (60, 30, 80, 50)
    right, left = once.keypoints[:2]
    assert right[0] < left[0], "the subject's right eye is the left one in the picture again"


def test_a_detectors_box_stays_and_mtcnns_becomes_square():
    hog = sighting(50, 60, 40, 0.9, "hog")
    assert landmarks.hog_like_box(hog) == hog.box
    # eyes 30 apart, mouth 30 below them: the right angle spans 30 sqrt 2, of 0.61 of the side
    box = landmarks.hog_like_box(sighting(50, 60, 100, 0.9))
    side = 30 * np.sqrt(2) / 0.61
    assert box == pytest.approx((50 - side / 2, 65 - side / 2, 50 + side / 2, 65 + side / 2))


def test_tiny_faces_and_those_outside_are_none(collins):
    points = collins.face.points
    assert locating._located(points, 1.0, collins.photo.shape) is not None
    assert locating._located(points / 5, 1.0, collins.photo.shape) is None
    assert locating._located(points - 1000, 1.0, collins.photo.shape) is None
    assert locating._located(np.ones((68, 2)), 1.0, collins.photo.shape) is None


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((np.zeros((9, 9, 3), np.uint8), "beauty"), "unmask, shine, both"),
        ((np.zeros((9, 9), np.uint8),), "uint8"),
        ((np.zeros((9, 9, 3)),), "uint8"),
    ],
)
def test_unusable_arguments_are_named(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        restore.repair(*arguments)
