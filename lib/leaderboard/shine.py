"""Shine taken off: our layer of shine, Spec-Net, and the classical separations."""

from __future__ import annotations

import numpy as np

from lib import baselines, metrics, shipped
from lib.benchmarks.shine import ENOUGH
from lib.gans import specularity
from lib.leaderboard.boards import Board, Likeness, Results, Scores, board, pooled
from lib.leaderboard.held_out import HeldOut

REMOVERS = {"S1: Spec-Net": "spec_net", "ours: shine layer": "shine_layer"}
"""The systems that take shine off, by the name they have in tables."""


def results(held: HeldOut) -> Results:
    """Return the photos without shine by everybody, all of whom are told where skin is."""
    skin = held.skin
    rows = {name: remove(held.photo, skin) for name, remove in baselines.SEPARATIONS.items()}
    for row, name in REMOVERS.items():
        rows[row] = specularity.translate(shipped.load(name), held.photo, skin)
    return rows


def matte_board(matte: Results, held: HeldOut, likeness: Likeness) -> Board:
    """Score photos without shine: where there was some, elsewhere, and as persons.

    A picture with fewer than `ENOUGH` pixels of shine has no score inside.

    Args:
        matte: pictures by name.
        held: of the same size.
        likeness: to the photos without shine.
    """
    inside, shines = held.specular_mask, held.specular_mask.sum((1, 2)) >= ENOUGH
    matt_skin = held.skin * (inside == 0)

    def _score(pictures: np.ndarray) -> Scores:
        distances, crowd = likeness.score(pictures)
        within = metrics.psnr(pictures, held.diffuse, inside)
        each = {
            "PSNR inside": np.where(shines, within, np.nan),
            "PSNR whole": metrics.psnr(pictures, held.diffuse),
            "changed outside": metrics.l1(pictures, held.photo, 1 - inside),
            "dE of other skin": metrics.skin_tone_shift(pictures, held.diffuse, matt_skin),
            "identity": distances,
        }
        return each, {"PSNR inside, pooled": pooled(pictures, held.diffuse, inside), **crowd}

    return board(matte, _score)
