"""The judge of photos made of renders: realism, control and identity by made-up descriptors."""

import types

import keras
import numpy as np
import pytest

from lib import metrics, store
from lib.benchmarks import photo_judge, render_to_photo
from lib.benchmarks.photo_judge import Judge, find_landmarks, shading, sweep
from lib.faces import align, identity
from lib.gans.render_to_photo import DESIGNS
from lib.profiles import Profile
from lib.scene.render import render
from lib.scene.sampling import sample
from lib.store import Field

NOBODY = np.zeros((64, 64, 3), np.uint8)
UNCHANGED = types.SimpleNamespace(forwards=lambda shown, training: shown)
"""The translator that answers with its input."""


@pytest.fixture(scope="module")
def people():
    """Return three people, 64 pixels."""
    return [
        render(sample(31, person, 0, accessories=False, expression=False), 64)
        for person in range(3)
    ]


def judge(names, *, points=None, crowd=None):
    """Return a judge of made-up people."""
    names = np.array(names)
    points = np.zeros((len(names), 68, 2)) if points is None else points
    return Judge(np.zeros((len(names), 8, 8, 3), np.uint8), points, names, crowd)


def descriptors(number, numbers=8, seed=0, middle=0.0):
    return np.random.default_rng(seed).normal(middle, 0.3, (number, numbers))


# ---------------------------------------------------------------- identity


def test_descriptors_of_ones_own_tell_everybody_apart():
    found = judge(["ann", "ann", "bob", "bob", "eve", "eve"]).identity(np.eye(3).repeat(2, axis=0))
    assert found == {"AUC": 1.0, "same": 0.0, "different": pytest.approx(2**0.5)}


def test_distances_are_those_of_all_pairs():
    who = np.array([[0.0], [1.0], [3.0], [7.0]])
    found = judge(["ann", "bob", "ann", "bob"]).identity(who)
    # one person: 3 and 6 apart; two: 1, 7, 2 and 4; of eight comparisons 3 < 7, 3 < 4, 6 < 7
    assert found["same"] == pytest.approx(4.5) and found["different"] == pytest.approx(3.5)
    assert found["AUC"] == pytest.approx(3 / 8)


# ---------------------------------------------------------------- realism


def test_a_crowd_is_as_real_as_itself_and_another_is_not():
    names = np.arange(40).repeat(2)
    who = descriptors(80)
    same = judge(names, crowd=descriptors(40, seed=1)).realism(who)
    assert same.low < 0 < same.high and abs(same.value) < 0.1
    other = judge(names, crowd=descriptors(40, seed=1, middle=0.5)).realism(who)
    assert other.low > 0 and other.value > 5 * abs(same.value)


def test_one_picture_a_person_counts_at_a_time_and_estimates_are_averaged():
    crowd, who = descriptors(9), descriptors(12, seed=1)
    names = np.array(["c", "a", "b", "d"] * 3)  # each person's first picture comes first
    found = judge(names, crowd=crowd).realism(who)
    each = [metrics.kernel_distance(who[4 * n : 4 * n + 4], crowd, gamma=1.0) for n in range(3)]
    for end in ("value", "low", "high"):
        expected = np.mean([getattr(one, end) for one in each])
        assert getattr(found, end) == pytest.approx(expected)
    order = np.argsort(names, kind="stable")
    again = judge(names[order], crowd=crowd).realism(who[order])
    assert again.value == pytest.approx(found.value)


# ---------------------------------------------------------------- control


def test_landmarks_of_renders_are_found_where_they_are(people):
    points = np.stack([one["landmarks"] for one in people])
    pictures = [people[0]["render"], people[1]["photo"], NOBODY]
    found, apart = judge(["a", "b", "c"], points=points).control(np.stack(pictures))
    assert found == pytest.approx(2 / 3) and 0 < apart < 0.06
    assert find_landmarks(NOBODY) is None
    found, apart = judge(["a"], points=points[:1]).control(NOBODY[None])
    assert found == 0 and np.isnan(apart)


def test_errors_are_counted_in_eye_distances_where_there_is_a_face(monkeypatch):
    points = np.random.default_rng(0).uniform(0, 64, (3, 68, 2))
    points[:, 36], points[:, 45] = (10, 20), (40, 60)  # 50 pixels apart
    moved = [points[0] + [3, 4], None, points[2] + [0, 10]]
    answers = iter(moved)
    monkeypatch.setattr(photo_judge, "find_landmarks", lambda picture: next(answers))
    found, apart = judge(["a", "b", "c"], points=points).control(np.stack([NOBODY] * 3))
    assert found == pytest.approx(2 / 3)
    assert apart == pytest.approx((5 / 50 + 10 / 50) / 2)


