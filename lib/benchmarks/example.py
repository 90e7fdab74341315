"""A GAN and a dataset so small that exactness can be measured on them in seconds."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from lib import losses
from lib.gans.adversarial import AdversarialModel, ImagePool, both_sides, frozen
from lib.models.patchgan import build_patchgan
from lib.models.unet import build_unet

SIZE = 8
WIDTH = 4
BATCH_SIZE = 8
ALL_TERMS = {"adversarial": 1.0, "reconstruction": 10.0, "critic": 1.0}


class Example(AdversarialModel):
    """A small pix2pix that has every kind of state: dropout, a pool of old fakes, two networks."""

    def __init__(self, term_weights: dict[str, float], random: bool = True) -> None:
        super().__init__(term_weights)
        self.generator = build_unet(SIZE, WIDTH)
        self.critic = build_patchgan(SIZE, WIDTH, channels_in=3)
        self.dropout = keras.layers.Dropout(0.2 if random else 0.0, seed=1)
        self.pool = ImagePool(2 * BATCH_SIZE, (SIZE, SIZE, 3), seed=2) if random else None
        self.game = losses.ADVERSARIAL["least_squares"]

    def call(self, x: Any, training: bool = False) -> Any:
        """Return the generator's pictures."""
        return self.generator(self.dropout(x, training=training), training=training)

    def loss_terms(self, x: Any, y: Any, y_pred: Any, training: bool) -> dict[str, Any]:
        """Return the three terms of pix2pix."""
        real_logits = self.critic(y, training=training)
        if self.pool:
            to_generator = frozen(self.critic, y_pred, training)
            to_critic = self.critic(self.pool(y_pred), training=training)
        else:
            to_generator, to_critic = both_sides(self.critic, y_pred, training)
        return {
            "adversarial": self.game.generator(to_generator),
            "reconstruction": losses.l1(y, y_pred),
            "critic": self.game.critic(real_logits, to_critic),
        }


class Noise(keras.utils.PyDataset):
    """Random pictures to turn into their negatives, each batch drawn from epoch and index."""

    def __init__(self) -> None:
        super().__init__(workers=2)
        self.epoch = 0

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        generator = np.random.default_rng(np.random.SeedSequence([0, self.epoch, index]))
        shape = (BATCH_SIZE, SIZE, SIZE, 3)
        x = generator.uniform(-1, 1, shape).astype(np.float32)
        return x, -x
