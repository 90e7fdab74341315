"""The parser of face parts: its batches, its loss against NumPy, and that it learns."""

import keras
import numpy as np
import pytest

from lib import profiles
from lib.gans import part_maps
from lib.labels import CLASSES, IGNORE, MIRROR
from lib.metrics import ScoreError
from lib.models.parsing import build_parsing_network
from lib.muon import Muon


def faces(number=4, size=16, seed=0):
    """Draw label maps of four classes, and pictures in a colour of each; int32 and float32."""
    generator = np.random.default_rng(seed)
    labels = generator.choice([0, 1, 2, 13], (number, size // 4, size // 4)).astype(np.int32)
    labels = labels.repeat(4, axis=1).repeat(4, axis=2)
    labels[:, -4:, -4:] = 0
    colours = generator.uniform(-0.9, 0.9, (len(CLASSES), 3)).astype(np.float32)
    return {"photo": colours[labels], "labels": labels}


# ---------------------------------------------------------------- batches


@pytest.mark.parametrize("number", [1, 4, 5])
def test_every_other_face_is_cut_out(number):
    arrays = faces(number)
    arrays["labels"][:, 0, 0] = IGNORE
    before = arrays["photo"].copy()
    pictures, labels = part_maps.arrange(arrays)
    assert labels.shape == (number, 16, 16, 1) and pictures.dtype == np.float32
    np.testing.assert_array_equal(labels[..., 0], arrays["labels"])
    np.testing.assert_array_equal(arrays["photo"], before)
    background = arrays["labels"] == 0
    for place in range(number):
        outside, inside = pictures[place][background[place]], pictures[place][~background[place]]
        np.testing.assert_array_equal(inside, before[place][~background[place]])
        cut = place % 2 == 0
        assert (outside == -1).all() == cut and background[place].any()
    assert set(part_maps.FIELDS) == set(arrays)


# ---------------------------------------------------------------- loss


def by_hand(labels, logits):
    """Work the loss out pixel by pixel and class by class, in float64."""
    logits = logits.astype(np.float64).reshape(-1, logits.shape[-1])
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    counted = labels.reshape(-1) != IGNORE
    labels, shares = labels.reshape(-1)[counted], shares[counted]
    cross_entropy = np.mean(
        [-np.log(row[label]) for row, label in zip(shares, labels, strict=True)]
    )
    dice = [
        (2 * shares[labels == label, label].sum() + 1)
        / ((labels == label).sum() + shares[:, label].sum() + 1)
        for label in np.unique(labels)
    ]
    return cross_entropy + 1 - np.mean(dice)


def loss_of(labels, logits):
    return float(part_maps.loss(labels, logits))


@pytest.mark.parametrize("unknown", [0.0, 0.3])
def test_the_loss_is_what_was_worked_out_by_hand(unknown):
    generator = np.random.default_rng(0)
    labels = generator.choice([0, 1, 5, 18], (2, 6, 6, 1)).astype(np.int32)
    labels[generator.random(labels.shape) < unknown] = IGNORE
    logits = generator.normal(0, 2, (2, 6, 6, len(CLASSES))).astype(np.float32)
    assert loss_of(labels, logits) == pytest.approx(by_hand(labels, logits), rel=1e-5)


def test_pixels_of_unknown_class_do_not_count():
    labels = np.ones((1, 4, 4, 1), np.int32)
    labels[0, 2:] = IGNORE
    logits = np.random.default_rng(0).normal(0, 2, (1, 4, 4, len(CLASSES))).astype(np.float32)
    other = logits.copy()
    other[0, 2:] = -other[0, 2:]
    assert loss_of(labels, other) == pytest.approx(loss_of(labels, logits), rel=1e-6)
    assert loss_of(labels[:, :2], logits[:, :2]) == pytest.approx(loss_of(labels, logits), rel=1e-6)
    assert loss_of(np.full_like(labels, IGNORE), logits) == 0


def test_the_loss_is_nothing_for_the_truth_and_small_parts_count():
    labels = np.zeros((1, 16, 16, 1), np.int32)
    labels[0, 0, 0] = CLASSES.index("l_eye")
    sure = 30 * np.eye(len(CLASSES), dtype=np.float32)
    assert loss_of(labels, sure[labels[..., 0]]) == pytest.approx(0, abs=1e-5)
    background = np.broadcast_to(sure[0] / 3, (1, 16, 16, len(CLASSES)))
    cross_entropy = 10 / 256  # one pixel of 256 is wrong: hardly anything
    assert loss_of(labels, background) == pytest.approx(cross_entropy + 0.25, abs=0.02)


# ---------------------------------------------------------------- parsing


class Darkest(keras.layers.Layer):
    """Finds class 0 where red is low and class 3 where it is high, and once a class too many."""

    def call(self, x):
        """Return logits of 20 classes, one more than there are."""
        nothing = keras.ops.zeros_like(x[..., :1])
        known = [-x[..., :1], nothing - 9, nothing - 9, x[..., :1]]
        return keras.ops.concatenate([*known, *[nothing - 9] * 15, nothing + 9], axis=-1)


def test_parsing_says_which_part_each_pixel_shows():
    inputs = keras.Input((None, None, 3))
    network = keras.Model(inputs, Darkest()(inputs))
    pictures = np.random.default_rng(0).integers(0, 256, (5, 8, 12, 3), dtype=np.uint8)
    found = part_maps.parse(network, pictures, batch_size=2)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, np.where(pictures[..., 0] > 127, 3, 0))
    assert part_maps.parse(network, pictures[:0]).shape == (0, 8, 12)
    for wrong in (pictures / 255, pictures[0], pictures[..., :1]):
        with pytest.raises(ScoreError):
            part_maps.parse(network, wrong)


def test_what_is_parsed_in_the_mirror_too_has_no_better_side():
    inputs = keras.Input((None, None, 3))
    network = keras.Model(inputs, keras.layers.Conv2D(19, 3, padding="same")(inputs))
    pictures = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    reflected, swap = np.ascontiguousarray(pictures[:, :, ::-1]), np.array(MIRROR)
    for mirrored in (False, True):
        one = part_maps.parse(network, pictures, mirrored=mirrored)
        other = swap[part_maps.parse(network, reflected, mirrored=mirrored)][:, :, ::-1]
        assert (one == other).all() == mirrored
    assert (one != part_maps.parse(network, pictures)).any() and len(np.unique(one)) > 3


def test_a_parser_learns_a_fixed_batch():
    keras.utils.set_random_seed(0)
    x, y = part_maps.arrange(faces(2))
    network = build_parsing_network(None, 4)
    network.compile(keras.optimizers.Adam(0.02), loss=part_maps.loss, run_eagerly=True)
    losses = [float(network.train_on_batch(x, y)) for _ in range(4)]
    assert losses[-1] < 0.9 * losses[0]
    pictures = ((x + 1) * 127.5).round().astype(np.uint8)
    found = part_maps.parse(network, pictures)
    assert found.shape == (2, 16, 16) and found.max() < len(CLASSES)


# ---------------------------------------------------------------- small pictures


@pytest.mark.parametrize("name", sorted(part_maps.PLANS))
def test_short_trainings_go_by_muon_and_long_ones_by_adam(name):
    plan = profiles.change(profiles.PROFILES[name], **part_maps.PLANS[name])
    network = part_maps.new_parser(profiles.change(plan, size=32, width=2))
    by_muon = name in ("smoke", "laptop")
    assert type(network.optimizer) is (Muon if by_muon else keras.optimizers.Adam)
    highest = part_maps.HIGHEST_RATE[name] if by_muon else part_maps.STEADY_RATE
    rate = network.optimizer._learning_rate  # the schedule, of which `learning_rate` is one value
    top = min(part_maps.WARM_UP, plan.steps // 2)
    assert float(rate(top)) == pytest.approx(highest, rel=1e-3)


def test_an_enlarged_parser_is_shown_larger_pictures_and_answers_in_the_small():
    pixels = keras.layers.Conv2D(len(CLASSES), 1, name="each_pixel_for_itself")
    network = keras.Sequential([keras.Input((16, 16, 3)), pixels], name="large")
    small = part_maps.enlarged(network, size=8, factor=2)
    assert small.input_shape == (None, 8, 8, 3) and small.output_shape == (None, 8, 8, 19)
    assert small.count_params() == network.count_params() and small.name == "large_enlarged"
    y, x = np.mgrid[:8, :8].astype(np.float32)
    slope = np.stack([x, y, x + y], axis=-1)[None] / 8 - 0.5
    found, weights = keras.ops.convert_to_numpy(small(slope)), network.get_weights()
    middle = (slide := slice(2, 6)), slide  # further out, resampling sees the border
    np.testing.assert_allclose(
        found[0][middle], (slope @ weights[0][0, 0] + weights[1])[0][middle], atol=0.02
    )
    flat = np.full((1, 8, 8, 3), 0.3, np.float32)
    expected = keras.ops.convert_to_numpy(network(np.full((1, 16, 16, 3), 0.3, np.float32)))
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(small(flat)), expected[:, :8, :8], atol=1e-5
    )
