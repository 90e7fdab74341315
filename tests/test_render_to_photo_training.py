"""Training system S5: who learns from which term and how much, and resumed bits."""

import keras
import numpy as np
import pytest
from keras import ops
from render_to_photo_models import array, batch, make, networks, tiny_critic

from lib import losses
from lib.gans.render_to_photo import TERMS, Design
from lib.gans.render_to_photo import model as module
from lib.gans.render_to_photo.designs import CRITICS, IDENTITY_LOSSES
from lib.profiles import Profile
from lib.training import load, train
from lib.training.weights import to_arrays

KINDS = {
    kind: Design(
        dict.fromkeys(set(TERMS) - set(CRITICS[other]) - set(IDENTITY_LOSSES[1:]), 1.0), kind
    )
    for kind, other in (("autoencoding", "patches"), ("patches", "autoencoding"))
}
"""Every term that there can be with critics of each kind, but for two of the identity losses."""


@pytest.fixture(scope="module", autouse=True)
def tiny_critics():
    """Let critics have cheap steps: who learns does not depend on what is inside them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "build_autoencoding_critic", tiny_critic)
        yield


# ---------------------------------------------------------------- who learns from what


@pytest.fixture(scope="module")
def models():
    """Return models of every term, to be told which one counts."""
    named = KINDS | {name: Design({name: 1.0}, "patches") for name in ("center", "softmax")}
    return {name: make(design) for name, design in named.items()}


def of(models, term):
    """Return the model that has a term."""
    return next(model for model in models.values() if term in model.design.term_weights)


def gradients(function, model):
    """Return a scalar function's gradients at the weights of each of a model's networks."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("gradients are taken by TensorFlow")
    import tensorflow

    weights = {name: net.trainable_weights for name, net in networks(model).items()}
    assert sum(map(len, weights.values())) == len(model.trainable_weights)
    values = {name: [weight.value for weight in own] for name, own in weights.items()}
    with tensorflow.GradientTape() as tape:
        result = function()
    found = tape.gradient(result, values, unconnected_gradients="zero")
    return {name: [array(gradient) for gradient in own] for name, own in found.items()}


def pulls(model, term, weight=1.0, k=0.5):
    """Return the gradients of one training step on one term alone, with all k's at a value."""
    model.term_weights = {term: weight}
    for balance in model.balances.values():
        balance.k.assign(k)
    x = batch()

    def loss():
        return model.compute_loss(x, None, model(x, training=True), training=True)

    return gradients(loss, model)


def moved(found):
    """Return the networks with a gradient."""
    return {name for name, own in found.items() if any(gradient.any() for gradient in own)}


G, BACK, PHOTO_CRITIC, RENDER_CRITIC = "forwards", "backwards", "photo_critic", "render_critic"
LEARNS = {
    "photo_real": {PHOTO_CRITIC},
    "photo_fake": {G, PHOTO_CRITIC},
    "render_real": {RENDER_CRITIC},
    "render_fake": {BACK, RENDER_CRITIC},
    "cycle": {G, BACK},
    "pair": {BACK},
    "pair_photo": {G},
    "pair_perceptual": {G},
    "surround": {G},
    "adversarial": {G},
    "critic": {PHOTO_CRITIC},
    "face": {G},
    "magnet": {G},
    "center": {G},
    "softmax": {G, "classifier"},
}


@pytest.mark.parametrize("term", TERMS)
def test_each_term_teaches_exactly_its_networks(models, term):
    assert moved(pulls(of(models, term), term)) == LEARNS[term]


@pytest.mark.parametrize(
    ("term", "k", "learns"),
    [
        ("photo_fake", 0, {G}),
        ("render_fake", 0, {BACK}),
        ("cycle", 0, {G, BACK}),
        ("cycle", 1, {G}),
    ],
)
def test_at_the_ends_of_the_range_of_k_one_player_rests(models, term, k, learns):
    assert moved(pulls(of(models, term), term, k=k)) == learns


