"""Fitted parameters: known projections, signs, round trips, and the ten real files."""

from __future__ import annotations

import os
from pathlib import Path

import morphable_files as files
import numpy as np
import pytest
import scipy.io

from lib.benchmarks import morphable as benchmark
from lib.scene import camera, fitted, morphable
from lib.scene.capture import Camera
from lib.scene.morphable import MorphableError

POSE = [0.3, -0.7, 0.2, 230.0, 210.0, -80.0, 1.5e-3]


def write(path, pose=POSE, **changes):
    """Write a parameter file with the given pose; None leaves a variable out."""
    generator = np.random.default_rng(1)
    content = {
        "Shape_Para": generator.normal(size=(199, 1)) * 1e5,
        "Exp_Para": generator.normal(size=(29, 1)),
        "Tex_Para": generator.normal(size=(199, 1)),
        "Pose_Para": np.array([pose], "float32"),
        "Illum_Para": np.arange(10.0)[None],
        "Color_Para": np.arange(7.0)[None].astype("float32"),
        "pt3d_68": generator.uniform(100, 300, (3, 68)).astype("float32"),
        "roi": np.zeros((1, 4), "int16"),
    }
    content |= changes
    scipy.io.savemat(path, {key: value for key, value in content.items() if value is not None})
    return path


def turned(tmp_path, pitch=0.0, yaw=0.0, roll=0.0):
    """Read a face of this pose whose middle lies at (99, 250) and whose scale is 2 px/mm."""
    return fitted.read(write(tmp_path / "f.mat", [pitch, yaw, roll, 100, 200, 0, 2e-3]))


def test_points_lie_where_the_formula_puts_them(tmp_path):
    face = turned(tmp_path)
    points = fitted.project([[0, 0, 0], [10, 0, 0], [0, 10, 0], [0, 0, 10]], face)
    # 100 + 2 * 10 px to the right, 450 - 200 - 2 * 10 px down; depth does not count; from pixel 0
    assert np.array_equal(points, [[99, 250], [119, 250], [99, 230], [99, 250]])
    assert points.dtype == np.float32


def test_the_signs_of_a_pose(tmp_path):
    quarter = np.pi / 2
    nose, top = [[0.0, 0, 10]], [[0.0, 10, 0]]
    left = fitted.project(nose, turned(tmp_path, yaw=quarter))
    assert np.allclose(left, [[79, 250]], atol=1e-3), "yaw: the nose goes to the left"
    up = fitted.project(nose, turned(tmp_path, pitch=quarter))
    assert np.allclose(up, [[99, 230]], atol=1e-3), "pitch: the nose goes up"
    right = fitted.project(top, turned(tmp_path, roll=quarter))
    assert np.allclose(right, [[119, 250]], atol=1e-3), "roll: the crown goes to the right"


@pytest.mark.parametrize("pose", [(0, 0, 0), (0.4, 0, 0), (0, -0.9, 0), (0, 0, 0.6),
                                  (0.3, -0.7, 0.2), (-0.5, 1.2, -0.4)])  # fmt: skip
def test_our_camera_turns_the_head_as_the_file_does(tmp_path, pose):
    face = turned(tmp_path, *pose)
    yaw, pitch, roll = face.pose_degrees
    ours = camera.rotation(Camera(yaw, pitch, roll, distance=900, field=250, shift=(0, 0)))
    assert np.allclose(ours, face.rotation, atol=1e-6)
    assert np.allclose(face.rotation @ face.rotation.T, np.eye(3))
    assert np.linalg.det(face.rotation) > 0
    if np.count_nonzero(pose) < 2:
        assert np.allclose([pitch, yaw, roll], -np.degrees(pose), atol=1e-4)


def test_everything_in_the_file_has_its_name(tmp_path):
    face = fitted.read(write(tmp_path / "f.mat"))
    assert face.light == fitted.FittedLight((0, 1, 2), (3, 4, 5), 6, 7, 8, 9)
    assert face.colour == fitted.FittedColour((0, 1, 2), (3, 4, 5), 6)
    assert face.scale == pytest.approx(1.5)
    assert face.shape.shape == (199,) and face.expression.shape == (29,)
    stored = scipy.io.loadmat(tmp_path / "f.mat")["pt3d_68"].T
    assert np.allclose(face.landmarks, stored - [1, 1, 0])


def test_taking_the_pose_off_and_putting_it_on_again(tmp_path):
    face = fitted.read(write(tmp_path / "f.mat"))
    again = fitted.project(face.unposed_landmarks(), face)
    assert np.abs(again - face.landmarks[:, :2]).max() < 1e-3


