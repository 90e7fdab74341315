"""What system S5 learns from: renders, photos of other people, and a steady choice of pairs."""

from __future__ import annotations

import numpy as np
import pytest

from lib import images, portraits, store
from lib.faces import align, detect
from lib.prepare import chips, located, pairs, renders, sources, translation_sets
from lib.store import SHARES, Field, StoreError

PEOPLE, PHOTOGRAPHED, CAPTURES, SIZE, SEED = 6, 5, 2, 16, 0
QUIET = {"workers": 1, "progress": False}


def prepare(folder, people=PEOPLE, photographed=PHOTOGRAPHED, seed=SEED):
    return translation_sets.prepare(folder, people, photographed, CAPTURES, SIZE, seed, **QUIET)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("translation_sets")


@pytest.fixture(scope="module")
def sets(folder):
    return prepare(folder)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Photos that cost nothing, with renders: 600 of them, whose ids are people's names."""
    fields = [Field(name, (8, 8, 3)) for name in ("photo", "render")]
    blank = dict.fromkeys(("photo", "render"), np.zeros((8, 8, 3), np.uint8))
    samples = [(f"{number:05d}", f"{number:05d}") for number in range(600)]
    origin = {"source": "here", "licence": "none", "progress": False}
    path = tmp_path_factory.mktemp("many") / "set"
    return store.build(path, fields, samples, lambda *_: blank, 0, 1, **origin)


def ids(view):
    return view.samples["id"].tolist()


# ---------------------------------------------------------------- the two collections


def test_renders_and_photos_share_nobody_and_splits_share_nobody(sets):
    assert list(sets) == ["renders", "photos"]
    people = {name: set(part.identities) for name, part in sets.items()}
    assert not people["renders"] & people["photos"]
    assert [len(who) for who in people.values()] == [PEOPLE, PHOTOGRAPHED]
    for part in sets.values():
        splits = part.samples.groupby("identity")["split"].nunique()
        assert (splits == 1).all() and set(part.samples["split"]) == set(SHARES)
        assert part.split("train").identities and part.split("test").identities


def test_they_have_the_fields_that_are_learnt_from_and_shown(sets):
    assert set(sets["renders"].fields) == set(translation_sets.RENDERS)
    assert set(sets["photos"].fields) == {"photo", "render", "landmarks"}
    for part in sets.values():
        rows = part.read(range(len(part)))
        assert rows["render"].shape == rows["photo"].shape == (len(part), SIZE, SIZE, 3)
        bare, real = ((rows[name] == 0).all(axis=-1).mean() for name in ("render", "photo"))
        assert bare > 0.2 > real, "a render is a bare face on black"
        same = part.samples["identity"].to_numpy()
        assert (np.unique(same, return_counts=True)[1] == CAPTURES).all()


def test_asked_for_again_they_are_opened_and_nothing_is_rendered(folder, sets, monkeypatch):
    monkeypatch.setattr(renders.Renders, "__call__", lambda *_: pytest.fail("rendered again"))
    again = prepare(folder)
    assert all(again[name].samples.equals(part.samples) for name, part in sets.items())
    with pytest.raises(StoreError, match="was begun with"):
        prepare(folder, seed=SEED + 1)


@pytest.mark.parametrize(
    "change",
    [{"people": 1}, {"photographed": 2}, {"people": 0}, {"photographed": 1.5}, {"seed": -1}],
)
def test_people_who_cannot_be_split_are_refused_before_anything_is_rendered(tmp_path, change):
    with pytest.raises(StoreError, match=r"found .*expected") as caught:
        prepare(tmp_path / "none", **change)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "none").exists()


# ---------------------------------------------------------------- pairs


def test_a_larger_share_holds_the_smaller_one_and_the_counts_fit(many):
    few, more = (ids(translation_sets.paired(many, share)) for share in (0.05, 0.25))
    assert set(few) < set(more) < set(ids(many))
    for share, chosen in ((0.05, few), (0.25, more)):
        spread = np.sqrt(share * (1 - share) / len(many))
        assert abs(len(chosen) / len(many) - share) < 3 * spread
    assert ids(translation_sets.paired(many)) == few, "the default is 5 %"
    assert more == sorted(more), "the order stays"
    assert len(translation_sets.paired(many, 1)) == len(many)
    assert translation_sets.paired(many, 0) is None


def test_more_people_and_other_views_move_nobody(many):
    train = many.split("train")
    chosen = set(ids(translation_sets.paired(train, 0.25)))
    assert chosen == set(ids(translation_sets.paired(many, 0.25))) & set(ids(train))


def test_pairs_are_no_matter_of_the_split_where_ids_are_names(many):
    """Both are hashes; of one text they would be one number, and all pairs would be in `train`."""
    splits = translation_sets.paired(many, 0.25).samples["split"].value_counts()
    assert 0.65 < splits["train"] / splits.sum() < 0.9 and len(splits) == 3


def test_a_pair_is_a_photo_and_its_own_render(sets):
    photos = sets["photos"]
    chosen = translation_sets.paired(photos, 0.5)
    for place, name in enumerate(ids(chosen)):
        own = photos[ids(photos).index(name)]
        assert all(np.array_equal(chosen[place][field], own[field]) for field in own)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), "all", None])
def test_what_is_no_share_is_refused(many, share):
    with pytest.raises(StoreError, match=r"found share = .* expected a number from 0 to 1"):
        translation_sets.paired(many, share)


