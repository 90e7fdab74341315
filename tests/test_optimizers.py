"""The fused Adam: Keras' own is the second implementation; what has no kernel stays as it is."""

import keras
import numpy as np
import pytest

from lib.training.optimizers import FusedAdam, fuse
from lib.training.schedules import ConstantThenLinear

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="the kernel is TensorFlow's"
)


def after(optimizer, steps=6):
    """Return two weights after so many steps of changing gradients."""
    weights = [keras.Variable([1.0, -2.0, 3.0]), keras.Variable([[0.5]])]
    optimizer.build(weights)
    draw = np.random.default_rng(0)
    for _ in range(steps):
        grads = [draw.normal(size=weight.shape).astype("float32") for weight in weights]
        optimizer.apply([keras.ops.convert_to_tensor(grad) for grad in grads], weights)
    return [keras.ops.convert_to_numpy(weight) for weight in weights]


SETTINGS = [
    {"learning_rate": 0.1},
    {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3},
    {"learning_rate": ConstantThenLinear(0.1, 8), "global_clipnorm": 0.5},
    {"learning_rate": 0.1, "gradient_accumulation_steps": 2},
]


@on_tensorflow
@pytest.mark.parametrize("settings", SETTINGS)
def test_it_goes_where_keras_adam_goes(settings):
    ours = keras.optimizers.Adam(**settings)
    fuse(ours)
    assert type(ours) is FusedAdam
    for found, expected in zip(after(ours), after(keras.optimizers.Adam(**settings)), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)  # of steps of a tenth


@on_tensorflow
def test_one_that_has_begun_keeps_its_averages():
    ours, plain = (keras.optimizers.Adam(0.1) for _ in range(2))
    begun = [after(ours, 3), after(plain, 3)]
    fuse(ours)
    for optimizer in (ours, plain):
        optimizer.apply([keras.ops.ones(3), keras.ops.ones((1, 1))])
    np.testing.assert_array_equal(begun[0][0], begun[1][0])
    for found, expected in zip(ours.variables, plain.variables, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4)


@on_tensorflow
def test_sparse_gradients_and_other_precisions_go_keras_way():
    import tensorflow

    ours, plain = keras.optimizers.Adam(0.1), keras.optimizers.Adam(0.1)
    fuse(ours)
    ends = []
    for optimizer in (ours, plain):
        weights = [keras.Variable(np.ones((3, 2))), keras.Variable([1.0, 2.0], dtype="float64")]
        optimizer.build(weights)
        for row in (0, 2, 2):
            rows = tensorflow.IndexedSlices(keras.ops.ones((1, 2)), [row], (3, 2))
            optimizer.apply([rows, keras.ops.ones(2, "float64")], weights)
        ends.append([keras.ops.convert_to_numpy(weight) for weight in weights])
    for found, expected in zip(*ends, strict=True):
        np.testing.assert_array_equal(found, expected)
    assert (ends[0][0][1] == 1).all()  # the row without a gradient


@on_tensorflow
def test_a_graph_has_one_operation_a_weight():
    import tensorflow

    weights = [keras.Variable([1.0, 2.0]) for _ in range(5)]
    optimizer = keras.optimizers.Adam(0.1)
    optimizer.build(weights)
    fuse(optimizer)

    @tensorflow.function
    def step():
        optimizer.apply([keras.ops.ones(2)] * 5)

    operations = [one.type for one in step.get_concrete_function().graph.get_operations()]
    assert operations.count("ResourceApplyAdam") == 5
    assert operations.count("Pow") == 2  # for all five
    step(), step()
    assert float(optimizer.iterations) == 2


@pytest.mark.parametrize(
    "optimizer",
    [
        keras.optimizers.Adam(0.1, amsgrad=True),
        keras.optimizers.AdamW(0.1),
        keras.optimizers.SGD(0.1),
        keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.1)),
    ],
)
def test_everything_else_stays_as_it_is(optimizer):
    before = type(optimizer)
    fuse(optimizer)
    assert type(optimizer) is before
