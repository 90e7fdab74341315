"""How the learning rate of a short training goes up and down."""

import math

import pytest

from lib.gans.learning_rates import calmed, rise_and_fall


def test_it_rises_in_a_straight_line_and_falls_as_half_a_cosine():
    rate = rise_and_fall(1e-2, 110, 10)
    assert float(rate(0)) == pytest.approx(2e-4)
    assert float(rate(5)) == pytest.approx((2e-4 + 1e-2) / 2)
    assert float(rate(10)) == pytest.approx(1e-2)
    quarter = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi / 4))
    assert float(rate(35)) == pytest.approx(1e-2 * quarter, rel=1e-5)
    assert float(rate(60)) == pytest.approx(1e-2 * 0.51, rel=1e-5)
    assert float(rate(110)) == pytest.approx(2e-4, rel=1e-4)


def test_it_begins_and_ends_where_it_is_told_to():
    rate = rise_and_fall(1e-2, 100, 20, first=0.5, last=0.0)
    assert float(rate(0)) == pytest.approx(5e-3)
    assert float(rate(100)) == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_training_of_a_few_steps_has_a_rate_at_each(steps):
    rate = rise_and_fall(1e-2, steps, 30)
    assert all(0 < float(rate(step)) <= 1e-2 for step in range(steps))


@pytest.mark.parametrize(("times", "expected"), [(0.1, 0.02), (1, 0.02), (4, 0.01), (100, 0.002)])
def test_longer_trainings_are_calmed_and_shorter_ones_left_alone(times, expected):
    assert calmed(0.02, times) == pytest.approx(expected)
