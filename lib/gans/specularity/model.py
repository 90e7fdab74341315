"""The model of system S1, whatever its design; and its use on pictures."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from lib import images, inference, losses
from lib.gans.adversarial import AdversarialModel, ImagePool
from lib.gans.perception import Features, face_features
from lib.gans.specularity.designs import Design
from lib.gans.specularity.terms import TERMS, Round
from lib.metrics.arrays import require_masks, require_pictures
from lib.models.patchgan import build_patchgan
from lib.models.separation import (
    build_correcting_unet,
    build_intensity_network,
    build_layer_network,
)

Tensor = Any
Build = Callable[[str], keras.Model]

FAINTEST = 2 / 255
"""A layer fainter than two grey levels, in shares of white, is left on."""

POOL = 50
"""Fakes that a critic is shown again (Shrivastava et al. 2017, section 2.3; S1's own number)."""


class Specularity(AdversarialModel):
    """One model of system S1, as its design says.

    Args:
        size: side of the square pictures, pixels.
        width: filters of the networks' first layers; S1 has 64 at 256 pixels.
        design: one of `MODELS`, or another.
        translator: name -> network for "translator" designs; None builds small U-Nets that correct
            their input by white light, for without pairs free ones recolour whole faces. S1's are
            `build_resnet(256, 64)`, and `build_unet` as an option.
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
        build = _builder(design, width, translator)
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
        layer = found if training else _shine(found)
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


def _shine(found: Tensor) -> Tensor:
    """Return what of a layer is taken away: light only, and where there is enough to be seen."""
    seen = ops.mean(found, axis=-1, keepdims=True) >= FAINTEST
    return ops.where(seen, ops.relu(found), ops.zeros_like(found))


def _builder(design: Design, width: int, translator: Build | None) -> Build:
    """Return name -> network; ours take pictures of any size once they are trained."""
    if design.network == "translator" and translator is not None:
        return translator
    builders = {
        "translator": functools.partial(build_correcting_unet, white=True),
        "layer": build_layer_network,
        "intensity": build_intensity_network,
    }
    return lambda name: builders[design.network](None, width, name=name)


def _patch_critic(size: int, width: int) -> Build:
    return lambda name: build_patchgan(size, width, 3, name, depth=1, normalize=False)


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
    shown = pictures if inside is None else pictures * inside
    translated = np.empty_like(pictures)
    asked = model.backwards if backwards else model
    for part, look in inference.in_batches(asked, len(pictures), batch_size):
        seen = images.to_network(shown[part])
        painted = look(seen if backwards else {"source": seen})
        translated[part] = images.to_picture(ops.convert_to_numpy(painted))
    return translated if inside is None else np.where(inside, translated, pictures)
