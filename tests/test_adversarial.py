"""The adversarial base: who learns from which term, what state moves, devices, half precision."""

import collections

import keras
import numpy as np
import pytest
from gradients import gradients
from keras import ops

from lib import env
from lib.benchmarks import training as benchmark
from lib.benchmarks.example import ALL_TERMS, SIZE, Example, Noise
from lib.gans.adversarial import AdversarialModel, ImagePool, both_sides, frozen, scaled

SHAPE_ALONE = {"OnesLike", "Shape", "ShapeN", "Size", "ZerosLike"}
OTHERS = [name for name in env.BACKENDS if name != "tensorflow"]


def numbers(tensor):
    return np.array(ops.convert_to_numpy(tensor))


def check_moves(rows):
    moves = {row["only term"]: (row["generator"], row["critic"]) for row in rows}
    assert moves.keys() == ALL_TERMS.keys()
    for term in ("adversarial", "reconstruction"):
        assert moves[term][0] == pytest.approx(1e-3, rel=0.01)  # Adam's first step
        assert moves[term][1] == 0
    assert moves["critic"][0] == 0
    assert moves["critic"][1] == pytest.approx(1e-3, rel=0.01)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf.distribute")
@pytest.mark.ahead(plan=lambda folder: (benchmark.two_devices, "SGD(0.1)"))
def test_two_devices_take_the_step_of_one(ahead):
    # It settles the devices, so it is the first test of this file that has its work done ahead.
    # SGD: Adam's first step would not tell a gradient from twice that gradient.
    (row,) = ahead.answer
    assert row["largest step"] > 0.01
    assert row["largest difference"] <= 1e-5


@pytest.mark.skipif(not env.is_installed("tensorflow"), reason="others have a test of their own")
@pytest.mark.ahead(plan=lambda folder: (benchmark.who_moves,))
def test_each_term_moves_exactly_its_network(ahead):
    check_moves(ahead.answer)


@pytest.mark.parametrize("backend", OTHERS)
def test_each_term_moves_exactly_its_network_on_other_backends(backend):
    if not env.is_installed(env.BACKENDS[backend]):
        pytest.skip(f"{backend} is not installed")
    check_moves(benchmark.finish(benchmark.start("who_moves", backend=backend)))


def sources(operation):
    """Return every operation whose values, not their shapes alone, an operation needs.

    An IdentityN is looked through, one value at a time: TensorFlow's optimizer takes it apart.
    """
    found, waiting = set(), list(operation.inputs)
    while waiting:
        tensor = waiting.pop()
        above = tensor.op.inputs
        if tensor.op.type == "IdentityN":
            waiting.append(above[tensor.value_index])
        elif tensor.op not in found:
            found.add(tensor.op)
            waiting += [] if tensor.op.type in SHAPE_ALONE else above
    return found


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="graphs are TensorFlow's")
def test_no_weight_is_updated_before_it_is_read_for_the_last_time():
    import tensorflow

    model = Example(ALL_TERMS, random=False)
    model.compile(keras.optimizers.SGD(0.1))
    batch = [tensorflow.constant(array) for array in Noise()[0]]
    model.train_on_batch(*batch)
    step = tensorflow.function(lambda x, y: model.train_step((x, y)))
    operations = step.get_concrete_function(*batch).graph.get_operations()
    updates = [found for found in operations if found.type == "AssignSubVariableOp"]
    assert len(updates) == len(model.trainable_variables)
    reads = 0
    for update in updates:
        handle, before = update.inputs[0], sources(update)
        own = [x for x in operations if x.type == "ReadVariableOp" and x.inputs[0] is handle]
        assert before.issuperset(own), update.name
        reads += len(own)
    critic = len(model.critic.trainable_variables)
    assert reads == len(updates) - critic + 3 * critic  # it judges the fakes, frozen, real, fake


def test_half_precision_is_scaled_and_stays_finite():
    result = benchmark.half_precision()
    assert result["finite"]
    assert result["loss scale"] > 1
    assert result["computed in"] == "float16"
    assert result["weights in"] == ["float32"]


def stateful_network():
    inputs = keras.Input((4,))
    x = keras.layers.BatchNormalization(name="statistics")(inputs)
    x = keras.layers.Dropout(0.5, seed=7)(x)
    return keras.Model(inputs, keras.layers.Dense(1)(x))


def test_frozen_gives_the_networks_outputs_and_leaves_its_state():
    network, batch = stateful_network(), np.random.default_rng(0).normal(3, 1, (64, 4))
    before = [numbers(variable) for variable in network.variables]
    first = numbers(frozen(network, batch, training=True))
    after = [numbers(variable) for variable in network.variables]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)
    own = numbers(network(batch, training=True))  # the same dropout mask: the seed had not moved
    np.testing.assert_allclose(first, own, rtol=1e-5)
    moved = numbers(network.get_layer("statistics").moving_mean)
    assert np.all(moved > 0.01)
    assert not np.allclose(own, numbers(network(batch, training=True)))


