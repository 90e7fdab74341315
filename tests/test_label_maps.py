"""Photographs with ready label maps beside them, in either order of classes."""

from __future__ import annotations

import numpy as np
import pytest
from celebamask_trees import (
    SIDE,
    expected_labels,
    rejected,
)
from PIL import Image

from lib import images
from lib.labels import CLASSES
from lib.prepare import class_orders, semantic, sources
from lib.store import StoreError

# ---------------------------------------------------------------- ready label maps


def write_maps(folder, order="authors", mode="L"):
    labels = expected_labels()
    labels[44:46, 28:36] = CLASSES.index("u_lip")
    table = np.array([class_orders.ORDERS[order].index(name) for name in CLASSES], np.uint8)
    for name in ("ann", "bob"):
        images.write(folder / "images" / f"{name}.jpg", np.full((SIDE, SIDE, 3), 90, np.uint8))
        path = folder / "labels" / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        picture = Image.fromarray(table[labels], mode)
        if mode == "P":
            picture.putpalette(list(np.random.default_rng(0).integers(0, 256, 57)))
        picture.save(path)
    return labels


def prepare_maps(path, folder, **options):
    return sources.label_maps(path, folder, SIDE, 1, progress=False, **options)


@pytest.mark.parametrize("order", class_orders.ORDERS)
@pytest.mark.parametrize("mode", ["L", "P"])
def test_ready_maps_of_both_orders_become_the_authors(order, mode, tmp_path):
    labels = write_maps(tmp_path, order, mode)
    for place, asked in enumerate((None, order)):
        dataset = prepare_maps(tmp_path / f"out{place}", tmp_path, order=asked)
        assert dataset.card["parameters"]["order"] == order
        assert dataset.samples["identity"].tolist() == ["ann", "bob"]
        np.testing.assert_array_equal(dataset[0]["labels"], labels)
        np.testing.assert_array_equal(dataset[0]["parts"], semantic.parts_of(labels))
        assert dataset[1]["colours"][0].tolist() == [90, 90, 90]


def test_maps_that_are_none_are_rejected(tmp_path):
    write_maps(tmp_path)
    for name in ("c", "d", "e", "f"):
        images.write(tmp_path / "images" / f"{name}.png", np.zeros((SIDE, SIDE, 3), np.uint8))
    Image.fromarray(np.full((SIDE, SIDE), 77, np.uint8)).save(tmp_path / "labels" / "d.png")
    (tmp_path / "labels" / "e.png").write_bytes(b"no picture")
    images.write(tmp_path / "labels" / "f.png", np.full((SIDE, SIDE, 3), (204, 0, 0), np.uint8))
    dataset = prepare_maps(tmp_path / "out", tmp_path, max_rejected=0.9)
    reasons = rejected(dataset)
    assert reasons["c.png"] == "no label map of this name in labels"
    assert reasons["d.png"].startswith("labels/d.png: found the number 77 in a label map")
    assert reasons["e.png"].startswith("labels/e.png: the label map is damaged")
    assert reasons["f.png"].startswith("labels/f.png: found a picture of mode RGB; expected class")
    assert len(dataset) == 2


def test_maps_whose_order_cannot_be_told_need_it_stated(tmp_path):
    images.write(tmp_path / "images" / "a.png", np.zeros((SIDE, SIDE, 3), np.uint8))
    (tmp_path / "labels").mkdir()
    Image.fromarray(np.ones((SIDE, SIDE), np.uint8)).save(tmp_path / "labels" / "a.png")
    with pytest.raises(StoreError, match="state it: order='authors'"):
        prepare_maps(tmp_path / "out", tmp_path)
    with pytest.raises(StoreError, match="found order = 'rgb'; expected None or one of authors"):
        prepare_maps(tmp_path / "out", tmp_path, order="rgb")
    assert len(prepare_maps(tmp_path / "out", tmp_path, order="bisenet")) == 1
