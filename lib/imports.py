"""Importing a framework: without notices, and without a search for garbage that is not there."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
from collections.abc import Iterator


def import_quietly(backend: str) -> None:
    """Import a framework and Keras, without notices and without a search for garbage.

    The notices, which the C++ side prints before it can be told not to, fill the first cell of
    every lesson with red boxes. What goes wrong in Python still raises.

    Args:
        backend: "tensorflow", "jax" or "torch".
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # its E lines are advice on tuning
    with _silenced(), kept_for_good():
        importlib.import_module(backend)
        importlib.import_module("keras")


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """Let nothing reach the terminal as an error, from C++ either."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nothing:
            os.dup2(nothing.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextlib.contextmanager
def kept_for_good() -> Iterator[None]:
    """Spare the garbage collector what a block makes, and at the end of the process everything.

    A framework is some 400,000 objects that stay. To look for garbage among them again and again
    takes a fifth of its import, and more than a second before Python ends; the system takes all
    memory back anyway.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()
        atexit.register(gc.freeze)
