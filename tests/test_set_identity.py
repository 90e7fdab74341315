"""The games' balance, and the losses that keep one person's pictures together."""

import keras
import numpy as np
import pytest
from gradients import array, gradients
from keras import ops

from lib.gans.render_to_photo.balance import Balance
from lib.gans.render_to_photo.centroids import (
    Centroids,
    center,
    magnet,
    softmax,
    squared_distances,
)
from lib.training import weights

PEOPLE, NUMBERS = 5, 4


# ---------------------------------------------------------------- balance


class Games(keras.Model):
    """Two balances, kept as the model of system S5 keeps its own."""

    def __init__(self):
        super().__init__()
        self.balances = {name: Balance(name, 0.5, rate=0.1) for name in ("photo", "pair")}
        self.built = True


def test_k_follows_the_lead_of_the_fakes_and_stays_between_0_and_1():
    balance = Balance("photo", gamma=0.5, rate=0.1)
    assert float(balance.k) == 0
    steps = [
        ((2.0, 0.4), 0.06),  # the fakes' error is 0.6 below half of the other: 0.1 of that
        ((1.0, 0.8), 0.03),  # and 0.3 above it
        ((1.0, 2.0), 0.0),  # 1.5 above: no further than 0
        ((24.0, 3.0), 0.9),
        ((24.0, 3.0), 1.0),  # nor beyond 1
        ((0.0, 2.0), 0.8),
    ]
    for (real, fake), expected in steps:
        balance.update(real, fake)
        assert float(balance.k) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("gamma", "rate"), [(0.5, 0.001), (0.7, 0.01)])
def test_k_rests_where_the_errors_have_the_wanted_ratio(gamma, rate):
    balance = Balance("photo", gamma, rate)
    balance.update(1.0, 0.0)
    assert float(balance.k) == pytest.approx(gamma * rate, rel=1e-5)
    balance.update(0.8, gamma * 0.8)
    assert float(balance.k) == pytest.approx(gamma * rate, rel=1e-5)


def test_the_history_shows_k_and_the_measure_of_convergence():
    model = Games()
    balance = model.balances["pair"]
    balance.update(2.0, 0.4)  # k 0.06; 2 + |1 - 0.4|
    balance.update(1.0, 0.8)  # k 0.03; 1 + |0.5 - 0.8|
    shown = {metric.name: float(metric.result()) for metric in model.metrics}
    assert shown.keys() == {"photo_k", "photo_convergence", "pair_k", "pair_convergence"}
    assert shown["pair_k"] == pytest.approx((0.06 + 0.03) / 2)
    assert shown["pair_convergence"] == pytest.approx((2.6 + 1.3) / 2)
    assert shown["photo_k"] == shown["photo_convergence"] == 0


def test_k_is_saved_with_the_weights_and_never_trained(tmp_path):
    model, resumed = Games(), Games()
    assert len(model.weights) == 2 and not model.trainable_weights
    model.balances["photo"].update(2.0, 0.4)
    weights.save(model, tmp_path / "games.weights.h5")
    weights.load(resumed, tmp_path / "games.weights.h5")
    assert {name: float(balance.k) for name, balance in resumed.balances.items()} == {
        "photo": pytest.approx(0.06),
        "pair": 0,
    }
    for game in (model, resumed):
        game.balances["photo"].update(1.0, 0.8)
    assert float(resumed.balances["photo"].k) == float(model.balances["photo"].k) > 0


def test_no_gradient_flows_back_from_a_balance():
    balance = Balance("photo", rate=0.1)

    def play(x):
        balance.update(x, 0.5 * x)
        return ops.convert_to_tensor(balance.k) + 0.0 * x

    assert gradients(play, np.float32(1.0))[0] == 0


# ---------------------------------------------------------------- centroids


def descriptors(*people, seed=0):
    draws = np.random.default_rng(seed).normal(size=(len(people), NUMBERS))
    return draws.astype(np.float32), np.int32(people)


def test_a_centroid_begins_where_its_person_is_first_seen():
    centroids = Centroids(PEOPLE, NUMBERS)
    found, person = descriptors(3, 1)
    centroids.update(found, person)
    places = array(centroids.places)
    np.testing.assert_allclose(places[[3, 1]], found, rtol=1e-6)
    np.testing.assert_array_equal(places[[0, 2, 4]], 0)
    np.testing.assert_array_equal(array(centroids.seen), [0, 1, 0, 1, 0])


