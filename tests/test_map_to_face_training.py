"""Training system S4: who learns from which term, and that the loss of a fixed batch falls."""

import keras
import numpy as np
import pytest
from keras import ops
from map_to_face_models import EVERY, PLAIN, SIZE, array, batch, make, trained

from lib.gans.map_to_face import DESIGNS, TERMS
from lib.gans.map_to_face import model as module
from lib.models.map_unet import build_map_unet
from lib.models.modulated import build_modulated_generator
from lib.models.redrawing_critic import build_redrawing_critic


def tiny_generator(size, width, channels_in, numbers, *options):
    """Build one convolution of the map plus one number a channel from the vector."""
    painted, vector = keras.Input((size, size, channels_in)), keras.Input((numbers,))
    shift = keras.layers.Reshape((1, 1, 3))(keras.layers.Dense(3)(vector))
    outputs = keras.layers.Conv2D(3, 1)(painted) + shift
    return keras.Model([painted, vector], outputs, name="generator")


def tiny_critic(size, width, channels_in, **options):
    inputs = keras.Input((size, size, channels_in))
    return keras.Model(inputs, keras.layers.Conv2D(1, 4, 2)(inputs), name="critic")


def tiny_redrawing_critic(size, width, **options):
    inputs = keras.Input((size, size, 3))
    drawn = keras.layers.Conv2D(3, 8, 8, activation="tanh")(inputs)
    logit = keras.layers.Dense(1)(keras.layers.Flatten()(drawn))
    return keras.Model(inputs, [drawn, logit], name="critic")


@pytest.fixture(scope="module", autouse=True)
def tiny_networks():
    """Let every design have networks whose steps are cheap: who learns does not depend on them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "build_map_unet", tiny_generator)
        patch.setattr(module, "build_modulated_generator", tiny_generator)
        patch.setattr(module, "build_patchgan", tiny_critic)
        patch.setattr(module, "build_redrawing_critic", tiny_redrawing_critic)
        yield


# ---------------------------------------------------------------- who learns from what


quiet = pytest.mark.filterwarnings("ignore:Gradients do not exist")


@pytest.fixture(scope="module")
def models():
    """Return a model of each design in `EVERY`, to be told which term counts."""
    return {name: trained(make(design)) for name, design in EVERY.items()}


def moved(model, name):
    """Return the networks that one step of plain gradient descent on one term moves."""
    networks = {"generator": model.generator, "critic": model.critic}
    before = {key: [array(w) for w in net.trainable_weights] for key, net in networks.items()}
    assert sum(map(len, before.values())) == len(model.trainable_weights)
    model.term_weights = {name: 1.0}
    model.step.assign(0)  # when the face network looks
    model.compile(keras.optimizers.SGD(0.1), run_eagerly=True)
    x, y = batch(kind=model.design.account)
    if name == "differ":  # what differs more is not moved further
        y = array(model.paint(x["other_map"], x["vector"])) + np.float32(0.05)
    model.train_on_batch(x, y)
    return {
        key
        for key, net in networks.items()
        if any(
            (array(w) != was).any()
            for w, was in zip(net.trainable_weights, before[key], strict=True)
        )
    }


LEARNS = {name: {"critic"} if name in ("critic", "redrawing") else {"generator"} for name in TERMS}
CASES = [("bottleneck", name) for name in PLAIN]
CASES += [("redraws", name) for name in ("adversarial", "critic", "redrawn", "redrawing")]
CASES += [("modulated", name) for name in ("adversarial", "critic", "l1", "colours")]


@quiet
@pytest.mark.parametrize(("design", "name"), CASES)
def test_each_term_teaches_exactly_its_network(models, design, name):
    assert moved(models[design], name) == LEARNS[name]


def test_every_term_was_tested():
    assert {name for _, name in CASES} == set(TERMS)


# ---------------------------------------------------------------- training


@pytest.mark.parametrize("name", DESIGNS)
def test_a_few_steps_lower_the_loss_on_a_fixed_batch(name):
    keras.utils.set_random_seed(0)
    design = DESIGNS[name]
    x, y = batch(2, kind=design.account)
    opinions = {"adversarial", "redrawn"} & set(design.term_weights)
    model = make(design.weighted(**dict.fromkeys(opinions, 0.01)))  # a new critic knows nothing
    model.compile(keras.optimizers.Adam(0.02, beta_1=0.5), run_eagerly=True)
    before = model.train_on_batch(x, y, return_dict=True)
    weighted = sum(before[one] * weight for one, weight in model.design.term_weights.items())
    assert before["loss"] == pytest.approx(weighted, rel=1e-5)
    for _ in range(3):
        model.reset_metrics()
        after = model.train_on_batch(x, y, return_dict=True)
    assert after["loss"] < 0.9 * before["loss"] and after["l1"] < 0.9 * before["l1"]


@pytest.mark.parametrize("build", [build_map_unet, build_modulated_generator])
def test_the_generators_learn_a_fixed_batch(build):
    keras.utils.set_random_seed(0)
    x, _ = batch(2)
    network, inputs, y = build(SIZE, 2), [x["map"], x["vector"]], -x["map"][..., -3:]
    network.compile(keras.optimizers.Adam(0.02), loss="mae", run_eagerly=True)
    losses = [float(network.train_on_batch(inputs, y)) for _ in range(4)]
    assert losses[-1] < 0.9 * losses[0]


def test_the_redrawing_critic_learns_to_draw_and_to_judge():
    keras.utils.set_random_seed(0)
    pictures = batch(4)[1]
    maps = array(ops.average_pool(pictures, 8))
    real = np.float32([[1], [1], [0], [0]])
    critic = build_redrawing_critic(SIZE, 4)
    judging = keras.losses.BinaryCrossentropy(from_logits=True)
    critic.compile(keras.optimizers.Adam(0.01), loss=["mae", judging], run_eagerly=True)
    losses = [critic.train_on_batch(pictures, [maps, real])[0] for _ in range(4)]
    assert losses[-1] < 0.9 * losses[0]
