"""What happens around the steps of a run, one small Keras callback each.

`Pace` moves the run's `Position`, and the others read it; `lib.training.train` puts them together.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import math
import pathlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from tqdm.auto import tqdm

from lib import images
from lib.files import replacing
from lib.training.backup import Position
from lib.training.weights import to_arrays

Draw = Callable[[keras.Model, Any], np.ndarray]


class Pace(keras.callbacks.Callback):
    """Counts steps and seconds, and ends the run after its last step or its last minute."""

    def __init__(self, position: Position, steps: int, max_minutes: float | None) -> None:
        super().__init__()
        self.position, self.steps, self.max_minutes = position, steps, max_minutes

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Start the clock."""
        self.session_began = time.monotonic()
        self.seconds_before = self.position.seconds

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Remember the round's first step: Keras counts batches within a round."""
        self.round_began = self.position.step

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Move on by a step, and stop where that was the last one or the time is over."""
        elapsed = time.monotonic() - self.session_began
        self.position.step = self.round_began + batch + 1
        self.position.seconds = self.seconds_before + elapsed
        if self.position.step >= self.steps:
            self._stop(f"all {self.steps} steps are done")
        elif self.max_minutes is not None and elapsed >= 60 * self.max_minutes:
            self._stop(
                f"max_minutes={self.max_minutes:g} are over at step {self.position.step} of "
                f"{self.steps}; the same call again goes on from there"
            )

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Move on by a round."""
        self.position.round = epoch + 1

    def _stop(self, reason: str) -> None:
        self.position.stopped_because = reason
        self.model.stop_training = True


