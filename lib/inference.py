"""Trained networks at work: called as graphs that TensorFlow compiles, where that pays.

A network that is called as it is computes operation by operation. As a graph it is joined first:
convolutions with their biases, normalisations and activations. To compile one takes about half a
second for each network and each size of batch.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import keras

Tensor = Any

ENOUGH = 3
"""So many full batches of large pictures pay for compiling."""

_graphs: weakref.WeakKeyDictionary[keras.Model, Callable] = weakref.WeakKeyDictionary()


def in_batches(
    network: keras.Model, number: int, batch_size: int
) -> Iterator[tuple[slice, Callable[[Any], Any]]]:
    """Go through a known number of pictures, with what calls a network on them without training.

    On TensorFlow it is compiled for full batches, if there are at least `ENOUGH` of them; and for
    batches of 1, because those who handle one picture at a time go on with the next. How a picture
    is computed, and so its last bits, depends on these two numbers alone.

    Args:
        network: with `run_eagerly`, it is called as it is; so is what is no Keras model.
        number: of the pictures.
        batch_size: pictures at a time; the last batch holds what is left.

    Yields:
        Which pictures, and a function of inputs, an array or several of so many rows, which returns
        the network's outputs.
    """
    full = plain = functools.partial(network, training=False)
    pays = batch_size == 1 or number >= ENOUGH * batch_size
    if pays and _can_be_compiled(network):
        full = _graph(network)
    for start in range(0, number, batch_size):
        is_full = start + batch_size <= number
        yield slice(start, start + batch_size), full if is_full else plain


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
