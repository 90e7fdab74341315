"""Drawn heads have the dimensions of people, and differ in much more."""

import numpy as np
import pytest

from lib.scene import head
from lib.scene.head import anthropometry, population

SKULL = head.load()
CALM = np.zeros(len(head.EXPRESSIONS), np.float32)
COUNT = 400


@pytest.fixture(scope="module", params=[-1, 1], ids=["women", "men"])
def measured(request):
    heads = [
        SKULL.closed(population.draw_shape(np.random.default_rng([1, i]), request.param), CALM)
        for i in range(COUNT)
    ]
    found = [anthropometry.measure(SKULL, vertices) for vertices in heads]
    return request.param, {name: np.array([one[name] for one in found]) for name in found[0]}


@pytest.mark.parametrize("name", anthropometry.NORMS)
def test_dimensions_are_distributed_as_published(measured, name):
    """Farkas' North American Whites; `anthropometry` tells through whom they were quoted."""
    sex, dimensions = measured
    mean, deviation = anthropometry.NORMS[name].of(sex)
    assert dimensions[name].mean() == pytest.approx(mean, abs=max(1.0, 0.02 * mean))
    assert dimensions[name].std() == pytest.approx(deviation, rel=0.25)


def test_a_known_head_measures_what_it_must():
    """Dimensions are distances between vertices: a head of twice the size has twice of each."""
    once = anthropometry.measure(SKULL, SKULL.mean)
    twice = anthropometry.measure(SKULL, 2 * SKULL.mean)
    assert twice == pytest.approx({name: 2 * value for name, value in once.items()})
    slit = SKULL.slits["left_eye"].upper
    assert once["en-en"] == pytest.approx(2 * SKULL.mean[slit[0], 0])
    assert once["ex-ex"] == pytest.approx(2 * SKULL.mean[slit[-1], 0])


def test_men_and_women_differ_in_the_middle_but_overlap():
    men, women = (
        np.stack([population.draw_shape(np.random.default_rng(i), sex) for i in range(200)])
        for sex in (1, -1)
    )
    jaw = head.IDENTITY_MODES.index("jaw_width")
    assert men[:, jaw].mean() > women[:, jaw].mean() + 0.8
    assert men[:, jaw].min() < women[:, jaw].max()


def test_spread_changes_what_nobody_measures():
    narrow, wide = (
        np.stack([population.draw_shape(np.random.default_rng(i), 1, spread) for i in range(100)])
        for spread in (0.5, 1.6)
    )
    residual = [name.startswith("residual_out") for name in head.IDENTITY_MODES]
    assert wide[:, residual].std() > 2.5 * narrow[:, residual].std()


def test_a_generator_gives_one_head():
    first, again, other = (
        population.draw_shape(np.random.default_rng(seed), -1) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert first.dtype == np.float32 and np.abs(first - other).max() > 0.5


def test_faces_differ_by_millimetres():
    """The mean distance of drawn faces from their average: enough to tell people apart."""
    face = (np.abs(SKULL.canonical[:, 0]) < 60) & (SKULL.canonical[:, 1] > -110)
    face &= (SKULL.canonical[:, 1] < 45) & (SKULL.mean[:, 2] > 30)
    heads = np.stack(
        [
            SKULL.closed(population.draw_shape(np.random.default_rng(i), 1), CALM)[face]
            for i in range(40)
        ]
    )
    away = np.linalg.norm(heads - heads.mean(axis=0), axis=2).mean()
    assert 2.5 < away < 6
