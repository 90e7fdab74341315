"""Sub-pixels become pictures by means that other libraries agree with."""

import numpy as np
import pytest

from lib.scene import camera, pictures
from lib.scene.capture import Camera

STRAIGHT = Camera(yaw=0, pitch=0, roll=0, distance=1000, field=250, shift=(0.0, 0.05))


def test_averaging_is_the_mean_of_blocks():
    values = np.random.default_rng(0).random((12, 12, 3), np.float32)
    blocks = values.reshape(4, 3, 4, 3, 3).mean(axis=(1, 3))
    assert np.allclose(pictures.average(values, 3), blocks, atol=1e-6)


def test_the_commonest_label_wins_and_the_first_one_a_tie():
    labels = np.array([[1, 1, 4, 5], [2, 1, 5, 4]], np.uint8)
    labels = np.concatenate([labels, labels[:, ::-1]])
    assert pictures.vote(labels, 2).tolist() == [[1, 4], [5, 1]]


def test_srgb_at_known_values():
    linear = np.array([0, 0.0031308, 0.2140411, 0.5, 1, 1.7], np.float32)
    assert pictures.to_srgb(linear).tolist() == [0, 10, 127, 188, 255, 255]


def test_scattering_keeps_even_light_even_stays_in_the_skin_and_carries_red_furthest():
    skin = np.zeros((60, 60), bool)
    skin[10:50, 10:50] = True
    even = np.full((60, 60, 3), 0.4, np.float32)
    assert np.allclose(pictures.scatter(even, skin, 0.5), even, atol=1e-5)
    half = np.zeros((60, 60, 3), np.float32)
    half[:, 30:] = 1
    spread = pictures.scatter(half, skin, 0.5)
    assert np.array_equal(spread[~skin], half[~skin])
    red, green, blue = spread[30, 27]
    assert red > green > blue > 0


def test_the_pivot_is_in_the_middle_and_scale_follows_the_field():
    at = camera.project(camera.PIVOT, STRAIGHT, 100)
    assert np.allclose(at, [50, 55, 1000], atol=1e-3)
    aside = camera.project(np.add(camera.PIVOT, [25.0, 0, 0]), STRAIGHT, 100)
    assert aside[0] - at[0] == pytest.approx(10, abs=1e-3)  # 25 mm of 250 mm
    assert camera.millimetres_per_pixel(STRAIGHT, 100) == 2.5
    assert np.allclose(camera.project(camera.PIVOT, STRAIGHT, 200)[:2], 2 * at[:2])


@pytest.mark.parametrize(
    ("turn", "moved"),
    [({"yaw": 20}, (1, 0)), ({"pitch": 20}, (0, 1)), ({"roll": 20}, (0, 0))],
)
def test_the_nose_moves_right_with_yaw_and_down_with_pitch(turn, moved):
    turned = Camera(**{**STRAIGHT.__dict__, **turn})
    nose = np.add(camera.PIVOT, [0, 0, 60.0])
    offset = camera.project(nose, turned, 100) - camera.project(nose, STRAIGHT, 100)
    assert (np.abs(offset[:2]) > 2).tolist() == [bool(axis) for axis in moved]
    assert all(offset[axis] > 0 for axis in range(2) if moved[axis])
    assert np.allclose(camera.rotation(turned) @ camera.rotation(turned).T, np.eye(3))


def test_the_camera_stands_where_it_sees_the_pivot_from():
    turned = Camera(yaw=25, pitch=-10, roll=5, distance=800, field=250, shift=(0, 0))
    eye = camera.position(turned)
    assert np.linalg.norm(eye - camera.PIVOT) == pytest.approx(800)
    towards = (eye - camera.PIVOT) / 800
    near = camera.project(camera.PIVOT + 100 * towards, turned, 100)
    assert np.allclose(near, [50, 50, 700], atol=1e-2)
