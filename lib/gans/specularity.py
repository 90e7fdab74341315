"""System S1: six models that take the shine off faces, and the lab's own, as one loss table.

    design = MODELS["Spec-CGAN"]
    model = Specularity(64, 8, design)
    model.compile(keras.optimizers.Adam(2e-4, beta_1=0.5))
    shown = functools.partial(shine_pairs.arrange, cuts_out=design.cuts_out)
    batches = glossy.batches(4, fields=shine_pairs.FIELDS, arrange=shown)
    training.train(model, batches, profile, "shine")
    matte = translate(model, pictures, skin)

Four of the six are CycleGANs (Zhu et al. 2017) that differ in what they call "the same picture
again"; one has no way back; Spec-Net is supervised. All six know faces cut out on black, as the
original's data shows them. Its code never uses that its pictures come in pairs, nor its masks of
the shine: the lab's own model does, and takes a photograph as it is.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from lib import images, losses
from lib.gans.adversarial import AdversarialModel, ImagePool, frozen
from lib.gans.perception import Features, face_features
from lib.metrics.arrays import require_masks, require_pictures
from lib.models.patchgan import build_patchgan
from lib.models.separation import (
    build_correcting_unet,
    build_intensity_network,
    build_layer_network,
)

Tensor = Any
Build = Callable[[str], keras.Model]

POOL = 50
"""Fakes that a critic is shown again (Shrivastava et al. 2017, section 2.3; S1's own number)."""

PERCEIVED = 2
"""Pictures of each batch that the perceptual term looks at; it is costly."""


@dataclasses.dataclass(frozen=True)
class Design:
    """What one of the models is made of.

    Attributes:
        network: "translator" paints a picture, "intensity" another brightness (Spec-Net), "layer"
            the layer of shine (ours).
        term_weights: its losses: the name of each term of `TERMS` -> its weight.
    """

    network: str
    term_weights: Mapping[str, float]

    @property
    def cycles(self) -> bool:
        """Whether there is a way back, from matte to shiny."""
        return any(name.startswith("cycle") for name in self.term_weights)

    @property
    def plays(self) -> bool:
        """Whether critics judge."""
        return "critic" in self.term_weights

    @property
    def cuts_out(self) -> bool:
        """Whether it sees skin alone, on black."""
        return self.network != "layer"

    def weighted(self, **weights: float) -> Design:
        """Return the same with other weights, or with more terms."""
        return dataclasses.replace(self, term_weights={**self.term_weights, **weights})


_GAME = {"adversarial": 1.0, "critic": 1.0}

CYCLE = 0.5
"""Weight of a cycle. S1 has 10, for translators that begin with noise. Ours begin by changing
nothing, where a heavy cycle holds them fast: whatever they try, the way back cannot undo yet."""

INSIDE = 0.05
"""Weight of the shining pixels by themselves, beside that of the whole picture."""

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
        "Spec-Net": Design("intensity", {"paired_l2": 1.0, "paired_inside": INSIDE}),
        "Shine layer (ours)": Design("layer", {"matte_l2": 1.0, "matte_inside": INSIDE}),
    }
)
"""The six models of system S1, and ours, by the name they have in tables."""


@dataclasses.dataclass(frozen=True)
class Round:
    """The pictures of one step.

    Attributes:
        x: source and target, float32 (N, S, S, 3).
        y: paired, matte and mask: what the source should become, and where it shines.
        fake: the source translated.
        back: the target translated back, or None.
        again: source and target after a whole cycle, or None.
        training: whether this is a training step.
    """

    x: dict[str, Tensor]
    y: dict[str, Tensor]
    fake: Tensor
    back: Tensor | None
    again: tuple[Tensor, Tensor] | None
    training: bool


