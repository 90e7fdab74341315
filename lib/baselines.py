"""What a network must beat: repairs of a hole that know nothing, or only the mean face.

    mean_face = baselines.mean_face(dataset.read([i])["photo"] for i in range(len(dataset)))
    repairs = baselines.CLASSICAL | {"mean face": mean_face}
    for name, repair in repairs.items():
        print(name, metrics.picture_scores(repair(pictures, masks), truth, masks))

Every baseline is called with pictures and masks and returns pictures. Outside the masks these are
the input's own, to the last bit. `SEPARATIONS` are the same for shine: its masks say where skin is.

Faces painted from part maps must beat their colour map (`lib.prepare.semantic.colour_map`), which
is doing nothing, and the known face whose map is most alike:

    nearest = baselines.most_alike(parts, known_parts)
    silhouettes = known_parts[nearest].max(axis=-1)
    retrieved = baselines.composite(0 * photos, known_photos[nearest], silhouettes)
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Iterable

import cv2
import numpy as np

from lib.metrics.arrays import ScoreError, require_masks, require_pictures

Baseline = Callable[[np.ndarray, np.ndarray], np.ndarray]

RADIUS = 3
"""How far OpenCV's inpainting looks around a pixel, in pixels: the value of its own examples."""


def composite(pictures: np.ndarray, repaired: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Take the repaired pixels inside the masks, and the pictures' own outside.

    Args:
        pictures: uint8 (N, H, W, 3).
        repaired: uint8 (N, H, W, 3), or (H, W, 3) for all alike.
        masks: (N, H, W) of 0 and 1; 1 is repaired.

    Returns:
        uint8 (N, H, W, 3), an array of its own.

    Raises:
        ScoreError: if types or shapes are others, or a mask holds more than 0 and 1.
    """
    pictures, repaired = require_pictures(pictures), np.asarray(repaired)
    inside = require_masks(masks, pictures.shape[:3])
    if repaired.dtype != np.uint8 or repaired.shape not in (pictures.shape, pictures.shape[1:]):
        raise ScoreError(
            f"repaired: found {repaired.dtype} {repaired.shape}, expected uint8 {pictures.shape}"
        )
    return np.where(inside[..., None], repaired, pictures)


def do_nothing(pictures: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Return the pictures as they are: what a network has to offer more than.

    Args, Returns, Raises: as `telea`.
    """
    return composite(pictures, pictures, masks)


@dataclasses.dataclass(frozen=True, eq=False)
class MeanFace:
    """Fill every hole with the same face's pixels.

    Attributes:
        picture: uint8 (H, W, 3).
    """

    picture: np.ndarray

    def __call__(self, pictures: np.ndarray, masks: np.ndarray) -> np.ndarray:
        """Repair pictures of the mean face's size; Args, Returns, Raises: as `telea`."""
        return composite(pictures, self.picture, masks)


def mean_face(pictures: Iterable[np.ndarray]) -> MeanFace:
    """Average aligned faces without holding more than one stack of them.

    Args:
        pictures: stacks of a training set's faces, each uint8 (any number, H, W, 3); never test
            faces.

    Returns:
        The baseline, its picture rounded to the nearest level.

    Raises:
        ScoreError: if a stack is of another type or shape, or there is no picture.
    """
    total, number = np.zeros((), np.int64), 0
    for stack in pictures:
        stack = require_pictures(stack)
        if number and stack.shape[1:] != total.shape:
            raise ScoreError(f"found pictures {stack.shape[1:]}, expected {total.shape} as before")
        total = total + stack.sum(axis=0, dtype=np.int64)
        number += len(stack)
    if not number:
        raise ScoreError("found no picture, expected a training set of one or more")
    return MeanFace(np.rint(total / number).astype(np.uint8))


def _inpaint(pictures: np.ndarray, masks: np.ndarray, method: int) -> np.ndarray:
    pictures = require_pictures(pictures)
    inside = require_masks(masks, pictures.shape[:3])
    repaired = np.empty_like(pictures)
    for index, (picture, hole) in enumerate(zip(pictures, inside, strict=True)):
        repaired[index] = cv2.inpaint(
            np.ascontiguousarray(picture), hole.astype(np.uint8), RADIUS, method
        )
    return composite(pictures, repaired, inside)


def telea(pictures: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Fill holes from their border inwards, each pixel from its known neighbours (Telea 2004).

    Args:
        pictures: uint8 (N, H, W, 3).
        masks: (N, H, W) of 0 and 1; 1 is filled. A picture that is all hole stays as it is.

    Returns:
        uint8 (N, H, W, 3), an array of its own.

    Raises:
        ScoreError: if types or shapes are others, or a mask holds more than 0 and 1.
    """
    return _inpaint(pictures, masks, cv2.INPAINT_TELEA)


def navier_stokes(pictures: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Continue lines of equal brightness into holes, as a fluid flows (Bertalmio et al. 2001).

    Args, Returns, Raises: as `telea`.
    """
    return _inpaint(pictures, masks, cv2.INPAINT_NS)


CLASSICAL = types.MappingProxyType(
    {"do nothing": do_nothing, "Telea": telea, "Navier-Stokes": navier_stokes}
)
"""The baselines that need no training set, by the name they have in tables."""


@dataclasses.dataclass(frozen=True)
class ShineRemover:
    """Take shine off by one of `lib.prepare.specular.METHODS`.

    Attributes:
        method: its name there; an empty one does nothing.
    """

    method: str = ""

    def __call__(self, pictures: np.ndarray, within: np.ndarray | None = None) -> np.ndarray:
        """Return the diffuse layers.

        Args:
            pictures: uint8 (N, H, W, 3).
            within: (N, H, W) of 0 and 1, where to look, such as on skin; None looks everywhere.

        Returns:
            uint8 (N, H, W, 3), an array of its own; outside ``within`` the pictures' pixels.

        Raises:
            ScoreError: if types or shapes are others, or ``within`` holds more than 0 and 1.
        """
        from lib.prepare import specular  # brings the renderer, which repairs can do without

        diffuse = require_pictures(pictures).copy()
        everywhere = np.ones(diffuse.shape[:3], bool)
        inside = require_masks(everywhere if within is None else within, diffuse.shape[:3])
        if self.method:
            for index, region in enumerate(inside):
                diffuse[index] = specular.estimate(diffuse[index], self.method, region)[0]
        return diffuse


SEPARATIONS = types.MappingProxyType(
    {
        "do nothing": ShineRemover(),
        "threshold": ShineRemover("threshold"),
        "dichromatic": ShineRemover("dichromatic"),
        "Shen and Zheng": ShineRemover("intensity_ratio"),
        "Yang et al.": ShineRemover("bilateral"),
    }
)
"""The removers of shine that need no training set, by the name they have in tables."""

BLOCK = 128
"""Part maps that are compared at a time."""


def most_alike(parts: np.ndarray, known_parts: np.ndarray) -> np.ndarray:
    """Find, for each part map, the known face whose map agrees with it on the most pixels.

    A pixel agrees if it is in the same groups. Memory for two blocks of maps is held at a time, be
    they thousands; a dataset's memory-mapped array may be passed as it is.

    Args:
        parts: (N, H, W, 7) of 0 and 1; any number of groups will do.
        known_parts: (M, H, W, 7) of 0 and 1, of a training set.

    Returns:
        int64 (N,): places in ``known_parts``; the first of those that agree alike.

    Raises:
        ScoreError: if the shapes do not fit, or there is no known face.
    """
    if parts.ndim != 4 or parts.shape[1:] != known_parts.shape[1:] or not len(known_parts):
        found = f"{parts.shape} and {known_parts.shape}"
        raise ScoreError(f"found parts {found}, expected (N, H, W, 7) and (M, H, W, 7), M > 0")
    nearest, most = np.zeros(len(parts), np.int64), np.full(len(parts), -1, np.int64)
    for start in range(0, len(known_parts), BLOCK):
        known = _memberships(known_parts[start : start + BLOCK])
        for first in range(0, len(parts), BLOCK):
            rows = slice(first, first + BLOCK)
            agreeing = _agreeing(_memberships(parts[rows]), known)
            best = agreeing.argmax(axis=1)
            highest = np.take_along_axis(agreeing, best[:, None], axis=1)[:, 0]
            better = highest > most[rows]
            nearest[rows] = np.where(better, start + best, nearest[rows])
            most[rows] = np.where(better, highest, most[rows])
    return nearest


def _memberships(parts: np.ndarray) -> np.ndarray:
    """Return one number for each pixel, which says in which groups it is; int64 (N, pixels)."""
    numbers = (np.asarray(parts) == 1) @ (1 << np.arange(parts.shape[-1]))
    return numbers.reshape(len(parts), -1)


def _agreeing(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Count the pixels on which each map agrees with each other one, int64 (N, M)."""
    counts = np.zeros((len(first), len(second)), np.float32)  # exact up to 2 ** 24 pixels
    for membership in np.intersect1d(first, second):
        counts += (first == membership).astype(np.float32) @ (second == membership).T.astype(
            np.float32
        )
    return counts.astype(np.int64)
