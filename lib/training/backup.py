"""Where a run stands, and the backup from which it goes on exactly as if nothing had happened.

A run is cut into rounds of some hundred steps, Keras' "epochs". After each one the whole state goes
into one file: every variable of the model (weights, normalisation statistics, image pools, and the
seed generators, which Keras' own weight files leave out), the optimizer's variables, the moving
average, and the position. Being one file, its parts cannot disagree.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib

import keras
import numpy as np

from lib.training.weights import WeightsError, assign, read_arrays, to_arrays, write_arrays


@dataclasses.dataclass
class Position:
    """Where a run stands.

    Attributes:
        step: optimizer steps done.
        round: rounds done.
        seconds: time spent in training, over all the sessions of the run.
        stopped_because: why the session ended; empty while it runs.
        failed: whether a loss or a weight was not finite.
    """

    step: int = 0
    round: int = 0
    seconds: float = 0.0
    stopped_because: str = ""
    failed: bool = False

    def fail(self, what: str) -> None:
        """Note that something is not finite, and what to try."""
        self.failed = True
        self.stopped_because = (
            f"{what} is not finite at step {self.step}; the last good weights are kept. Try a "
            "lower learning rate, clipnorm=1 in the optimizer, or float32, under a new run name"
        )


class BackupError(RuntimeError):
    """A run whose backups cannot be read."""


class Backup(keras.callbacks.Callback):
    """Writes the state of a run after every round, atomically, and keeps the one before.

    Args:
        model: built and compiled, its optimizer built too.
        folder: where latest.npz and previous.npz go.
        position: of the run; `restore` sets it.
        more: further variables that belong to the run's state, such as averaged weights.
    """

    def __init__(
        self,
        model: keras.Model,
        folder: pathlib.Path,
        position: Position,
        more: list[keras.Variable],
    ) -> None:
        super().__init__()
        self.set_model(model)
        self.position, self.more = position, more
        self.latest, self.previous = folder / "latest.npz", folder / "previous.npz"

    def _variables(self) -> list[keras.Variable]:
        model = self.model
        return [*model.variables, *model.optimizer.variables, *self.more]

    def save(self) -> None:
        """Write the state, unless a weight in it is not finite: then the run has failed."""
        variables = self._variables()
        arrays = to_arrays(variables)
        for variable, array in zip(variables, arrays, strict=True):
            if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
                self.position.fail(f"the weight {variable.path}")
                self.model.stop_training = True
                return
        place = [self.position.step, self.position.round, self.position.seconds]
        named = {f"{index:05d}": array for index, array in enumerate(arrays)}
        if self.latest.is_file():
            os.replace(self.latest, self.previous)
        write_arrays(self.latest, {"position": np.array(place), **named})

    def restore(self) -> bool:
        """Set the model, its optimizer and the position to the newest backup that can be read.

        Returns:
            Whether there was one.

        Raises:
            BackupError: where there are backups and none can be read.
            WeightsError: for a backup of another model.
        """
        problems = []
        for path in (self.latest, self.previous):
            if not path.is_file():
                continue
            try:
                (step, rounds, seconds), *arrays = read_arrays(path).values()
            except (WeightsError, ValueError) as error:
                problems.append(str(error))
                continue
            assign(self._variables(), arrays, f"backup {path.name}")
            self.position.step, self.position.round = int(step), int(rounds)
            self.position.seconds = float(seconds)
            return True
        if problems:
            raise BackupError(f"{problems[0]}; start the run anew with resume=False")
        return False

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Save the first state, which a failure in the first round falls back on."""
        if not self.latest.is_file():
            self.save()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Save the state of a round that went well."""
        if not self.position.failed:
            self.save()
