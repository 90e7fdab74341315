"""How the learning rate of a short training goes up and down, and what longer ones make of it."""

from __future__ import annotations

import keras

Rate = float | keras.optimizers.schedules.LearningRateSchedule
"""A learning rate, or how it goes with the steps."""

CLIP = 1.0
"""Longest gradient of a training that takes more steps than its rate was chosen for."""


def calmed(rate: float, times: float) -> float:
    """Return the rate for a training so many times as long as the one that it was chosen for.

    Rates of a few hundred steps are as high as they can be. Kept up for ten times as long, they
    broke two of three trainings of lesson 13's layer of shine, most of its cycles, and one of
    lesson 15 with photographs of people. Divided by the square root, with gradients no longer than
    `CLIP`, they broke none of those tried again.

    Args:
        rate: the highest one.
        times: at least 0; a shorter training keeps the rate.
    """
    return rate / max(1.0, times) ** 0.5


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
