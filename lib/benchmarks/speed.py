"""Whether one `fit` costs more than a training loop written by hand.

``python -m lib.benchmarks.speed`` trains pix2pix's U-Net and patch critic on the same pictures in
three ways, in turns: as an `AdversarialModel` by Keras' own `fit`, with Keras' Adam and with the
fused one that `lib.training.train` makes of it, and by the two-tape loop of TensorFlow's tutorials,
compiled by `tf.function`. All are handed arrays made in Python, as lessons are; once more the loop
has one tensor that is there already, which shows what the hand-over costs. With ``--torch PYTHON``,
an interpreter that has PyTorch, the same networks written by hand for it train in a process of
their own, on one tensor too.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas
from keras import ops

from lib import losses
from lib.gans.adversarial import AdversarialModel, both_sides
from lib.models.patchgan import build_patchgan
from lib.models.unet import build_unet
from lib.training.optimizers import fuse
from lib.training.stream import Stream

L1_WEIGHT = 100.0
WITH_TORCH = Path(__file__).with_name("speed_torch.py")


class Pix2Pix(AdversarialModel):
    """A conditional GAN in the lab's way (Isola et al. 2017, section 3.1).

    Args:
        size: side of the pictures, pixels.
        width: filters of the first layers.
    """

    def __init__(self, size: int, width: int) -> None:
        super().__init__({"adversarial": 1.0, "l1": L1_WEIGHT, "critic": 1.0})
        self.generator = build_unet(size, width)
        self.critic = build_patchgan(size, width, 6)
        self.game = losses.ADVERSARIAL["cross_entropy"]

    def call(self, x: object, training: bool = False) -> object:
        """Return what the generator paints."""
        return self.generator(x, training=training)

    def loss_terms(self, x: object, y: object, y_pred: object, training: bool) -> dict:
        """Return adversarial, l1 and critic."""
        real, fake = ops.concatenate([x, y], -1), ops.concatenate([x, y_pred], -1)
        real_logits = self.critic(real, training=training)
        to_generator, to_critic = both_sides(self.critic, fake, training)
        return {
            "adversarial": self.game.generator(to_generator),
            "l1": losses.l1(y, y_pred),
            "critic": self.game.critic(real_logits, to_critic),
        }


class InMemory(keras.utils.PyDataset):
    """The same batch again and again: nothing but training is measured.

    Args:
        batch: (x, y).
        steps: of an epoch.
    """

    def __init__(self, batch: tuple[np.ndarray, np.ndarray], steps: int) -> None:
        super().__init__()
        self.batch, self.steps = batch, steps

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return self.batch

    def filled(self) -> InMemory:
        """Return itself: all its batches are full."""
        return self


def hand_over_arrays(batch: tuple, steps: int) -> Any:
    """Return a batch as `lib.training.train` feeds it: made in Python, handed over at every step.

    Args:
        batch: (x, y).
        steps: of a turn.
    """
    return Stream(InMemory(batch, steps), 0).for_fit()


def repeat_one_tensor(batch: tuple, steps: int) -> Any:
    """Return a batch that is handed over once, whatever the number of steps."""
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False  # its thread sleeps for seconds at the end of a turn
    return tf.data.Dataset.from_tensors(batch).repeat().prefetch(2).with_options(options)


def by_fit(
    size: int, width: int, batch: tuple, steps: int, as_in_lessons: bool = False
) -> Callable[[], float]:
    """Return a function that trains so many steps by `fit` and returns the seconds.

    Args:
        size: side of the pictures, pixels.
        width: filters of the first layers.
        batch: (x, y).
        steps: of a turn.
        as_in_lessons: whether Adam is fused.
    """
    model = Pix2Pix(size, width)
    model.compile(keras.optimizers.Adam(2e-4, beta_1=0.5))
    if as_in_lessons:
        fuse(model.optimizer)
    data = hand_over_arrays(batch, steps)

    def _train() -> float:
        began = time.perf_counter()
        model.fit(data, steps_per_epoch=steps, verbose=0, shuffle=False)
        return time.perf_counter() - began

    return _train


def by_hand(
    size: int, width: int, batch: tuple, steps: int, feed: Callable = hand_over_arrays
) -> Callable[[], float]:
    """Return the same for a loop with two tapes and two optimizers.

    Args:
        size: side of the pictures, pixels.
        width: filters of the first layers.
        batch: (x, y).
        steps: of a turn.
        feed: what makes of batch and steps the data of the loop.
    """
    import tensorflow as tf

    generator, critic = build_unet(size, width), build_patchgan(size, width, 6)
    optimizers = [keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2)]
    game = losses.ADVERSARIAL["cross_entropy"]

    @tf.function
    def _step(x: tf.Tensor, y: tf.Tensor) -> None:
        with tf.GradientTape() as generator_tape, tf.GradientTape() as critic_tape:
            fake = generator(x, training=True)
            real_logits = critic(tf.concat([x, y], -1), training=True)
            fake_logits = critic(tf.concat([x, fake], -1), training=True)
            generator_loss = game.generator(fake_logits) + L1_WEIGHT * losses.l1(y, fake)
            critic_loss = game.critic(real_logits, fake_logits)
        for optimizer, network, tape, loss in (
            (optimizers[0], generator, generator_tape, generator_loss),
            (optimizers[1], critic, critic_tape, critic_loss),
        ):
            weights = network.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))

    data = feed(batch, steps)

    def _train() -> float:
        began = time.perf_counter()
        for x, y in data.take(steps):
            _step(x, y)
        return time.perf_counter() - began

    return _train


def compare(size: int, width: int, number: int, steps: int, turns: int) -> pandas.DataFrame:
    """Train in all ways, in turns, and return what the median turn of each makes.

    On a machine that others use as well, even the fastest of a few turns is a matter of luck. What
    ran one after the other had the same machine: so a ratio is taken turn by turn, then the median.

    Args:
        size: side of the pictures, pixels.
        width: filters of the first layers.
        number: pictures a step.
        steps: of a turn.
        turns: of each; the first, which compiles, does not count.
    """
    generator = np.random.default_rng(0)
    batch = tuple(
        generator.uniform(-1, 1, (number, size, size, 3)).astype(np.float32) for _ in range(2)
    )
    ways = {
        "one fit": by_fit,
        "one fit, Adam fused": functools.partial(by_fit, as_in_lessons=True),
        "two tapes by hand": by_hand,
        "two tapes, one tensor": functools.partial(by_hand, feed=repeat_one_tensor),
    }
    trainings = {name: way(size, width, batch, steps) for name, way in ways.items()}
    seconds = {name: [] for name in trainings}
    for turn in range(turns + 1):
        for name, train in trainings.items():
            spent = train()
            if turn:
                seconds[name].append(spent)
    turned = pandas.DataFrame(seconds)
    ratios = 1 / turned.div(turned["two tapes by hand"], axis=0)
    return pandas.DataFrame(
        {"pictures/s": number * steps / turned.median(), "of two tapes": ratios.median()}
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=40, help="of a turn")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--torch", help="a Python interpreter that has PyTorch")
    options = parser.parse_args()
    for size, width, number in ((64, 16, 16), (256, 16, 2)):
        table = compare(size, width, number, options.steps, options.turns)
        if options.torch:
            numbers = [size, width, number, options.steps, options.turns]
            command = [options.torch, str(WITH_TORCH), *map(str, numbers)]
            environment = {**os.environ, "PYTHONPATH": ""}
            found = subprocess.run(command, capture_output=True, text=True, env=environment)
            found.check_returncode()
            made, beside = json.loads(found.stdout)["median"], table.loc["two tapes by hand"]
            table.loc["PyTorch by hand"] = made, made / beside["pictures/s"]
        print(f"\n{size} px, width {width}, {number} a step\n{table.round(3).to_string()}")


if __name__ == "__main__":
    main()