# ---------------------------------------------------------------- a row of a table


def test_chips_for_the_face_network_are_cut_as_it_knows_them(people, monkeypatch):
    shown = []
    monkeypatch.setattr(identity, "descriptors", lambda chips: shown.append(chips) or len(chips))
    pictures, points = (np.stack([one[name] for one in people]) for name in ("photo", "landmarks"))
    assert photo_judge.describe(pictures, points) == 3
    assert shown[0].shape == (3, 150, 150, 3) and shown[0].dtype == np.uint8
    expected = align.chip(pictures[1], points[1], 150, 0.25)[0]
    np.testing.assert_array_equal(shown[0][1], expected)


FIELDS = [
    Field("render", (8, 8, 3)),
    Field("photo", (8, 8, 3)),
    Field("landmarks", (68, 2), "float32", "landmarks"),
]


def level(index, generator):
    """Give pictures of one level each, by which a sample is known."""
    picture = np.full((8, 8, 3), index, np.uint8)
    points = np.full((68, 2), index, np.float32)
    points[45] += 1  # the outer corners of the eyes are apart
    return {"render": picture, "photo": picture + np.uint8(100), "landmarks": points}


def write(folder, names):
    """Write a collection of people, a picture for each name; all are trained on."""
    samples = [(f"{number}", name, "train") for number, name in enumerate(names)]
    options = {"source": "", "licence": "", "progress": False}
    return store.build(folder, FIELDS, samples, level, 0, **options)


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets")
    crowd = [*"xyzxyzwv", *"uts"]
    return {
        "renders": write(folder / "renders", [*"aabbcc"]),
        "photos": write(folder / "photos", crowd),
    }


def test_the_crowd_is_one_photo_of_each_and_a_row_has_every_score(sets, monkeypatch):
    asked = []

    def describe(pictures, points):
        asked.append((pictures[:, 0, 0, 0].tolist(), points[:, 0, 0].tolist()))
        return descriptors(len(pictures), seed=len(asked))

    monkeypatch.setattr(photo_judge, "describe", describe)
    monkeypatch.setattr(photo_judge, "find_landmarks", lambda picture: None)
    found = Judge.of(sets["renders"], sets["photos"])
    firsts = {10: "s", 9: "t", 8: "u", 7: "v", 6: "w", 0: "x", 1: "y", 2: "z"}
    order = sorted(firsts, key=firsts.get)
    assert asked == [([100 + n for n in order], order)] and found.crowd.shape == (8, 8)
    assert found.names.tolist() == [*"aabbcc"]
    assert found.renders[:, 0, 0, 0].tolist() == list(range(6))
    row = found.score(found.renders + np.uint8(50))
    assert asked[1] == ([50, 51, 52, 53, 54, 55], list(range(6)))
    names = ["KID", "KID from", "KID to", "faces found", "landmarks", "AUC", "same", "different"]
    assert list(row) == names and row["KID from"] < row["KID"] < row["KID to"]
    assert row["faces found"] == 0 and np.isnan(row["landmarks"])


# ---------------------------------------------------------------- light and motion


def test_the_slopes_of_a_plane_are_found_exactly():
    rows, columns = np.mgrid[0:20, 0:20] / 20
    planes = [100 + 80 * columns - 40 * rows, 20 + 100 * rows, 0 * rows + 9]
    pictures = np.stack(planes)[..., None] + np.array([-6, 0, 6])  # channels are averaged
    faces = np.random.default_rng(0).uniform(size=(3, 20, 20)) < 0.3
    pictures[~faces] = 255  # what surrounds the face does not count
    assert (pictures == pictures.astype(np.uint8)).all()
    found = shading(pictures.astype(np.uint8), faces)
    np.testing.assert_allclose(found, [[80, -40], [0, 100], [0, 0]], atol=1e-9)


def test_renders_themselves_obey_perfectly():
    found = sweep(UNCHANGED, 31, [1], 64)
    assert list(found) == ["motion", "light"]
    assert found["light"] == pytest.approx(1)
    assert 0.97 < found["motion"] < 1  # by dlib's landmarks, whole pixels of four times the size


