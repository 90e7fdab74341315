"""The z-buffer agrees with geometry worked out by hand and with scikit-image's polygons."""

import numpy as np
import pytest
from skimage import draw

from lib.scene import rasteriser
from lib.scene.rasteriser import NOTHING

ONE = np.array([[0, 2, 1]], np.int32)


def rasterise(points, triangles=ONE, size=16, two_sided=True, first=0):
    visible = rasteriser.empty(size)
    sides = np.full(len(triangles), two_sided)
    rasteriser.fill_triangles(
        np.asarray(points, np.float32), triangles, sides, first,
        visible.depth, visible.owner, visible.weights,
    )  # fmt: skip
    return visible


def test_a_right_triangle_covers_the_pixels_whose_centres_it_holds():
    visible = rasterise([(0, 0, 9), (4, 0, 9), (0, 4, 9)], size=5)
    row, column = np.mgrid[:5, :5]
    assert np.array_equal(visible.owner != NOTHING, row + column < 4)


@pytest.mark.parametrize("seed", range(5))
def test_coverage_agrees_with_scikit_image(seed):
    corners = np.random.default_rng(seed).uniform(2, 60, (3, 2))
    visible = rasterise(np.c_[corners, [5, 5, 5]], size=64)
    # scikit-image samples pixel (row, column) at whole numbers, we at centres
    rows, columns = draw.polygon(corners[:, 1] - 0.5, corners[:, 0] - 0.5, (64, 64))
    theirs = np.zeros((64, 64), bool)
    theirs[rows, columns] = True
    assert ((visible.owner != NOTHING) != theirs).sum() <= 2  # centres on an edge may differ


def test_the_nearer_triangle_wins_whichever_is_drawn_first():
    near, far = [(0, 0, 5), (8, 0, 5), (0, 8, 5)], [(0, 0, 9), (8, 0, 9), (0, 8, 9)]
    both = np.array([[0, 2, 1], [3, 5, 4]], np.int32)
    assert rasterise(near + far, both).owner[1, 1] == 0
    assert rasterise(far + near, both).owner[1, 1] == 1


def test_a_triangle_seen_from_behind_is_left_out_unless_it_has_two_sides():
    points = [(0, 0, 9), (8, 0, 9), (0, 8, 9)]
    behind = np.array([[0, 1, 2]], np.int32)
    assert (rasterise(points, ONE, two_sided=False).owner != NOTHING).any()
    assert (rasterise(points, behind, two_sided=False).owner == NOTHING).all()
    assert (rasterise(points, behind, two_sided=True).owner != NOTHING).any()


def test_depth_and_weights_are_perspective_correct():
    # A plane seen in perspective: 1 / depth is linear in the picture, depth is not.
    points = np.array([(0, 0, 100), (16, 0, 400), (0, 16, 200)], float)
    visible = rasterise(points)
    y, x = np.nonzero(visible.owner != NOTHING)
    inverse = 1 / 100 + (x + 0.5) / 16 * (1 / 400 - 1 / 100) + (y + 0.5) / 16 * (1 / 200 - 1 / 100)
    assert np.allclose(visible.depth[y, x], 1 / inverse, rtol=1e-5)
    weights = visible.weights[y, x]
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(weights @ points[ONE[0], 2], 1 / inverse, rtol=1e-4)


def test_numbers_count_on_from_the_first_and_what_lies_behind_the_camera_is_left_out():
    points = [(0, 0, 9), (8, 0, 9), (0, 8, 9)]
    assert set(np.unique(rasterise(points, first=7).owner)) == {NOTHING, 7}
    assert (rasterise([(0, 0, -9), (8, 0, 9), (0, 8, 9)]).owner == NOTHING).all()


def test_parallel_depth_is_linear():
    depth = np.full((16, 16), np.inf, np.float32)
    points = np.array([(0, 0, 10), (16, 0, 26), (0, 16, 10)], np.float32)
    rasteriser.fill_depth(points, ONE, depth)
    y, x = np.nonzero(np.isfinite(depth))
    assert np.allclose(depth[y, x], 10 + (x + 0.5), atol=1e-4)


def fill_hair(points, radius=0.0, size=12):
    visible = rasteriser.empty(size)
    rasteriser.fill_hairs(
        np.asarray([points], np.float32), np.array([radius], np.float32), 100,
        visible.depth, visible.owner, visible.weights,
    )  # fmt: skip
    return visible


def test_a_hair_is_one_pixel_wide_numbered_by_segment_and_hidden_by_what_is_nearer():
    visible = fill_hair([(1, 3, 10), (5, 3, 10), (9, 3, 10)])
    assert visible.owner[3, 1:5].tolist() == [100] * 4
    assert visible.owner[3, 5:9].tolist() == [101] * 4
    assert (visible.owner[[2, 4]] == NOTHING).all()
    assert np.all(np.diff(visible.weights[3, 1:5, 0]) > 0)
    before = visible.owner.copy()
    rasteriser.fill_hairs(
        np.array([[(1, 3, 20), (9, 3, 20)]], np.float32), np.zeros(1, np.float32), 500,
        visible.depth, visible.owner, visible.weights,
    )  # fmt: skip
    assert np.array_equal(before, visible.owner)


def test_a_thick_hair_covers_its_width_and_one_that_leaves_the_picture_is_cut():
    assert (fill_hair([(0, 6, 9), (12, 6, 9)], radius=1.5).owner != NOTHING).sum(axis=0).max() == 3
    assert (fill_hair([(-50, 6, 9), (50, 6, 9)]).owner[6] != NOTHING).all()
