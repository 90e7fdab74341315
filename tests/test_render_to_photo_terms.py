"""System S5's loss terms at values worked out by hand, and what networks are shown."""

import math
import types

import keras
import numpy as np
import pytest
from render_to_photo_models import SIZE, array, batch

from lib import images, losses
from lib.gans.render_to_photo import TERMS, centroids, face_of
from lib.gans.render_to_photo.centroids import Centroids
from lib.gans.render_to_photo.terms import DARK, SURROUND, Round, on_black


def played(x, *, fake=None, decoded=None, painted=None, bared=None, training=False):
    """Return a round; what is not given is the truth."""
    fake, decoded = (x["render"] if one is None else one for one in (fake, decoded))
    painted = x["pair_photo"] if painted is None else painted
    return Round(x, fake, decoded, painted, x["photo"] if bared is None else bared, training)


def term(name, model=None, **pictures):
    """Return a term's value for pictures given, of `batch`."""
    return float(TERMS[name](model, played(batch(), **pictures)))


def adding(constant, seen=None):
    """Return a network that adds a constant, and notes what it is shown."""

    def network(shown, training):
        if seen is not None:
            seen.append((array(shown), training))
        return shown + np.float32(constant)

    return network


# ---------------------------------------------------------------- where the face is


def test_a_face_is_where_any_channel_is_above_black():
    picture = np.zeros((1, 2, 2, 3), np.uint8)
    picture[0, 0, 1], picture[0, 1, 0], picture[0, 1, 1] = (0, 0, 1), (255, 0, 0), (9, 9, 9)
    found = array(face_of(images.to_network(picture)))
    assert found.dtype == np.float32
    assert found[..., 0].tolist() == [[[0, 1], [1, 1]]]


def test_what_is_not_shown_becomes_black_and_the_rest_stays():
    picture = np.float32([0.5, -1, 1]) * np.ones((1, 1, 3, 3), np.float32)
    shown = np.float32([0, 0.5, 1]).reshape(1, 1, 3, 1)
    found = array(on_black(picture, shown))
    np.testing.assert_allclose(found[0, 0], [[-1] * 3, [-0.25, -1, 0], [0.5, -1, 1]], atol=1e-7)


def test_ground_is_where_no_channel_reaches_what_counts_as_dark():
    levels = np.float32([-1, DARK - 0.01, DARK, DARK + 0.01, 0.9])
    bared = np.full((1, 1, 5, 3), -1, np.float32)
    bared[..., 1] = levels
    ground = array(played(batch(), bared=bared).ground)
    assert ground.dtype == np.float32 and DARK == -0.9
    assert ground[0, 0, :, 0].tolist() == [1, 1, 0, 0, 0]


# ---------------------------------------------------------------- distances


def test_a_way_there_and_back_that_changes_nothing_costs_nothing():
    x = batch()
    assert term("cycle") == 0
    assert term("cycle", decoded=x["render"] + np.float32(0.25)) == pytest.approx(0.25)


@pytest.mark.parametrize("name", ["photo", "render"])
def test_autoencoding_critics_cost_how_badly_they_redraw(name):
    critics = {"photo_critic": adding(0.3), "render_critic": adding(0.3)}
    model = types.SimpleNamespace(**critics)
    assert term(f"{name}_real", model) == pytest.approx(0.3, rel=1e-4)
    asked = []

    def oppose(game, critic, fakes, training):
        asked.append((game, critic, training, array(fakes)))
        return critic(fakes + 0.1, training)

    x = batch()
    model = types.SimpleNamespace(**critics, oppose=oppose, backwards=adding(0.2))
    assert term(f"{name}_fake", model, fake=x["photo"]) == pytest.approx(0.4, rel=1e-4)
    (game, critic, training, fakes), *others = asked
    assert (game, critic, training, others) == (name, critics[f"{name}_critic"], False, [])
    expected = x["photo"] + np.float32(0.2 if name == "render" else 0)  # decoded, or as it is
    np.testing.assert_array_equal(fakes, expected)


def test_a_pair_is_decoded_from_its_photo():
    x, seen = batch(), []
    model = types.SimpleNamespace(backwards=adding(0.0, seen))
    found = term("pair", model)
    assert found == pytest.approx(np.abs(x["pair_photo"] - x["pair_render"]).mean(), rel=1e-5)
    np.testing.assert_array_equal(seen[0][0], x["pair_photo"])


@pytest.mark.parametrize(("inside", "around"), [(0.3, 0.0), (0.0, 0.5), (-0.3, 0.5)])
def test_around_the_face_a_pair_counts_a_fifth_however_large_the_face(inside, around):
    x = batch()
    face = (x["pair_render"] > -1).any(axis=-1, keepdims=True)
    assert SURROUND == 0.2 and 0.1 < face.mean() < 0.45
    painted = x["pair_photo"] + np.where(face, np.float32(inside), np.float32(around))
    expected = abs(inside) + 0.2 * abs(around)
    assert term("pair_photo", painted=painted) == pytest.approx(expected, rel=1e-4)