class StopWhenNotFinite(keras.callbacks.Callback):
    """Ends the run at the first loss that is infinite or not a number."""

    def __init__(self, position: Position) -> None:
        super().__init__()
        self.position = position

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Look at the terms of the batch; the sum comes last in the message."""
        broken = [name for name, value in (logs or {}).items() if not math.isfinite(value)]
        if broken:
            self.position.fail(min(broken, key=lambda name: name == "loss"))
            self.model.stop_training = True


def _as_graph(function: Callable) -> Callable:
    """Return a function of one number that TensorFlow runs as one graph, other backends as it is.

    Step by step, an average of a small network took as long as its training.
    """
    if keras.backend.backend() != "tensorflow":
        return function
    import tensorflow

    number = tensorflow.TensorSpec((), "float32")
    return tensorflow.function(function, input_signature=[number], autograph=False)


class MovingAverage(keras.callbacks.Callback):
    """Keeps an exponential moving average of the trainable weights (Karras et al. 2018, section 4).

    Early on the decay is (1 + step) / (10 + step), so that the first weights are soon forgotten.
    Other state (batch normalisation's averages, pools) is the model's own.
    """

    def __init__(self, model: keras.Model, position: Position, decay: float) -> None:
        super().__init__()
        if not 0.0 < decay < 1.0:
            raise ValueError(f"moving_average: found {decay}, expected a decay such as 0.999")
        self.position, self.decay = position, decay
        self.set_model(model)
        self.averages = [
            keras.Variable(value, trainable=False, dtype=value.dtype, name=f"average_{index}")
            for index, value in enumerate(to_arrays(model.trainable_variables))
        ]
        self.move = _as_graph(self._move)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Move each average a little towards its weight."""
        step = self.position.step
        self.move(np.float32(1.0 - min(self.decay, (1 + step) / (10 + step))))

    def _move(self, share: Any) -> None:
        for average, variable in zip(self.averages, self.model.trainable_variables, strict=True):
            value = keras.ops.stop_gradient(variable.value)
            way = keras.ops.cast(share, average.dtype) * (value - average.value)
            average.assign(average.value + way)

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Lend the averages to the model for the length of a block."""
        variables = self.model.trainable_variables
        own = to_arrays(variables)
        try:
            for variable, average in zip(variables, to_arrays(self.averages), strict=True):
                variable.assign(average)
            yield
        finally:
            for variable, value in zip(variables, own, strict=True):
                variable.assign(value)


class ProgressBar(keras.callbacks.Callback):
    """One bar over all the steps, with the time left and the means of the loss terms."""

    def __init__(self, position: Position, steps: int, title: str) -> None:
        super().__init__()
        self.position = position
        self.bar = tqdm(total=steps, initial=position.step, desc=title, unit="step")

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Move the bar."""
        terms = (f"{name} {value:.3g}" for name, value in (logs or {}).items())
        self.bar.set_postfix_str(", ".join(terms), refresh=False)
        self.bar.update(self.position.step - self.bar.n)

    def close(self) -> None:
        """Leave the bar as it stands."""
        self.bar.close()


def _event_writer(folder: pathlib.Path) -> Any:
    """Return TensorBoard's writer, or None where it cannot be had without loading TensorFlow."""
    if keras.backend.backend() != "tensorflow" or not importlib.util.find_spec("tensorboard"):
        return None
    import tensorflow

    return tensorflow.summary.create_file_writer(str(folder))


class MetricsLog(keras.callbacks.Callback):
    """Writes one line a round: to metrics.jsonl, and to TensorBoard where that is installed."""

    def __init__(self, folder: pathlib.Path, position: Position) -> None:
        super().__init__()
        self.path, self.position = folder / "metrics.jsonl", position
        self.writer = _event_writer(folder / "events")

    def read(self) -> list[dict[str, float]]:
        """Return the rounds so far; a line that a kill cut short is left out."""
        lines = (
            self.path.read_text("utf-8").splitlines(keepends=True) if self.path.is_file() else []
        )
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def rewind(self) -> None:
        """Drop the rounds after the position, which a resumed run will do once more."""
        rows = [row for row in self.read() if row["step"] <= self.position.step]
        with replacing(self.path) as temporary:
            temporary.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Write the round's line, unless the round failed."""
        if self.position.failed:
            return
        place = {"step": self.position.step, "seconds": round(self.position.seconds, 3)}
        with open(self.path, "a") as file:
            file.write(f"{json.dumps(place | (logs or {}))}\n")
        if self.writer:
            self._write_events(logs or {})

    def _write_events(self, logs: dict) -> None:
        import tensorflow

        with self.writer.as_default(step=self.position.step):
            for name, value in logs.items():
                tensorflow.summary.scalar(name, value)
        self.writer.flush()


def draw_pairs(model: keras.Model, samples: Any) -> np.ndarray:
    """Draw each sample's input above the model's output.

    Args:
        model: from pictures to pictures.
        samples: float32 (N, H, W, C) in [-1, 1]; the first three channels are drawn.

    Returns:
        uint8 sheet: a row of inputs, a row of outputs.
    """
    outputs = images.to_picture(model(samples, training=False))
    inputs = images.to_picture(samples)[..., :3]
    rows = [inputs, outputs] if inputs.shape == outputs.shape else [outputs]
    return images.grid(np.concatenate(rows), columns=len(outputs))


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")


class SampleSheets(keras.callbacks.Callback):
    """Draws the same held-out samples every so many steps: a file each, and one live picture.

    Args:
        folder: where step_000120.png and its fellows go.
        position: of the run.
        samples: handed to `draw` as they are.
        draw: (model, samples) -> uint8 (H, W, 3).
        every: steps between two sheets; the last step has one too.
        last: the run's last step.
        average: draws with the averaged weights where there are any.
        live: show the newest sheet in the notebook, in one place; None asks whether this is one.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        position: Position,
        samples: Any,
        draw: Draw | None,
        every: int,
        last: int,
        average: MovingAverage | None,
        live: bool | None,
    ) -> None:
        super().__init__()
        self.folder, self.position, self.average = folder, position, average
        self.samples, self.draw = samples, draw or draw_pairs
        self.every, self.last = every, last
        self.live = _in_notebook() if live is None else live
        self.display = None

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Draw where it is time."""
        step = self.position.step
        if self.position.failed or (step % self.every and step != self.last):
            return
        with self.average.applied() if self.average else contextlib.nullcontext():
            sheet = self.draw(self.model, self.samples)
        images.write(self.folder / f"step_{step:06d}.png", sheet)
        if self.live:
            self._show(sheet)

    def _show(self, sheet: np.ndarray) -> None:
        from IPython import display

        picture = display.Image(images.encode_png(sheet))
        if self.display is None:
            self.display = display.display(picture, display_id=True)
        else:
            self.display.update(picture)
