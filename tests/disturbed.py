"""Trainings that are disturbed, and processes that can be killed, which tests of faults share."""

import subprocess
import sys

import keras
from test_training import PROFILE, Numbers, build

from lib import env
from lib.training import train


class EachRound(keras.callbacks.Callback):
    """Acts when a round has ended, on the number of that round."""

    def __init__(self, act):
        super().__init__()
        self.act = act

    def on_epoch_end(self, epoch, logs=None):
        self.act(epoch)


def learn(runs, *acts):
    """Train a small model in `runs`, with acts after each round; return the run and the model."""
    model = build()
    callbacks = [EachRound(act) for act in acts]
    return train(model, Numbers(), PROFILE, "run", runs=runs, extra_callbacks=callbacks), model


def start(code, *arguments):
    """Start Python code in a process of its own, and wait for the first line that it prints."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=env.ROOT, **pipes)
    process.stdout.readline()
    return process
