"""One call that turns a model and a dataset into a run: a folder one can stop, resume and read.

    run = train(model, batches, profile, "unmask", samples=held_out)
    run.history.plot(x="step")

The folder `runs/<profile>/<run name>/` holds options.json (what defines the run), metrics.jsonl (a
line a round), samples/step_000120.png, model.weights.h5, events/ for TensorBoard, and backup/.
The same call again resumes the run, or returns it at once where it is finished. Killed at any
moment and resumed, a run ends with the very weights of an uninterrupted one: the step alone decides
each batch, and the backup holds every variable. (Only unseeded `keras.random` draws are not
covered: a layer of your own needs a `SeedGenerator`, and on torch a `Dropout` needs its `seed`.)
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import pandas
from tqdm.auto import tqdm

from lib import env
from lib.files import InUseError, claimed, is_full, remove_leftovers
from lib.profiles import Profile
from lib.training.backup import Backup, BackupError, Position
from lib.training.callbacks import (
    Draw,
    MetricsLog,
    MovingAverage,
    Pace,
    ProgressBar,
    SampleSheets,
    StopWhenNotFinite,
)
from lib.training.optimizers import fused
from lib.training.options import ResumeError, describe, settle
from lib.training.stream import Stream, all_full
from lib.training.weights import WeightsError, load, save

__all__ = [
    "BackupError",
    "InUseError",
    "ResumeError",
    "Run",
    "RunFolderError",
    "WeightsError",
    "load",
    "save",
    "train",
]

LONGEST_ROUND = 500
WEIGHTS, AVERAGE = "model.weights.h5", "average.weights.h5"


class RunFolderError(OSError):
    """A run's folder that is full or cannot be written."""


@dataclasses.dataclass(frozen=True)
class Run:
    """What `train` leaves behind; the model itself holds the trained weights.

    Attributes:
        folder: the run's folder.
        history: a row a round: step, seconds, loss, and the mean of each loss term.
        seconds: time spent in training, over all the sessions of the run.
        steps: optimizer steps done in all.
        resumed_from: the step this session began at; 0 for a new run.
        finished: whether all the steps of the profile are done.
        stopped_because: one line.
    """

    folder: pathlib.Path
    history: pandas.DataFrame
    seconds: float
    steps: int
    resumed_from: int
    finished: bool
    stopped_because: str


def _run_folder(runs: str | os.PathLike | None, profile: Profile, run_name: str) -> pathlib.Path:
    if not isinstance(profile, Profile):
        raise TypeError(f"found profile {profile!r}, expected profiles.choose('smoke'), say")
    if not re.fullmatch(r"\w[\w.-]*(/\w[\w.-]*)*", run_name):
        expected = "letters, digits, '_', '-' and '.', and '/' between folders"
        raise ValueError(f"run name {run_name!r}: expected {expected}")
    return pathlib.Path(runs or env.runs_folder()) / profile.name / run_name


