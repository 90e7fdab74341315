"""Training system S1: who learns from which term, the loss falls, and resumed bits are the same."""

import dataclasses

import keras
import numpy as np
import pytest
from specularity_models import CRITICS, SIZE, WAYS, array, batch, make, trained

from lib.benchmarks import shine
from lib.gans.learning_rates import CLIP
from lib.gans.specularity import MODELS, TERMS, Design
from lib.profiles import Profile
from lib.training import train
from lib.training.weights import to_arrays

# ---------------------------------------------------------------- who learns from what

quiet = pytest.mark.filterwarnings("ignore:Gradients do not exist")


@pytest.fixture(scope="module")
def whole():
    """Return a model of every term, to be told which one counts."""
    return trained(make(Design("translator", dict.fromkeys(TERMS, 1.0))))


def moved(model, term):
    """Return the networks that one step of plain gradient descent on one term moves."""
    x, y = batch()
    before = {id(weight): array(weight) for weight in model.trainable_weights}
    model.term_weights = {term: 1.0}
    model.compile(keras.optimizers.SGD(0.1), run_eagerly=True)
    model.train_on_batch(x, y)
    networks = [net for net in model.layers if isinstance(net, keras.Model)]
    assert sum(len(net.trainable_weights) for net in networks) == len(before)
    return {
        net.name
        for net in networks
        if any((array(w) != before[id(w)]).any() for w in net.trainable_weights)
    }


@quiet
@pytest.mark.parametrize(
    ("term", "learns"),
    [
        ("adversarial", WAYS),
        ("critic", CRITICS),
        ("cycle_l1", WAYS),
        ("cycle_ssim", WAYS),
        ("cycle_perceptual", WAYS),
        ("identity_l1", WAYS),
        ("stay_l1", {"forwards"}),
        ("paired_l2", {"forwards"}),
        ("paired_inside", {"forwards"}),
        ("matte_l2", {"forwards"}),
        ("matte_inside", {"forwards"}),
    ],
)
def test_each_term_teaches_exactly_its_networks(whole, term, learns):
    assert moved(whole, term) == learns


def test_every_term_was_tested():
    marks = test_each_term_teaches_exactly_its_networks.pytestmark
    (cases,) = [mark.args[1] for mark in marks if mark.name == "parametrize"]
    assert {term for term, _ in cases} == set(TERMS)


@quiet
@pytest.mark.parametrize("term", ["adversarial", "critic"])
def test_without_a_way_back_one_translator_and_one_critic_play(term):
    learns = {"adversarial": {"forwards"}, "critic": {"target_critic"}}[term]
    assert moved(trained(make("Simple-GAN")), term) == learns


@quiet
def test_untrained_a_cycle_teaches_nothing():
    # its translators change nothing yet: there is nothing to undo
    assert moved(make("Spec-CGAN"), "cycle_l1") == set()


# ---------------------------------------------------------------- training


def tiny_translator(name):
    """Build the input plus one convolution of it: enough to darken pictures."""
    inputs = keras.Input((SIZE, SIZE, 3))
    correction = keras.layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(inputs)
    return keras.Model(inputs, keras.layers.Add()([inputs, correction]), name=name)


def tiny_critic(name):
    inputs = keras.Input((SIZE, SIZE, 3))
    return keras.Model(inputs, keras.layers.Conv2D(1, 4, 2)(inputs), name=name)


def make_tiny(name, rate=0.02, **options):
    """Build and compile a model whose steps are cheap; the same every time."""
    keras.utils.set_random_seed(0)
    model = make(name, translator=tiny_translator, critic=tiny_critic, **options)
    model.compile(keras.optimizers.Adam(rate, beta_1=0.5), run_eagerly=True)
    return model


@pytest.mark.parametrize("name", MODELS)
def test_a_few_steps_lower_the_loss_on_a_fixed_batch(name):
    plays, (x, y) = MODELS[name].plays, batch(2)
    model = make_tiny(name, 0.03 if plays else 0.003)
    before = model.train_on_batch(x, y, return_dict=True)
    expected = sum(before[term] * weight for term, weight in model.design.term_weights.items())
    assert before["loss"] == pytest.approx(expected, rel=1e-5)
    for _ in range(7 if plays else 5):
        model.reset_metrics()
        after = model.train_on_batch(x, y, return_dict=True)
    assert after["loss"] < 0.7 * before["loss"]
    fake, source, target = (one.mean() for one in (array(model(x)), x["source"], x["target"]))
    if plays:  # targets are darker, which critics see and translators then learn from them
        assert fake < source - 0.1 * (source - target)


class Steps(keras.utils.PyDataset):
    """Two batches a round, another one at each step."""

    epoch = 0

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return batch(2, seed=2 * (2 * self.epoch + index))


def test_interrupted_and_resumed_a_cycle_ends_with_the_same_bits(tmp_path):
    profile = Profile("smoke", SIZE, 2, 2, steps=4, sample_every=2, identities=1, captures=1)
    ends = []
    for name, parts in (("whole", (4,)), ("resumed", (2, 4))):
        for steps in parts:
            model = make_tiny("Spec-CGAN", pool=4)
            part = dataclasses.replace(profile, steps=steps)
            run = train(model, Steps(), part, name, runs=tmp_path)
        assert run.resumed_from == (0 if len(parts) == 1 else 2) and run.finished
        ends.append(to_arrays([*model.variables, *model.optimizer.variables]))
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [int(pool.count) for pool in model.pools] == [4, 4]  # full at step 2: draws have begun


# ---------------------------------------------------------------- longer trainings


@pytest.mark.parametrize("name", ["Shine layer (ours)", "Spec-CGAN"])
def test_the_benchmark_takes_shorter_steps_in_longer_trainings_and_clips_them(name):
    steps, _, rate, beta_1 = shine.plan(MODELS[name])
    lesson, longer = (shine.optimizer(MODELS[name], times) for times in (1.0, 9.0))
    assert lesson.global_clipnorm is None and longer.global_clipnorm == CLIP
    assert lesson.beta_1 == longer.beta_1 == beta_1
    for times, optimizer in ((1, lesson), (9, longer)):
        schedule = optimizer._learning_rate
        rates = [float(schedule(step)) for step in range(0, times * steps + 1, 10)]
        assert max(rates) == pytest.approx(rate / times**0.5, rel=1e-3)
        assert rates[-1] == pytest.approx(0.02 * rate / times**0.5, rel=1e-3)
