"""Landmarks: dlib's own points, mirrors, and the two file formats."""

from __future__ import annotations

import os
import pathlib

import numpy as np
import pytest

from lib import images, portraits
from lib.faces import detect, landmarks
from lib.faces.landmark_files import (
    LabelledFace,
    LabelledImage,
    LandmarkFileError,
    read_dlib_xml,
    read_pts,
    write_dlib_xml,
    write_pts,
)


@pytest.fixture(scope="module")
def astronaut():
    photo = portraits.read("astronaut")
    face = detect.one_face(photo)
    return photo, landmarks.landmarks68(photo, face), landmarks.landmarks5(photo, face)


def test_the_points_are_dlibs_own(astronaut):
    _, points68, points5 = astronaut
    assert points68.shape == (68, 2) and points5.shape == (5, 2)
    assert points68.dtype == points5.dtype == np.float32
    # Corners of the eyes and the base of the nose, read off the photograph.
    seen = [(255, 104), (237, 105), (195, 101), (212, 103), (224, 135)]
    assert np.abs(points5 - seen).max() <= 2
    assert np.abs(landmarks.five_points(points68) - points5).max() <= 4


def test_the_subjects_right_side_comes_first(astronaut):
    _, points, _ = astronaut

    def place(group):
        return points[landmarks.GROUPS[group]].mean(axis=0)

    assert place("right_eye")[0] < place("nose_bridge")[0] < place("left_eye")[0]
    assert place("right_brow")[0] < place("left_brow")[0]
    assert place("left_brow")[1] < place("left_eye")[1] < place("outer_lips")[1]
    assert place("outer_lips")[1] < points[8, 1]
    right, left = landmarks.eye_centres(points)
    assert right[0] < left[0]


def test_mirroring_twice_gives_the_points_back(astronaut):
    for points in astronaut[1:]:
        once = landmarks.mirror(points, 512)
        assert not np.array_equal(once, points) and once.dtype == points.dtype
        assert np.array_equal(landmarks.mirror(once, 512), points)


def test_a_mirrored_picture_has_mirrored_points(astronaut):
    photo, points68, points5 = astronaut
    mirrored = photo[:, ::-1]
    face = detect.one_face(mirrored)
    for points, locate in (
        (points68, landmarks.landmarks68),
        (points5, landmarks.landmarks5),
    ):
        gap = np.linalg.norm(locate(mirrored, face) - landmarks.mirror(points, 512), axis=1)
        assert gap.mean() < 0.05 * landmarks.outer_eye_distance(points68)


def test_known_distances():
    points = np.zeros((68, 2), "float32")
    points[[36, 39, 42, 45]] = [(0, 0), (10, 0), (20, 4), (30, 40)]
    assert landmarks.outer_eye_distance(points) == 50
    assert landmarks.eye_centres(points).tolist() == [[5, 0], [25, 22]]
    assert landmarks.mirror(points, 101)[36].tolist() == [70, 40]


@pytest.mark.parametrize("shape", [(67, 2), (68, 3), (136,)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="expected"):
        landmarks.mirror(np.zeros(shape), 100)


def test_pts_files_count_from_one(tmp_path):
    points = np.random.default_rng(0).uniform(-5, 500, (68, 2)).astype("float32")
    path = tmp_path / "face.pts"
    write_pts(path, points)
    lines = path.read_text().splitlines()
    assert lines[:3] == ["version: 1", "n_points: 68", "{"] and lines[-1] == "}"
    assert np.allclose(np.array(lines[3].split(), float), points[0] + 1, atol=1e-4)
    assert np.allclose(read_pts(path), points, atol=1e-4)
    assert [file.name for file in tmp_path.iterdir()] == ["face.pts"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "n_points"),
        ("n_points: 1\n{\n1 2\n", "n_points"),
        ("n_points: 2\n{\n1 2\n}", "found 1 rows, expected 2"),
        ("n_points: 1\n{\n1 2 3\n}", "expected 1 of two"),
        ("n_points: 1\n{\nnan 2\n}", "finite"),
        ("n_points: 1\n{\none 2\n}", "could not convert string to float: 'one'"),
        ("n_points: many\n{\n1 2\n}", "many"),
    ],
)
def test_a_broken_pts_file_is_named(tmp_path, text, problem):
    path = tmp_path / "broken.pts"
    path.write_text(text)
    with pytest.raises(LandmarkFileError, match=problem) as caught:
        read_pts(path)
    assert str(path) in str(caught.value)


