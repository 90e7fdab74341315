"""The model of system S4, whatever its design; and its use on maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from lib import images, losses
from lib.gans.adversarial import AdversarialModel, both_sides
from lib.gans.map_to_face.batches import Account, channels_of, given, numbers_of
from lib.gans.map_to_face.designs import NETWORKS, Design
from lib.gans.map_to_face.terms import TERMS, Round
from lib.gans.perception import Features, face_features, face_identity
from lib.models.map_unet import build_map_unet
from lib.models.modulated import build_modulated_generator
from lib.models.patchgan import build_patchgan
from lib.models.redrawing_critic import build_redrawing_critic

Tensor = Any

CRITIC_DEPTH = 2
"""Halvings of the critic below 128 pixels: patches of 34."""

BATCH_SIZES = (1, 8, 32)
"""Batches are filled up to one of these, so that three traces of the network serve every call."""

COLOURS = 3
"""The last channels of a map are its colours."""


class MapToFace(AdversarialModel):
    """One model of system S4, as its design says.

    Args:
        size: side of the square pictures, pixels.
        width: filters of the generator's first layer; S4 has 32 at 256 pixels.
        design: one of `DESIGNS`, or another.
        critic_width: filters of the critic's first layer; S4 has 64.
        dropout: of the bottleneck network; S4 has 0.5.
        features: the perceptual network.
        embed: the network that says whose face it is, of the frame that the pictures have.

    Attributes:
        generator: [map, vector] -> picture.
        critic: map and picture -> logits of patches; where the design redraws, picture -> map
            drawn and logit.
        step: training steps done.

    Raises:
        ValueError: for a network or a term that there is not, or a term that needs a manipulation
            in a design without.
    """

    def __init__(
        self,
        size: int,
        width: int,
        design: Design,
        *,
        critic_width: int | None = None,
        dropout: float = 0.5,
        features: Features = face_features,
        embed: Callable[[Tensor], Tensor] = face_identity,
    ) -> None:
        _require(design)
        super().__init__(design.term_weights)
        self.design, self.game = design, losses.ADVERSARIAL[design.game]
        self.features, self.embed = features, embed
        channels, numbers = channels_of(design.account), numbers_of(design.account)
        if design.network == "bottleneck":
            self.generator = build_map_unet(size, width, channels, numbers, dropout)
        else:
            self.generator = build_modulated_generator(size, width, channels, numbers)
        critic_width = critic_width or width
        if design.redraws:
            self.critic = build_redrawing_critic(size, critic_width)
        else:
            depth = CRITIC_DEPTH if size < 128 else None
            self.critic = build_patchgan(size, critic_width, channels, depth=depth)
        self.step = self.add_weight(
            shape=(), dtype="int32", initializer="zeros", trainable=False, name="step"
        )
        blank = ops.zeros((1, size, size, 3))
        if "perceptual" in design.term_weights:
            features(blank)  # made here, outside of a step's graph
        if "identity" in design.term_weights:
            embed(blank)

    def call(self, x: dict[str, Tensor], training: bool = False) -> Tensor:
        """Return faces painted on their own maps, float32 (N, S, S, 3) in [-1, 1].

        Args:
            x: map and vector, as `lib.gans.map_to_face.given` makes them.
            training: whether this is a training step.
        """
        return self.paint(x["map"], x["vector"], training)

    def paint(self, painted: Tensor, vector: Tensor, training: bool = False) -> Tensor:
        """Return the face of a map in a person's colours; black where the map has no part.

        Args:
            painted: planes and colour map, (N, S, S, channels).
            vector: what holds for the whole face, (N, numbers).
            training: whether this is a training step.
        """
        found = self.generator([painted, vector], training=training)
        seen = ops.max(painted[..., :-COLOURS], axis=-1, keepdims=True)
        return ops.cast(seen, "float32") * (found + 1.0) - 1.0

    def judge(self, painted: Tensor, pictures: Tensor, training: bool) -> Any:
        """Return the critic's answer to true faces and the maps they are painted on.

        Args:
            painted: planes and colour map.
            pictures: (N, S, S, 3).
            training: whether this is a training step.
        """
        return self.critic(self._shown(painted, pictures), training=training)

    def judge_fakes(self, painted: Tensor, pictures: Tensor, training: bool) -> tuple[Any, Any]:
        """Return the critic's answer to fakes, to the generator and to itself (`both_sides`).

        Args: as `judge`.
        """
        return both_sides(self.critic, self._shown(painted, pictures), training)

    def logits_of(self, answer: Any) -> Tensor:
        """Return the logits of an answer of the critic."""
        return answer[1] if self.design.redraws else answer

    def _shown(self, painted: Tensor, pictures: Tensor) -> Tensor:
        """Return what the critic sees: a redrawing one the pictures alone."""
        if self.design.redraws:
            return pictures
        return ops.concatenate([painted[..., :-COLOURS], pictures], axis=-1)

    def glance(self, painted: Tensor) -> Tensor:
        """Return the colour map as small as the redrawing critic draws it."""
        factor = painted.shape[1] // self.critic.outputs[0].shape[1]
        return ops.average_pool(painted[..., -COLOURS:], factor, factor)

    def loss_terms(
        self, x: dict[str, Tensor], y: Tensor, y_pred: Tensor, training: bool
    ) -> dict[str, Tensor]:
        """Return the terms that the design weighs."""
        other = None
        if self.design.manipulates:
            other = self.paint(x["other_map"], x["vector"], training)
        played = Round(x, ops.cast(y, "float32"), y_pred, other, training)
        terms = {name: TERMS[name](self, played) for name in self.term_weights}
        if training:
            self.step.assign_add(1)
        return terms


def _require(design: Design) -> None:
    if design.network not in NETWORKS:
        expected = ", ".join(NETWORKS)
        raise ValueError(f"found network {design.network!r}; expected one of {expected}")
    unknown = sorted(set(design.term_weights) - set(TERMS))
    if unknown:
        raise ValueError(f"no term {unknown[0]!r}: there are {', '.join(TERMS)}")
    second = {"keep", "differ", "colours", "redrawn"} & set(design.term_weights)
    if second and not design.manipulates:
        raise ValueError(f"term {sorted(second)[0]!r} needs a design that manipulates")
    drawn = {"redrawn", "redrawing"} & set(design.term_weights)
    if drawn and not design.redraws:
        raise ValueError(f"term {sorted(drawn)[0]!r} needs a design whose critic redraws")


def paint(model: MapToFace, account: Account, *, mirrored: bool = False) -> np.ndarray:
    """Paint faces by a trained model.

    Args:
        model: any of `DESIGNS`.
        account: of the kind that the design reads; `account.on(planes)` for other people's maps.
        mirrored: whether to paint each face in the mirror, too, and to take the mean of both. It
            takes twice as long; the mean is nearer to the truth, and softer.

    Returns:
        uint8 (N, S, S, 3), black where no part is.
    """
    pictures = np.empty((*account.planes.shape[:3], 3), np.uint8)
    for start in range(0, len(pictures), BATCH_SIZES[-1]):
        rows = np.arange(start, min(start + BATCH_SIZES[-1], len(pictures)))
        some = account.of(rows)
        found = _painted(model, some)
        if mirrored:
            found = (found + _painted(model, some.mirrored())[:, :, ::-1]) / 2
        pictures[rows] = images.to_picture(found)
    return pictures


def _painted(model: MapToFace, account: Account) -> np.ndarray:
    """Return one batch's pictures, float32 in [-1, 1]; it is filled up to one of `BATCH_SIZES`."""
    number = len(account.planes)
    size = next(size for size in BATCH_SIZES if size >= number)
    x = given(account.of(np.pad(np.arange(number), (0, size - number), mode="edge")))
    found = model.predict_on_batch({"map": x["map"], "vector": x["vector"]})[:number]
    return np.clip(found, -1, 1)
