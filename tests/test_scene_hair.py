"""Strands grow where the style lets them, as long as it says, and stay out of the head."""

from dataclasses import replace

import numpy as np
import pytest

from lib.scene import head, noise
from lib.scene.hair import hairline, scalp, strands
from lib.scene.look import HairStyle
from lib.scene.sampling import sample
from lib.scene.surface import vertex_normals

MODEL = head.load()
VERTICES = MODEL.shape(np.zeros(len(MODEL.identity)), np.zeros(len(MODEL.expression)))
NORMALS = vertex_normals(VERTICES, MODEL.triangles)
PLAIN = HairStyle(
    name="test", colour=(0.1, 0.1, 0.1), density=1.0, forehead=0.0, recession=0.0, sideburns=0.0,
    length=(60.0, 60.0, 60.0), volume=(8.0, 8.0), comb="parted", parting=0.0, curl=0.0, wave=0.0,
    disorder=0.2, gloss=1.0, bun=0.0,
)  # fmt: skip


def grow(style, wanted=600, ceiling=999.0):
    return strands.grow(
        strands.growth(style, ceiling), scalp.scalp(MODEL), VERTICES, NORMALS, wanted,
        noise.textures(),
    )  # fmt: skip


def above_the_skull(points):
    skull = scalp.scalp(MODEL).skull(VERTICES)
    offsets = points.reshape(-1, 3) - scalp.CENTRE
    wanted = [scalp.skull_distance(skull, *offset) for offset in offsets.astype(float)]
    return np.linalg.norm(offsets, axis=1) - wanted


def test_the_map_of_the_skull_agrees_with_the_mesh():
    """In every direction of hair the map's distance is that of the nearest vertices."""
    top = np.flatnonzero(np.abs(MODEL.unwrapped[: MODEL.skin, 1] - 80) < 30)[::9]
    assert np.abs(above_the_skull(VERTICES[top])).max() < 2.0


def test_a_map_covers_all_directions_once():
    spread = np.array([scalp.place_in_map(*d) for d in np.eye(3)] + [
        scalp.place_in_map(*d) for d in -np.eye(3)])  # fmt: skip
    assert np.all((spread >= 0) & (spread <= 1))
    assert len(np.unique(spread.round(3), axis=0)) == 6


def test_strands_are_as_long_as_the_style_says():
    points, _ = grow(PLAIN)
    lengths = np.linalg.norm(np.diff(points, axis=1), axis=2).sum(axis=1)
    assert 0.6 * 60 < np.median(lengths) < 1.15 * 60


def test_all_strands_are_rooted_above_the_hairline():
    _, kept = grow(PLAIN)
    places = scalp.scalp(MODEL).unwrapped[kept]
    line = hairline.hairline(PLAIN)
    heights = np.array([hairline.hairline_height(float(x), line) for x in places[:, 0]])
    assert (places[:, 1] - heights).min() > -9
    higher = replace(PLAIN, forehead=15.0)
    raised = scalp.scalp(MODEL).unwrapped[grow(higher)[1]]
    front = np.abs(raised[:, 0]) < 20
    assert raised[front, 1].min() > places[np.abs(places[:, 0]) < 20, 1].min() + 5


@pytest.mark.parametrize("comb", ["parted", "back", "forward"])
def test_combed_hair_lies_on_the_head_and_not_in_it(comb):
    points, _ = grow(replace(PLAIN, comb=comb))
    clearance = above_the_skull(points[:, 1:])
    assert np.percentile(clearance, 1) > -1.5
    assert np.percentile(clearance, 90) < 25


def test_no_hair_falls_over_the_face_unless_it_is_combed_there():
    for style in (PLAIN, replace(PLAIN, length=(220.0, 200.0, 200.0))):
        points, _ = grow(style, wanted=1500)
        face = (points[..., 2] > 45) & (np.abs(points[..., 0]) < 45) & (points[..., 1] < 40)
        assert face.mean() < 0.002


def test_a_bald_head_has_no_strands_and_a_hat_hides_their_roots():
    assert len(grow(replace(PLAIN, density=0.0))[0]) == 0
    _, kept = grow(PLAIN, ceiling=40.0)
    assert scalp.scalp(MODEL).unwrapped[kept, 1].max() < 40


def test_more_strands_add_to_the_first_ones():
    few, more = grow(PLAIN, wanted=100), grow(PLAIN, wanted=300)
    assert np.array_equal(few[0], more[0][:100])
    assert np.array_equal(few[1], more[1][:100])


def test_curls_and_waves_move_hairs_but_not_their_roots():
    straight, curly = grow(PLAIN)[0], grow(replace(PLAIN, curl=1.0, wave=4.0))[0]
    assert np.array_equal(straight[:, 0], curly[:, 0])
    assert np.abs(straight - curly).max() > 3


def test_every_style_that_is_sampled_grows_finite_hair():
    for identity in range(40):
        points, _ = grow(sample(2, identity, 0).look.hair, wanted=60)
        assert np.isfinite(points).all()