def test_so_few_photos_that_none_is_paired_are_refused(many):
    with pytest.raises(StoreError, match="of 600 photos is no pair; expected a larger share"):
        translation_sets.paired(many, 1e-9)


# ---------------------------------------------------------------- photos of your own

MTCNN_FACE = detect.Face((182.0, 64.0, 265.0, 171.0), 0.99, "mtcnn")
"""What MTCNN finds in the photo of the astronaut."""


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    folder = tmp_path_factory.mktemp("album")
    images.write(folder / "astronaut.png", portraits.read("astronaut"))
    return folder


def test_own_photos_have_no_pairs(album, tmp_path):
    own = sources.photos(tmp_path / "own", album, SIZE, 1, convention="portrait", progress=False)
    assert translation_sets.paired(own, 0) is None
    with pytest.raises(StoreError, match=r"found photo \(16, 16, 3\); pairs need a photo and its"):
        translation_sets.paired(own)
    with pytest.raises(StoreError, match="expected a dataset"):
        translation_sets.paired("photos")


def test_fitted_photos_are_pairs_in_the_frame_of_the_renders(tmp_path, monkeypatch):
    photo = portraits.read("astronaut")
    images.write(tmp_path / "fits" / "one.jpg", photo)
    (tmp_path / "fits" / "one.mat").touch()
    capture = sources.renders.sample(SEED, 0, 0, accessories=False)
    points = 3 * pairs.landmarks_of(capture, 64) + 100
    face = type("Fit", (), {"landmarks": points, "pose_degrees": (0.0, 0.0, 0.0)})()
    monkeypatch.setattr(pairs, "_fitted", lambda *_: (face, points))
    monkeypatch.setattr(pairs, "from_fitted", lambda *_: capture)
    fitted = sources.aflw2000(
        tmp_path / "pairs", tmp_path / "fits", SIZE, 0, 1, convention="portrait", progress=False
    )
    chosen = translation_sets.paired(fitted, 1)
    assert ids(chosen) == ["one.mat"]
    expected, _ = align.chip(
        images.read(tmp_path / "fits" / "one.jpg"), points, SIZE, 0, "portrait"
    )
    assert np.array_equal(chosen[0]["photo"], expected)
    assert fitted.card["parameters"]["convention"] == "portrait"


def test_photos_are_cut_by_mtcnns_box_as_the_originals_were(album, tmp_path, monkeypatch):
    photo = portraits.read("astronaut")
    face = MTCNN_FACE
    found = {True: face, False: detect.one_face(photo)}
    monkeypatch.setattr(detect, "one_face", lambda _, masked: found[masked])
    made = sources.photos(tmp_path / "own", album, 108, 1, convention="mtcnn", progress=False)
    chip, alignment = align.mtcnn_chip(photo, face)
    stored = made[0]
    assert np.array_equal(stored["photo"], chip)
    assert np.allclose(stored["box"], face.box)
    matrix = stored["alignment"]
    assert np.allclose(matrix, alignment.matrix, atol=1e-5)
    assert matrix[0, 1] == matrix[1, 0] == 0, "the face is not turned"
    left, top, right, bottom = face.box
    edges = np.array([(left, top), (right, bottom)]) - 0.5
    corners = edges @ matrix[:, :2].T + matrix[:, 2] + 0.5
    assert np.allclose(corners[1] - corners[0], 108 / (1 + align.MTCNN_MARGIN), atol=1e-3)
    back = np.linalg.solve(matrix[:, :2].astype(float), (stored["landmarks"] - matrix[:, 2]).T).T
    inside = (back > (left - 20, top - 20)) & (back < (right + 20, bottom + 20))
    assert inside.all(), "the alignment leads back to the photo"
    assert made.card["parameters"]["convention"] == "mtcnn"


def test_collections_and_pairs_ask_mtcnn_for_its_box_too(album, monkeypatch):
    """CelebA's aligned photos have one box for all, of dlib's detector; here it would not do."""
    asked = []

    def _face_at(photo, point, *, masked):
        asked.append((point.tolist(), masked))
        return MTCNN_FACE

    photo, frame = portraits.read("astronaut"), chips.frame(64, None, "mtcnn")
    expected, _ = align.mtcnn_chip(photo, MTCNN_FACE, 64)
    monkeypatch.setattr(located, "face_at", _face_at)
    make = located.Located(album, np.array(["astronaut.png"]), frame, 40, aligned=True)
    assert np.array_equal(make(0, None)["photo"], expected)

    points = np.full((68, 2), 120.0) + np.arange(136).reshape(68, 2) % 7
    face = type("Fit", (), {"landmarks": points, "pose_degrees": (0.0, 0.0, 0.0)})()
    monkeypatch.setattr(pairs, "_fitted", lambda *_: (face, points))
    monkeypatch.setattr(pairs, "PHOTO_SUFFIX", ".png")
    monkeypatch.setattr(pairs, "face_at", _face_at)
    monkeypatch.setattr(pairs, "frame", lambda *_, **__: None)
    monkeypatch.setattr(pairs, "render", lambda *_: {"render": None})
    monkeypatch.setattr(pairs, "landmarks_of", lambda *_, **__: None)
    monkeypatch.setattr(pairs, "from_fitted", lambda *_: None)
    pair = pairs.Pairs(album, ("astronaut.mat",), frame, 0)(0, None)
    assert np.array_equal(pair["photo"], expected)
    assert asked == [([256, 256], True), (points.mean(axis=0).tolist(), True)]
