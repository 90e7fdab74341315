"""The checkers of lesson 04, Semantic maps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.checks import exercise
from lib.labels import CLASSES, IGNORE

_CLOSE = 1e-6


def _random_maps(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return label maps of all classes, with some pixels whose class is unknown."""
    generator = np.random.default_rng(seed)
    maps = generator.integers(0, len(CLASSES), shape, dtype=np.uint8)
    return np.where(generator.random(shape) < 0.1, np.uint8(IGNORE), maps)


def _require_map(result: np.ndarray, shape: tuple[int, ...]) -> None:
    assert result.shape == shape, f"the shape is {result.shape}, expected {shape}"
    assert result.dtype == np.uint8, f"the type is {result.dtype}, expected uint8"


@exercise("04.renumber")
def check_renumber(answer: Callable) -> None:
    """Check three names, both orders in circulation, numbers met twice, 255 and the input."""
    from lib.prepare.class_orders import BISENET, to_authors_order

    one = np.array([[0, 1, 2, 255]], np.uint8)
    result = np.asarray(answer(one, ["sky", "sea", "sand"], ["sky", "sand", "sea"]))
    _require_map(result, (1, 4))
    assert result[0, 3] == IGNORE, f"255 became {result[0, 3]}: unknown stays unknown"
    message = f"sky, sea and sand became {result[0, :3].tolist()} in the order sky, sand, sea"
    assert result[0, :3].tolist() == [0, 2, 1], message
    labels = _random_maps(4, (9, 7))
    kept = labels.copy()
    result = np.asarray(answer(labels, list(BISENET), list(CLASSES)))
    wrong = np.unique(labels[result != to_authors_order(labels, "bisenet")])
    assert not wrong.size, f"numbers {wrong.tolist()} went wrong: was one of them changed twice?"
    assert (labels == kept).all(), "the map itself was changed: work on a copy"


@exercise("04.mirror_labels")
def check_mirror_labels(answer: Callable) -> None:
    """Check that pixels move, pairs swap, lone names stay, 255 stays, and twice is nothing."""
    from lib.labels import MIRROR

    names = ["background", "l_eye", "r_eye", "l_lip", "nose"]
    one = np.array([[1, 4, 0, 3, 255]], np.uint8)
    result = np.asarray(answer(one, names))
    _require_map(result, (1, 5))
    assert result[0, 0] == IGNORE and result[0, 2] == 0, "the pixels themselves are to be mirrored"
    assert result[0, 1] == 3, "l_lip has no partner r_lip: it stays what it is"
    assert result[0, 4] == 2, f"the left eye became {names[result[0, 4] % 5]}"
    assert result[0, 3] == 4, f"the nose became {names[result[0, 3] % 5]}"
    other = np.asarray(answer(np.array([[2]], np.uint8), names))[0, 0]
    assert other == 1, "a right eye is a left one in the mirror, too"
    labels = _random_maps(5, (6, 9))
    kept = labels.copy()
    result = np.asarray(answer(labels, list(CLASSES)))
    table = np.arange(256, dtype=np.uint8)
    table[: len(CLASSES)] = MIRROR
    wrong = np.unique(labels[:, ::-1][result != table[labels[:, ::-1]]])
    assert not wrong.size, f"of the 19 classes, numbers {wrong.tolist()} went wrong"
    assert (labels == kept).all(), "the map itself was changed: work on a copy"


@exercise("04.group_colours")
def check_group_colours(answer: Callable) -> None:
    """Check one plane by hand, overlaps, an empty plane, many bright pixels, and rounding."""
    picture = np.array([[[10, 20, 31], [20, 40, 60], [200, 100, 0]]], np.uint8)
    planes = np.array([[[1, 1, 0], [1, 0, 0], [0, 1, 0]]], np.uint8)
    result = np.asarray(answer(picture, planes))
    assert result.shape == (3, 3), f"the shape is {result.shape}, expected (3, 3): a row a plane"
    assert result.dtype == np.uint8, f"the type is {result.dtype}, expected uint8"
    assert result[2].tolist() == [0, 0, 0], "a plane without pixels is black"
    message = f"the first plane's colour is {result[0].tolist()}, expected [15, 30, 46]"
    assert result[0].tolist() == [15, 30, 46], message
    message = f"the second plane shares a pixel with the first; it got {result[1].tolist()}"
    assert result[1].tolist() == [105, 60, 16], message
    bright = np.full((40, 50, 3), 250, np.uint8)
    result = np.asarray(answer(bright, np.ones((40, 50, 1), np.uint8)))
    assert result.tolist() == [[250] * 3], "many bright pixels: do the sums of bytes overflow?"


@exercise("04.class_iou")
def check_class_iou(answer: Callable) -> None:
    """Check by hand, all maps together, absent classes, 255, and the lab's own score."""
    from lib.metrics.parts import part_agreement

    truth = np.array([[[0, 0, 1, 1]], [[1, 1, 1, 255]]], np.uint8)
    found = np.array([[[0, 1, 1, 1]], [[1, 2, 1, 1]]], np.uint8)
    result = np.asarray(answer(found, truth, 4), float)
    assert result.shape == (4,), f"the shape is {result.shape}, expected (4,): one for each class"
    assert abs(result[0] - 1 / 2) < _CLOSE, f"class 0 got {result[0]:.3f}, expected 1/2"
    message = f"class 1 got {result[1]:.3f}, expected 4/6: all maps together, 255 left out"
    assert abs(result[1] - 4 / 6) < _CLOSE, message
    assert np.isnan(result[2]), "class 2 was found, but no true map holds it: NaN"
    assert np.isnan(result[3]), "class 3 is nowhere: NaN"
    truth = _random_maps(6, (3, 8, 8))
    found = np.where(truth == IGNORE, np.uint8(3), truth)
    found[:, :3] = _random_maps(7, (3, 3, 8)) % len(CLASSES)
    expected = part_agreement(found, truth)
    off = np.nanmax(np.abs(np.asarray(answer(found, truth, len(CLASSES)), float) - expected))
    assert off < _CLOSE, f"on random maps a class is off by {off:.3f}"