def errors(model, term):
    """Return the plain error that both players of a game pull at, without any balance."""
    x = batch()
    fake = model.forwards(x["render"], training=True)
    if term == "photo_fake":
        return losses.l1(model.photo_critic(fake, training=True), fake)
    if term == "cycle":
        return losses.l1(model.backwards(fake, training=True), x["render"])
    decoded = model.backwards(ops.stop_gradient(fake), training=True)
    return losses.l1(model.render_critic(decoded, training=True), decoded)


@pytest.mark.parametrize(("weight", "k"), [(1.0, 0.3), (0.4, 0.8)])
@pytest.mark.parametrize(
    ("term", "first", "second"),
    [
        ("photo_fake", G, PHOTO_CRITIC),
        ("render_fake", BACK, RENDER_CRITIC),
        ("cycle", G, BACK),
    ],
)
def test_both_players_of_a_game_feel_their_share(models, term, first, second, weight, k):
    model = of(models, term)
    plain = gradients(lambda: errors(model, term), model)
    found = pulls(model, term, weight, k)
    # a critic raises k times the error itself; the way back is left 1 - k of what the cycle weighs
    shares = {first: weight, second: weight * (1 - k) if term == "cycle" else -k}
    for name, share in shares.items():
        for gradient, expected in zip(found[name], plain[name], strict=True):
            np.testing.assert_allclose(gradient, share * expected, rtol=1e-3, atol=1e-6)
        assert max(np.abs(one).max() for one in plain[name]) > 1e-3


# ---------------------------------------------------------------- training


def compiled(design, rate=0.01, **options):
    """Return a model whose steps are cheap; the same every time."""
    keras.utils.set_random_seed(0)
    model = make(design, **options)
    model.compile(keras.optimizers.Adam(rate, beta_1=0.5), run_eagerly=True)
    return model


def test_a_few_steps_lower_the_loss_of_ours_on_a_fixed_batch():
    model, x = compiled("ours", 0.02), batch()
    before = model.train_on_batch(x, return_dict=True)
    weights = model.design.term_weights
    expected = sum(before[term] * weight for term, weight in weights.items())
    assert before["loss"] == pytest.approx(expected, rel=1e-5)
    for _ in range(3):
        model.reset_metrics()
        after = model.train_on_batch(x, return_dict=True)
    assert after["loss"] < 0.8 * before["loss"]
    for term in ("pair", "cycle"):
        assert after[term] < before[term], term


class Steps(keras.utils.PyDataset):
    """Two batches a round, another one at each step."""

    epoch = 0

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return batch(seed=5 * (2 * self.epoch + index))


class Killed(Exception):  # noqa: N818 - no error
    """The end of a process, as a training sees it."""


class Kill(keras.callbacks.Callback):
    """Ends the training after its second step, before that is saved."""

    def on_train_batch_end(self, batch, logs=None):
        if self.model.optimizer.iterations == 2:
            raise Killed


PROFILE = Profile("smoke", 32, 2, 4, steps=3, sample_every=1, identities=1, captures=1)


def test_killed_and_resumed_it_ends_with_the_same_bits(tmp_path):
    options = {"gamma": 0.9, "balance_rate": 0.2}
    ends = []
    for label, kill in (("whole", False), ("killed", True)):
        if kill:
            with pytest.raises(Killed):
                train(
                    compiled("facegan", **options), Steps(), PROFILE, label, runs=tmp_path,
                    moving_average=0.9, extra_callbacks=[Kill()],
                )  # fmt: skip
        model = compiled("facegan", **options)
        run = train(model, Steps(), PROFILE, label, runs=tmp_path, moving_average=0.9)
        assert run.resumed_from == (1 if kill else 0) and run.finished
        trained = to_arrays([*model.variables, *model.optimizer.variables])
        assert any(float(balance.k) > 0 for balance in model.balances.values())
        assert array(model.centroids.places).any()
        load(model, run.folder / "average.weights.h5")
        averaged = to_arrays(model.weights)
        assert any((one != other).any() for one, other in zip(averaged, trained, strict=False))
        ends.append([*trained, *averaged])
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)
