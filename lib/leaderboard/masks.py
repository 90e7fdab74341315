"""Masks found, and faces repainted: systems S2 and S3, and what needs no training."""

from __future__ import annotations

import numpy as np

from lib import baselines, metrics, shipped
from lib.gans import mask_maps, repainting
from lib.leaderboard.boards import Board, Likeness, Results, Scores, board, pooled
from lib.leaderboard.held_out import HeldOut, resized
from lib.store import Dataset

PAINTERS = {"S2: noise": "unmask_noise", "S3: two critics": "unmask_two_critics"}
"""The systems that repaint, by the name they have in tables."""

FINDER = "S3: map module"


def found(held: HeldOut) -> Results:
    """Return maps of masks, uint8 {0, 1} (N, S, S), by name."""
    lower = np.zeros_like(held.mask)
    lower[:, held.size // 2 :] = 1
    return {
        "do nothing: no mask": np.zeros_like(held.mask),
        "classical: the lower half": lower,
        FINDER: mask_maps.find(shipped.load("mask_finder"), held.masked),
    }


def found_board(maps: Results, held: HeldOut) -> Board:
    """Score maps of masks."""

    def _score(one: np.ndarray) -> Scores:
        overlap = metrics.intersection_over_union(one, held.mask)
        return {"IoU": overlap, "right pixels": metrics.pixel_accuracy(one, held.mask)}, {}

    return board(maps, _score)


def results(held: HeldOut, known: Dataset) -> Results:
    """Return the faces repainted by everybody, at the size of the held-out pictures.

    A system works at its own size: it sees the pictures shrunk to it, and its painting is brought
    to theirs. Outside the masks all results are the input's own pixels.

    Args:
        held: the masked faces.
        known: people for the mean face, of any size.
    """
    faces = resized(known.read(range(len(known)), ["photo"])["photo"], held.size)
    repairs = dict(baselines.CLASSICAL) | {"mean face": baselines.mean_face([faces])}
    rows = {name: repair(held.masked, held.mask) for name, repair in repairs.items()}
    return rows | {row: repainted(name, held) for row, name in PAINTERS.items()}


def repainted(name: str, held: HeldOut) -> np.ndarray:
    """Return faces repainted by a shipped model at its own size, brought to that of the pictures.

    Args:
        name: of the shipped weights.
        held: masked faces of any size that the model's divides, or that divides it.
    """
    size = shipped.ENTRIES[name].size
    if held.size >= size:
        shown = held.at(size)
        masked, mask = shown.masked, shown.mask
    else:
        step = size // held.size
        masked, mask = resized(held.masked, size), held.mask.repeat(step, 1).repeat(step, 2)
    painted = repainting.repaint(shipped.load(name), masked, mask)
    return baselines.composite(held.masked, resized(painted, held.size), held.mask)


def shrunk(repaired: Results, held: HeldOut, size: int) -> Results:
    """Return the same results at a smaller size; outside the masks, the small faces' own pixels.

    Args:
        repaired: what `results` returned for `held`.
        held: at its own size.
        size: pixels.
    """
    small = held.at(size)
    return {
        row: baselines.composite(small.masked, resized(pictures, size), small.mask)
        for row, pictures in repaired.items()
    }


def repainted_board(repaired: Results, held: HeldOut, likeness: Likeness) -> Board:
    """Score repainted faces inside their masks, as whole pictures, and as persons.

    Args:
        repaired: pictures by name.
        held: of the same size.
        likeness: to the bare photos.
    """

    def _score(pictures: np.ndarray) -> Scores:
        distances, crowd = likeness.score(pictures)
        each = {
            "PSNR inside": metrics.psnr(pictures, held.photo, held.mask),
            "SSIM inside": metrics.ssim(pictures, held.photo, held.mask),
            "PSNR whole": metrics.psnr(pictures, held.photo),
            "changed outside": metrics.l1(pictures, held.masked, 1 - held.mask),
            "identity": distances,
        }
        return each, {"PSNR inside, pooled": pooled(pictures, held.photo, held.mask), **crowd}

    return board(repaired, _score)