@contextlib.contextmanager
def _using(folder: pathlib.Path) -> Iterator[None]:
    """Have a run's folder for oneself, without what a killed session left half written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = "set LAB_RUNS, or pass runs=, to a folder of your own"
        raise RunFolderError(f"{folder}: no folder here ({error.strerror}); {remedy}") from error
    with claimed(folder):
        for place in (folder, folder / "backup", folder / "samples"):
            remove_leftovers(place)
        try:
            yield
        except Exception as error:  # HDF5 has errors of its own
            if not is_full(error):
                raise
            remedy = "make room and call train again: it goes on from its last backup"
            raise RunFolderError(f"{folder}: the disk is full; {remedy}") from error


def _prepare(model: keras.Model, dataset: keras.utils.PyDataset) -> None:
    """Create every variable of the model and the optimizer, so that a backup finds its place."""
    if not isinstance(dataset, keras.utils.PyDataset):
        found = type(dataset).__name__
        raise TypeError(f"found a {found}, expected batches: store.open(path).batches(batch_size)")
    if not getattr(model, "compiled", False) or model.optimizer is None:
        raise ValueError(
            f"model {model.name}: expected a compiled one, call model.compile(...) first"
        )
    if not len(dataset):
        raise ValueError("the dataset has no batches: expected at least one")
    strategy = getattr(model, "distribute_strategy", None)  # TensorFlow's alone
    with strategy.scope() if strategy else contextlib.nullcontext():
        if not model.built:
            model(keras.utils.unpack_x_y_sample_weight(dataset[0])[0])
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)


class _Session:
    """One call of `train`: the run's parts, restored to where an earlier session left them."""

    def __init__(
        self,
        model: keras.Model,
        profile: Profile,
        folder: pathlib.Path,
        moving_average: float | None,
    ) -> None:
        self.model, self.profile, self.folder = model, profile, folder
        self.position = position = Position()
        self.average = MovingAverage(model, position, moving_average) if moving_average else None
        averages = self.average.averages if self.average else []
        self.backup = Backup(model, folder / "backup", position, averages)
        self.backup.restore()
        self.log = MetricsLog(folder, position)
        self.log.rewind()
        self.resumed_from = position.step
        if position.step >= profile.steps:
            position.stopped_because = f"all {position.step} steps were done before"

    def sheets(self, samples: Any, draw: Draw | None, live: bool | None) -> SampleSheets:
        """Return the callback that draws the samples."""
        every, last = self.profile.sample_every, self.profile.steps
        folder = self.folder / "samples"
        return SampleSheets(folder, self.position, samples, draw, every, last, self.average, live)

    def fit(
        self,
        dataset: keras.utils.PyDataset,
        max_minutes: float | None,
        callbacks: Sequence[keras.callbacks.Callback],
    ) -> None:
        """Let Keras fit for the steps that are left, and save the weights."""
        position, steps = self.position, self.profile.steps
        if position.step >= steps:
            self.save_weights(missing_only=True)
            return
        if max_minutes is None:
            max_minutes = self.profile.max_minutes or None
        round_steps = min(self.profile.sample_every, LONGEST_ROUND)
        rounds = -(-(steps - position.step) // round_steps)
        bar = ProgressBar(position, steps, self.folder.name)
        stream = Stream(dataset, position.step)
        before = [Pace(position, steps, max_minutes), StopWhenNotFinite(position)]
        average = [self.average] if self.average else []
        last = keras.callbacks.LambdaCallback(on_epoch_end=self._save_at_the_end)
        before.append(keras.callbacks.LambdaCallback(on_epoch_end=self._keep_folder))
        faster = fused(self.model.optimizer)
        with contextlib.closing(bar), contextlib.closing(stream), faster:
            self.model.fit(
                stream.for_fit(),
                steps_per_epoch=round_steps,
                initial_epoch=position.round,
                epochs=position.round + rounds,
                callbacks=[*before, *average, bar, self.log, *callbacks, last, self.backup],
                shuffle=False,
                verbose=0,
            )
        self._settle()

    def _settle(self) -> None:
        """Go back to the last good weights where the run failed; save what there is."""
        if self.position.failed:
            self.backup.restore()
            self.log.rewind()
        if self.position.step < self.profile.steps:
            tqdm.write(f"{self.folder.name}: {self.position.stopped_because}.")
            self.save_weights()

    def _keep_folder(self, epoch: int, logs: dict | None = None) -> None:
        """Make the folder again if somebody has deleted it: what is trained must not be lost."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def _save_at_the_end(self, epoch: int, logs: dict | None = None) -> None:
        """Save the last weights before the backup that says all is done, lest a kill part them."""
        if self.position.step >= self.profile.steps and not self.position.failed:
            self.save_weights()

    def save_weights(self, missing_only: bool = False) -> None:
        """Write the weights that others read, or only those files that are not there."""
        if not (missing_only and (self.folder / WEIGHTS).is_file()):
            save(self.model, self.folder / WEIGHTS)
        if self.average and not (missing_only and (self.folder / AVERAGE).is_file()):
            with self.average.applied():
                save(self.model, self.folder / AVERAGE)

    def result(self) -> Run:
        """Return what the caller gets."""
        return Run(
            folder=self.folder,
            history=pandas.DataFrame(self.log.read()),
            seconds=self.position.seconds,
            steps=self.position.step,
            resumed_from=self.resumed_from,
            finished=self.position.step >= self.profile.steps,
            stopped_because=self.position.stopped_because,
        )


def train(
    model: keras.Model,
    dataset: keras.utils.PyDataset,
    profile: Profile,
    run_name: str,
    *,
    samples: Any = None,
    draw: Draw | None = None,
    runs: str | os.PathLike | None = None,
    resume: bool = True,
    max_minutes: float | None = None,
    moving_average: float | None = None,
    live: bool | None = None,
    options: Mapping[str, Any] | None = None,
    extra_callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Run:
    """Train a compiled model for `profile.steps` steps, or go on with a run begun earlier.

    Args:
        model: an `AdversarialModel` or any other Keras model; its Adam or Muon is fused meanwhile.
        dataset: a pure function of `dataset.epoch` and the index; `Batches` are `filled`.
        profile: name, steps, sample_every and max_minutes count here.
        run_name: of the run's folder, such as "00_start_here/first_gan"; the same name resumes.
        samples: held-out inputs, drawn every `profile.sample_every` steps.
        draw: (model, samples) -> uint8 (H, W, 3); None draws inputs above outputs.
        runs: the folder of all runs; None is `runs/` in the project.
        resume: False deletes the run of that name first.
        max_minutes: stop cleanly after so many in this session; None: the profile's (0: never).
        moving_average: decay, such as 0.999, of averaged weights that draw the samples and are
            saved as average.weights.h5; the model keeps its own.
        live: show the newest samples in the notebook; None finds out whether this is one.
        options: more that defines the run, kept and compared in options.json.
        extra_callbacks: Keras callbacks; their epochs are the run's rounds.

    Returns:
        The run. A loss that is not finite ends it at the last good weights.

    Raises:
        ResumeError: where the run of that name was made with other options.
        InUseError, RunFolderError: another process trains it; no writing there, or a full disk.
    """
    folder = _run_folder(runs, profile, run_name)
    _prepare(model, dataset)
    definition = describe(model, all_full(dataset), profile, moving_average, options)
    with _using(folder):
        settle(folder, definition, resume)
        session = _Session(model, profile, folder, moving_average)
        sheets = [] if samples is None else [session.sheets(samples, draw, live)]
        session.fit(dataset, max_minutes, [*sheets, *extra_callbacks])
        return session.result()
