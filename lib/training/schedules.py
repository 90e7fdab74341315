"""Learning rates over the steps of a run."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class ConstantThenLinear(keras.optimizers.schedules.LearningRateSchedule):
    """A constant rate, then a straight line down to zero (Zhu et al. 2017, appendix 7.1).

    System S1 has the same, but its decay starts at the epoch with which the training ends.

    Args:
        rate: at the start.
        steps: of the whole training; the rate is zero there.
        constant: share of the steps before it falls, 0 to 1 exclusive.

    Raises:
        ValueError: if it would never fall, or there are no steps.
    """

    def __init__(self, rate: float, steps: int, constant: float = 0.5) -> None:
        if steps < 1 or not 0 <= constant < 1:
            found = f"steps = {steps}, constant = {constant}"
            raise ValueError(f"learning rate: found {found}; expected steps, and a share below 1")
        self.rate, self.steps, self.constant = rate, steps, constant

    def __call__(self, step: Any) -> Any:
        """Return the rate at a step, a float32 scalar."""
        done = ops.cast(step, "float32") / self.steps
        return self.rate * ops.clip((1.0 - done) / (1.0 - self.constant), 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        """Return what the schedule was made with."""
        return {"rate": self.rate, "steps": self.steps, "constant": self.constant}
