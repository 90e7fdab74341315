"""System S3: an editor that sees the mask and its map, judged by two critics and a face network.

After Din, Javed, Bae and Yi, "A Novel GAN-Based Network for Unmasking of Masked Face" (IEEE Access
8:44276, 2020). The first critic judges the whole picture from the start; the second, which sees the
hole's pixels alone, joins later. Both are told what was masked, and their real sample is the clean
face. (The original shows its first critic the *masked* photo as real, and divides the map by 255
when it already lies in -1..1, so that its second critic sees no hole.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from lib import losses
from lib.gans.adversarial import AdversarialModel, both_sides
from lib.gans.perception import Features, face_features, imagenet_features
from lib.gans.repainting import composite
from lib.models.dilated_editor import build_dilated_editor
from lib.models.patchgan import build_patchgan

__all__ = ["UnmaskTwoCritics", "face_features", "imagenet_features"]

Tensor = Any

TERM_WEIGHTS = {"adversarial": 1.0, "reconstruction": 100.0, "perceptual": 10.0, "critic": 1.0}
"""Reconstruction is half L1 and half SSIM, means over the whole composited picture."""

JOINS = 0.4
"""Share of the training after which the hole's critic joins."""

SHARE_OF_WHOLE, SHARE_OF_HOLE = 0.3, 0.7
"""Weights of the two critics once both play; before, the first has weight 1."""


class UnmaskTwoCritics(AdversarialModel):
    """The editing module of system S3.

    Args:
        size: side of the pictures, pixels.
        width: filters of the editor's first layer; S3 has 64 at 128 pixels.
        steps: of the whole training, by which the second critic knows when to join.
        critic_width: filters of the critics' first layers; None is `width`.
        excitation: whether squeeze-and-excitation is wired in.
        features: the perceptual network, pictures -> activations; None leaves the term at 0.
        perceived: pictures of each batch that the perceptual term looks at; it is costly.
        joins: share of the steps after which the second critic joins; 1 leaves it out.
        term_weights: of adversarial, reconstruction, perceptual and critic.
        depth: halvings of the editor; each adds many weights, and little work.

    Attributes:
        editor: masked picture and map -> picture.
        whole_critic: picture, masked picture and map -> a logit a patch.
        hole_critic: the hole's pixels, masked picture and map -> a logit a patch.
        step: training steps done.

    Raises:
        ValueError: if the perceptual network is to look at no picture.
    """

    def __init__(
        self,
        size: int,
        width: int,
        steps: int,
        critic_width: int | None = None,
        excitation: bool = True,
        features: Features | None = face_features,
        perceived: int = 8,
        joins: float = JOINS,
        term_weights: Mapping[str, float] = TERM_WEIGHTS,
        depth: int = 2,
    ) -> None:
        if perceived < 1:
            raise ValueError(f"found perceived = {perceived}; expected 1 or more pictures")
        super().__init__(term_weights)
        self.editor = build_dilated_editor(size, width, depth=depth, excitation=excitation)
        critic_width = critic_width or width
        self.whole_critic = build_patchgan(size, critic_width, 7, name="whole_critic")
        self.hole_critic = build_patchgan(size, critic_width, 7, name="hole_critic")
        self.game = losses.ADVERSARIAL["cross_entropy"]
        self.features, self.perceived = features, perceived
        if features is not None:
            features(ops.zeros((1, size, size, 3)))  # made here: a network made inside a step's
            # graph would stay random, unless its builder sees to that
        self.joins_at = joins * steps
        self.step = self.add_weight(
            shape=(), dtype="int32", initializer="zeros", trainable=False, name="step"
        )

    def call(self, x: dict[str, Tensor], training: bool = False) -> Tensor:
        """Return the repaired pictures, composited, float32 (N, S, S, 3) in [-1, 1].

        Args:
            x: masked (N, S, S, 3) in [-1, 1] and mask (N, S, S, 1).
            training: whether this is a training step.
        """
        seen = ops.concatenate([x["masked"], ops.cast(x["mask"], x["masked"].dtype)], axis=-1)
        return composite(self.editor(seen, training=training), x)

    def critics_weights(self) -> tuple[Tensor, Tensor]:
        """Return how much the critic of the whole and that of the hole count at this step."""
        joined = ops.cast(ops.cast(self.step, "float32") >= self.joins_at, "float32")
        return 1.0 - (1.0 - SHARE_OF_WHOLE) * joined, SHARE_OF_HOLE * joined

    def loss_terms(
        self, x: dict[str, Tensor], y: Tensor, y_pred: Tensor, training: bool
    ) -> dict[str, Tensor]:
        """Return adversarial, reconstruction, perceptual and critic."""
        real, fake = ops.cast(y, "float32"), y_pred
        whole, hole = self.critics_weights()
        mask = ops.cast(x["mask"], "float32")
        generator_1, critic_1 = self._play(self.whole_critic, x, real, fake, training)
        generator_2, critic_2 = self._play(self.hole_critic, x, real * mask, fake * mask, training)
        if training:
            self.step.assign_add(1)
        return {
            "adversarial": whole * generator_1 + hole * generator_2,
            "reconstruction": 0.5 * (losses.l1(real, fake) + losses.ssim(real, fake)),
            "perceptual": self._perceptual(real, fake),
            "critic": whole * critic_1 + hole * critic_2,
        }

    def _play(
        self, critic: keras.Model, x: dict[str, Tensor], real: Tensor, fake: Tensor, training: bool
    ) -> tuple[Tensor, Tensor]:
        """Return the generator's and the critic's side of one game."""
        condition = [ops.cast(x["masked"], "float32"), ops.cast(x["mask"], "float32")]
        real, fake = (ops.concatenate([judged, *condition], axis=-1) for judged in (real, fake))
        real_logits = critic(real, training=training)
        to_generator, to_critic = both_sides(critic, fake, training)
        return self.game.generator(to_generator), self.game.critic(real_logits, to_critic)

    def _perceptual(self, real: Tensor, fake: Tensor) -> Tensor:
        """Compare activations on the first pictures of the batch."""
        if self.features is None:
            return ops.zeros(())
        real, fake = real[: self.perceived], fake[: self.perceived]
        return losses.perceptual(self.features(fake), self.features(ops.stop_gradient(real)))