@pytest.fixture(scope="module")
def scalable():
    """Return a network with batch normalisation and dropout, and a batch."""
    batch = np.random.default_rng(0).normal(3, 1, (16, 4)).astype(np.float32)
    return stateful_network(), batch


FACTORS = [0.0, 1.0, 2.5, -0.5]


@pytest.mark.parametrize("training", [False, True])
def test_scaled_gives_a_plain_calls_outputs_to_the_bit_and_leaves_its_state(scalable, training):
    network, batch = scalable
    before = [numbers(variable) for variable in network.variables]
    found = [numbers(scaled(network, batch, factor, training)) for factor in FACTORS]
    for old, variable in zip(before, network.variables, strict=True):
        np.testing.assert_array_equal(numbers(variable), old)
    plain = numbers(network(batch, training=training))
    for outputs in found:
        np.testing.assert_array_equal(outputs, plain)
    moved = [np.any(numbers(x) != old) for x, old in zip(network.variables, before, strict=True)]
    assert sum(moved) == (3 if training else 0)  # a mean, a variance and a seed
    assert np.ptp(plain) > 0.1


@pytest.mark.parametrize("factor", FACTORS)
def test_scaled_weights_feel_the_factor_and_inputs_feel_all(scalable, factor):
    network, batch = scalable

    def felt(call):
        return gradients(lambda x: ops.mean(ops.square(call(x))), batch, network)

    at_inputs, at_weights = felt(network)
    assert np.abs(at_inputs).max() > 1e-3
    for given in (factor, ops.convert_to_tensor(factor)):
        found_at_inputs, found = felt(lambda x, given=given: scaled(network, x, given))
        np.testing.assert_allclose(found_at_inputs, at_inputs, rtol=1e-5)
        for scaled_gradient, gradient in zip(found, at_weights, strict=True):
            assert np.abs(gradient).max() > 1e-3
            np.testing.assert_allclose(scaled_gradient, factor * gradient, rtol=1e-5)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="graphs are TensorFlow's")
def test_scaled_weights_feel_the_factor_in_a_graph_as_well(scalable):
    import tensorflow

    network, batch = scalable

    def felt(factor):
        return lambda x: ops.sum(scaled(network, x, factor, training=True))

    at_inputs, at_weights = gradients(tensorflow.function(felt(-2.0)), batch, network)
    expected, once = gradients(felt(1.0), batch, network)
    np.testing.assert_allclose(at_inputs, expected, atol=1e-5)
    for found, gradient in zip(at_weights, once, strict=True):
        np.testing.assert_allclose(found, -2 * gradient, rtol=1e-4, atol=1e-5)
        assert np.abs(gradient).max() > 1e-3
    assert np.abs(expected).max() > 1e-3


