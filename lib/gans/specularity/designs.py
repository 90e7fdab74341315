"""The loss table of system S1: what each of its models, and ours, is trained by."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Design:
    """What one of the models is made of.

    Attributes:
        network: "translator" paints a picture, "intensity" another brightness (Spec-Net), "layer"
            the layer of shine (ours).
        term_weights: its losses: the name of each term of `TERMS` -> its weight.
        cuts_out: whether it sees skin alone, on black, as the faces of S1's data are.
    """

    network: str
    term_weights: Mapping[str, float]
    cuts_out: bool = True

    @property
    def cycles(self) -> bool:
        """Whether there is a way back, from matte to shiny."""
        return any(name.startswith("cycle") for name in self.term_weights)

    @property
    def plays(self) -> bool:
        """Whether critics judge."""
        return "critic" in self.term_weights

    def weighted(self, **weights: float) -> Design:
        """Return the same with other weights, or with more terms."""
        return dataclasses.replace(self, term_weights={**self.term_weights, **weights})


_GAME = {"adversarial": 1.0, "critic": 1.0}

CYCLE = 0.5
"""Weight of a cycle. S1 has 10, for translators that begin with noise. Ours begin by changing
nothing, where a heavy cycle holds them fast: whatever they try, the way back cannot undo yet."""

INSIDE = {"Spec-Net": 0.005, "ours": 0.002}
"""Weight of what is left of the highlights, beside that of the whole picture."""

MODELS = types.MappingProxyType(
    {
        "Simple-GAN": Design("translator", {**_GAME, "stay_l1": 0.3}),
        "Spec-CGAN": Design("translator", {**_GAME, "cycle_l1": CYCLE}),
        "Cycle-GAN-SSIM": Design("translator", {**_GAME, "cycle_ssim": CYCLE}),
        "Cycle-GAN-and-SSIM": Design(
            "translator", {**_GAME, "cycle_l1": CYCLE, "cycle_ssim": CYCLE}
        ),
        "Cycle-GAN-Per-loss": Design(
            "translator", {**_GAME, "cycle_l1": CYCLE, "cycle_perceptual": CYCLE}
        ),
        "Spec-Net": Design("intensity", {"paired_l2": 1.0, "paired_inside": INSIDE["Spec-Net"]}),
        "Shine layer (ours)": Design("layer", {"matte_l2": 1.0, "matte_inside": INSIDE["ours"]}),
    }
)
"""The six models of system S1, and ours, by the name they have in tables."""