class Specularity(AdversarialModel):
    """One model of system S1, as its design says.

    Args:
        size: side of the square pictures, pixels.
        width: filters of the networks' first layers; S1 has 64 at 256 pixels.
        design: one of `MODELS`, or another.
        translator: name -> network for "translator" designs; None builds small U-Nets that correct
            their input. S1's are `build_resnet(256, 64)`, and `build_unet` as an option.
        critic: name -> critic; None judges patches of 16 pixels without normalisation, for
            highlights are small and bright. S1's is `build_patchgan(256, 64, 3)`.
        game: of `losses.ADVERSARIAL`; S1 has least squares, and cross-entropy as an option.
        pool: fakes in each critic's history.
        features: the perceptual network of the term cycle_perceptual.

    Attributes:
        forwards: source -> target: shiny -> matte, where batches are arranged "AtoB".
        backwards: the way back; None where there is no cycle.
        critics: of the target's kind, and of the source's where there is a cycle.

    Raises:
        ValueError: for a term that there is not.
    """

    def __init__(
        self,
        size: int,
        width: int,
        design: Design,
        *,
        translator: Build | None = None,
        critic: Build | None = None,
        game: str = "least_squares",
        pool: int = POOL,
        features: Features = face_features,
    ) -> None:
        unknown = sorted(set(design.term_weights) - set(TERMS))
        if unknown:
            raise ValueError(f"no term {unknown[0]!r}: there are {', '.join(TERMS)}")
        super().__init__(design.term_weights)
        self.design, self.game, self.features = design, losses.ADVERSARIAL[game], features
        build = _builder(design, size, width, translator)
        critic = critic or _patch_critic(size, width)
        self.forwards = build("forwards")
        self.backwards = build("backwards") if design.cycles else None
        sides = ("target", "source")[: 1 + design.cycles] if design.plays else ()
        self.critics = [critic(f"{side}_critic") for side in sides]
        self.pools = [
            ImagePool(pool, (size, size, 3), seed, name=f"{side}_pool")
            for seed, side in enumerate(sides)
        ]
        if "cycle_perceptual" in design.term_weights:
            features(ops.zeros((1, size, size, 3)))  # made here, outside of a step's graph

    def call(self, x: dict[str, Tensor], training: bool = False) -> Tensor:
        """Return the source translated, float32 (N, S, S, 3).

        Args:
            x: source, float (N, S, S, 3) in [-1, 1]; a target is not looked at.
            training: whether this is a training step.
        """
        return self.translate(x["source"], training=training)

    def translate(self, source: Tensor, training: bool = False) -> Tensor:
        """Return pictures of the source's kind as the target's, float32 (N, H, W, 3)."""
        found = self.forwards(source, training=training)
        if self.design.network != "layer":
            return found
        layer = found if training else ops.relu(found)  # light is taken away, never added
        return ops.cast(source, "float32") - 2.0 * layer

    def loss_terms(
        self, x: dict[str, Tensor], y: dict[str, Tensor], y_pred: Tensor, training: bool
    ) -> dict[str, Tensor]:
        """Return the terms that the design weighs."""
        played = self._play(x, y, y_pred, training)
        return {name: TERMS[name](self, played) for name in self.term_weights}

    def _play(
        self, x: dict[str, Tensor], y: dict[str, Tensor], fake: Tensor, training: bool
    ) -> Round:
        if self.backwards is None:
            return Round(x, y, fake, None, None, training)
        back = self.backwards(x["target"], training=training)
        again = self.backwards(fake, training=training), self.translate(back, training=training)
        return Round(x, y, fake, back, again, training)


def _builder(design: Design, size: int, width: int, translator: Build | None) -> Build:
    """Return name -> network."""
    if design.network == "layer":
        return lambda name: build_layer_network(size, width, name=name)
    if design.network == "intensity":
        return lambda name: build_intensity_network(size, width, name=name)
    return translator or (lambda name: build_correcting_unet(size, width, name=name))


def _patch_critic(size: int, width: int) -> Build:
    return lambda name: build_patchgan(size, width, 3, name, depth=1, normalize=False)


def _fakes(played: Round) -> list[Tensor]:
    return [fake for fake in (played.fake, played.back) if fake is not None]


def _adversarial(model: Specularity, played: Round) -> Tensor:
    """Add up what the translators pay for being seen through."""
    return sum(
        model.game.generator(frozen(critic, fake, played.training))
        for critic, fake in zip(model.critics, _fakes(played), strict=True)
    )


