"""Networks at work: compiled answers are the network's own, and compiled only where that pays."""

import gc
import weakref

import keras
import numpy as np
import pytest

from lib import inference

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="only TensorFlow compiles here"
)


class Counted(keras.layers.Layer):
    """Doubles, adds a weight, and counts how often Python came by: once a graph, if compiled."""

    def __init__(self):
        super().__init__()
        self.shift = self.add_weight(shape=(), initializer="zeros")
        self.visits = []

    def call(self, x, training=None):
        self.visits.append((x.shape[0], training))
        return 2 * x + self.shift


@pytest.fixture
def network():
    """Return a network of one counted layer, none of whose visits came of building it."""
    layer = Counted()
    image = keras.Input((4, 4, 1))
    model = keras.Model(image, layer(image))
    layer.visits.clear()
    return model, layer.visits


def pictures(number):
    return np.random.default_rng(number).normal(size=(number, 4, 4, 1)).astype("float32")


def answers(network, shown, batch_size):
    parts = inference.in_batches(network, len(shown), batch_size)
    return np.concatenate([np.asarray(look(shown[part])) for part, look in parts])


def single(network):
    """Return what calls a network on one picture."""
    ((part, look),) = inference.in_batches(network, 1, 1)
    assert part == slice(0, 1)
    return look


def test_full_batches_are_compiled_once_and_the_last_is_not(network):
    model, visits = network
    shown = pictures(15)
    found = answers(model, shown, 4)
    np.testing.assert_array_equal(found, 2 * shown)
    assert visits == [(4, False), (3, False)]
    answers(model, shown, 4)
    assert visits == [(4, False), (3, False), (3, False)], "the graph is kept with the network"


def test_few_pictures_are_not_worth_a_graph(network):
    model, visits = network
    shown = pictures(4 * inference.ENOUGH - 1)
    answers(model, shown, 4)
    assert len(visits) == inference.ENOUGH


def test_one_picture_at_a_time_is_compiled_for_the_next(network):
    model, visits = network
    for seed in (1, 2, 3):
        shown = pictures(seed)[:1]
        np.testing.assert_array_equal(single(model)(shown), 2 * shown)
    assert visits == [(1, False)]


def test_weights_that_change_later_count(network):
    model, _ = network
    look, shown = single(model), pictures(1)
    before = np.asarray(look(shown))
    model.trainable_weights[0].assign(5.0)
    np.testing.assert_allclose(look(shown), before + 5, rtol=1e-6)


def test_several_inputs_and_outputs_stay_what_they_are():
    first, second = keras.Input((3,), name="first"), keras.Input((3,), name="second")
    outputs = {"sum": first + second, "difference": first - second}
    model = keras.Model({"first": first, "second": second}, outputs)
    look = next(inference.in_batches(model, 6, 2))[1]
    x = {"first": np.ones((2, 3), "float32"), "second": np.full((2, 3), 3, "float32")}
    found = look(x)
    assert (np.asarray(found["sum"]) == 4).all()
    assert (np.asarray(found["difference"]) == -2).all()


def test_who_asks_to_run_eagerly_is_heard_and_so_is_what_is_no_network(network):
    model, visits = network
    model.compile(loss="mse", run_eagerly=True)
    shown = pictures(16)
    answers(model, shown, 4)
    assert len(visits) == 4
    assert single(lambda x, training: (x, training))(7) == (7, False)


def test_a_graph_does_not_keep_its_network():
    layer = Counted()
    image = keras.Input((4, 4, 1))
    model = keras.Model(image, layer(image))
    single(model)(pictures(1))
    behind = weakref.ref(model)
    del model, layer, image
    keras.backend.clear_session()
    gc.collect()
    assert behind() is None
