"""BEGAN's balance: how hard a critic works against its generator, kept by a small controller."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

Tensor = Any


class Balance(keras.layers.Layer):
    """The k of one game (Berthelot et al. 2017, BEGAN, section 3.4).

    A critic lowers its error on what is real, and raises k times its error on fakes. Where the
    fakes' error falls below gamma times that of what is real, they are too good for it, and k
    grows. It is a weight, so that a resumed run goes on with it.

    Args:
        name: of the game.
        gamma: wanted ratio of the errors, 0..1: more of it gives more variety. S5 has 0.5.
        rate: by which k follows; S5 has 0.001, for 248,000 steps.
        **options: passed on to the layer.

    Attributes:
        k: 0 at the start, and never outside 0..1.
        shown: running means for the history: k, and the measure of convergence
            real + |gamma real - fake| (section 3.4.1), which falls while the game is learnt.
    """

    def __init__(self, name: str, gamma: float = 0.5, rate: float = 0.001, **options: Any) -> None:
        super().__init__(name=f"{name}_balance", dtype="float32", trainable=False, **options)
        self.gamma, self.rate = gamma, rate
        keep = {"initializer": "zeros", "trainable": False, "aggregation": "mean"}
        self.k = self.add_weight(shape=(), name="k", **keep)
        self.shown = {
            name: keras.metrics.Mean(name=name) for name in (f"{name}_k", f"{name}_convergence")
        }
        self.built = True

    def update(self, real: Tensor, fake: Tensor) -> None:
        """Take one step of the controller.

        Args:
            real: the critic's error on what is real, a scalar; no gradient flows back.
            fake: that on fakes.
        """
        real, fake = ops.stop_gradient(real), ops.stop_gradient(fake)
        lead = self.gamma * real - fake
        self.k.assign(ops.clip(self.k + self.rate * lead, 0.0, 1.0))
        for metric, value in zip(self.shown.values(), (self.k, real + ops.abs(lead)), strict=True):
            metric.update_state(value)
