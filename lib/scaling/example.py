"""A small GAN that colours grey photographs: what the lesson and the benchmark train together.

Its loss terms are plain means over the batch, and its networks normalise each picture by itself, so
the gradient of a batch is exactly the mean of its halves' gradients.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from lib import losses, store
from lib.gans.adversarial import AdversarialModel, both_sides
from lib.models.patchgan import build_patchgan
from lib.models.unet import build_unet
from lib.profiles import Profile

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""How bright red, green and blue look (ITU-R BT.601)."""
COLOURING = 0.3
"""How far the network may move a colour from grey, of a range of 2."""


class Colourist(AdversarialModel):
    """Colours grey photographs: a U-Net, a patch critic, three terms."""

    def __init__(self, size: int, width: int) -> None:
        super().__init__({"reconstruction": 10.0, "deception": 1.0, "critic": 1.0})
        self.generator = build_unet(size, width, channels_in=1)
        self.critic = build_patchgan(size, width, channels_in=3)

    def call(self, x: Any, training: bool = False) -> Any:
        """Return grey plus colour: float32 (N, size, size, 3), at most 0.3 beyond [-1, 1]."""
        return x + COLOURING * self.generator(x, training=training)

    def loss_terms(self, x: Any, y: Any, y_pred: Any, training: bool) -> dict[str, Any]:
        """Return the three terms of pix2pix."""
        game = losses.ADVERSARIAL["least_squares"]
        to_generator, to_critic = both_sides(self.critic, y_pred, training)
        return {
            "reconstruction": losses.l1(y, y_pred),
            "deception": game.generator(to_generator),
            "critic": game.critic(self.critic(y, training=training), to_critic),
        }


def to_pair(arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return x, the grey photo (N, size, size, 1), and y, the photo."""
    return (arrays["photo"] @ LUMA)[..., None], arrays["photo"]


def plan(
    profile: Profile,
    data: str,
    seed: int,
    rate: float = 1e-3,
    epsilon: float = 1e-7,
    nudge: float = 0.0,
) -> tuple[Colourist, Any]:
    """Build the model and its batches, as a job's plan.

    Args:
        profile: size, width and batch_size count.
        data: folder of a prepared dataset with the field `photo`.
        seed: of the batches' order.
        rate: Adam's learning rate.
        epsilon: Adam's; the larger, the less a step depends on the sign of a tiny gradient.
        nudge: relative size of random changes to the first weights, to see what rounding becomes.

    Returns:
        The compiled model and the batches.
    """
    model = Colourist(profile.size, profile.width)
    model.compile(keras.optimizers.Adam(rate, beta_1=0.5, epsilon=epsilon), jit_compile=False)
    if nudge:
        generator = np.random.default_rng(seed)
        for variable in model.trainable_variables:
            change = nudge * generator.standard_normal(variable.shape).astype(np.float32)
            variable.assign(variable.numpy() * (1 + change))
    train = store.open(data).split("train")
    steps = max(1, len(train) // profile.batch_size)  # full batches alone: halves of equal size
    return model, train.batches(
        profile.batch_size, fields=["photo"], seed=seed, steps=steps, arrange=to_pair
    )
