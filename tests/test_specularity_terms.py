"""System S1's loss terms at values worked out by hand, and the fakes that critics are shown."""

import math
import types

import keras
import numpy as np
import pytest
from keras import ops
from specularity_models import SHINING, SIZE, array, batch, make

from lib import losses
from lib.gans import specularity
from lib.gans.specularity import TERMS, Design
from lib.gans.specularity.terms import PERCEIVED, SLIGHT, Round
from lib.training import load, save


class Shift(keras.layers.Layer):
    """Adds a constant."""

    def __init__(self, constant, **options):
        super().__init__(**options)
        self.constant = constant

    def call(self, x):
        return x + self.constant


def shifts(forwards, backwards):
    """Return a builder of translators that add a constant each."""

    def build(name):
        inputs = keras.Input((SIZE, SIZE, 3))
        constant = {"forwards": forwards, "backwards": backwards}[name]
        return keras.Model(inputs, Shift(constant)(inputs), name=name)

    return build


def level_critic(name):
    """Build a critic whose every logit is the mean of the pixel: its opinion is known."""
    inputs = keras.Input((SIZE, SIZE, 3))
    ones = keras.initializers.Constant(1 / 3)
    logits = keras.layers.Conv2D(1, 1, use_bias=False, kernel_initializer=ones, name="mean")
    return keras.Model(inputs, logits(inputs), name=name)


def every_term(forwards=0.0, backwards=0.0, *, training=False, **options):
    """Return the values of all terms for translators that add constants."""
    model = make(
        Design("translator", dict.fromkeys(TERMS, 1.0)),
        translator=shifts(forwards, backwards),
        **{"critic": level_critic} | options,
    )
    x, y = batch()
    y["paired"], y["matte"] = x["source"] + 0.3, x["source"] - 0.5 * y["mask"]
    values = model.loss_terms(x, y, model(x), training)
    assert list(values) == list(TERMS)
    return {name: float(value) for name, value in values.items()}


def test_translators_that_change_nothing_pay_nothing_for_it():
    found = every_term()
    for name in ("cycle_l1", "cycle_perceptual", "identity_l1", "stay_l1"):
        assert found[name] == 0, name
    assert found["cycle_ssim"] == pytest.approx(0, abs=1e-6)
    assert found["paired_l2"] == pytest.approx(0.09)
    assert found["paired_inside"] == pytest.approx(SHINING * 0.09 / (SHINING * 0.09 + SLIGHT))
    assert found["matte_inside"] == pytest.approx(SHINING * 0.25 / (SHINING * 0.25 + SLIGHT))
    assert found["matte_l2"] == pytest.approx(0.25 / 16)  # of 16 x 16 pixels 4 x 4 shine


def test_a_constant_shift_costs_what_was_worked_out_by_hand():
    # there + 0.1, back + 0.2: after a cycle both pictures are off by 0.3
    found = every_term(0.1, 0.2, features=lambda shown: [2 * shown, shown])
    assert found["cycle_l1"] == pytest.approx(0.6, rel=1e-5)
    assert found["cycle_perceptual"] == pytest.approx(2 * (4 + 1) / 2 * 0.09, rel=1e-5)
    assert found["identity_l1"] == pytest.approx(0.1 + 0.2, rel=1e-5)
    assert found["stay_l1"] == pytest.approx(0.1, rel=1e-5)
    assert found["paired_l2"] == pytest.approx(0.2**2, rel=1e-5)
    left, before = SHINING * 0.2**2, SHINING * 0.3**2
    assert found["paired_inside"] == pytest.approx(left / (before + SLIGHT), rel=1e-5)
    left, before = SHINING * 0.6**2, SHINING * 0.5**2  # brighter where it shone: worse than before
    assert found["matte_inside"] == pytest.approx(left / (before + SLIGHT), rel=1e-5)
    assert found["matte_l2"] == pytest.approx((0.6**2 + 15 * 0.1**2) / 16, rel=1e-5)
    x, _ = batch()
    ssim = sum(float(losses.ssim(one, one + 0.3)) for one in x.values())
    assert found["cycle_ssim"] == pytest.approx(ssim, rel=1e-5) and ssim > 0.01
    undone = every_term(0.1, -0.1)
    assert undone["cycle_l1"] == pytest.approx(0, abs=1e-6)
    assert undone["identity_l1"] == pytest.approx(0.2, rel=1e-5)


def zero_critic(name):
    inputs = keras.Input((SIZE, SIZE, 3))
    logits = keras.layers.Conv2D(1, 1, kernel_initializer="zeros", name="zero")
    return keras.Model(inputs, logits(inputs), name=name)


@pytest.mark.parametrize(
    ("game", "adversarial", "critic"),
    [
        ("least_squares", 0.5, 0.5),
        ("cross_entropy", math.log(2), math.log(2)),
        ("hinge", 0.0, 2.0),
        ("wasserstein", 0.0, 0.0),
    ],
)
def test_critics_without_an_opinion_cost_what_was_worked_out_by_hand(game, adversarial, critic):
    found = every_term(critic=zero_critic, game=game)
    assert found["adversarial"] == pytest.approx(2 * adversarial)  # two translators
    assert found["critic"] == pytest.approx(2 * critic)  # two critics


