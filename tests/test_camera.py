"""The camera of rendered photos: without flaws exact, and each flaw as large as it says."""

import dataclasses

import numpy as np
import pytest

from lib.prepare.camera import CameraFlaws, photograph
from lib.scene.render import render
from lib.scene.sampling import sample


def test_a_camera_without_flaws_takes_the_exact_photo():
    none = CameraFlaws(blur=(0, 0), shot_noise=(0, 0), read_noise=(0, 0), quality=None)
    face = render(sample(7, 0, 0), 32)
    light = face["diffuse_linear"] + face["specular_linear"]
    assert np.array_equal(photograph(light, none, np.random.default_rng(0)), face["photo"])


@pytest.mark.parametrize(("light", "deviation"), [(0.25, 0.02 * 0.5), (0.64, 0.02 * 0.8)])
def test_shot_noise_grows_with_the_root_of_the_light(light, deviation):
    flaws = CameraFlaws(blur=(0, 0), shot_noise=(0.02, 0.02), read_noise=(0, 0), quality=None)
    seen = photograph(np.full((99, 99, 3), light, np.float32), flaws, np.random.default_rng(3))
    linear = ((seen / 255 + 0.055) / 1.055) ** 2.4
    assert linear.mean() == pytest.approx(light, rel=0.01)
    assert linear.std() == pytest.approx(deviation, rel=0.05)


def test_a_lens_spreads_a_point_and_keeps_its_light():
    flaws = CameraFlaws(blur=(1, 1), shot_noise=(0, 0), read_noise=(0, 0), quality=None)
    light = np.zeros((21, 21, 3), np.float32)
    light[10, 10] = 1.0
    seen = photograph(light, flaws, np.random.default_rng(0))
    linear = np.where(seen > 10, ((seen / 255 + 0.055) / 1.055) ** 2.4, seen / 255 / 12.92)
    assert linear[10, 10, 0] == pytest.approx(1 / (2 * np.pi), rel=0.05)
    assert linear[..., 0].sum() == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize(
    "flaws",
    [
        {"blur": (2, 1)},
        {"blur": 3},
        {"blur": None},
        {"blur": "ab"},
        {"blur": (0, np.inf)},
        {"shot_noise": (-1, 0)},
        {"quality": (0, 50)},
        {"quality": (70.5, 80)},
        {"read_noise": (0,)},
        {"read_noise": (np.nan, np.nan)},
    ],
)
def test_limits_that_make_no_sense_are_refused(flaws):
    with pytest.raises(ValueError, match=f"camera flaw {next(iter(flaws))}: found"):
        CameraFlaws(**flaws)


def test_flaws_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CameraFlaws().blur = (0, 0)
