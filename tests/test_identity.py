"""Identity: the twin of dlib's network, its gradients, its taps, and what distances are worth."""

from __future__ import annotations

import functools

import keras
import numpy as np
import pytest
import scipy.stats
from keras import ops
from PIL import Image

from lib import images, portraits
from lib.benchmarks import identity as benchmark
from lib.faces import align, detect, identity, landmarks, model_files, resampling
from lib.faces.dlib_format import read_face_network


@pytest.fixture(scope="module")
def people():
    found = {}
    for name in portraits.PEOPLE:
        photo = portraits.read(name)
        found[name] = photo, landmarks.landmarks5(photo, detect.one_face(photo))
    return found


@pytest.fixture(scope="module")
def chips(people):
    return np.stack([align.chip(photo, points)[0] for photo, points in people.values()])


def gradient_at(function, value):
    """The gradient of a scalar function, on whichever backend runs."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        variable = tensorflow.Variable(value)
        with tensorflow.GradientTape() as tape:
            result = function(variable)
        return tape.gradient(result, variable).numpy()
    if keras.backend.backend() == "jax":
        import jax

        return np.asarray(jax.grad(function)(value))
    import torch

    variable = torch.tensor(value, requires_grad=True)
    function(variable).backward()
    return variable.grad.numpy()


def test_the_twin_agrees_with_dlib():
    rows = benchmark.measure_difference()
    assert {"noise", "black", "white"} < {row["picture"] for row in rows}
    assert max(float(row["largest difference"]) for row in rows) <= 1e-5


def test_the_network_is_frozen_and_of_the_known_size():
    network = identity.face_network()
    assert network is identity.face_network()
    assert network.count_params() == 5_607_488 and not network.trainable_weights
    assert network.input_shape == (None, 150, 150, 3) and network.output_shape == (None, 128)


def test_the_network_stays_in_float32_under_mixed_precision(chips):
    expected = identity.descriptors(chips)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        network = identity.face_network.__wrapped__()
        assert {layer.compute_dtype for layer in network.layers} == {"float32"}
        found = ops.convert_to_numpy(network(chips.astype("float32")))
        assert keras.config.dtype_policy().name == "mixed_float16"
    finally:
        keras.config.set_dtype_policy("float32")
    assert found.dtype == np.float32 and np.abs(found - expected).max() < 1e-5


@pytest.mark.parametrize("count", [0, 1, 5, 33])
def test_descriptors_do_not_depend_on_the_batch(chips, count):
    stack = np.resize(chips, (count, *chips.shape[1:]))
    found = identity.descriptors(stack)
    assert found.shape == (count, 128) and found.dtype == np.float32
    expected = np.resize(identity.descriptors(chips), (count, 128))
    assert np.abs(found - expected).max(initial=0) < 1e-5


def test_two_people_are_far_apart_and_one_is_near_herself(people, chips):
    first, second = identity.descriptors(chips)
    assert identity.distance(first, second) > identity.SAME_PERSON
    photo, points = people["astronaut"]
    mirrored = identity.describe(photo[:, ::-1], landmarks.mirror(points, 512))
    dimmed = identity.describe((photo * 0.8).astype("uint8"), points)
    assert identity.distance(mirrored, first) < 0.4
    assert 0 < identity.distance(dimmed, first) < 0.2


def test_distance_is_euclidean_and_broadcasts():
    assert identity.distance(np.zeros((3, 1, 2)), np.full((4, 2), (3, 4))).tolist() == [[5] * 4] * 3


@pytest.mark.parametrize(
    "chips",
    [
        np.zeros((1, 150, 150, 3), "float32"),
        np.zeros((1, 128, 128, 3), "uint8"),
        np.zeros((150, 150, 3), "uint8"),
    ],
)
def test_chips_of_another_kind_are_refused(chips):
    with pytest.raises(ValueError, match=r"expected uint8 \(N, 150, 150, 3\)"):
        identity.descriptors(chips)


def test_embed_is_the_same_network(chips):
    found = ops.convert_to_numpy(identity.embed(images.to_network(chips)))
    assert np.abs(found - identity.descriptors(chips)).max() < 1e-5


@pytest.mark.parametrize(
    ("size", "padding", "limit"), [(256, 0.5, 0.1), (128, 0.25, 0.15), (64, 0.25, 0.3)]
)
def test_other_chips_give_nearly_the_same_identity(people, chips, size, padding, limit):
    others = np.stack([align.chip(*person, size, padding)[0] for person in people.values()])
    found = ops.convert_to_numpy(identity.embed(images.to_network(others), padding))
    assert identity.distance(found, identity.descriptors(chips)).max() < limit


def test_embed_has_a_right_gradient(chips):
    picture = images.to_network(images.resize(chips[0], 64))[None]
    target = identity.descriptors(chips[1:])

    def loss(pictures):
        return ops.sum(ops.square(identity.embed(pictures) - target))

    gradient = gradient_at(loss, picture)
    assert np.isfinite(gradient).all() and (gradient != 0).mean() > 0.9
    step = gradient / np.linalg.norm(gradient) * 0.05
    rise = (float(loss(picture + step)) - float(loss(picture - step))) / 0.1
    assert rise == pytest.approx(np.linalg.norm(gradient), rel=0.1)


def test_crops_keep_the_middle():
    ramp = np.broadcast_to(np.arange(200, dtype="float32")[:, None, None], (1, 200, 200, 3))
    found = ops.convert_to_numpy(identity.crop_to_identity(ramp, padding=0.5))
    # 1.5 / 2 of 200 pixels are 150: the middle ones, as they are.
    assert np.allclose(found[0, :, 0, 0], np.arange(25, 175), atol=1e-4)
    with pytest.raises(ValueError, match=r"at least 0\.25"):
        identity.crop_to_identity(ramp, padding=0.2)
    with pytest.raises(ValueError, match="square"):
        identity.crop_to_identity(ramp[:, :100])


@pytest.mark.parametrize("side", [64, 150, 151, 400])
def test_resizing_agrees_with_pillow(side):
    noise = np.random.default_rng(0).uniform(-1, 1, (side, side)).astype("float32")
    ours = resampling.resize_window(noise[None, :, :, None], 150)
    expected = Image.fromarray(noise).resize((150, 150), Image.Resampling.BICUBIC)
    assert np.abs(ops.convert_to_numpy(ours)[0, :, :, 0] - np.asarray(expected)).max() < 1e-5


def test_taps_have_the_documented_shapes_and_grow_with_blur(chips):
    names = ("relu1", "relu7", "relu15", "relu21", "relu27", "relu29")
    taps = identity.feature_taps(names)
    assert not taps.trainable_weights
    sides = [(72, 32), (35, 32), (17, 64), (8, 128), (4, 256), (2, 256)]
    assert [shape[1:] for shape in taps.output_shape] == [(s, s, c) for s, c in sides]

    def features(chip):
        return [ops.convert_to_numpy(x) for x in taps(chip[None].astype("float32"))]

    sharp = features(chips[0])
    blurs = [images.resize(images.resize(chips[0], size), 150) for size in (75, 38, 19)]
    gaps = [[np.abs(a - b).mean() for a, b in zip(features(x), sharp, strict=True)] for x in blurs]
    assert np.all(np.diff(gaps, axis=0) > 0)
    assert all(0.3 < activation.mean() < 1.5 for activation in sharp)


@pytest.mark.parametrize("names", [("relu30",), ("relu1", "conv1"), ()])
def test_unknown_taps_are_named(names):
    with pytest.raises(ValueError, match=r"relu1 \.\.\. relu29"):
        identity.feature_taps(names)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda data: data[: len(data) // 2], "break off"),
        (lambda data: data + b"x", "1 bytes are left over"),
        (lambda data: data.replace(b"con_4", b"con_9", 1), "'con_9'"),
        (lambda data: b"", "break off"),
        (lambda data: b"\x89PNG\r\n" + bytes(100), "expected 'loss_metric_2'|break off"),
    ],
    ids=["cut", "longer", "another layer", "empty", "picture"],
)
def test_a_damaged_model_file_is_named(tmp_path, damage, problem):
    path = tmp_path / "network.dat"
    path.write_bytes(damage(model_files.find(model_files.FACE_NETWORK).read_bytes()))
    with pytest.raises(model_files.ModelFileError, match=problem) as caught:
        read_face_network(path)
    assert str(path) in str(caught.value) and "pip install" in str(caught.value)


def test_another_of_dlibs_models_is_refused():
    path = model_files.find(model_files.LANDMARKS_5)
    with pytest.raises(model_files.ModelFileError, match="not dlib's face-recognition network"):
        read_face_network(path)


def test_verification_of_a_hand_worked_example():
    # In order of distance: same, same, different, same, different, different.
    distances = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    found = identity.verify(distances, [True, True, False, True, False, False])
    assert found.false_accepts == pytest.approx([0, 0, 0, 1 / 3, 1 / 3, 2 / 3, 1])
    assert found.true_accepts == pytest.approx([0, 1 / 3, 2 / 3, 2 / 3, 1, 1, 1])
    assert found.auc == pytest.approx(8 / 9)  # 8 of 9 (same, different) pairs in order
    assert found.equal_error_rate == pytest.approx(1 / 3)
    assert found.threshold == pytest.approx(0.3)


def test_perfect_useless_and_inverted_distances():
    same = np.array([True] * 4 + [False] * 4)
    perfect = identity.verify(np.arange(8.0), same)
    assert (perfect.auc, perfect.equal_error_rate) == (1, 0) and 3 <= perfect.threshold < 4
    useless = identity.verify(np.ones(8), same)
    assert useless.auc == useless.equal_error_rate == 0.5
    inverted = identity.verify(-np.arange(8.0), same)
    assert (inverted.auc, inverted.equal_error_rate) == (0, 1)


def test_auc_is_the_rank_statistic_also_with_ties():
    random = np.random.default_rng(0)
    distances, same = random.integers(0, 12, 300) / 10.0, random.random(300) < 0.4
    distances[same] *= 0.8
    found = identity.verify(distances, same)
    ranks = scipy.stats.mannwhitneyu(distances[~same], distances[same]).statistic
    assert found.auc == pytest.approx(ranks / (same.sum() * (~same).sum()), abs=1e-12)


@pytest.mark.parametrize(
    ("distances", "same", "problem"),
    [
        ([1, 2], [True, True], "one kind"),
        ([1, 2], [True], "one length"),
        ([1, np.nan], [True, False], "finite"),
    ],
)
def test_unusable_pairs_are_named(distances, same, problem):
    with pytest.raises(ValueError, match=problem):
        identity.verify(distances, same)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="graphs are TensorFlow's")
def test_a_network_first_asked_for_inside_a_graph_has_dlibs_weights(monkeypatch):
    import tensorflow

    fresh = functools.cache(identity.face_network.__wrapped__)
    monkeypatch.setattr(identity, "face_network", fresh)
    chip = tensorflow.constant(np.random.default_rng(0).uniform(-1, 1, (1, 64, 64, 3)), "float32")
    inside = tensorflow.function(identity.embed)(chip)
    monkeypatch.undo()
    assert np.abs(ops.convert_to_numpy(inside - identity.embed(chip))).max() < 1e-4