def judge(real, fake):
    """Return what least squares ask of a critic and of a generator, for logits given."""
    return 0.5 * ((real - 1) ** 2).mean() + 0.5 * (fake**2).mean(), 0.5 * ((fake - 1) ** 2).mean()


@pytest.mark.parametrize("training", [False, True])
def test_each_critic_judges_its_own_kind(training):
    x, _ = batch()
    source, target = (x[name].mean(axis=-1) for name in ("source", "target"))
    games = judge(target, source + 0.1), judge(source, target + 0.2)
    found = every_term(0.1, 0.2, training=training)  # an empty pool hands new fakes on
    assert found["critic"] == pytest.approx(games[0][0] + games[1][0], rel=1e-4)
    assert found["adversarial"] == pytest.approx(games[0][1] + games[1][1], rel=1e-4)


@pytest.mark.parametrize("name", ["paired", "matte"])
def test_of_highlights_the_share_left_counts_in_each_picture(name):
    x, y = batch(2)
    strength = np.float32([0.8, 0.2]).reshape(-1, 1, 1, 1)  # on dark skin, and on light skin
    y[name] = x["source"] - strength * y["mask"]
    expected = (SHINING * strength**2 / (SHINING * strength**2 + SLIGHT)).mean()
    for share in (1.0, 0.5, 0.0):
        fake = y[name] + np.float32(share) * strength * y["mask"] + 5 * (1 - y["mask"])
        found = float(TERMS[f"{name}_inside"](None, Round(x, y, fake, None, None, False)))
        assert found == pytest.approx(share**2 * expected, rel=1e-4, abs=1e-9)
    played = Round(x, y | {"mask": 0 * y["mask"]}, x["source"], None, None, False)
    assert float(TERMS[f"{name}_inside"](None, played)) == 0  # where nothing shines


def test_the_perceptual_term_looks_at_few_pictures_and_never_changes_the_truth():
    seen = []

    def features(shown):
        seen.append(shown.shape[0])
        return [shown]

    found = every_term(0.1, 0.2, features=features)
    assert found["cycle_perceptual"] == pytest.approx(0.18, rel=1e-5)
    assert seen == [1] + 4 * [PERCEIVED]  # once at the start; truth and result, both ways


@pytest.fixture(scope="module")
def ours():
    return make("Shine layer (ours)")


@pytest.mark.parametrize(
    ("layer", "taken", "in_training"),
    [
        ((0.1, 0.2, 0.3), (0.2, 0.4, 0.6), (0.2, 0.4, 0.6)),  # white is 2 wide, from -1 to 1
        ((0.1, -0.02, 0.0), (0.2, 0.0, 0.0), (0.2, -0.04, 0.0)),  # light is never added
        ((0.007, 0.007, 0.007), (0.0, 0.0, 0.0), (0.014, 0.014, 0.014)),  # below two grey levels
        ((-0.1, -0.1, -0.1), (0.0, 0.0, 0.0), (-0.2, -0.2, -0.2)),
    ],
)
def test_a_layer_is_taken_away_where_it_is_seen_and_never_added(ours, layer, taken, in_training):
    model, (x, _) = ours, batch()
    model.forwards.get_layer("layer").bias.assign(layer)
    for training, expected in ((False, taken), (True, in_training)):
        found = x["source"] - array(model(x, training=training))
        np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), atol=1e-6)


# ---------------------------------------------------------------- the history of fakes


def test_critics_are_shown_old_fakes_in_training_only():
    shown = []

    class Pool:
        def __call__(self, fakes):
            return 0 * fakes + 0.9

    def critic(seen, training):
        shown.append((float(ops.mean(seen)), training))
        return seen

    x, y = batch()
    stub = types.SimpleNamespace(
        critics=[critic], pools=[Pool()], game=losses.ADVERSARIAL["least_squares"]
    )
    for training, fake in ((True, 0.9), (False, float(x["source"].mean()))):
        shown.clear()
        played = Round(x, y, x["source"], None, None, training)
        found = float(TERMS["critic"](stub, played))
        assert shown == [(pytest.approx(x["target"].mean(), abs=1e-5), training),
                         (pytest.approx(fake, abs=1e-5), training)]  # fmt: skip
        expected, _ = judge(x["target"], x["source"] if not training else np.float32(0.9))
        assert found == pytest.approx(expected, rel=1e-4)


def test_the_history_fills_to_its_size_and_is_saved(tmp_path):
    model = make("Spec-CGAN", pool=4)
    assert specularity.model.POOL == 50 == make("Simple-GAN").pools[0].size
    for step in range(3):
        x, y = batch(2, seed=10 * step)
        fake = model(x)
        model.loss_terms(x, y, fake, training=False)
        assert [int(pool.count) for pool in model.pools] == [2 * min(step, 2)] * 2
        model.loss_terms(x, y, fake, training=True)
    first, second = (array(pool.images) for pool in model.pools)
    assert (first.std(axis=(1, 2, 3)) > 0).all() and not np.allclose(first, second)
    save(model, tmp_path / "model.weights.h5")
    again = make("Spec-CGAN", pool=4)
    again(x)
    load(again, tmp_path / "model.weights.h5")
    for pool, other in zip(again.pools, model.pools, strict=True):
        np.testing.assert_array_equal(array(pool.images), array(other.images))
        assert int(pool.count) == 4
