"""How the learning rate of a short training goes up and down."""

from __future__ import annotations

import keras

Rate = float | keras.optimizers.schedules.LearningRateSchedule
"""A learning rate, or how it goes with the steps."""


def rise_and_fall(
    highest: float, steps: int, warm_up: int, *, first: float = 0.02, last: float = 0.02
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Rise in a straight line, then fall as half a cosine (Loshchilov and Hutter 2017, equation 5).

    Adam's first steps are as long as its later ones, and know nothing yet: hence the rise.

    Args:
        highest: rate at the end of the rise.
        steps: of the whole training.
        warm_up: of the rise; at most half of the steps.
        first: share of the highest rate to begin with.
        last: share of it to end with.
    """
    warm_up = min(warm_up, steps // 2)
    return keras.optimizers.schedules.CosineDecay(
        first * highest, steps - warm_up, alpha=last, warmup_target=highest, warmup_steps=warm_up
    )