def _critic(model: Specularity, played: Round) -> Tensor:
    """Add up what the critics pay for their mistakes, on fakes of now and of before."""
    training, total = played.training, 0.0
    reals = (played.x["target"], played.x["source"])[: len(model.critics)]
    for critic, pool, real, fake in zip(
        model.critics, model.pools, reals, _fakes(played), strict=True
    ):
        seen = pool(fake) if training else fake
        total += model.game.critic(critic(real, training=training), critic(seen, training=training))
    return total


def _cycle(distance: Callable, model: Specularity, played: Round) -> Tensor:
    """Add up how far both pictures are from themselves after a way there and back."""
    pairs = zip((played.x["source"], played.x["target"]), played.again, strict=True)
    return sum(distance(model, truth, again) for truth, again in pairs)


def _perceived(model: Specularity, truth: Tensor, again: Tensor) -> Tensor:
    wanted = [ops.stop_gradient(tap) for tap in model.features(truth[:PERCEIVED])]
    return losses.perceptual(model.features(again[:PERCEIVED]), wanted)


def _identity(model: Specularity, played: Round) -> Tensor:
    """Ask that what is of the kind wanted stays as it is (Zhu et al. 2017, section 5.2)."""
    target, source = played.x["target"], played.x["source"]
    total = losses.l1(target, model.translate(target, training=played.training))
    if model.backwards is not None:
        total += losses.l1(source, model.backwards(source, training=played.training))
    return total


def _l2(a: Tensor, b: Tensor, mask: Tensor | None = None) -> Tensor:
    squares = ops.square(ops.cast(a, "float32") - ops.cast(b, "float32"))
    return losses.l1(squares, ops.zeros_like(squares), mask)


TERMS: Mapping[str, Callable[[Specularity, Round], Tensor]] = types.MappingProxyType(
    {
        "adversarial": _adversarial,
        "critic": _critic,
        "cycle_l1": functools.partial(_cycle, lambda model, a, b: losses.l1(a, b)),
        "cycle_ssim": functools.partial(_cycle, lambda model, a, b: losses.ssim(a, b)),
        "cycle_perceptual": functools.partial(_cycle, _perceived),
        "identity_l1": _identity,
        "stay_l1": lambda model, played: losses.l1(played.x["source"], played.fake),
        "paired_l2": lambda model, played: _l2(played.y["paired"], played.fake),
        "paired_inside": lambda model, played: _l2(
            played.y["paired"], played.fake, played.y["mask"]
        ),
        "matte_l2": lambda model, played: _l2(played.y["matte"], played.fake),
        "matte_inside": lambda model, played: _l2(played.y["matte"], played.fake, played.y["mask"]),
    }
)
"""Every loss term by name: (model, round) -> float32 scalar.

A squared difference asks for the mean of what may be there; an absolute one for the median, and
the median pixel does not shine.
"""


def translate(
    model: Specularity,
    pictures: np.ndarray,
    skin: np.ndarray | None = None,
    *,
    backwards: bool = False,
    batch_size: int = 32,
) -> np.ndarray:
    """Translate pictures by a trained model.

    Args:
        model: any of `MODELS`.
        pictures: uint8 (N, H, W, 3).
        skin: (N, H, W) of 0 and 1. Models that know cut-outs are shown the skin alone, and the rest
            stays the pictures' own; None: the pictures are cut-outs.
        backwards: whether to go the way back, from matte to shiny.
        batch_size: pictures at a time.

    Returns:
        uint8 (N, H, W, 3).

    Raises:
        ScoreError: if types or shapes are others, or a mask holds more than 0 and 1.
        ValueError: for the way back of a model that has none.
    """
    pictures = require_pictures(pictures)
    if backwards and model.backwards is None:
        raise ValueError("this model has no way back: expected one whose design has a cycle")
    inside = None
    if model.design.cuts_out and skin is not None:
        inside = require_masks(skin, pictures.shape[:3])[..., None]
    network = model.backwards if backwards else model.translate
    shown = pictures if inside is None else pictures * inside
    translated = np.empty_like(pictures)
    for start in range(0, len(pictures), batch_size):
        part = slice(start, start + batch_size)
        painted = network(images.to_network(shown[part]), training=False)
        translated[part] = images.to_picture(ops.convert_to_numpy(painted))
    return translated if inside is None else np.where(inside, translated, pictures)
