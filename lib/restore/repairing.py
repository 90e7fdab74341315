"""Takes masks and shine off the faces of a photo; the photo keeps its size and all the rest."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from lib import shipped
from lib.faces import align
from lib.faces.alignment import Alignment
from lib.faces.detect import check_picture
from lib.gans import mask_maps, part_maps, specularity
from lib.landmark_order import GROUPS
from lib.prepare.layers import skin_of
from lib.restore.blending import greyed, is_grey
from lib.restore.locating import Located, locate
from lib.restore.painting import AT_A_TIME, paint_over, widened

TASKS = ("unmask", "shine", "both")
"""What can be done to a photo; "both" takes shine off first."""

SMALLEST_MASK = 0.015
"""Share of a face's frame below which what was found is no mask."""

ON_FACE = 0.4
"""Share of a piece that must lie on the face."""

SHINE_FEATHER = 0.08


@dataclasses.dataclass(frozen=True, eq=False)
class RepairedFace:
    """What was done to one face.

    Attributes:
        located: where it is.
        chip: uint8 (S, S, 3), the upright face as the networks saw it.
        mask: uint8 {0, 1} (S, S), what covers it; zeros where nothing was found or asked for.
        repaired: uint8 (S, S, 3), what became of it.
        says: what was done, in words.
    """

    located: Located
    chip: np.ndarray
    mask: np.ndarray
    repaired: np.ndarray
    says: str


@dataclasses.dataclass(frozen=True, eq=False)
class Repair:
    """A repaired photo.

    Attributes:
        photo: uint8 (H, W, 3), of the original's size; outside the faces the original's own pixels.
        mask: uint8 {0, 1} (H, W), what covers faces.
        faces: the largest first.
    """

    photo: np.ndarray
    mask: np.ndarray
    faces: tuple[RepairedFace, ...]


def repair(photo: np.ndarray, task: str = "unmask", faces: list[Located] | None = None) -> Repair:
    """Repair every face of a photo.

    Args:
        photo: uint8 RGB (H, W, 3).
        task: one of `TASKS`.
        faces: where they are, if that is known; else they are searched for.

    Returns:
        The photo repaired, and what was found and done. Without a face, the photo as it was.

    Raises:
        ValueError: if the photo is no uint8 (H, W, 3), or for another task.
        ShippedError: where the shipped weights are missing.
    """
    if task not in TASKS:
        raise ValueError(f"found task {task!r}, expected one of {', '.join(TASKS)}")
    repaired = check_picture(photo)
    mask, done = np.zeros(photo.shape[:2], np.uint8), []
    for located in locate(photo) if faces is None else faces:
        repaired, face, own = _repair_face(repaired, located, task)
        mask |= own
        done.append(face)
    return Repair(repaired.copy() if repaired is photo else repaired, mask, tuple(done))


def unmask(photo: np.ndarray, faces: list[Located] | None = None) -> np.ndarray:
    """Take masks off the faces of a photo: what comes in their place is a guess.

    Args:
        photo: uint8 RGB (H, W, 3).
        faces: as in `repair`.

    Returns:
        uint8 (H, W, 3); further from the masks than a soft edge the photo's own pixels.

    Raises:
        ValueError: if the photo is no uint8 (H, W, 3).
    """
    return repair(photo, "unmask", faces).photo


def remove_shine(photo: np.ndarray, faces: list[Located] | None = None) -> np.ndarray:
    """Take shine off the skin of the faces of a photo.

    Args:
        photo: uint8 RGB (H, W, 3).
        faces: as in `repair`.

    Returns:
        uint8 (H, W, 3); only skin becomes darker, and keeps its pores and hairs.

    Raises:
        ValueError: if the photo is no uint8 (H, W, 3).
    """
    return repair(photo, "shine", faces).photo


def find_mask(photo: np.ndarray, faces: list[Located] | None = None) -> np.ndarray:
    """Find the masks that faces of a photo wear.

    Args:
        photo: uint8 RGB (H, W, 3).
        faces: as in `repair`.

    Returns:
        uint8 {0, 1} (H, W), 1 where a mask covers a face.

    Raises:
        ValueError: if the photo is no uint8 (H, W, 3).
    """
    photo = check_picture(photo)
    mask = np.zeros(photo.shape[:2], np.uint8)
    for located in locate(photo) if faces is None else faces:
        chip, alignment = _cut_out(photo, located)
        probabilities = _probabilities(chip, alignment.to_chip(located.points))
        mask |= _enlarged(probabilities, alignment)
    return mask


