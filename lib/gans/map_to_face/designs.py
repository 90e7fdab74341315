"""The loss table of system S4: what each of its three variants, and ours, is trained by."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping

NETWORKS = ("bottleneck", "modulated")
"""Where colours and face ID enter: S4's U-Net at its bottom, ours before its first picture."""


@dataclasses.dataclass(frozen=True)
class Design:
    """What one of the variants is made of.

    Attributes:
        network: of `NETWORKS`.
        account: what it is told of a face: "groups" as S4, or "parts", see `Account`.
        term_weights: its losses: the name of each term of `TERMS` -> its weight.
        manipulates: whether the generator is run a second time, on another person's map.
        redraws: whether the critic draws the colour map instead of being shown it.
        game: of `lib.losses.ADVERSARIAL`.
    """

    network: str
    term_weights: Mapping[str, float]
    account: str = "groups"
    manipulates: bool = True
    redraws: bool = False
    game: str = "cross_entropy"

    def weighted(self, **weights: float) -> Design:
        """Return the same with other weights, or with more terms."""
        return dataclasses.replace(self, term_weights={**self.term_weights, **weights})


_GAME = {"adversarial": 1.0, "critic": 1.0}

DESIGNS = types.MappingProxyType(
    {
        "reconstruct": Design("bottleneck", {**_GAME, "l1": 100.0}, manipulates=False),
        "manipulate": Design("bottleneck", {**_GAME, "l1": 100.0, "keep": 100.0, "differ": 100.0}),
        "map critic": Design(
            "bottleneck", {**_GAME, "l1": 10.0, "redrawn": 1.0, "redrawing": 1.0}, redraws=True
        ),
        "modulated (ours)": Design(
            "modulated",
            {**_GAME, "l1": 100.0, "perceptual": 20.0, "colours": 20.0, "identity": 5.0},
            account="parts",
            game="hinge",
        ),
    }
)
"""S4's three variants, and ours, by the name they have in tables."""
