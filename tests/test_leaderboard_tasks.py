"""Boards of every task for results whose scores are known: the truth, the input, and nothing."""

import dataclasses

import numpy as np
import pandas
import pytest
from leaderboard_faces import faces

from lib.labels import CLASSES
from lib.leaderboard import held_out, masks, parts, photos, shine
from lib.prepare.layers import LINEAR
from lib.scene.pictures import to_srgb


class Equal:
    """Finds every face equal to the true one."""

    def __init__(self, held):
        self.crowd = np.zeros((len(held), 128))

    def score(self, pictures):
        return np.zeros(len(pictures)), {"KID": 0.0}


@pytest.fixture
def held():
    return faces(3, size=16)


def test_found_masks_share_what_they_share(held):
    half = held.mask.copy()
    half[:, :, :8] = 0
    maps = {"truth": held.mask, "nothing": 0 * held.mask, "half": half}
    table = masks.found_board(maps, held).table()
    assert table["IoU"].to_dict() == {"truth": 1.0, "nothing": 0.0, "half": 0.5}
    assert table["right pixels"].to_dict() == {"truth": 1.0, "nothing": 0.5, "half": 0.75}


def test_a_repainted_half_is_three_decibels_better_as_a_whole(held):
    painted = np.where(held.mask[..., None], held.photo ^ 16, held.photo)  # 16 levels off
    board = masks.repainted_board({"truth": held.photo, "painted": painted}, held, Equal(held))
    row = board.table().loc["painted"]
    for column in ("PSNR inside", "PSNR inside, pooled"):
        assert row[column] == pytest.approx(20 * np.log10(255 / 16))
    assert row["PSNR whole"] - row["PSNR inside"] == pytest.approx(10 * np.log10(2))
    assert row["changed outside"] == row["identity"] == 0.0
    assert np.isinf(board.table().loc["truth", "PSNR inside"])


def test_shine_is_scored_where_it_was_and_where_it_was_not(held):
    held.specular_mask[0] = 0
    held.specular_mask[0, 0, :3] = 1  # too little for a score of its own
    board = shine.matte_board({"truth": held.diffuse, "photo": held.photo}, held, Equal(held))
    inside = board.scores["photo"]["PSNR inside"]
    assert np.isnan(inside[0])
    assert np.isfinite(inside[1:]).all()
    table = board.table()
    assert table.loc["photo", "changed outside"] == 0.0 < table.loc["truth", "changed outside"]
    assert table.loc["truth", "dE of other skin"] == 0.0 < table.loc["photo", "dE of other skin"]


def test_parts_are_counted_by_pixel_and_by_class(held):
    held.labels[:, :8] = 0
    maps = {"truth": held.labels, "background": 0 * held.labels}
    table = parts.told_board(maps, held).table()
    assert table.loc["truth"].tolist() == [1.0, 1.0, 1.0]
    # of two classes asked for one has half of what was found, the other nothing
    assert table.loc["background"].tolist() == [0.5, 0.25, 0.25]


def test_painted_faces_are_scored_inside_the_face(held):
    held.labels[:, :8] = CLASSES.index("hair")
    painted = held.photo.copy()
    painted[:, :8] = 0
    row = parts.painted_board({"all": painted}, held, Equal(held)).table().loc["all"]
    assert row["L1 inside"] == 0.0
    assert np.isinf(row["PSNR inside"])


def test_made_photos_are_scored_where_the_render_is(held, monkeypatch):
    monkeypatch.setattr(photos.Judge, "control", lambda self, pictures: (len(pictures) / 4, 0.0))
    held.render[:, :4] = 0
    made = held.photo.copy()
    made[:, :4] = 0
    row = photos.made_board({"ours": made}, held, Equal(held)).table().loc["ours"]
    assert row["L1 inside"] == 0.0
    assert row["faces found"] == 0.75


def test_eyes_keep_their_sparkle():
    labels = np.full((1, 16, 16), CLASSES.index("skin"), np.uint8)
    labels[0, :8] = CLASSES.index("l_eye")
    layers = {"diffuse": np.full((1, 16, 16, 3), 90, np.uint8), "labels": labels}
    layers["specular"] = np.full((1, 16, 16, 3), 120, np.uint8)
    matte, where = held_out.without_shine(layers)
    assert set(matte[0, 8:].ravel()) == {90}
    assert (matte[0, :8] == to_srgb(LINEAR[[90]] + LINEAR[[120]])).all()
    assert where[0].tolist() == (labels[0] == CLASSES.index("skin")).astype(int).tolist()


def test_a_dataset_becomes_a_held_out_set(held):
    class Rows(list):
        """Looks like a dataset of three pictures."""

        samples = pandas.DataFrame({"identity": ["a", "a", "b"]})

        def read(self, rows):
            names = ("photo", "labels", "landmarks", "attributes", "render", "masked", "mask")
            arrays = {name: getattr(held, name)[list(rows)] for name in names}
            return arrays | {"diffuse": held.diffuse, "specular": np.zeros_like(held.diffuse)}

    made = held_out.of_dataset(Rows(range(3)))
    assert np.abs(made.diffuse.astype(int) - held.diffuse).max() <= 1
    assert not made.specular_mask.any()
    assert made.firsts.tolist() == [0, 2]
    for field in dataclasses.fields(made):
        assert len(getattr(made, field.name)) == 3
