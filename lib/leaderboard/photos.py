"""Renders made photos: ours for system S5's task, doing nothing, and colours matched."""

from __future__ import annotations

import numpy as np

from lib import metrics, shipped
from lib.benchmarks.photo_judge import Judge
from lib.benchmarks.render_to_photo import colours_matched
from lib.gans import render_to_photo
from lib.leaderboard.boards import Board, Likeness, Results, Scores, board
from lib.leaderboard.held_out import HeldOut
from lib.store import Dataset

TRANSLATOR = "ours: render to photo"


def results(held: HeldOut, known: Dataset) -> Results:
    """Return photos made of the renders.

    Args:
        held: at the translator's size, `shipped.ENTRIES["render_to_photo"].size`.
        known: people whose renders and photos give the colours to match; split "train".
    """
    model = shipped.load("render_to_photo")
    return {
        "do nothing: renders": held.render,
        "classical: colours matched": colours_matched(
            {"renders": known, "photos": known}, held.render
        ),
        TRANSLATOR: render_to_photo.translate(model, held.render),
    }


def made_board(made: Results, held: HeldOut, likeness: Likeness) -> Board:
    """Score made photos: to one's own photo inside the face, and to a crowd of others' photos.

    Of hair and room a render says nothing, so that nothing but the face is compared. Whether dlib
    finds a face is asked of one picture of each person.

    Args:
        made: pictures by name.
        held: of the same size.
        likeness: to the photos.
    """
    inside, firsts = held.render.any(axis=-1).astype(np.uint8), held.firsts
    judge = Judge(held.render[firsts], held.landmarks[firsts], held.people[firsts], likeness.crowd)

    def _score(pictures: np.ndarray) -> Scores:
        distances, distance_of_crowds = likeness.score(pictures)
        each = {
            "L1 inside": metrics.l1(pictures, held.photo, inside),
            "PSNR inside": metrics.psnr(pictures, held.photo, inside),
            "SSIM inside": metrics.ssim(pictures, held.photo, inside),
            "identity": distances,
        }
        share, _ = judge.control(pictures[firsts])
        return each, {"faces found": share, **distance_of_crowds}

    return board(made, _score)