def test_the_face_network_compares_the_faces_of_a_pair_alone():
    x = batch()
    face = (x["pair_render"] > -1).any(axis=-1, keepdims=True)
    model = types.SimpleNamespace(features=lambda shown: [shown, 2.0 * shown])
    assert term("pair_perceptual", model, painted=np.where(face, x["pair_photo"], 7)) == 0
    found = term("pair_perceptual", model, painted=x["pair_photo"] + np.float32(0.3))
    assert found == pytest.approx((1 + 4) / 2 * 0.3**2 * face.mean(), rel=1e-4)


def test_the_face_is_tied_to_the_render_and_what_surrounds_it_is_free():
    x = batch()
    face = (x["render"] > -1).any(axis=-1, keepdims=True)
    assert term("face", fake=np.where(face, x["render"], np.float32(0.8))) == 0
    found = term("face", fake=x["render"] + np.where(face, np.float32(-0.4), np.float32(9)))
    assert found == pytest.approx(0.4 * face.mean(), rel=1e-4)  # a mean over the whole picture


def half_bare(x):
    """Return photos as G' sees them: black on the left, and what it takes for ground at the top."""
    bared = 0.5 * x["photo"] - np.float32(0.1)
    bared[:, :, : SIZE // 2] = -1
    bared[:, :8] = np.float32(DARK - 0.01)
    return bared


def test_surroundings_are_painted_from_what_is_seen_of_a_photo():
    x, seen = batch(), []
    bared = half_bare(x)
    model = types.SimpleNamespace(forwards=adding(0.1, seen))
    found = term("surround", model, bared=bared)
    ground = np.ones(bared.shape, bool)
    ground[:, 8:, SIZE // 2 :] = False
    np.testing.assert_allclose(seen[0][0], np.where(ground, -1, bared), atol=1e-6)
    expected = np.abs(x["photo"] + 0.9)[ground].mean()  # it answers black, plus 0.1
    assert found == pytest.approx(expected, rel=1e-4)
    everywhere = np.zeros_like(x["photo"])
    assert term("surround", model, bared=everywhere) == 0  # no ground is left to paint


# ---------------------------------------------------------------- critics of patches


def mean_critic():
    """Build a critic whose every logit is the mean of the pixel: its opinion is known."""
    inputs = keras.Input((SIZE, SIZE, 3))
    ones = keras.initializers.Constant(1 / 3)
    logits = keras.layers.Conv2D(1, 1, use_bias=False, kernel_initializer=ones)(inputs)
    return keras.Model(inputs, logits)


@pytest.mark.parametrize("game", ["hinge", "least_squares"])
def test_critics_of_patches_judge_faces_on_black(game):
    x = batch()
    fake, bared = x["render"] + np.float32(0.2), half_bare(x)
    model = types.SimpleNamespace(photo_critic=mean_critic(), game=losses.ADVERSARIAL[game])
    face = (x["render"] > -1).any(axis=-1, keepdims=True)
    judged = np.where(face, fake, -1).mean(axis=-1)
    real = np.full(x["photo"].shape[:3], -1, np.float32)
    real[:, 8:, SIZE // 2 :] = x["photo"][:, 8:, SIZE // 2 :].mean(axis=-1)
    pays, costs = {
        "hinge": (
            -judged.mean(),
            np.maximum(1 - real, 0).mean() + np.maximum(1 + judged, 0).mean(),
        ),
        "least_squares": (
            0.5 * np.square(judged - 1).mean(),
            0.5 * (np.square(real - 1).mean() + np.square(judged).mean()),
        ),
    }[game]
    assert term("adversarial", model, fake=fake) == pytest.approx(pays, rel=1e-4)
    assert term("critic", model, fake=fake, bared=bared) == pytest.approx(costs, rel=1e-4)
    everywhere = np.where(face, fake, np.float32(0.9))  # hair and ground are not judged
    assert term("adversarial", model, fake=everywhere) == pytest.approx(pays, rel=1e-4)


# ---------------------------------------------------------------- whose face it is


def looking(descriptors, person, **parts):
    """Return a model whose face network has answered."""
    places = Centroids(5, descriptors.shape[1])
    places.update(np.float32(parts.pop("known", descriptors)), np.int32(person))
    return types.SimpleNamespace(look=lambda _: (descriptors, person), centroids=places, **parts)


def test_identity_losses_are_those_of_the_descriptors_and_centroids():
    found, person = np.float32([[0, 1], [0, 3], [4, 0], [6, 0]]), np.int32([3, 3, 1, 1])
    model = looking(found, person)  # centroids at (0, 2) and (5, 0): all are one away from theirs
    assert term("center", model) == pytest.approx(0.5)
    places, seen = array(model.centroids.places), array(model.centroids.seen)
    assert places[[3, 1]].tolist() == [[0, 2], [5, 0]] and seen.sum() == 2
    expected = centroids.magnet(found, person, places, seen)
    assert term("magnet", model) == pytest.approx(float(expected)) == 0  # the others are far
    near = looking(found, person, known=0 * found)  # both in one place: only the margin is left
    assert term("magnet", near) == pytest.approx(1)


def test_a_classifier_without_an_opinion_costs_the_logarithm_of_the_people():
    found, person = np.zeros((4, 2), np.float32), np.int32([3, 3, 1, 1])
    model = looking(found, person, classifier=lambda descriptors: np.zeros((4, 5), np.float32))
    assert term("softmax", model) == pytest.approx(math.log(5), rel=1e-6)
