"""Detection: the right faces, best first, on any view of a picture; else one clear line."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import sys
import time

import numpy as np
import pytest

from lib import images, portraits
from lib.faces import detect, landmarks, model_files


@pytest.fixture(scope="module")
def astronaut():
    return portraits.read("astronaut")


def middle(face):
    return np.array(face.centre)


def test_each_portrait_holds_exactly_one_face():
    for name, inside in (("astronaut", (224, 125)), ("grace_hopper", (265, 235))):
        (face,) = detect.find_faces(portraits.read(name))
        assert np.abs(middle(face) - inside).max() < 15
        assert face.score > 1 and face.detector == "hog" and face.keypoints is None


def test_the_box_is_dlibs_with_exclusive_ends(astronaut):
    import dlib

    expected = dlib.get_frontal_face_detector()(astronaut, 0)[0]
    (face,) = detect.find_faces(astronaut)
    assert face.box == (
        expected.left(),
        expected.top(),
        expected.right() + 1,
        expected.bottom() + 1,
    )
    assert (face.width, face.height) == (expected.width(), expected.height())


def test_faint_boxes_are_left_out_unless_asked_for(astronaut):
    assert len(detect.find_faces(astronaut, upsample=1)) == 1
    faces = detect.find_faces(astronaut, upsample=1, minimum_score=0.0)
    assert len(faces) == 2 and faces[0].score > 1 > 0.2 > faces[1].score


def test_several_faces_come_best_first():
    pair = [images.resize(portraits.read(name), 512) for name in portraits.PEOPLE]
    faces = detect.find_faces(np.hstack(pair))
    assert [round(face.centre[0] // 512) for face in sorted(faces, key=lambda f: f.box)] == [0, 1]
    assert faces[0].score >= faces[1].score


@pytest.mark.parametrize(
    ("change", "undo"),
    [
        (lambda p: p[:, ::-1], lambda x, y: (512 - x, y)),
        (lambda p: np.dstack([p[..., 2], p[..., 1], p[..., 0]])[..., ::-1], lambda x, y: (x, y)),
        (lambda p: np.repeat(p, 2, axis=1)[:, ::2], lambda x, y: (x, y)),
        (lambda p: p[20:, 30:], lambda x, y: (x + 30, y + 20)),
    ],
    ids=["mirrored", "channels turned", "strided", "cropped"],
)
def test_views_of_a_picture_give_the_same_face(astronaut, change, undo):
    view = change(astronaut)
    assert not view.flags.c_contiguous
    (face,) = detect.find_faces(view)
    assert np.abs(np.array(undo(*face.centre)) - middle(detect.one_face(astronaut))).max() < 5


@pytest.mark.parametrize("size", [64, 96, 128, 256, 512, 1500, 3000])
def test_a_face_is_found_at_every_size_and_scaled_back(astronaut, size):
    head = images.resize(astronaut[:256, 96:352], size)
    face = detect.one_face(head)
    assert np.abs(middle(face) * 256 / size - (128, 125)).max() < 12
    assert 75 < face.width * 256 / size < 115


def test_minimum_size_reaches_smaller_faces(astronaut):
    small = images.resize(astronaut, 200)  # the face is 34 pixels wide
    assert not detect.find_faces(small, upsample=0)
    assert len(detect.find_faces(small, minimum_size=30)) == 1
    assert not detect.find_faces(astronaut, minimum_size=300)


def test_twelve_megapixels_take_less_than_a_second():
    photo = images.resize(portraits.read("grace_hopper"), (3840, 3200))
    start = time.process_time()  # other tests run on the second core
    (face,) = detect.find_faces(photo)
    assert time.process_time() - start < 1
    assert 1100 < face.width < 1500


@pytest.mark.parametrize(
    ("picture", "found"),
    [
        (np.zeros((9, 9), "uint8"), r"uint8 of shape \(9, 9\)"),
        (np.zeros((9, 9, 4), "uint8"), r"\(9, 9, 4\)"),
        (np.zeros((9, 9, 3), "float32"), "float32"),
        ([[1]], "list"),
    ],
)
def test_what_is_no_picture_is_refused_by_name(picture, found):
    with pytest.raises(ValueError, match=found):
        detect.find_faces(picture)


@pytest.mark.parametrize("shape", [(0, 0, 3), (1, 1, 3), (10, 10, 3), (3, 900, 3)])
def test_tiny_and_empty_pictures_hold_no_face(shape):
    assert detect.find_faces(np.zeros(shape, "uint8")) == []


def test_one_face_says_where_it_found_none():
    with pytest.raises(detect.NoFaceError, match=r"no face found in wall\.jpg \(40 x 30 pixels\)"):
        detect.one_face(np.zeros((30, 40, 3), "uint8"), name="wall.jpg")
    with pytest.raises(ValueError, match="positive"):
        detect.find_faces(np.zeros((30, 40, 3), "uint8"), minimum_size=0)


def test_faces_compare_and_hash_without_their_keypoints():
    face = detect.Face((1.0, 2.0, 11.0, 22.0), 0.5, "mtcnn", np.zeros((5, 2), "float32"))
    twin = dataclasses.replace(face, keypoints=np.ones((5, 2), "float32"))
    assert face == twin and hash(face) == hash(twin) and len({face, twin}) == 1
    assert (face.width, face.height, face.centre) == (10, 20, (6, 12))
    with pytest.raises(dataclasses.FrozenInstanceError):
        face.score = 1.0


def cover_the_mouth(picture, points):
    import cv2

    jaw = points[[*range(2, 15), 29]].round().astype(int)
    return cv2.fillPoly(picture.copy(), [jaw], (200, 220, 235))


def test_a_masked_face_is_found_by_mtcnn(astronaut):
    pytest.importorskip("tensorflow")
    points = landmarks.landmarks68(astronaut, detect.one_face(astronaut))
    masked = cover_the_mouth(astronaut, points)
    assert not detect.find_faces(masked)
    (face,) = detect.find_faces(masked, masked=True)
    assert face.detector == "mtcnn" and face.score > 0.9
    assert face.keypoints.shape == (5, 2) and face.keypoints.dtype == np.float32
    # The subject's right eye comes first: it lies on the left of the picture.
    unit = landmarks.outer_eye_distance(points)
    assert np.abs(face.keypoints[:2] - landmarks.eye_centres(points)).max() < 0.1 * unit
    assert face.keypoints[0, 0] < face.keypoints[1, 0]
    eyes = landmarks.landmarks68(masked, face)[36:48]
    assert np.abs(eyes - points[36:48]).mean() < 0.05 * unit


def test_keypoints_of_a_large_photo_are_scaled_back(astronaut, monkeypatch):
    pytest.importorskip("tensorflow")
    monkeypatch.setattr(detect, "LONGEST_SIDE", 800)
    (small,) = detect.find_faces(astronaut, masked=True)
    (large,) = detect.find_faces(images.resize(astronaut, 1024), masked=True)
    assert np.abs((large.keypoints + 0.5) / 2 - 0.5 - small.keypoints).max() < 2.5


def test_without_mtcnn_the_remedy_is_named(astronaut, monkeypatch):
    detect._mtcnn_detector.cache_clear()
    monkeypatch.setitem(sys.modules, "mtcnn", None)
    with pytest.raises(RuntimeError, match="pip install mtcnn tensorflow"):
        detect.find_faces(astronaut, masked=True)


def test_model_files_are_found_without_importing_their_package():
    for name in (model_files.FACE_NETWORK, model_files.LANDMARKS_68, model_files.LANDMARKS_5):
        assert model_files.find(name).stat().st_size > 1e6
    assert "face_recognition_models" not in sys.modules


def test_a_missing_model_package_names_the_pip_command(monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", absent)
    with pytest.raises(OSError, match=r"pip install face-recognition-models==0\.3\.0"):
        model_files.find(model_files.LANDMARKS_5)
