"""The adversarial base: who learns from which term, what state moves, devices, half precision."""

import collections

import keras
import numpy as np
import pytest
from keras import ops

from lib import env
from lib.benchmarks import training as benchmark
from lib.benchmarks.example import ALL_TERMS, SIZE, Example, Noise
from lib.gans.adversarial import AdversarialModel, ImagePool

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
@pytest.mark.parametrize(("random", "reads_of_critic"), [(False, 2), (True, 3)])
def test_no_weight_is_updated_before_it_is_read_for_the_last_time(random, reads_of_critic):
    import tensorflow

    model = Example(ALL_TERMS, random)  # with a pool, the two players see different fakes
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
    assert reads == len(updates) - critic + reads_of_critic * critic


def test_half_precision_is_scaled_and_stays_finite():
    result = benchmark.half_precision()
    assert result["finite"]
    assert result["loss scale"] > 1
    assert result["computed in"] == "float16"
    assert result["weights in"] == ["float32"]


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