def test_both_sides_are_a_frozen_call_and_a_plain_one(scalable):
    network, batch = scalable
    before = [numbers(variable) for variable in network.variables]
    expected = (
        numbers(frozen(network, batch, training=True)),
        numbers(network(batch, training=True)),
    )
    moved = [numbers(variable) for variable in network.variables]
    for variable, value in zip(network.variables, before, strict=True):
        variable.assign(value)
    found = [numbers(side) for side in both_sides(network, batch, training=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    for variable, value in zip(network.variables, moved, strict=True):
        np.testing.assert_array_equal(numbers(variable), value)
    assert sum(np.any(old != new) for old, new in zip(before, moved, strict=True)) == 3


@pytest.mark.parametrize("in_graph", [False, True])
def test_of_both_sides_one_moves_the_inputs_and_one_the_weights(scalable, in_graph):
    network, batch = scalable

    def felt(terms):
        if in_graph:
            import tensorflow

            terms = tensorflow.function(terms)
        return gradients(terms, batch, network)

    at_inputs, at_weights = felt(lambda x: ops.mean(ops.square(network(x))))
    for weight in (2.0, 0.0):  # of the generator's side, which no weight of the critic feels

        def terms(x, weight=weight):
            to_generator, to_critic = both_sides(network, x)
            return ops.mean(weight * ops.square(to_generator) + 3 * ops.square(to_critic))

        found_at_inputs, found = felt(terms)
        np.testing.assert_allclose(found_at_inputs, weight * at_inputs, rtol=1e-5)
        for one, gradient in zip(found, at_weights, strict=True):
            np.testing.assert_allclose(one, 3 * gradient, rtol=1e-5)
    assert np.abs(at_inputs).max() > 1e-3


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="graphs are TensorFlow's")
@pytest.mark.parametrize(("both", "passes"), [(True, 1), (False, 2)])
def test_both_sides_take_one_forward_pass(scalable, both, passes):
    import tensorflow
    from tensorflow.python.eager import context

    network, batch = scalable

    @tensorflow.function
    def judge(x):
        if both:
            return both_sides(network, x, training=True)
        return frozen(network, x, True), network(ops.stop_gradient(x), training=True)

    context.enable_run_metadata()
    try:
        judge(tensorflow.constant(batch))
        ran = context.export_run_metadata()
    finally:
        context.disable_run_metadata()
    graphs = [graph for one in ran.function_graphs for graph in one.partition_graphs]
    operations = [node.op for graph in graphs for node in graph.node]
    assert sum("MatMul" in operation for operation in operations) == passes


def test_terms_are_weighted_in_the_loss_and_plain_in_the_history():
    model = Example({"adversarial": 0.5, "reconstruction": 10.0, "critic": 2.0}, random=False)
    model.compile(keras.optimizers.SGD(0.0))
    logs = model.evaluate(Noise(), return_dict=True, verbose=0)
    weighted = sum(weight * logs[name] for name, weight in model.term_weights.items())
    assert logs["loss"] == pytest.approx(weighted, rel=1e-5)


class Constant(AdversarialModel):
    """One weight, and whatever terms a test asks for."""

    def __init__(self, terms, weights):
        super().__init__(weights)
        self.terms = terms
        regularizer = keras.regularizers.L2(1.0)
        self.scale = self.add_weight(shape=(), initializer="ones", regularizer=regularizer)

    def call(self, x):
        return ops.cast(self.scale * x, "float16")

    def loss_terms(self, x, y, y_pred, training):
        assert keras.backend.standardize_dtype(y_pred.dtype) == "float32"
        return {name: ops.mean(y_pred) for name in self.terms}


def test_regularisers_count_and_predictions_arrive_in_float32():
    model = Constant(["mean"], {"mean": 3.0})
    x = np.full((2, 1), 5.0, np.float32)
    assert float(model.compute_loss(x, x, model(x))) == pytest.approx(3 * 5 + 1)


def test_terms_that_differ_from_the_weights_are_named():
    model = Constant(["l1"], {"critic": 1.0})
    x = np.ones((2, 1), np.float32)
    with pytest.raises(ValueError, match=r"Constant.loss_terms: found \['l1'\].*\['critic'\]"):
        model.compute_loss(x, x, model(x))
    with pytest.raises(ValueError, match="found sample weights"):
        model.compute_loss(x, x, model(x), sample_weight=x)


def test_a_subclass_has_to_write_its_terms():
    with pytest.raises(NotImplementedError, match="has to write loss_terms"):
        AdversarialModel({}).compute_loss(y_pred=ops.ones((1,)))


def numbered(first, number):
    """Return pictures that are told apart by their grey level."""
    levels = np.arange(first, first + number, dtype=np.float32)
    return np.broadcast_to(levels[:, None, None, None], (number, 2, 2, 1))


def test_the_pool_hands_fakes_on_while_it_fills_and_stores_every_one():
    pool = ImagePool(6, (2, 2, 1))
    for first in (1, 4):
        fakes = numbered(first, 3)
        np.testing.assert_array_equal(numbers(pool(fakes)), fakes)
    assert sorted(numbers(pool.images)[:, 0, 0, 0]) == [1, 2, 3, 4, 5, 6]
    assert int(numbers(pool.count)) == 6


def test_a_full_pool_swaps_about_half_and_loses_nothing():
    pool, swapped = ImagePool(8, (2, 2, 1)), 0
    pool(numbered(0, 8))
    for turn in range(1, 51):
        fakes = numbered(8 * turn, 4)
        before = collections.Counter(numbers(pool.images)[:, 0, 0, 0])
        shown = numbers(pool(fakes))[:, 0, 0, 0]
        after = collections.Counter(numbers(pool.images)[:, 0, 0, 0])
        assert after + collections.Counter(shown) == before + collections.Counter(fakes[:, 0, 0, 0])
        swapped += np.sum(shown != fakes[:, 0, 0, 0])
    assert 70 <= swapped <= 130  # of 200: an even coin, 4 standard deviations


def test_the_pools_draws_follow_from_its_seed():
    def history(seed):
        pool = ImagePool(4, (2, 2, 1), seed=seed)
        return np.stack([numbers(pool(numbered(4 * turn, 4))) for turn in range(6)])

    np.testing.assert_array_equal(history(1), history(1))
    assert not np.array_equal(history(1), history(2))


def test_the_pool_keeps_float32_under_mixed_precision():
    pool = ImagePool(4, (2, 2, 1))
    precise = np.full((1, 2, 2, 1), 1 + 2**-20, np.float32)  # float16 would round this to 1
    assert numbers(pool(precise))[0, 0, 0, 0] == precise[0, 0, 0, 0]
    assert pool.compute_dtype == "float32"
    assert not pool.trainable_variables


@pytest.mark.skipif(env.has_gpu(), reason="there is a GPU here")
def test_xla_stays_off_on_a_cpu_where_there_is_a_choice():
    model = Example(ALL_TERMS)
    model.compile("adam")
    assert model.jit_compile == (keras.backend.backend() == "jax")
    assert model(np.zeros((1, SIZE, SIZE, 3), np.float32)).shape == (1, SIZE, SIZE, 3)
