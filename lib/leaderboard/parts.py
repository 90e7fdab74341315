"""Parts told, and faces painted from parts: system S4 and ours."""

from __future__ import annotations

import numpy as np

from lib import metrics, shipped
from lib.benchmarks.map_to_face import INSIDE, most_alike
from lib.gans import map_to_face, part_maps
from lib.labels import CLASSES, IGNORE
from lib.leaderboard.boards import Board, Likeness, Results, Scores, board
from lib.leaderboard.held_out import HeldOut, resized
from lib.metrics.parts import group_labels, part_agreement
from lib.prepare.semantic import parts_of, shrink_labels
from lib.store import Dataset

PARSER, PAINTER = "S4: parser", "ours: map to face"
GROUP_CLASSES = 8


def told(held: HeldOut, known: Dataset) -> Results:
    """Return label maps of the photos, uint8 (N, S, S), by everybody.

    Args:
        held: the photos.
        known: people for the commonest map, of the same size.
    """
    maps = known.read(range(len(known)), ["labels"])["labels"]
    return {
        "do nothing: all background": np.zeros_like(held.labels),
        "classical: commonest part": np.broadcast_to(commonest(maps), held.labels.shape).copy(),
        PARSER: part_maps.parse(shipped.load("parser"), held.photo),
    }


def commonest(maps: np.ndarray) -> np.ndarray:
    """Return of each pixel the class that most maps have there; the first of equally many.

    Args:
        maps: uint8 (N, S, S), 0..18.

    Returns:
        uint8 (S, S).
    """
    counts = np.stack([(maps == number).sum(axis=0) for number in range(len(CLASSES))])
    return counts.argmax(axis=0).astype(np.uint8)


def told_board(maps: Results, held: HeldOut) -> Board:
    """Score label maps: pixels of each picture, and mIoU of classes and groups of all together."""
    groups, counted = group_labels(held.labels), held.labels != IGNORE

    def _score(one: np.ndarray) -> Scores:
        right = ((one == held.labels) & counted).sum((1, 2)) / counted.sum((1, 2))
        by_group = part_agreement(group_labels(one), groups, GROUP_CLASSES)
        of_all = {
            "mIoU, 19 classes": metrics.mean(part_agreement(one, held.labels)),
            "mIoU, 8 groups": metrics.mean(by_group),
        }
        return {"right pixels": right}, of_all

    return board(maps, _score)


def results(held: HeldOut, known: Dataset, likeness: Likeness) -> Results:
    """Return faces painted from their true parts, colours and face IDs, on black.

    Args:
        held: at the size of the painter, `shipped.ENTRIES["map_to_face"].size`.
        known: people whose faces may be looked up, of any size.
        likeness: to the photos of that size, whose descriptors are the face IDs.
    """
    model = shipped.load("map_to_face")
    arrays = {"photo": held.photo, "labels": held.labels, "identity": likeness.truth}
    account = map_to_face.account_of(arrays, model.design.account)
    others = known.read(range(len(known)), ["photo", "labels"])
    small = np.stack([shrink_labels(one, held.size) for one in others["labels"]])
    seen = {"photo": resized(others["photo"], held.size), "parts": parts_of(small)}
    return {
        "do nothing: flat colours": account.painted(),
        "classical: most alike known": most_alike(parts_of(held.labels), seen),
        PAINTER: map_to_face.paint(model, account),
    }


def face_of(labels: np.ndarray) -> np.ndarray:
    """Return what counts as inside the face, uint8 {0, 1} of the labels' shape."""
    return np.isin(labels, [CLASSES.index(name) for name in INSIDE]).astype(np.uint8)


def painted_board(painted: Results, held: HeldOut, likeness: Likeness) -> Board:
    """Score painted faces inside the face, and as persons.

    Args:
        painted: pictures by name.
        held: of the same size.
        likeness: to the photos.
    """
    inside = face_of(held.labels)

    def _score(pictures: np.ndarray) -> Scores:
        distances, crowd = likeness.score(pictures)
        each = {
            "L1 inside": metrics.l1(pictures, held.photo, inside),
            "PSNR inside": metrics.psnr(pictures, held.photo, inside),
            "SSIM inside": metrics.ssim(pictures, held.photo, inside),
            "identity": distances,
        }
        return each, crowd

    return board(painted, _score)
