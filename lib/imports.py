"""Importing a framework: without notices, without a search for garbage that is not there."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Iterator

OBJECTS_BETWEEN_SEARCHES = 50_000
"""Python looks for garbage after 700, and now and then at all objects that there are; tracing one
training step makes 30,000 that stay."""


def import_quietly(backend: str) -> None:
    """Import a framework and Keras, without notices and without a search for garbage.

    The notices, which the C++ side prints before it can be told not to, fill the first cell of
    every lesson with red boxes. What goes wrong in Python still raises. Keras' wrappers for
    scikit-learn, which nothing here uses, find it missing: it would take a fifth of the time.

    Args:
        backend: "tensorflow", "jax" or "torch".
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # its E lines are advice on tuning
    if {backend, "keras"} <= sys.modules.keys():
        return
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)
    with _silenced(), kept_for_good(), _left_out("sklearn"):
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
def _left_out(package: str) -> Iterator[None]:
    """Have a package count as not installed for as long as a block takes, unless it is imported."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # which Python takes for an import that fails
    try:
        yield
    finally:
        del sys.modules[package]


@contextlib.contextmanager
def kept_for_good() -> Iterator[None]:
    """Spare the garbage collector what is alive after a block, and at the process's end everything.

    A framework is some 400,000 objects that stay. To look for garbage among them again and again
    takes a fifth of its import, and more than a second before Python ends, when the system takes
    all memory back anyway. For the beginning of a process: what is alive then and becomes garbage
    later is freed only where no cycle of references holds it.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
        atexit.unregister(gc.freeze)
        atexit.register(gc.freeze)
    finally:
        if collects:
            gc.enable()
