"""Learning rates over a run: the line worked out by hand, and what an optimizer makes of it."""

import json

import keras
import numpy as np
import pytest

from lib.training.schedules import ConstantThenLinear


def rates(schedule, steps):
    return [float(schedule(step)) for step in steps]


@pytest.mark.parametrize(
    ("constant", "expected"),
    [
        (0.5, {0: 8, 1: 8, 50: 8, 51: 7.84, 75: 4, 99: 0.16, 100: 0, 101: 0, 10**6: 0}),
        (0.0, {0: 8, 1: 7.92, 50: 4, 100: 0, 150: 0}),
        (0.9, {0: 8, 90: 8, 95: 4, 100: 0}),
    ],
)
def test_the_line_worked_out_by_hand(constant, expected):
    found = rates(ConstantThenLinear(8.0, 100, constant), expected)
    assert found == pytest.approx(list(expected.values()), abs=1e-5)


def test_half_of_the_steps_are_constant_unless_told_otherwise():
    found = np.array(rates(ConstantThenLinear(1.0, 7), range(9)))
    np.testing.assert_allclose(found, [1, 1, 1, 1, 6 / 7, 4 / 7, 2 / 7, 0, 0], atol=1e-6)
    assert (found >= 0).all()  # beyond the end it does not turn round


def test_steps_may_be_tensors_and_the_rate_is_float32():
    rate = ConstantThenLinear(2e-4, 10)(keras.ops.convert_to_tensor(8, "int64"))
    assert keras.backend.standardize_dtype(rate.dtype) == "float32"
    assert float(rate) == pytest.approx(0.8e-4)


def test_adam_takes_steps_as_long_as_the_schedule_says():
    weight = keras.Variable([0.0])
    optimizer = keras.optimizers.Adam(ConstantThenLinear(0.1, 4))
    optimizer.build([weight])
    places = [0.0]
    for _ in range(6):
        optimizer.apply([keras.ops.ones(1)])  # Adam's step, for a gradient that stays, is the rate
        places.append(float(weight[0]))
    expected = [-0.1, -0.1, -0.1, -0.05, 0, 0]
    np.testing.assert_allclose(np.diff(places), expected, atol=1e-5)


def test_it_comes_back_from_its_configuration():
    schedule = ConstantThenLinear(3e-4, 20, 0.25)
    again = ConstantThenLinear.from_config(json.loads(json.dumps(schedule.get_config())))
    steps = range(0, 24, 3)
    assert rates(again, steps) == rates(schedule, steps)
    written = keras.optimizers.Adam(schedule).get_config()  # what a run's options.json keeps
    assert written["learning_rate"]["config"] == {"rate": 3e-4, "steps": 20, "constant": 0.25}
    known = {"ConstantThenLinear": ConstantThenLinear}
    with keras.saving.custom_object_scope(known):
        read = keras.optimizers.Adam.from_config(written)
    assert float(read.learning_rate) == pytest.approx(3e-4)
    read.iterations.assign(15)
    assert float(read.learning_rate) == pytest.approx(1e-4)


@pytest.mark.parametrize(("steps", "constant"), [(0, 0.5), (10, 1.0), (10, -0.1), (10, 2)])
def test_what_never_falls_or_has_no_steps_is_refused(steps, constant):
    with pytest.raises(ValueError, match=rf"found steps = {steps}, constant = {constant}"):
        ConstantThenLinear(1e-3, steps, constant)
