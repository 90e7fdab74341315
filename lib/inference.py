"""Trained networks at work: called as graphs that TensorFlow compiles, where that pays.

A network that is called as it is computes operation by operation. As a graph it is joined first:
convolutions with their biases, normalisations and activations. To compile one takes about half a
second for each network and each size of batch.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any

import keras

Tensor = Any

ENOUGH = 3
"""So many full batches of large pictures pay for compiling."""

_graphs: weakref.WeakKeyDictionary[keras.Model, Callable] = weakref.WeakKeyDictionary()


def forward(network: keras.Model, number: int, batch_size: int) -> Callable[[Any], Any]:
    """Return what calls a network without training, for a known number of pictures.

    On TensorFlow it is compiled for full batches, if there are at least `ENOUGH` of them; and for
    batches of 1, because those who handle one picture at a time go on with the next. How a picture
    is computed, and so its last bits, depends on these two numbers alone.

    Args:
        network: with `run_eagerly`, it is called as it is; so is what is no Keras model.
        number: of the pictures.
        batch_size: of all calls but the last.

    Returns:
        A function of inputs, an array or several (N, ...), which returns the network's outputs.
    """
    plain = functools.partial(network, training=False)
    if not _can_be_compiled(network) or (batch_size > 1 and number < ENOUGH * batch_size):
        return plain
    compiled = _graph(network)

    def _call(inputs: Any) -> Any:
        is_full = len(keras.tree.flatten(inputs)[0]) == batch_size
        return compiled(inputs) if is_full else plain(inputs)

    return _call


def _can_be_compiled(network: Any) -> bool:
    is_model = isinstance(network, keras.Model) and not network.run_eagerly
    return is_model and keras.backend.backend() == "tensorflow"


def _graph(network: keras.Model) -> Callable:
    """Return a network's graph, compiled at the first call with each shape, and kept with it."""
    if network not in _graphs:
        import tensorflow

        behind = weakref.ref(network)  # the graph must not keep alive what it is kept for
        graph = tensorflow.function(lambda inputs: behind()(inputs, training=False))

        def _compiled(inputs: Any) -> Any:
            tensors = keras.tree.map_structure(tensorflow.convert_to_tensor, inputs)
            # asked for by shape: called as it is, TensorFlow warns of graphs that others have made
            return graph.get_concrete_function(tensors)(tensors)

        _graphs[network] = _compiled
    return _graphs[network]