def test_motion_is_that_about_the_mean_where_a_face_is_found(monkeypatch):
    points = np.random.default_rng(0).uniform(0, 64, (3, 68, 2))
    turned = [
        {"render": np.full((64, 64, 3), number, np.uint8), "landmarks": points[number]}
        for number in range(3)
    ]
    answers = {0: 9 - 2 * points[0], 1: None, 2: 9 - 2 * points[2]}  # against the render
    monkeypatch.setattr(photo_judge, "find_landmarks", lambda photo: answers[int(photo[0, 0, 0])])
    asked, seen = photo_judge._motion(UNCHANGED, turned)
    inner = points[[0, 2], 17:, 0]  # sideways, without the outline
    np.testing.assert_allclose(asked, (inner - inner.mean(axis=0)).ravel(), atol=1e-9)
    np.testing.assert_allclose(seen, -2 * asked, atol=1e-9)
    monkeypatch.setattr(photo_judge, "find_landmarks", lambda photo: None)
    assert photo_judge._motion(UNCHANGED, turned).shape == (2, 0)


def test_light_is_compared_inside_the_render_about_the_mean():
    columns = np.arange(16) / 16
    lamps = np.zeros((2, 16, 16, 3), np.uint8)
    lamps[:, 4:12] = (64 + np.outer([16, 48], columns))[:, None, :, None]

    def turn(shown, training):  # light from the other side, half as strong, and a bright ground
        return np.where(shown > -1, -0.5 * shown, np.float32(0.9))

    asked, seen = photo_judge._slopes(types.SimpleNamespace(forwards=turn), lamps)
    np.testing.assert_allclose(asked, [-16, 16], atol=1e-9)
    np.testing.assert_allclose(seen, [8, -8], atol=0.5)


# ---------------------------------------------------------------- the benchmark's own parts


class Part(list):
    """The training split of a collection with one field."""

    def __init__(self, name, pictures):
        super().__init__(pictures)
        self.name = name

    def split(self, name):
        return {"train": self}[name]

    def read(self, rows, names):
        assert names == [self.name]
        return {self.name: np.stack([self[row] for row in rows])}


def test_colours_matched_have_the_mean_and_spread_of_the_photos_middles():
    generator = np.random.default_rng(0)
    side = 16
    renders = generator.integers(90, 110, (6, side, side, 3), dtype=np.uint8)
    renders[:, :4] = 0
    photos = generator.integers(60, 100, (9, side, side, 3), dtype=np.uint8)

    found = render_to_photo.colours_matched(
        {"renders": Part("render", renders), "photos": Part("photo", photos)}, renders
    )
    middle = photos[:, 6:12, 5:10].reshape(-1, 3)
    face = found[:, 4:].reshape(-1, 3)
    assert found.dtype == np.uint8 and found.shape == renders.shape
    np.testing.assert_allclose(face.mean(axis=0), middle.mean(axis=0), atol=1)
    np.testing.assert_allclose(face.std(axis=0), middle.std(axis=0), atol=0.5)
    expected = np.broadcast_to(photos.mean(axis=(0, 1, 2)), found[:, :4].shape)
    assert np.abs(found[:, :4] - expected).max() <= 1


def test_the_benchmark_trains_for_all_of_its_steps(sets, monkeypatch):
    def new_model(design, plan, people, softness):
        keras.utils.set_random_seed(0)
        inputs = keras.Input((8, 8, 3))
        model = keras.Model(inputs, keras.layers.Conv2D(3, 1)(inputs))
        model.compile(keras.optimizers.SGD(0.01), loss="mae", run_eagerly=True)
        return model

    plan = Profile(
        "laptop", 8, 2, 4, steps=3, sample_every=2, identities=3, captures=2, max_minutes=4
    )
    monkeypatch.setattr(render_to_photo.plans, "new_model", new_model)
    monkeypatch.setattr(
        render_to_photo.plans, "stream",
        lambda *parts: training_pairs(parts[0], parts[2]),
    )  # fmt: skip
    _, run = render_to_photo.fit(DESIGNS["ours"], sets, plan, 0, share=1)
    assert (run.steps, run.finished) == (3, True), run.stopped_because


def training_pairs(renders, pairs):
    """Return batches of a plain regression, where there are pairs."""
    assert renders.identities == [*"abc"] and len(pairs) == 11
    return pairs.batches(4, fields=("render", "photo"), arrange=lambda x: (x["render"], x["photo"]))
