"""A small recogniser: unit vectors, cosines, fair lessons, pairs, thresholds, the comparison."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lib import store
from lib.benchmarks import recognition
from lib.faces.verification import verify
from lib.models.recogniser import SCALE, CosineLogits, build_recogniser
from lib.store import Field
from lib.training.recognition import Faces, Lessons, Plan, train_recogniser

SIZE = 16
QUICK = Plan(steps=40, batch=16, rate=1e-2, width=4, numbers=8)


def crowd(people, pictures, seed, prefix="p"):
    """Make people who are told by two colours, one above the other, in light of any redness."""
    generator = np.random.default_rng(seed)
    halves = generator.integers(-60, 60, (people, 1, 2, 1, 3)).repeat(SIZE // 2, axis=2)
    lights = np.full((people, pictures, 1, 1, 3), 128)
    lights[..., 0] += generator.integers(-128, 128, (people, pictures, 1, 1))
    photos = np.broadcast_to(halves + lights, (people, pictures, SIZE, SIZE, 3))
    noisy = photos.reshape(-1, SIZE, SIZE, 3) + generator.normal(0, 8, (1, SIZE, SIZE, 3))
    names = np.repeat([f"{prefix}{number}" for number in range(people)], pictures)
    return Faces(noisy.clip(0, 255).astype(np.uint8), names)


def numpy_of(tensor):
    return keras.ops.convert_to_numpy(tensor)


# ---------------------------------------------------------------- the network


def test_parameters_counted_by_hand():
    # 16 px, width 2: filters 2, 4, 8, 8, each with a scale, an offset and two moving statistics
    convolutions = 9 * (3 * 2 + 2 * 4 + 4 * 8 + 8 * 8) + 4 * (2 + 4 + 8 + 8)
    numbers = 8 * 5 + 3 * 5  # the centring has no scale: the length is taken off anyway
    classifier, embedding = build_recogniser(SIZE, 2, people=3, numbers=5)
    assert embedding.count_params() == convolutions + numbers
    assert classifier.count_params() == convolutions + numbers + 5 * 3
    assert embedding.output_shape == (None, 5) and classifier.output_shape == (None, 3)
    assert build_recogniser(64, 16, 20)[1].count_params() == 65_328


def test_logits_are_cosines_with_one_direction_a_person():
    classifier, embedding = build_recogniser(SIZE, 2, people=3, numbers=5)
    pictures = np.random.default_rng(0).uniform(-1, 1, (6, SIZE, SIZE, 3)).astype(np.float32)
    unit, logits = (numpy_of(model(pictures)) for model in (embedding, classifier))
    assert np.allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-5)
    head = classifier.layers[-1]
    directions = numpy_of(head.directions)
    cosines = unit @ (directions / np.linalg.norm(directions, axis=0))
    assert np.allclose(logits, SCALE * cosines, atol=1e-4)
    head.directions.assign(directions * [[1.0, 10.0, 0.1]])
    assert np.allclose(numpy_of(classifier(pictures)), logits, atol=1e-4), "lengths say nothing"


def test_the_embedding_learns_with_the_classifier():
    classifier, embedding = build_recogniser(SIZE, 2, people=3, numbers=5)
    pictures = np.random.default_rng(0).uniform(-1, 1, (6, SIZE, SIZE, 3)).astype(np.float32)
    before = numpy_of(embedding(pictures))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.compile(keras.optimizers.SGD(1.0), loss, run_eagerly=True)
    classifier.train_on_batch(pictures, np.array([0, 1, 2, 0, 1, 2]))
    assert np.abs(numpy_of(embedding(pictures)) - before).max() > 1e-3


def test_the_head_is_saved_with_its_scale():
    layer = CosineLogits(3, scale=7.0, name="head")
    again = CosineLogits.from_config(layer.get_config())
    assert (again.people, again.scale, again.name) == (3, 7.0, "head")
    assert layer.compute_output_shape((None, 5)) == (None, 3)


@pytest.mark.usefixtures("half_precision")
def test_distances_are_float32_also_under_half_precision():
    for model in build_recogniser(SIZE, 2, people=2):
        assert numpy_of(model(np.zeros((1, SIZE, SIZE, 3), np.float32))).dtype == np.float32


@pytest.mark.parametrize("change", [{"size": 15}, {"people": 1}, {"width": 0}, {"numbers": 0}])
def test_networks_that_cannot_be_are_refused(change):
    with pytest.raises(ValueError, match="expected"):
        build_recogniser(**({"size": SIZE, "width": 2, "people": 3} | change))


def test_pictures_need_not_be_halved_without_rest():
    _, embedding = build_recogniser(27, 2, people=3, numbers=5)
    found = numpy_of(embedding(np.random.default_rng(0).uniform(-1, 1, (2, 27, 27, 3))))
    np.testing.assert_allclose((found**2).sum(axis=1), 1, rtol=1e-5)
    assert np.abs(found[0] - found[1]).max() > 1e-3


# ---------------------------------------------------------------- lessons


def test_lessons_have_equal_shares_and_people_of_their_own():
    few, many = crowd(2, 3, 0), crowd(30, 2, 1)  # some names are the same
    lessons = Lessons([few, many], batch=9, steps=40, seed=0)
    assert lessons.people == 32 and len(lessons) == 40 and lessons.size == SIZE
    for index in (0, 1):
        pictures, people = lessons[index]
        assert pictures.shape == (9, SIZE, SIZE, 3) and pictures.dtype == np.float32
        assert abs(pictures).max() <= 1
        assert (people < 2).sum() == 4 and (people >= 2).sum() == 5
    seen = np.unique(np.concatenate([lessons[index][1] for index in range(40)]))
    assert seen.tolist() == list(range(32))


def test_lessons_follow_from_seed_and_number_alone():
    faces = crowd(4, 3, 0)
    first, other = Lessons([faces], 8, 5, 0)[3], Lessons([faces], 8, 9, 0)[3]
    assert all(np.array_equal(*pair) for pair in zip(first, other, strict=True))
    assert not np.array_equal(first[0], Lessons([faces], 8, 5, 1)[3][0])


def test_a_lesson_shows_the_picture_of_whom_it_names_shifted_and_mirrored():
    ramp = np.broadcast_to(5 * np.arange(SIZE, dtype=np.uint8)[:, None], (SIZE, SIZE, 3))
    faces = Faces(np.stack([ramp, 100 + ramp]), np.array(["b", "a"]))
    pictures, people = Lessons([faces], 64, 1, 0)[0]
    levels = np.rint((pictures[..., 0] + 1) * 127.5).astype(int)
    levels[people == 0] -= 100  # sorted by name: a is 0, and lighter
    assert set(people) == {0, 1} and levels.min() == 0 and levels.max() == 5 * (SIZE - 1)
    middle, mirrored = levels[:, 3, 7], levels[:, 3, 12] < levels[:, 3, 7]
    assert set(middle[~mirrored]) == {30, 35, 40} and set(middle[mirrored]) == {35, 40, 45}
    assert 16 < mirrored.sum() < 48


def test_a_training_of_seconds_tells_people_it_has_never_seen():
    unknown = crowd(10, 4, 1, prefix="q")
    _, untrained = build_recogniser(SIZE, QUICK.width, 20, QUICK.numbers)
    trained = train_recogniser(crowd(20, 4, 0), plan=QUICK)
    found = [
        recognition.verification(embedding, unknown.photos, unknown.names).auc
        for embedding in (untrained, trained)
    ]
    assert found[1] > found[0] + 0.1 and found[1] > 0.8, found


def test_a_dataset_is_learnt_from_like_its_arrays(tmp_path):
    faces = crowd(3, 2, 0)
    samples = [(f"{name}-{place}", name) for place, name in enumerate(faces.names)]
    fields = [Field("photo", (SIZE, SIZE, 3))]
    origin = {"source": "here", "licence": "none", "progress": False}

    def _make(index, generator):
        return {"photo": faces.photos[index]}

    own = store.build(tmp_path / "set", fields, samples, _make, 0, 1, **origin)
    read = Faces.of(own)
    assert np.array_equal(read.photos, faces.photos)
    assert read.names.tolist() == faces.names.tolist() and read.people == ["p0", "p1", "p2"]
    some = read.of_people(["p2", "p0", "nobody"])
    assert some.names.tolist() == ["p0", "p0", "p2", "p2"]
    assert np.array_equal(some.photos, faces.photos[[0, 1, 4, 5]])


# ---------------------------------------------------------------- pairs and thresholds


def test_pairs_are_all_of_one_person_and_as_many_of_two():
    names = np.repeat(["a", "b", "c"], 4)
    first, second, same = recognition.draw_pairs(names)
    assert same.sum() == 3 * 6 == (~same).sum()
    assert (first < second).all() and ((names[first] == names[second]) == same).all()
    assert len(set(zip(first, second, strict=True))) == len(first)
    other = recognition.draw_pairs(names, seed=1)
    assert np.array_equal(other[0][:18], first[:18]) and not np.array_equal(other[0], first)


def test_a_perfect_embedding_is_perfect_and_a_blind_one_is_not():
    names = np.repeat(["a", "b", "c"], 3)
    photos = np.repeat(np.eye(3, dtype=np.uint8) * 255, 3, axis=0)[:, None, None]
    found = recognition.verification(lambda x, training: x[:, 0, 0], photos, names)
    assert found.auc == 1 and recognition.accuracy(found, recognition.best_threshold(found)) == 1
    blind = recognition.verification(lambda x, training: 0 * x[:, 0, 0], photos, names)
    assert blind.auc == 0.5
    with pytest.raises(ValueError, match="only one kind of pair"):
        recognition.verification(lambda x, training: x[:, 0, 0], photos[:3], names[:3])


def test_the_best_threshold_answers_most_pairs_rightly():
    generator = np.random.default_rng(0)
    same = np.arange(200) < 100
    distances = generator.normal(np.where(same, 0.8, 1.2), 0.2)
    found = verify(distances, same)

    def rightly(threshold):
        return ((distances <= threshold) == same).mean()

    best = max(rightly(threshold) for threshold in distances)
    assert rightly(recognition.best_threshold(found)) == pytest.approx(best)
    for threshold in (0.0, 0.7, 1.0, 1.3, 9.0):
        assert recognition.accuracy(found, threshold) == pytest.approx(rightly(threshold))


# ---------------------------------------------------------------- the comparison


def test_the_comparison_trains_on_both_kinds_and_on_each_alone(monkeypatch):
    taught = []

    def train(*parts, seed, plan):
        taught.append([*(part.people[0] for part in parts), seed, plan])
        share = 0.5 + 0.25 * len(parts)  # of what the picture's upper half says
        return lambda x, training: share * x[:, 0, 0] + (1 - share) * x[::-1, 0, 0]

    monkeypatch.setattr(recognition, "train_recogniser", train)
    few, made, validation, tested = (
        crowd(people, 4, people, prefix)
        for people, prefix in ((2, "few"), (12, "made"), (8, "val"), (9, "test"))
    )
    table = recognition.compare(few, made, validation, tested, (0, 1), QUICK)
    kinds = ["few photos", "few photos + generated", "generated only"]
    assert table["trained on"].tolist() == [kind for kind in kinds for _ in range(2)]
    assert table["seed"].tolist() == [0, 1] * 3
    assert table["people"].tolist() == [2, 2, 14, 14, 12, 12]
    assert table["pictures"].tolist() == [8, 8, 56, 56, 48, 48]
    assert taught == [
        [*names, seed, QUICK]
        for names in (["few0"], ["few0", "made0"], ["made0"])
        for seed in (0, 1)
    ]
    means = recognition.summarise(table)
    assert means.index.tolist() == kinds
    assert means["auc"]["mean"].iloc[1] > means["auc"]["mean"].iloc[0]


def test_threshold_and_score_come_from_different_people(monkeypatch):
    asked = []

    def watched(embedding, photos, names, seed=0):
        asked.append(names[0])
        return verify(np.array([0.1, 0.9]), np.array([True, False]))

    monkeypatch.setattr(recognition, "train_recogniser", lambda *parts, **options: None)
    monkeypatch.setattr(recognition, "verification", watched)
    groups = [crowd(2, 2, number, prefix) for number, prefix in enumerate("abcd")]
    table = recognition.compare(*groups, seeds=(0,))
    assert asked == ["c0", "d0"] * 3 and (table["accuracy"] == 1).all()
    with pytest.raises(ValueError, match="found 'a0' learnt and tested; expected others"):
        recognition.compare(*groups[:3], groups[0])
    with pytest.raises(ValueError, match="found 'b0' generated and validated"):
        recognition.compare(*groups[:2], groups[1], groups[3])
