"""Systems S2 and S3 as models: what is composited, who learns from what, when who joins."""

import keras
import numpy as np
import pytest
from keras import ops

from lib import baselines, images, losses
from lib.gans import mask_maps, repainting
from lib.gans.unmask_noise import TERM_WEIGHTS as NOISE_TERMS
from lib.gans.unmask_noise import NoiseFill, UnmaskNoise
from lib.gans.unmask_two_critics import TERM_WEIGHTS as CRITICS_TERMS
from lib.gans.unmask_two_critics import UnmaskTwoCritics, face_features
from lib.metrics import ScoreError
from lib.models.strided_unet import build_strided_unet

SIZE = 16


def array(tensor):
    return np.array(ops.convert_to_numpy(tensor))


def batch(number=3, size=SIZE, seed=0):
    generator = np.random.default_rng(seed)
    photo = generator.uniform(-1, 1, (number, size, size, 3)).astype(np.float32)
    mask = np.zeros((number, size, size), np.float32)
    mask[:, size // 2 : -2, 3:-3] = 1
    masked = np.where(mask[..., None] == 1, np.float32(0.5), photo)
    return repainting.arrange({"photo": photo, "masked": masked, "mask": mask})


def edges(pictures):
    return [pictures[:, 1:] - pictures[:, :-1]]


def make(name, weights, **options):
    if name == "noise":
        return UnmaskNoise(SIZE, 2, term_weights=dict.fromkeys(NOISE_TERMS, 0.0) | weights)
    options = {"features": edges, "steps": 100} | options
    terms = dict.fromkeys(CRITICS_TERMS, 0.0) | weights
    return UnmaskTwoCritics(SIZE, 2, term_weights=terms, **options)


@pytest.fixture(scope="module")
def models():
    """Return a model of each system, to look at and to be told which term counts."""
    return {name: make(name, {}) for name in ("noise", "critics")}


def networks(model):
    return {layer.name: layer for layer in model.layers if isinstance(layer, keras.Model)}


def moved(model, x, y):
    """Return the names of the networks that one step of plain gradient descent moves."""
    model.compile(keras.optimizers.SGD(0.1), run_eagerly=True)
    before = {
        name: [array(w) for w in net.trainable_weights] for name, net in networks(model).items()
    }
    model.train_on_batch(x, y)
    return {
        name
        for name, net in networks(model).items()
        if any(
            (array(w) != old).any()
            for w, old in zip(net.trainable_weights, before[name], strict=True)
        )
    }


@pytest.mark.parametrize(
    ("name", "term", "learns"),
    [
        ("noise", "adversarial", {"generator"}),
        ("noise", "l1", {"generator"}),
        ("noise", "ssim", {"generator"}),
        ("noise", "critic", {"critic"}),
        ("critics", "adversarial", {"editor"}),
        ("critics", "reconstruction", {"editor"}),
        ("critics", "perceptual", {"editor"}),
        ("critics", "critic", {"whole_critic"}),
    ],
)
def test_each_term_teaches_exactly_its_networks(models, name, term, learns):
    model = models[name]
    model.term_weights = dict.fromkeys(model.term_weights, 0.0) | {term: 1.0}
    assert moved(model, *batch()) == learns


def test_the_second_critic_learns_once_it_has_joined():
    model = make("critics", {"critic": 1.0}, joins=0.0)
    assert moved(model, *batch()) == {"whole_critic", "hole_critic"}


@pytest.mark.parametrize("name", ["noise", "critics"])
def test_outside_the_mask_the_input_stays_as_it_is(models, name):
    model, (x, _) = models[name], batch()
    for training in (False, True):
        found = array(model(x, training=training))
        outside = np.broadcast_to(x["mask"] == 0, found.shape)
        assert (found[outside] == x["masked"][outside]).all()
        assert not np.allclose(found[~outside], x["masked"][~outside])


def test_repainting_keeps_other_pixels_to_the_bit_and_needs_no_neighbours(models):
    model, (x, _) = models["noise"], batch(5)
    pictures, masks = images.to_picture(x["masked"]), x["mask"][..., 0]
    found = repainting.repaint(model, pictures, masks, batch_size=2)
    assert found.dtype == np.uint8
    assert (found[masks == 0] == pictures[masks == 0]).all()
    alone = repainting.repaint(model, pictures[3:4], masks[3:4])
    assert np.abs(alone.astype(int) - found[3:4]).max() <= 1
    assert (repainting.repaint(model, pictures, 0 * masks) == pictures).all()


def test_a_mirrored_painting_is_the_mean_of_both_at_the_pictures_own_places():
    """A painter who paints a ramp from left to right: in the mean with the mirror it is flat."""
    ramp = np.linspace(-1, 1, SIZE, dtype=np.float32)[None, None, :, None]
    seen = []

    def painter(x, training):
        seen.append(x)
        return repainting.composite(0 * x["masked"] + ramp, x)

    x, _ = batch(3)
    x["mask"][0, 3, 1] = 1  # one hole that is no mirror image of itself
    pictures, masks = images.to_picture(x["masked"]), x["mask"][..., 0]
    found = repainting.repaint(painter, pictures, masks, mirrored=True)
    assert (found[masks == 1] == images.to_picture(np.float32(0))).all()
    assert (found[masks == 0] == pictures[masks == 0]).all()
    assert (seen[1]["mask"] == seen[0]["mask"][:, :, ::-1]).all()
    once = repainting.repaint(painter, pictures, masks)
    assert once[masks == 1].std() > 40 and len(seen) == 3


def test_repainting_refuses_what_baselines_refuse(models):
    model, (x, _) = models["noise"], batch(2)
    for pictures, masks in (
        (x["masked"], x["mask"][..., 0]),
        (images.to_picture(x["masked"]), x["mask"]),
    ):
        with pytest.raises(ScoreError):
            repainting.repaint(model, pictures, masks)
        with pytest.raises(ScoreError):
            baselines.do_nothing(pictures, masks)


def test_noise_fills_the_hole_and_nothing_else():
    fill, (x, _) = NoiseFill(seed=3), batch(4)
    inside = np.broadcast_to(x["mask"] == 1, x["masked"].shape)
    first, second = (array(fill(x["masked"], x["mask"], training=True)) for _ in range(2))
    for found in (first, second):
        assert (found[~inside] == x["masked"][~inside]).all()
        assert np.abs(found).max() <= 1
    assert found[inside].mean() == pytest.approx(0, abs=0.1)
    assert found[inside].std() == pytest.approx(1 / np.sqrt(3), abs=0.05)  # uniform in -1..1
    assert not np.allclose(first, second) and not np.allclose(
        first[0][inside[0]], first[1][inside[1]]
    )


def test_after_training_the_noise_is_fixed_and_shared():
    fill, (x, _) = NoiseFill(seed=3), batch(4)
    first, second = (array(fill(x["masked"], x["mask"])) for _ in range(2))
    assert (first == second).all()
    assert (first[0][x["mask"][0, ..., 0] == 1] == first[3][x["mask"][3, ..., 0] == 1]).all()
    alone = array(fill(x["masked"][2:3], x["mask"][2:3]))
    assert (alone[0] == first[2]).all()


def test_the_second_critic_joins_when_told():
    model, (x, y) = make("critics", {"reconstruction": 1.0}, steps=5, joins=0.4), batch()
    model.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    weights = []
    for _ in range(4):
        weights.append([float(weight) for weight in model.critics_weights()])
        model.train_on_batch(x, y)
    assert weights[:2] == [[1.0, 0.0]] * 2
    np.testing.assert_allclose(weights[2:], [[0.3, 0.7]] * 2, rtol=1e-6)
    assert int(model.step) == 4
    model.evaluate(x, y, verbose=0)
    assert int(model.step) == 4  # looking on is no training


def test_the_hole_critic_sees_the_hole_alone(models, monkeypatch):
    model, (x, y) = models["critics"], batch()
    seen = {}

    def play(critic, x, real, fake, training):
        seen[critic.name] = array(real), array(fake)
        return ops.zeros(()), ops.zeros(())

    monkeypatch.setattr(model, "_play", play)
    model.loss_terms(x, y, model(x), training=False)
    inside = np.broadcast_to(x["mask"] == 1, y.shape)
    for real, fake in (seen["hole_critic"],):
        assert (real[~inside] == 0).all() and (fake[~inside] == 0).all()
        assert (real[inside] == y[inside]).all()
    assert (seen["whole_critic"][0] == y).all()  # the clean face, never the masked one


def test_terms_are_those_of_the_loss_module(models):
    model, (x, y) = models["critics"], batch()
    terms = model.loss_terms(x, y, model(x), training=False)
    expected = 0.5 * (losses.l1(y, model(x)) + losses.ssim(y, model(x)))
    assert float(terms["reconstruction"]) == pytest.approx(float(expected), rel=1e-6)
    perfect = model.loss_terms(x, y, y, training=False)
    assert float(perfect["reconstruction"]) == pytest.approx(0, abs=1e-6)
    assert float(perfect["perceptual"]) == 0 < float(terms["perceptual"])


def test_without_a_feature_network_the_term_is_zero():
    model, (x, y) = make("critics", {}, features=None), batch()
    assert float(model.loss_terms(x, y, model(x), training=False)["perceptual"]) == 0


def test_a_perceptual_network_that_would_see_no_picture_is_refused():
    with pytest.raises(ValueError, match="found perceived = 0; expected 1 or more"):
        make("critics", {}, perceived=0)


def test_the_face_network_is_no_part_of_the_model():
    model = UnmaskTwoCritics(32, 2, steps=10, features=face_features)
    assert set(networks(model)) == {"editor", "whole_critic", "hole_critic"}


def test_face_features_tell_faces_apart_by_more_than_noise():
    from lib import portraits
    from lib.faces import align, detect, landmarks

    chips = []
    for picture in map(portraits.read, portraits.PEOPLE):
        points = landmarks.landmarks68(picture, detect.one_face(picture))
        chips.append(align.chip(picture, points, 64, 0.0, "portrait")[0])
    first, second = (images.to_network(chip[None]) for chip in chips)
    grain = np.random.default_rng(0).normal(0, 0.02, first.shape).astype(np.float32)
    other = float(losses.perceptual(face_features(first), face_features(second)))
    same = float(losses.perceptual(face_features(first), face_features(first + grain)))
    assert 0 < same < other / 10


def test_s2_learns_a_fixed_batch():
    keras.utils.set_random_seed(0)
    model, (x, y) = UnmaskNoise(SIZE, 4, term_weights=NOISE_TERMS | {"adversarial": 0.1}), batch()
    y = np.where(x["mask"] == 1, np.float32(-0.3), y)
    model.compile(keras.optimizers.Adam(0.01, beta_1=0.5), run_eagerly=True)
    before = model.train_on_batch(x, y, return_dict=True)["l1"]
    for _ in range(5):
        model.train_on_batch(x, y)
    model.reset_metrics()
    assert model.train_on_batch(x, y, return_dict=True)["l1"] < 0.6 * before


def test_maps_are_found_where_logits_pass_the_threshold():
    inputs = keras.Input((8, 8, 3))
    network = keras.Model(inputs, keras.layers.Lambda(lambda x: x[..., :1])(inputs))
    pictures = np.zeros((3, 8, 8, 3), np.uint8)
    pictures[1, 2:5] = 255
    found = mask_maps.find(network, pictures, batch_size=2)
    assert found.dtype == np.uint8 and (found == pictures[..., 0] // 255).all()
    assert mask_maps.find(network, pictures, threshold=0.9).sum() == 0  # sigmoid(1) is 0.73
    probabilities = mask_maps.probabilities(network, pictures, batch_size=2)
    assert probabilities.dtype == np.float32
    expected = 1 / (1 + np.exp(-images.to_network(pictures[..., 0])))
    np.testing.assert_allclose(probabilities, expected, rtol=1e-6)
    for way in (mask_maps.find, mask_maps.probabilities):
        with pytest.raises(ScoreError, match="uint8"):
            way(network, images.to_network(pictures))


def test_a_mirrored_look_averages_logits_at_the_pictures_own_places():
    """Channel 0 plus a ramp from left to right: in the mean with the mirror the ramp is gone."""
    inputs = keras.Input((4, 4, 3))
    ramp = np.linspace(-3, 3, 4, dtype="float32")[None, None, :, None]
    network = keras.Model(inputs, keras.layers.Lambda(lambda x: x[..., :1] + ramp)(inputs))
    pictures = np.zeros((1, 4, 4, 3), np.uint8)
    pictures[0, :, 1] = 255
    assert (mask_maps.find(network, pictures, mirrored=True) == pictures[..., 0] // 255).all()
    both = mask_maps.probabilities(network, pictures, mirrored=True)
    assert (both.round() == pictures[..., 0] // 255).all()
    assert not (mask_maps.find(network, pictures) == pictures[..., 0] // 255).all()


def test_a_map_network_learns_a_coloured_square():
    keras.utils.set_random_seed(0)
    network = build_strided_unet(SIZE, 4, 3, channels_out=1, activation="linear")
    x, _ = batch()
    pictures, maps = mask_maps.arrange({"masked": x["masked"], "mask": x["mask"][..., 0]})
    assert maps.shape == (3, SIZE, SIZE, 1)
    network.compile(keras.optimizers.Adam(0.03), loss=mask_maps.loss, run_eagerly=True)
    first, *_, last = [float(network.train_on_batch(pictures, maps)) for _ in range(8)]
    assert last < first / 2
