"""Training system S5: the k of each game, what an evaluation leaves alone, and the centroids."""

import dataclasses

import keras
import numpy as np
import pytest
from render_to_photo_models import PEOPLE, array, batch, make, three_numbers, tiny_critic

from lib.gans.render_to_photo import DESIGNS
from lib.gans.render_to_photo import model as module
from lib.training.weights import to_arrays


@pytest.fixture(scope="module", autouse=True)
def tiny_critics():
    """Let critics have cheap steps: who learns does not depend on what is inside them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "build_autoencoding_critic", tiny_critic)
        yield


def followed(model, steps=2, k=0.0):
    """Take training steps; return each game's k after each of them, and as its rule says."""
    found, expected = [], []
    for balance in model.balances.values():
        balance.k.assign(k)
    for step in range(steps):
        x = batch(seed=step)
        now = {game: float(balance.k) for game, balance in model.balances.items()}
        terms = model.loss_terms(x, None, model(x, training=True), True)
        terms = {name: float(value) for name, value in terms.items()}
        played = {
            "photo": ("photo_real", "photo_fake"),
            "render": ("render_real", "render_fake"),
            "pair": ("pair", "cycle"),
        }
        for game, (real, fake) in played.items():
            if real in terms:
                lead = model.balances[game].gamma * terms[real] - terms[fake]
                now[game] = min(max(now[game] + model.balances[game].rate * lead, 0.0), 1.0)
        expected.append(now)
        found.append({game: float(balance.k) for game, balance in model.balances.items()})
    return found, expected


@pytest.fixture(scope="module")
def published():
    options = {"gamma": 0.9, "balance_rate": 0.2}
    design = dataclasses.replace(DESIGNS["facegan"], pair_gamma=0.6)
    model = make(design, **options)
    assert [balance.gamma for balance in model.balances.values()] == [0.9, 0.9, 0.6]
    return model


def test_every_k_follows_its_own_game(published):
    found, expected = followed(published, k=0.4)
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    for game in ("photo", "render", "pair"):
        assert 0 < found[0][game] < 1
        assert abs(found[0][game] - 0.4) > 1e-3 and abs(found[1][game] - found[0][game]) > 1e-3


def test_no_k_leaves_its_range(published):
    for rate, k, end in ((9.0, 1.0, 1.0), (-9.0, 0.0, 0.0)):
        for balance in published.balances.values():
            balance.gamma, balance.rate = 5.0, rate  # made ones always seem too good
        found, expected = followed(published, steps=1, k=k)
        assert found == expected == [dict.fromkeys(("photo", "render", "pair"), end)]


@pytest.mark.parametrize(
    ("name", "moves"),
    [("ours", {"pair"}), ("ours, no third game", set()), ("ours, no pairs", set())],
)
def test_without_a_game_its_k_stays_at_0(name, moves):
    model = make(name, balance_rate=1.0)
    found, expected = followed(model, steps=1)
    assert found[-1] == pytest.approx(expected[-1], abs=1e-5)
    assert {game for game, k in found[-1].items() if k > 0} == moves


def test_evaluation_moves_nothing():
    model = make("facegan", gamma=0.9, balance_rate=0.2)
    model.compile(keras.optimizers.SGD(0.1), run_eagerly=True)
    x = batch()
    for balance in model.balances.values():
        balance.k.assign(0.4)
    before = to_arrays(model.weights)
    model.test_on_batch(x)
    for one, other in zip(to_arrays(model.weights), before, strict=True):
        np.testing.assert_array_equal(one, other)
    model.train_on_batch(x)
    assert array(model.centroids.seen).tolist() == [0, 1, 0, 1, 0]
    assert all(float(balance.k) != 0.4 for balance in model.balances.values())


def test_the_identity_loss_looks_at_the_first_pictures_alone():
    x, seen = batch(), []

    def look(shown):
        seen.append(array(shown))
        return three_numbers(shown)

    model = make("ours, center", embed=look, looks=3)
    seen.clear()
    fake = model(x, training=True)
    model.loss_terms(x, None, fake, True)
    np.testing.assert_array_equal(seen[0], array(fake)[:3])
    found, places = array(three_numbers(array(fake))), array(model.centroids.places)
    assert len(seen) == 1 and array(model.centroids.seen).tolist() == [0, 1, 0, 1, 0]
    np.testing.assert_allclose(places[3], found[:2].mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(places[1], found[2], atol=1e-6)
    assert places.shape == (PEOPLE, 128)