def test_basel_2009_gives_the_persons_own_shape(tmp_path):
    made_up = files.make()
    model = morphable.load(files.write_basel_2009(tmp_path / "m.mat", made_up))
    stored = np.zeros((199, 1))
    stored[:5, 0] = np.array([1.0, -2, 0.5, 0, 3]) * made_up.identity_deviations * 1000
    face = fitted.read(write(tmp_path / "f.mat", Shape_Para=stored))
    assert np.allclose(face.identity(model), [1, -2, 0.5, 0, 3], atol=1e-4)
    expected = made_up.shape(np.array([1.0, -2, 0.5, 0, 3]))
    assert np.abs(face.vertices(model) - expected).max() < 1e-3


def test_other_models_give_their_mean_face(tmp_path):
    model = morphable.load(files.write_ict_npz(tmp_path / "m.npz", files.make()))
    face = fitted.read(write(tmp_path / "f.mat"))
    assert np.array_equal(face.vertices(model), model.mean)
    with pytest.raises(MorphableError, match="expected that model, not ICT-FaceKit"):
        face.identity(model)


def test_300w_files_have_no_landmarks_in_three_dimensions(tmp_path):
    face = fitted.read(write(tmp_path / "f.mat", pt3d_68=None))
    assert face.landmarks is None
    with pytest.raises(MorphableError, match="found no pt3d_68"):
        face.unposed_landmarks()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Pose_Para": None}, "expected also Pose_Para"),
        ({"Pose_Para": np.ones((1, 6))}, "found 6 numbers in Pose_Para, 0 .* expected 7"),
        ({"Exp_Para": np.full((29, 1), np.nan)}, "29 of them not finite"),
        ({"pose": [0, 0, 0, 0, 0, 0, 0]}, "a scale of 0 in Pose_Para, expected above 0"),
        ({"pt3d_68": np.ones((68, 3))}, r"pt3d_68 of shape \(68, 3\), expected \(3, 68\)"),
        ({"Tex_Para": {"a": 1}}, "MATLAB struct in Tex_Para"),
    ],
)
def test_a_broken_file_gives_one_clear_line(tmp_path, changes, problem):
    path = write(tmp_path / "f.mat", **changes)
    with pytest.raises(MorphableError, match=problem) as caught:
        fitted.read(path)
    assert str(path) in str(caught.value)


def test_a_file_cut_short_and_a_text_file_are_refused(tmp_path):
    path = write(tmp_path / "f.mat")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(MorphableError, match="no whole MATLAB file"):
        fitted.read(path)
    path.write_text("no such file")
    with pytest.raises(MorphableError, match="found nothing, expected also Shape_Para"):
        fitted.read(path)


def test_the_error_of_a_pose_is_measured_as_stated(tmp_path):
    face = fitted.read(write(tmp_path / "f.mat"))
    exact = face.unposed_landmarks()
    assert benchmark.point_error(exact, face) < 1e-4
    assert benchmark.point_error(1.1 * exact + [5, 2, 1], face, aligned=True) < 1e-4
    # all points 3 mm too far to the right are 3 * scale pixels off
    shifted = exact + face.rotation.T @ [3, 0, 0]
    assert benchmark.point_error(shifted, face) == pytest.approx(3 * face.scale, rel=1e-4)


def test_turns_in_another_order_are_the_same_rotation_only_about_one_axis(tmp_path):
    face, level = fitted.read(write(tmp_path / "f.mat")), turned(tmp_path, yaw=0.7)
    nod, turn, tilt = face.turns
    assert np.allclose(benchmark.reordered(face, "ZYX").rotation, tilt @ turn @ nod)
    assert np.allclose(benchmark.reordered(face, "XYZ").rotation, face.rotation)
    assert np.allclose(benchmark.reordered(level, "ZYX").rotation, level.rotation)


@pytest.mark.skipif("FACE_LAB_REAL" not in os.environ, reason="FACE_LAB_REAL is not set")
def test_the_real_poses_reproduce_the_real_landmarks():
    rows = benchmark.measure_poses(Path(os.environ["FACE_LAB_REAL"]))
    assert len(rows) == 10
    for row in rows:
        assert row["mean of the other nine: % diagonal"] <= 3
        assert row["without jaw: % diagonal"] <= 3
    assert np.mean([row["mean of the other nine: % sqrt(wh)"] for row in rows]) <= 3
    orders = benchmark.measure_orders(Path(os.environ["FACE_LAB_REAL"]))
    ours = orders.pop("XYZ")
    assert ours < 2 and min(orders.values()) > 1.4 * ours
