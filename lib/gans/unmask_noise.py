"""System S2: the hole is filled with noise, and a U-Net repaints the face.

    model = UnmaskNoise(size=64, width=32)
    model.compile(keras.optimizers.Adam(2e-4, beta_1=0.5))
    training.train(model, masked.batches(16, arrange=repainting.arrange), profile, "unmask")
    faces = repainting.repaint(model, pictures, masks)

It is what its authors' figure shows: a conditional GAN with L1 and SSIM beside the critic. In their
code the critic's term is commented out, SSIM is minimised, L1 counts 10,000, and the whole picture
is replaced; here every term points the right way, and the result is composited.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from lib import losses
from lib.gans.adversarial import AdversarialModel, both_sides
from lib.gans.repainting import composite
from lib.models.patchgan import build_patchgan
from lib.models.strided_unet import build_strided_unet

Tensor = Any

TERM_WEIGHTS = {"adversarial": 1.0, "l1": 100.0, "ssim": 10.0, "critic": 1.0}
"""L1 and SSIM are means over the whole composited picture, of which the hole is about a fifth."""


class NoiseFill(keras.layers.Layer):
    """Replaces what a mask covers by uniform noise in [-1, 1].

    Every picture of a training step gets noise of its own. Afterwards all get the same fixed
    noise, so that a result depends neither on the batch nor on what was computed before.

    Args:
        seed: of the noise.
        **options: passed on to the layer.
    """

    def __init__(self, seed: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, masked: Tensor, mask: Tensor, training: bool = False) -> Tensor:
        """Return float32 pictures (N, S, S, 3) of which only what is outside the mask is left.

        Args:
            masked: float (N, S, S, 3) in [-1, 1].
            mask: (N, S, S, 1) of 0 and 1.
            training: whether to draw anew.
        """
        shape = ops.shape(masked) if training else (1, *ops.shape(masked)[1:])
        seed = self.seed_generator if training else self.seed
        noise = keras.random.uniform(shape, -1.0, 1.0, dtype="float32", seed=seed)
        mask = ops.cast(mask, "float32")
        return mask * noise + (1.0 - mask) * ops.cast(masked, "float32")


class UnmaskNoise(AdversarialModel):
    """Face-G and its conditional PatchGAN (system S2, phase 2).

    Args:
        size: side of the pictures, pixels.
        width: filters of the generator's first layer; S2 has 32 at 128 pixels.
        critic_width: filters of the critic's first layer; None is `width`.
        dropout: in the two deepest layers of the generator's decoder; S2 has 0.5.
        term_weights: of adversarial, l1, ssim and critic; a weight of 0 leaves a term out.
        seed: of the noise.

    Attributes:
        fill: what puts the noise in.
        generator: noise-filled picture -> picture.
        critic: picture with a blank hole, and picture -> a logit a patch. Real and fake are equal
            outside the hole, and inside the fake lacks detail at first: after normalisation they
            would look alike, and the critic would go on guessing.
    """

    def __init__(
        self,
        size: int,
        width: int = 32,
        critic_width: int | None = None,
        dropout: float = 0.0,
        term_weights: Mapping[str, float] = TERM_WEIGHTS,
        seed: int = 0,
    ) -> None:
        super().__init__(term_weights)
        depth = size.bit_length() - 2  # down to 2 x 2 pixels
        self.fill = NoiseFill(seed)
        self.generator = build_strided_unet(size, width, depth, dropout=dropout, name="generator")
        self.critic = build_patchgan(size, critic_width or width, channels_in=6, normalize=False)
        self.game = losses.ADVERSARIAL["cross_entropy"]

    def call(self, x: dict[str, Tensor], training: bool = False) -> Tensor:
        """Return the repaired pictures, composited, float32 (N, S, S, 3) in [-1, 1].

        Args:
            x: masked (N, S, S, 3) in [-1, 1] and mask (N, S, S, 1).
            training: whether this is a training step.
        """
        filled = self.fill(x["masked"], x["mask"], training=training)
        return composite(self.generator(filled, training=training), x)

    def loss_terms(
        self, x: dict[str, Tensor], y: Tensor, y_pred: Tensor, training: bool
    ) -> dict[str, Tensor]:
        """Return adversarial, l1, ssim and critic."""
        context = composite(ops.zeros_like(y_pred), x)
        real = ops.concatenate([context, ops.cast(y, "float32")], axis=-1)
        fake = ops.concatenate([context, y_pred], axis=-1)
        real_logits = self.critic(real, training=training)
        to_generator, to_critic = both_sides(self.critic, fake, training)
        return {
            "adversarial": self.game.generator(to_generator),
            "l1": losses.l1(y, y_pred),
            "ssim": losses.ssim(y, y_pred),
            "critic": self.game.critic(real_logits, to_critic),
        }
