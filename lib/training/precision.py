"""Training in bfloat16 what a CPU with units for it then multiplies faster."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from lib import env
from lib.muon import Muon

VARIABLE = "LAB_BFLOAT16"
"""Environment variable: at 0 every CPU trains in float32, so that figures compare between them."""

NARROWEST = 8
"""Convolutions of fewer channels, in or out, are not faster."""

Layer = keras.layers.Layer


def pays() -> bool:
    """Say whether products of bfloat16 are faster here, and nobody has forbidden them."""
    wanted = os.environ.get(VARIABLE) != "0" and keras.backend.backend() == "tensorflow"
    return wanted and env.has_bfloat16_unit() and not env.has_gpu()


def wide_convolutions(model: keras.Model) -> list[Layer]:
    """Return the layers that bfloat16 makes faster: float32 convolutions of enough channels."""
    return [
        layer
        for layer in model._flatten_layers()
        if layer.dtype_policy.name == "float32" and _is_wide(getattr(layer, "kernel", None))
    ]


def _is_wide(kernel: Any) -> bool:
    shape = tuple(getattr(kernel, "shape", ()))
    return len(shape) == 4 and min(shape[2:]) >= NARROWEST


@contextlib.contextmanager
def _in_bfloat16(layers: Sequence[Layer], optimizer: keras.optimizers.Optimizer) -> Iterator[None]:
    """Have layers compute in bfloat16, and Muon multiply in it, for the length of a block."""
    before = [layer.dtype_policy for layer in layers]
    for layer in layers:
        layer.dtype_policy = keras.DTypePolicy("mixed_bfloat16")
    if isinstance(optimizer, Muon):
        optimizer.precision = "bfloat16"
    try:
        yield
    finally:
        for layer, policy in zip(layers, before, strict=True):
            layer.dtype_policy = policy
        if isinstance(optimizer, Muon):
            del optimizer.precision  # the class's own is back


@contextlib.contextmanager
def narrowed(model: keras.Model) -> Iterator[None]:
    """Let a model's training steps convolve in bfloat16, where that pays.

    bfloat16 is float32 with 8 bits of precision for 24: numbers are as large and as small, so that
    no loss needs scaling. What wide convolutions multiply is rounded, and what they answer; Muon's
    products, too. Weights, normalisations, losses and averages stay float32, and so does all that
    is done with the networks beside the training step: samples, scores, their use afterwards.

    Args:
        model: compiled and built. Keras turns its step into a graph once: one made before the block
            stays as it is, and so does one made in it, until the model is compiled anew.
    """
    layers = wide_convolutions(model) if pays() else []
    if not layers:
        yield
        return
    train_step = model.train_step

    @functools.wraps(train_step)
    def _train_step(*arguments: Any) -> Any:
        with _in_bfloat16(layers, model.optimizer):
            return train_step(*arguments)

    model.train_step = _train_step
    try:
        yield
    finally:
        del model.train_step  # the class's own is back
