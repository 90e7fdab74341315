"""The finer account of a face: every part apart, and the slope of the light on the skin."""

import numpy as np
import pytest

from lib.labels import CLASSES, IGNORE
from lib.prepare import semantic
from lib.prepare.shading import PARTS, SHADED, describe, planes_of, shaded_map

SLOPE = np.float32([[60, 50, 40], [-30, -20, 10]])  # lighter to the right, darker to the bottom


def number(name):
    return CLASSES.index(name)


def face(size=16):
    """Return a label map of hair, skin, a nose within it, and one pixel of neck."""
    labels = np.zeros((size, size), np.uint8)
    labels[1:4, 2:14] = number("hair")
    labels[4:14, 2:12] = number("skin")
    labels[7:10, 6:8] = number("nose")
    labels[15, 7] = number("neck")
    return labels


def test_every_class_but_the_background_has_a_plane():
    labels = np.append(np.arange(19), IGNORE)[None].astype(np.int32)
    planes = planes_of(labels)
    assert planes.shape == (1, 20, 18) and planes.dtype == np.uint8 and CLASSES[1:] == PARTS
    np.testing.assert_array_equal(planes[0, 1:19], np.eye(18))
    assert not planes[0, [0, 19]].any()
    np.testing.assert_array_equal(planes, planes_of(labels.clip(0, 255).astype(np.uint8)))
    assert set(SHADED) <= set(PARTS)


def test_what_was_painted_is_measured_again():
    planes = planes_of(face())
    colours = np.random.default_rng(0).uniform(40, 200, (18, 3)).astype(np.float32)
    there = planes.any(axis=(0, 1))
    painted = shaded_map(planes, colours, SLOPE)
    assert painted.dtype == np.float32 and (painted[face() == 0] == 0).all()
    found, slope = describe(painted, planes)
    np.testing.assert_allclose(found[there], colours[there], rtol=1e-5)
    assert (found[~there] == 0).all()
    np.testing.assert_allclose(slope, SLOPE, rtol=5e-3)  # slightly ridged
    hair = painted[face() == number("hair")]
    assert (hair == hair[0]).all()  # the light's slope is that of skin


def test_the_slope_is_that_of_numpys_least_squares_on_one_part():
    labels = np.zeros((12, 12), np.uint8)
    labels[2:10, 1:9] = number("skin")
    picture = np.random.default_rng(0).uniform(0, 255, (12, 12, 3))
    picture[..., 0] += 12 * np.arange(12)
    y, x = np.nonzero(labels)
    places = np.stack([x / 12, y / 12, np.ones_like(x)], axis=1)
    expected = np.linalg.lstsq(places, picture[y, x], rcond=None)[0][:2]
    _, slope = describe(picture, planes_of(labels))
    np.testing.assert_allclose(slope, expected, rtol=1e-2, atol=0.1)
    assert slope[0, 0] > 100  # 12 levels a pixel, 12 pixels


def test_too_little_skin_tells_no_slope():
    labels = np.zeros((16, 16), np.uint8)
    labels[:3, :6] = number("skin")  # 18 pixels
    picture = np.random.default_rng(0).uniform(0, 255, (16, 16, 3))
    colours, slope = describe(picture, planes_of(labels))
    assert not slope.any() and colours[number("skin") - 1].any()
    assert not any(measured.any() for measured in describe(picture, planes_of(0 * labels)))
    labels[3, 0] = number("nose")
    labels[3, 1] = number("neck")
    assert describe(picture, planes_of(labels))[1].any()  # 20: nose and neck are skin, too


def test_a_mirror_turns_the_light_round():
    planes = planes_of(face())
    painted = shaded_map(planes, np.full((18, 3), 100.0), SLOPE)
    _, slope = describe(painted[:, ::-1], planes[:, ::-1])
    np.testing.assert_allclose(slope, SLOPE * [[-1], [1]], rtol=5e-3)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_batches_give_what_single_faces_give(kind):
    labels = np.stack([face(), face()[:, ::-1], 0 * face()])
    pictures = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3)).astype(kind)
    planes = planes_of(labels)
    colours, slope = describe(pictures, planes)
    painted = shaded_map(planes, colours, slope)
    for place in range(3):
        one, its_slope = describe(pictures[place], planes[place])
        np.testing.assert_allclose(one, colours[place], rtol=1e-5)
        np.testing.assert_allclose(its_slope, slope[place], rtol=1e-4, atol=1e-3)
        alone = shaded_map(planes[place], one, its_slope)
        np.testing.assert_allclose(alone, painted[place], rtol=1e-4, atol=1e-2)


def test_each_part_keeps_its_mean_colour_on_other_peoples_maps():
    colours = np.random.default_rng(0).uniform(80, 160, (18, 3)).astype(np.float32)
    planes = planes_of(face()[::-1])
    painted = shaded_map(planes, colours, SLOPE)
    there = planes.any(axis=(0, 1))
    means = semantic.mean_colours(painted, planes)
    np.testing.assert_allclose(means[there], colours[there], rtol=1e-5)