@pytest.mark.parametrize("decay", [0.95, 0.5])
def test_a_centroid_moves_by_its_share_and_those_not_seen_stay(decay):
    centroids = Centroids(PEOPLE, NUMBERS, decay)
    (first, person), (second, _) = descriptors(3, 1), descriptors(3, 2, seed=1)
    centroids.update(first, person)
    centroids.update(second, np.int32([3, 2]))
    places = array(centroids.places)
    moved = decay * first[0] + (1 - decay) * second[0]
    np.testing.assert_allclose(places[3], moved, atol=1e-6)
    np.testing.assert_allclose(places[1], first[1], atol=1e-6)
    np.testing.assert_allclose(places[2], second[1], atol=1e-6)
    np.testing.assert_array_equal(array(centroids.seen), [0, 1, 1, 1, 0])


def test_a_centroid_keeps_95_parts_in_a_hundred_by_default():
    centroids = Centroids(1, 1)
    for value in (1.0, 0.0, 0.0):
        centroids.update(np.float32([[value]]), np.int32([0]))
    assert float(array(centroids.places)[0, 0]) == pytest.approx(0.95**2)


def test_several_pictures_of_one_person_count_by_their_mean():
    once, thrice = Centroids(PEOPLE, NUMBERS), Centroids(PEOPLE, NUMBERS)
    found, person = descriptors(2, 0, 2, 2)
    means = np.stack([found[[0, 2, 3]].mean(axis=0), found[1]])
    for turn in (1, 2):
        thrice.update(turn * found, person)
        once.update(turn * means, np.int32([2, 0]))
        np.testing.assert_allclose(array(thrice.places), array(once.places), atol=1e-6)
    assert np.abs(array(once.places)[2]).max() > 0.1


def test_centroids_are_saved_with_the_weights_and_never_trained(tmp_path):
    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.centroids, self.built = Centroids(PEOPLE, NUMBERS), True

    model, resumed = Model(), Model()
    assert len(model.weights) == 2 and not model.trainable_weights
    found, person = descriptors(4, 0)
    model.centroids.update(found, person)
    weights.save(model, tmp_path / "model.weights.h5")
    weights.load(resumed, tmp_path / "model.weights.h5")
    for one in (model, resumed):
        one.centroids.update(2 * found, person)
    np.testing.assert_array_equal(array(resumed.centroids.places), array(model.centroids.places))
    np.testing.assert_allclose(array(model.centroids.places)[[4, 0]], 1.05 * found, rtol=1e-5)


# ---------------------------------------------------------------- losses


def magnet_by_hand(found, person, places, seen, margin):
    """Follow Rippel et al. 2016, equation 5: what each picture pays."""
    found, places = found.astype(np.float64), places.astype(np.float64)
    own = [np.sum((one - places[who]) ** 2) for one, who in zip(found, person, strict=True)]
    variance = np.mean(own)
    losses = []
    for one, who, distance in zip(found, person, own, strict=True):
        others = [other for other in range(len(places)) if other != who and seen[other]]
        near = sum(np.exp(-np.sum((one - places[other]) ** 2) / 2 / variance) for other in others)
        ratio = np.exp(-distance / 2 / variance - margin) / near
        losses.append(max(0.0, -np.log(ratio)))
    return np.array(losses)


@pytest.fixture
def crowd():
    """Return six descriptors, whose they are, and the centroids, of which the last is not known."""
    generator = np.random.default_rng(3)
    person = np.int32([0, 0, 2, 3, 3, 1])
    places = generator.normal(0, 1, (PEOPLE, NUMBERS)).astype(np.float32)
    found = (places[person] + generator.normal(0, 0.6, (6, NUMBERS))).astype(np.float32)
    return found, person, places, np.float32([1, 1, 1, 1, 0])


def test_squared_distances_are_those_worked_out_one_by_one(crowd):
    found, _, places, _ = crowd
    expected = ((found[:, None] - places[None]) ** 2).sum(axis=-1)
    np.testing.assert_allclose(array(squared_distances(found, places)), expected, atol=1e-5)
    assert array(squared_distances(1e3 * places, 1e3 * places)).min() >= 0


@pytest.mark.parametrize("margin", [0.2, 1.0, 3.0])
def test_magnet_is_the_equation_worked_out_by_hand(crowd, margin):
    each = magnet_by_hand(*crowd, margin)
    assert 0 < np.sum(each == 0) < len(each)  # some pay, some do not
    assert float(magnet(*crowd, margin)) == pytest.approx(each.mean(), rel=1e-4)