def test_pts_files_of_other_systems_are_read(tmp_path):
    path = tmp_path / "windows.pts"
    path.write_bytes(b"version: 1\r\nn_points:  2\r\n{\r\n1.0 2.0\r\n3.5  4\r\n}\r\n")
    assert read_pts(path).tolist() == [[0, 1], [2.5, 3]]


def test_dlib_xml_round_trip(tmp_path):
    points = np.arange(136).reshape(68, 2).astype("float32")
    faces = (
        LabelledFace((10, 20, 110, 140), points),
        LabelledFace((1, 2, 3, 5), points[:0], ignore=True),
    )
    path = tmp_path / "faces.xml"
    write_dlib_xml(path, [LabelledImage("a & b.jpg", faces), LabelledImage("none.jpg")])
    first, second = read_dlib_xml(path)
    assert (first.file, second.file, second.faces) == ("a & b.jpg", "none.jpg", ())
    for face, back in zip(faces, first.faces, strict=True):
        assert back.box == face.box and back.ignore == face.ignore
        assert np.array_equal(back.landmarks, face.landmarks)


def test_dlib_trains_on_the_xml_written(tmp_path, astronaut):
    import dlib

    photo, points, _ = astronaut
    images.write(tmp_path / "face.png", photo)
    face = LabelledFace((179, 83, 267, 171), points)
    write_dlib_xml(tmp_path / "faces.xml", [LabelledImage("face.png", (face,))])
    options = dlib.shape_predictor_training_options()
    options.tree_depth, options.cascade_depth, options.num_trees_per_cascade_level = 1, 1, 5
    options.oversampling_amount, options.feature_pool_size = 2, 10
    dlib.train_shape_predictor(str(tmp_path / "faces.xml"), str(tmp_path / "model.dat"), options)
    predict = dlib.shape_predictor(str(tmp_path / "model.dat"))
    parts = predict(photo, dlib.rectangle(179, 83, 266, 170)).parts()
    assert np.abs(np.array([(p.x, p.y) for p in parts]) - points).max() <= 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<dataset><images>", "no element|mismatched|unclosed"),
        ("<faces/>", "expected <dataset>"),
        ("<dataset><images><image/></images></dataset>", "'file' is missing"),
        (
            "<dataset><images><image file='a'><box top='1' left='1' width='x' height='1'/></image>"
            "</images></dataset>",
            "'x'",
        ),
        (
            "<dataset><images><image file='a'><box top='1' left='1' width='3' height='1'>"
            "<part name='1' x='1' y='1'/></box></image></images></dataset>",
            "without a gap",
        ),
    ],
)
def test_a_broken_xml_file_is_named(tmp_path, text, problem):
    path = tmp_path / "broken.xml"
    path.write_text(text)
    with pytest.raises(LandmarkFileError, match=problem) as caught:
        read_dlib_xml(path)
    assert str(path) in str(caught.value)


@pytest.mark.skipif("FACE_LAB_REAL" not in os.environ, reason="FACE_LAB_REAL is not set")
def test_against_points_placed_by_hand():
    errors = []
    folder = pathlib.Path(os.environ["FACE_LAB_REAL"]) / "landmarks68" / "afw"
    for path in sorted(folder.glob("*.pts"))[:20]:
        truth, photo = read_pts(path), images.read(path.with_suffix(".jpg"))
        faces = detect.find_faces(photo)
        if faces:
            gap = np.linalg.norm(landmarks.landmarks68(photo, faces[0]) - truth, axis=1).mean()
            errors.append(gap / landmarks.outer_eye_distance(truth))
    assert len(errors) >= 15 and np.median(errors) < 0.05
