"""Paints over what covers a face, and makes the painting part of its photo."""

from __future__ import annotations

import cv2
import numpy as np

from lib import shipped
from lib.faces.alignment import Alignment
from lib.gans import part_maps, repainting
from lib.labels import CLASSES
from lib.restore.blending import FEWEST, continue_colours, greyed, is_grey, match_grain

RIM = 0.008
"""By what share of the frame a mask is widened before it is painted over: its outermost threads."""

RING = 0.024
"""How far from the hole skin says what its colours should be, as a share of the frame."""

FEATHER = 0.03
"""Width of the soft edge round a painted hole, as a share of the frame."""

AT_A_TIME = 1
"""A photo's faces go through the networks one by one, compiled for that; see `lib.inference`."""


def paint_over(photo: np.ndarray, alignment: Alignment, mask: np.ndarray) -> np.ndarray:
    """Paint over a mask and its rim.

    Args:
        photo: uint8 RGB (H, W, 3).
        alignment: of a face in it, at the painter's size.
        mask: uint8 {0, 1} (S, S), what covers the face.

    Returns:
        uint8 (H, W, 3); further from the mask than the rim and a feather, the photo's own pixels.
    """
    chip = alignment.extract(photo)
    painted, hole, skin = painted_chip(chip, mask, alignment.in_photo())
    pasted = alignment.paste_back(photo, painted, FEATHER, mask=hole)
    return with_grain_of_skin(pasted, alignment, hole, skin)


def painted_chip(
    chip: np.ndarray, mask: np.ndarray, shown: np.ndarray | int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Paint over a mask and its rim in a chip, in the colours of the skin beside it.

    Args:
        chip: uint8 (S, S, 3).
        mask: uint8 {0, 1} (S, S).
        shown: uint8 {0, 1} (S, S), what of the chip is photo and not beyond its border.

    Returns:
        The painted chip; the hole, and the skin outside it, both uint8 {0, 1} (S, S).
    """
    hole = widened(mask)
    painted = paint(chip, hole)
    skin = skin_outside(painted, hole) & shown
    return with_colours_of(chip, painted, hole, skin), hole, skin


def widened(mask: np.ndarray, share: float = RIM) -> np.ndarray:
    """Return a mask and a rim; with `RIM`, the hole that is painted over.

    Args:
        mask: uint8 {0, 1} (S, S).
        share: how wide the rim is, as a share of the frame; one pixel at least.
    """
    reach = 2 * max(1, round(share * len(mask))) + 1
    return cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))


def paint(chip: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Return what the shipped painter makes of a hole, uint8 (S, S, 3).

    Args:
        chip: uint8 (S, S, 3).
        hole: uint8 {0, 1} (S, S).
    """
    painter = shipped.load("unmask_two_critics")
    painted = repainting.repaint(painter, chip[None], hole[None], AT_A_TIME, mirrored=True)[0]
    return greyed(painted, hole) if is_grey(chip, hole) else painted


def skin_outside(painted: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Return where there is skin outside a hole, uint8 {0, 1} (S, S).

    Args:
        painted: uint8 (S, S, 3); a parser knows whole faces better than masked ones.
        hole: uint8 {0, 1} (S, S).
    """
    labels = part_maps.parse(shipped.load("parser"), painted[None], AT_A_TIME, mirrored=True)[0]
    return np.uint8(labels == CLASSES.index("skin")) & (1 - hole)


def with_colours_of(
    chip: np.ndarray, painted: np.ndarray, hole: np.ndarray, skin: np.ndarray
) -> np.ndarray:
    """Return a painting in the colours of the skin beside it, uint8 (S, S, 3).

    How far they are off is asked of the painter: it paints a larger hole, too, which covers skin
    that the chip shows.

    Args:
        chip: uint8 (S, S, 3), before.
        painted: the same, painted.
        hole: uint8 {0, 1} (S, S).
        skin: uint8 {0, 1} (S, S), outside the hole.
    """
    larger = widened(hole, RING)
    if (larger & skin).sum() < FEWEST:
        return painted
    error = paint(chip, larger).astype(np.float32) - chip
    return continue_colours(painted, hole, error, larger & skin)


def with_grain_of_skin(
    photo: np.ndarray, alignment: Alignment, hole: np.ndarray, skin: np.ndarray
) -> np.ndarray:
    """Return a photo whose painted hole is about as rough as the skin beside it, uint8 (H, W, 3).

    Of what a chip can show a painter leaves out about the finest octave, and of a larger photo all
    octaves beyond. A photo of less than seven tenths of the chip's resolution lacks nothing.

    Args:
        photo: uint8 RGB (H, W, 3), painted.
        alignment: of the face.
        hole: uint8 {0, 1} (S, S).
        skin: uint8 {0, 1} (S, S), outside the hole.
    """
    octaves = round(1 - np.log2(alignment.scale))
    if octaves < 1:
        return photo
    apart = skin & (1 - widened(hole, FEATHER))
    there = alignment.spread(cv2.erode(apart, np.ones((3, 3), np.uint8)).astype(np.float32))
    return match_grain(photo, alignment.weight(FEATHER, hole), there, octaves)