def test_the_margin_is_1_by_default(crowd):
    assert float(magnet(*crowd)) == float(magnet(*crowd, 1.0)) != float(magnet(*crowd, 1.1))


def test_magnet_is_0_where_everybody_is_much_nearer_to_their_own(crowd):
    found, person, places, seen = crowd
    assert float(magnet(found, person, places, seen)) > 0.1
    near = places[person] + 0.05 * (found - places[person])
    assert float(magnet(near, person, places, seen)) == 0
    np.testing.assert_array_equal(
        gradients(lambda x: magnet(x, person, places, seen), near)[0], np.zeros_like(near)
    )
    assert float(magnet(places[person], person, places, seen)) == 0  # no division by no variance


def test_people_not_seen_yet_do_not_count(crowd):
    found, person, places, seen = crowd
    expected = float(magnet(*crowd))
    elsewhere = places.copy()
    elsewhere[4] = found[0]  # right beside a picture of somebody else
    assert float(magnet(found, person, elsewhere, seen)) == expected
    assert float(magnet(found, person, elsewhere, np.ones_like(seen))) > expected + 0.01
    alone = np.float32([1, 0, 0, 0, 0])
    assert float(magnet(found[:2], person[:2], places, alone)) == 0


def test_magnet_pulls_towards_the_own_centroid_and_away_from_the_others(crowd):
    # The variance is held, so the gradient is (the others, weighed by nearness - one's own) / it.
    found, person, places, seen = crowd
    pays = magnet_by_hand(*crowd, 3.0) > 0
    assert 2 < pays.sum() < len(pays)
    pull = -gradients(lambda x: magnet(x, person, places, seen, 3.0), found)[0]
    squares = ((found[:, None] - places[None]) ** 2).sum(axis=-1)
    rows = np.arange(len(person))
    variance = squares[rows, person].mean()
    nearness = np.exp(-squares / 2 / variance) * seen
    nearness[rows, person] = 0
    nearness /= nearness.sum(axis=1, keepdims=True)
    expected = (places[person] - nearness @ places) / variance / len(person)
    np.testing.assert_allclose(pull, pays[:, None] * expected, atol=1e-5)


def test_between_two_people_magnet_pulls_straight_to_ones_own():
    places, found = np.float32([[0, 0], [2, 0]]), np.float32([[0.9, 0.3], [1.2, -0.1]])
    pull = -gradients(lambda x: magnet(x, np.int32([0, 1]), places, np.ones(2, "float32")), found)[
        0
    ]
    assert pull[0, 0] < 0 < pull[1, 0]
    np.testing.assert_allclose(pull[:, 1], 0, atol=1e-6)


def test_center_is_half_the_mean_square_and_pulls_straight_to_the_centroid(crowd):
    found, person, places, _ = crowd
    away = found - places[person]
    expected = 0.5 * np.mean(np.sum(away.astype(np.float64) ** 2, axis=1))
    assert float(center(found, person, places)) == pytest.approx(expected, rel=1e-5)
    pull, _ = gradients(lambda x: center(x, person, places), found)
    np.testing.assert_allclose(pull, away / len(person), atol=1e-6)
    assert float(center(places[person], person, places)) == 0


def test_softmax_is_the_cross_entropy_worked_out_by_hand():
    scores, person = (
        np.random.default_rng(0).normal(0, 3, (6, PEOPLE)),
        np.int32([0, 4, 4, 2, 1, 3]),
    )
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    expected = -np.log(shares[np.arange(6), person]).mean()
    assert float(softmax(scores.astype(np.float32), person)) == pytest.approx(expected, rel=1e-5)
    even = np.zeros((2, PEOPLE), np.float32)
    assert float(softmax(even, np.int32([0, 1]))) == pytest.approx(np.log(PEOPLE), rel=1e-5)
    sure = np.float32([[500, -500, 0]])
    assert float(softmax(sure, np.int32([0]))) == 0
    assert float(softmax(sure, np.int32([1]))) == pytest.approx(1000)


@pytest.mark.parametrize("kind", ["float16", "float32"])
def test_losses_answer_in_float32(crowd, kind):
    found, person, places, seen = crowd
    found = found.astype(kind)
    losses = magnet(found, person, places, seen), center(found, person, places)
    for loss in (*losses, softmax(found, person[:6] % NUMBERS)):
        assert keras.backend.standardize_dtype(loss.dtype) == "float32" and loss.shape == ()
