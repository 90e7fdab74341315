"""The loss table of system S5: its published form, what its ablations leave out, and ours."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping

IDENTITY_LOSSES = ("magnet", "center", "softmax")
"""What may keep the pictures of one person together; a design without has none of them."""

CRITICS = types.MappingProxyType(
    {
        "autoencoding": ("photo_real", "photo_fake", "render_real", "render_fake"),
        "patches": ("adversarial", "critic"),
    }
)
"""The kinds of critics, and the terms that only they can play."""


@dataclasses.dataclass(frozen=True)
class Design:
    """What one of the variants is made of.

    Attributes:
        term_weights: its losses: the name of each term of `TERMS` -> its weight.
        critics: "autoencoding" as BEGAN's, or "patches" with a game of `lib.losses.ADVERSARIAL`.
        game: which of those; autoencoding critics have BEGAN's.
        pair_gamma: of the third game's balance. S5 has 0.5 for all three. G' is G's critic as soon
            as made photos decode better than this share of the error on real ones: never, at 0.
    """

    term_weights: Mapping[str, float]
    critics: str = "autoencoding"
    game: str = "hinge"
    pair_gamma: float = 0.5

    @property
    def identity(self) -> str | None:
        """Which of `IDENTITY_LOSSES` there is."""
        return next((name for name in IDENTITY_LOSSES if name in self.term_weights), None)

    @property
    def pairs(self) -> bool:
        """Whether it learns from pairs: the third game."""
        return self.plays(*PAIRED)

    def plays(self, *terms: str) -> bool:
        """Whether it has any of these terms."""
        return bool(set(terms) & set(self.term_weights))

    def weighted(self, **weights: float) -> Design:
        """Return the same with other weights, or with more terms."""
        return dataclasses.replace(self, term_weights={**self.term_weights, **weights})

    def without(self, *terms: str) -> Design:
        """Return the same without some of its terms."""
        kept = {name: weight for name, weight in self.term_weights.items() if name not in terms}
        return dataclasses.replace(self, term_weights=kept)


PUBLISHED = Design(
    {
        "photo_real": 1.0, "photo_fake": 1.0, "render_real": 1.0, "render_fake": 1.0,
        "pair": 0.5, "cycle": 0.5, "face": 0.1, "magnet": 0.001,
    }
)  # fmt: skip

PAIRED = ("pair", "pair_photo", "pair_perceptual")
"""Terms that need pairs."""

OURS = Design(
    {
        "adversarial": 1.0, "critic": 1.0, "pair": 20.0, "pair_photo": 20.0,
        "pair_perceptual": 20.0, "surround": 5.0, "cycle": 10.0, "magnet": 0.5,
    },
    critics="patches",
    pair_gamma=1.0,
)  # fmt: skip

DESIGNS = types.MappingProxyType(
    {
        "facegan": PUBLISHED,
        "ours": OURS,
        "ours, no pairs": OURS.without(*PAIRED).weighted(face=5.0),
        "ours, pairs of another kind": OURS.without("pair_photo", "pair_perceptual").weighted(
            adversarial=2.0, cycle=5.0, face=1.0
        ),
        "ours, no third game": dataclasses.replace(OURS, pair_gamma=0.0),
        "ours, no identity loss": OURS.without("magnet"),
        "ours, center": OURS.without("magnet").weighted(center=0.5),
        "ours, softmax": OURS.without("magnet").weighted(softmax=0.5),
    }
)
"""S5 as it was published, ours, and what ours is without, by the name they have in tables.

"pairs of another kind" is for photographs of people, whose renders nobody knows. Its weights are
the best of four, 1,500 steps at a rate of 1e-3, for renders' validation people against CelebA: KID
1.97, and 2.04 to 2.36 for `face` of 0 or 0.3 and for a stronger critic with less of the magnet.
"""
