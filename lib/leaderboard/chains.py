"""Two tasks one after the other: a masked, shiny face, whose truth is the matte face without mask.

    results(held, Told(held), steps())

What a step needs to know beside the picture, where the mask is and where skin is, it is told, or
it is found by networks, mistakes included.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from lib import metrics, shipped
from lib.gans import mask_maps, part_maps, repainting, specularity
from lib.leaderboard.boards import Board, Likeness, Results, Scores, board
from lib.leaderboard.held_out import HeldOut
from lib.prepare.layers import skin_of
from lib.restore.painting import widened

CHAINS: Mapping[str, tuple[str, ...]] = {
    "do nothing": (),
    "shine off": ("shine",),
    "mask off": ("mask",),
    "shine off, then mask off": ("shine", "mask"),
    "mask off, then shine off": ("mask", "shine"),
}
"""Names of the steps of each chain, in their order."""


class Maps(Protocol):
    """Says where things are."""

    def covered(self, pictures: np.ndarray) -> np.ndarray:
        """Return where masks are in masked pictures, uint8 {0, 1} (N, S, S)."""

    def skin(self, pictures: np.ndarray) -> np.ndarray:
        """Return where skin is in pictures, masks left aside, uint8 {0, 1} (N, S, S)."""


@dataclasses.dataclass(frozen=True, eq=False)
class Told:
    """Knows the truth: what a chain can do at best."""

    held: HeldOut

    def covered(self, pictures: np.ndarray) -> np.ndarray:
        """Return the true masks."""
        return self.held.mask

    def skin(self, pictures: np.ndarray) -> np.ndarray:
        """Return the true skin."""
        return self.held.skin


@dataclasses.dataclass(frozen=True)
class Found:
    """Asks the shipped finder and parser: what a chain can do with a picture alone."""

    def covered(self, pictures: np.ndarray) -> np.ndarray:
        """Return what the finder takes for masks, widened by the rim of `lib.restore.painting`."""
        found = mask_maps.find(shipped.load("mask_finder"), pictures)
        return np.stack([widened(one) for one in found])

    def skin(self, pictures: np.ndarray) -> np.ndarray:
        """Return what the parser takes for skin."""
        return skin_of(part_maps.parse(shipped.load("parser"), pictures))


@dataclasses.dataclass(frozen=True, eq=False)
class Work:
    """A picture on its way through a chain.

    Attributes:
        pictures: uint8 (N, S, S, 3).
        mask: uint8 {0, 1} (N, S, S), what still covers the faces.
    """

    pictures: np.ndarray
    mask: np.ndarray


Step = Callable[[Work, Maps], Work]


def take_shine_off(work: Work, maps: Maps) -> Work:
    """Take the shine off the skin that no mask covers."""
    skin = maps.skin(work.pictures) * (work.mask == 0)
    model = shipped.load("shine_layer")
    return dataclasses.replace(work, pictures=specularity.translate(model, work.pictures, skin))


def take_mask_off(work: Work, maps: Maps) -> Work:
    """Repaint what a mask covers; nothing covers the faces then."""
    model = shipped.load("unmask_two_critics")
    pictures = repainting.repaint(model, work.pictures, work.mask)
    return Work(pictures, np.zeros_like(work.mask))


def steps() -> dict[str, Step]:
    """Return the steps of `CHAINS` by name, by the shipped models."""
    return {"shine": take_shine_off, "mask": take_mask_off}


def results(held: HeldOut, maps: Maps, by_name: Mapping[str, Step]) -> Results:
    """Return what each chain makes of the masked pictures; a common beginning is done once.

    Args:
        held: the masked, shiny faces.
        maps: says where masks and skin are.
        by_name: the steps.
    """
    done = {(): Work(held.masked, maps.covered(held.masked))}
    for chain in CHAINS.values():
        for length in range(1, len(chain) + 1):
            *before, step = chain[:length]
            if chain[:length] not in done:
                done[chain[:length]] = by_name[step](done[tuple(before)], maps)
    return {name: done[chain].pictures for name, chain in CHAINS.items()}


def chain_board(made: Results, held: HeldOut, likeness: Likeness) -> Board:
    """Score chains against the faces without mask and shine.

    Under the mask, on the shine that it leaves free, in the whole picture, and as persons.

    Args:
        made: pictures by name.
        held: of the same size.
        likeness: to the photos without shine.
    """
    free = held.specular_mask * (held.mask == 0)

    def _score(pictures: np.ndarray) -> Scores:
        distances, _ = likeness.score(pictures)
        each = {
            "PSNR under the mask": metrics.psnr(pictures, held.diffuse, held.mask),
            "PSNR on free shine": metrics.psnr(pictures, held.diffuse, free),
            "PSNR whole": metrics.psnr(pictures, held.diffuse),
            "identity": distances,
        }
        return each, {}

    return board(made, _score)