def _cut_out(photo: np.ndarray, located: Located) -> tuple[np.ndarray, Alignment]:
    size = shipped.ENTRIES["mask_finder"].size
    return align.chip(photo, located.points, size, 0.0, "portrait")


def _probabilities(chip: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return how probably each pixel of a chip is covered; nowhere, where that makes no mask.

    Args:
        chip: uint8 (S, S, 3).
        points: (68, 2), the face's landmarks in the chip.
    """
    found = mask_maps.probabilities(
        shipped.load("mask_finder"), chip[None], AT_A_TIME, mirrored=True
    )[0]
    found = whole_pieces(found, face_of(points, len(chip)))
    return found if (found >= 0.5).mean() >= SMALLEST_MASK else np.zeros_like(found)


def face_of(points: np.ndarray, size: int) -> np.ndarray:
    """Return the region of a chip that a mask can cover: the hull of 68 landmarks, and a rim.

    Args:
        points: (68, 2), in the chip's pixels.
        size: side of the chip.

    Returns:
        uint8 {0, 1} (size, size).
    """
    region = np.zeros((size, size), np.uint8)
    cv2.fillConvexPoly(region, cv2.convexHull(np.int32(np.rint(points))), 1)
    return widened(region, 0.04)


def whole_pieces(found: np.ndarray, face: np.ndarray) -> np.ndarray:
    """Close the holes of what was found, and leave out pieces that lie beside the face.

    A print on a mask may look like anything, but masks have no holes; and a collar may look like a
    mask, but does not lie on a face.

    Args:
        found: float32 (S, S), probabilities.
        face: uint8 {0, 1} (S, S).

    Returns:
        float32 (S, S).
    """
    outlines, _ = cv2.findContours(np.uint8(found >= 0.5), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    kept = np.zeros(found.shape, np.uint8)
    for outline in outlines:
        piece = cv2.drawContours(np.zeros_like(kept), [outline], -1, 1, cv2.FILLED)
        if (piece & face).sum() >= ON_FACE * piece.sum():
            kept |= piece
    holes = (kept == 1) & (found < 0.5)
    return np.where(holes, 1.0, np.where(kept == 1, found, np.minimum(found, 0.49)))


def _enlarged(probabilities: np.ndarray, alignment: Alignment) -> np.ndarray:
    """Return a chip's map as one of the whole photo, uint8 {0, 1}."""
    return np.uint8(alignment.spread(probabilities) >= 0.5)


def _repair_face(
    photo: np.ndarray, located: Located, task: str
) -> tuple[np.ndarray, RepairedFace, np.ndarray]:
    chip, alignment = _cut_out(photo, located)
    points = alignment.to_chip(located.points)
    probabilities = _probabilities(chip, points)
    mask, says = np.uint8(probabilities >= 0.5), []
    if task in ("shine", "both"):
        matte = _without_shine(chip, mask, points)
        photo = alignment.paste_back(photo, matte, SHINE_FEATHER)
        darker = float((chip.astype(int) - matte).mean(axis=-1).max())
        says.append(f"shine of up to {darker:.0f} grey levels off" if darker else "no shine found")
    if task in ("unmask", "both"):
        if mask.any():
            photo = paint_over(photo, alignment, mask)
            says.append(f"a mask of {mask.mean():.0%} of the frame painted over")
        else:
            says.append("no mask found")
    own = _enlarged(probabilities, alignment)
    face = RepairedFace(located, chip, mask, alignment.extract(photo), "; ".join(says))
    return photo, face, own


def _without_shine(chip: np.ndarray, mask: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Take shine off the skin; the mouth is left alone, for teeth are bright and not greasy."""
    labels = part_maps.parse(shipped.load("parser"), chip[None], AT_A_TIME, mirrored=True)
    mouth = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(mouth, cv2.convexHull(np.int32(np.rint(points[GROUPS["outer_lips"]]))), 1)
    skin = skin_of(labels) * ((mask | mouth) == 0)[None]
    remover = shipped.load("shine_layer")
    matte = specularity.translate(remover, chip[None], skin, batch_size=AT_A_TIME)[0]
    return greyed(matte, skin[0]) if is_grey(chip, mask) else matte
