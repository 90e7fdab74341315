"""System S1: six models that take the shine off faces, and the lab's own, as one loss table.

    design = specularity.MODELS["Spec-CGAN"]
    model = specularity.Specularity(64, 8, design)
    model.compile(keras.optimizers.Adam(2e-4, beta_1=0.5))
    shown = functools.partial(specularity.arrange, cuts_out=design.cuts_out)
    batches = glossy.batches(4, fields=specularity.FIELDS, arrange=shown)
    training.train(model, batches, profile, "shine")
    matte = specularity.translate(model, pictures, skin)

Four of the six are CycleGANs (Zhu et al. 2017) that differ in what they call "the same picture
again"; one has no way back; Spec-Net is supervised. All know faces cut out on black, as the
original's data shows them. Its code never uses that its pictures come in pairs, nor its masks of
the shine: the lab's own model does.
"""

from __future__ import annotations

from lib.gans.specularity.designs import MODELS, Design
from lib.gans.specularity.model import Specularity, translate
from lib.gans.specularity.pairs import DIRECTIONS, FIELDS, arrange, cut_out
from lib.gans.specularity.terms import TERMS

__all__ = [
    "DIRECTIONS",
    "FIELDS",
    "MODELS",
    "TERMS",
    "Design",
    "Specularity",
    "arrange",
    "cut_out",
    "translate",
]
