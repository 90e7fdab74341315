"""A GAN as one Keras model, trained by Keras' own fit() on any backend: no custom train_step.

Generator's and critics' terms are added into one scalar, and stop-gradients decide who learns from
which term:

* a generator's adversarial term goes through `frozen(critic, fake, training)`: its gradient reaches
  the fake and never the critic's weights;
* a critic's term sees `ops.stop_gradient(fake)`: its gradient reaches the critic and never the
  generator.

Where both judge the same fake, `both_sides(critic, fake, training)` returns the two of them, which
a compiled step computes in one forward pass.

One Adam over the union of the weights is then exactly one Adam for each network, all updated at the
same time, because Adam works weight by weight, as `lib.muon.Muon` does. (Clipping by *global* norm
does not: it would couple them.) All that Keras ties to `model.optimizer` works unchanged: loss
scaling under mixed_float16, jit_compile (its "auto" keeps XLA off on CPUs, where it is slower),
tf.distribute.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

Tensor = Any


def frozen(network: keras.Model, inputs: Tensor, training: bool = False) -> Tensor:
    """Call a network with its weights held constant: gradients flow to `inputs` alone.

    Whatever state the call would change is left as it was. Batch normalisation under training=True
    normalises by this batch but keeps its moving averages, and dropout draws without advancing its
    seed. Both move once a step, in the critic's own call on real and fake pictures, and are not
    moved twice. A network that is only ever called frozen therefore repeats its dropout mask.

    Args:
        network: a built network.
        inputs: what it is called with.
        training: passed on to its layers.

    Returns:
        The network's outputs.
    """
    outputs, _ = network.stateless_call(
        [ops.stop_gradient(variable.value) for variable in network.trainable_variables],
        [variable.value for variable in network.non_trainable_variables],
        inputs,
        training=training,
    )
    return outputs


def both_sides(network: keras.Model, inputs: Tensor, training: bool = False) -> tuple[Any, Any]:
    """Judge fakes once for both players: what `frozen` returns, and what a plain call on them does.

    Written as two calls, each weight read once for both. Their forward passes are then the same
    computation, and TensorFlow's graph optimizer and XLA do it once, as a loop with two tapes does.
    State moves once, as in a plain call; but what else a layer might leave behind, a loss of its
    own or a trainable weight that it assigns (as spectral normalisation does), is dropped.

    Args:
        network: a built critic of one input.
        inputs: the fakes, with what they are judged by in further channels: one tensor.
        training: passed on to its layers.

    Returns:
        The network's outputs twice: for the generator's term, whose gradient reaches `inputs`
        alone, and for the critic's, whose gradient reaches the weights alone.
    """
    weights = [ops.copy(variable.value) for variable in network.trainable_variables]
    state = [ops.copy(variable.value) for variable in network.non_trainable_variables]
    held = [ops.stop_gradient(weight) for weight in weights]
    to_generator, _ = network.stateless_call(held, state, inputs, training=training)
    to_critic, moved = network.stateless_call(
        weights, state, ops.stop_gradient(inputs), training=training
    )
    for variable, before, after in zip(network.non_trainable_variables, state, moved, strict=True):
        if after is not before:
            variable.assign(after)
    return to_generator, to_critic


def scaled(
    network: keras.Model, inputs: Tensor, factor: Tensor | float, training: bool = False
) -> Tensor:
    """Call a network whose weights feel `factor` times the gradient; the inputs feel all of it.

    Two players, one pass: where one network lowers what another raises, a factor of -k makes the
    second climb k times as fast as the first descends (the reversed gradient of Ganin and Lempitsky
    2015, section 3.1). Adam takes no notice of a common factor, but a network that has other terms
    as well weighs them by it. State is left as `frozen` leaves it.

    Args:
        network: a built network.
        inputs: what it is called with.
        factor: of the gradient that reaches the weights; 0 holds them, 1 changes nothing.
        training: passed on to its layers.

    Returns:
        The network's outputs, to the bit those of a plain call.
    """
    values = [variable.value for variable in network.trainable_variables]
    held = [ops.stop_gradient(value) for value in values]
    outputs, _ = network.stateless_call(
        [
            still + ops.cast(factor, still.dtype) * (value - still)
            for still, value in zip(held, values, strict=True)
        ],
        [variable.value for variable in network.non_trainable_variables],
        inputs,
        training=training,
    )
    return outputs


def _replicas() -> int:
    """Return over how many devices tf.distribute spreads each batch; 1 on every other backend."""
    if keras.backend.backend() != "tensorflow":
        return 1
    import tensorflow

    return tensorflow.distribute.get_strategy().num_replicas_in_sync


def _once_computed(total: Tensor) -> Tensor:
    """Return the same loss, with gradients that need its value: every term, before any update.

    A critic's own gradient needs nothing of the frozen call, and TensorFlow's graph optimizer drops
    the order between a read and a write that no data connect: now and then the critic's weights
    would be updated while the frozen call still reads them. The factor is 1, or NaN for NaN, which
    no optimizer can know beforehand.
    """
    return total * ops.stop_gradient(ops.where(ops.isnan(total), total, ops.ones_like(total)))


def _in_float32(tensor: Tensor) -> Tensor:
    if keras.backend.is_float_dtype(keras.backend.standardize_dtype(tensor.dtype)):
        return ops.cast(tensor, "float32")
    return tensor


class AdversarialModel(keras.Model):
    """Base of every GAN here: a subclass owns its networks and writes `call` and `loss_terms`.

    The weighted sum of the terms is minimised. Each term, unweighted, is a metric of its own in the
    progress bar, the history and TensorBoard. Under mixed precision the networks compute in
    float16; what a model does itself, with their answers and its batch, it does in float32.

    Attributes:
        term_weights: the name of each term -> its weight in the sum.
    """

    def __init__(self, term_weights: Mapping[str, float], **options: Any) -> None:
        super().__init__(**{"autocast": False, **options})
        self.term_weights = dict(term_weights)
        self.term_means = {name: keras.metrics.Mean(name=name) for name in term_weights}

    def build(self, input_shape: Any = None) -> None:
        """Note that nothing is left to create: a subclass makes its networks when it is made."""
        self.built = True

    def loss_terms(self, x: Tensor, y: Tensor, y_pred: Tensor, training: bool) -> dict[str, Tensor]:
        """Return the loss terms of one batch; a subclass writes this.

        Args:
            x: the batch's inputs.
            y: the batch's targets.
            y_pred: what `call` made of x, in float32.
            training: False in evaluate().

        Returns:
            The name of each term of `term_weights` -> a float32 scalar, the mean over the batch.
        """
        raise NotImplementedError(f"{type(self).__name__} has to write loss_terms")

    def compute_loss(
        self,
        x: Tensor = None,
        y: Tensor = None,
        y_pred: Tensor = None,
        sample_weight: Tensor = None,
        training: bool = True,
    ) -> Tensor:
        """Return the scalar that fit() minimises: weighted terms plus the layers' regularisers.

        Under tf.distribute it is divided by the number of replicas, for Keras adds their gradients.

        Raises:
            ValueError: for sample weights, or terms other than those of `term_weights`.
        """
        if sample_weight is not None:
            raise ValueError(
                f"{type(self).__name__}: found sample weights, expected (x, y) batches"
            )
        terms = self.loss_terms(x, y, keras.tree.map_structure(_in_float32, y_pred), training)
        if set(terms) != set(self.term_weights):
            raise ValueError(
                f"{type(self).__name__}.loss_terms: found {sorted(terms)}, "
                f"expected {sorted(self.term_weights)}, the keys of term_weights"
            )
        for name, value in terms.items():
            self.term_means[name].update_state(value)
        weighted = [self.term_weights[name] * value for name, value in terms.items()]
        return _once_computed(sum([*weighted, *self.losses])) / _replicas()


class ImagePool(keras.layers.Layer):
    """A history of fakes, which keeps a critic from forgetting (Shrivastava et al. 2017, 2.3).

    While the pool fills, fakes are stored and handed on. Once it is full, each fake has an even
    chance to be swapped for an older one (CycleGAN, section 4). The pictures and their count are
    weights, so a resumed run goes on with the same history. Under tf.distribute every replica sees
    the history of the first one.

    Args:
        size: pictures kept, at least a batch.
        shape: (H, W, C) of a picture.
        seed: of the pool's own draws.
        **options: passed on to the layer.
    """

    def __init__(self, size: int, shape: tuple[int, ...], seed: int = 0, **options: Any) -> None:
        super().__init__(**{"dtype": "float32", "trainable": False, **options})
        self.size = size
        self.seed_generator = keras.random.SeedGenerator(seed)
        keep = {"initializer": "zeros", "trainable": False, "aggregation": "only_first_replica"}
        self.images = self.add_weight(shape=(size, *shape), name="images", **keep)
        self.count = self.add_weight(shape=(), dtype="int32", name="count", **keep)

    def _draw(self, batch: int) -> tuple[Tensor, Tensor]:
        """Return different random slots, int (batch,), and an even coin for each, bool (batch,)."""
        order = ops.argsort(keras.random.uniform((self.size,), seed=self.seed_generator))
        coins = keras.random.uniform((batch,), seed=self.seed_generator) < 0.5
        return ops.cast(order[:batch], "int32"), coins

    def call(self, fakes: Tensor) -> Tensor:
        """Return what the critic should see instead of these fakes, and remember some of them.

        Args:
            fakes: float (N, H, W, C), N at most the pool's size. No gradient flows back.

        Returns:
            float32 (N, H, W, C): new and old pictures.
        """
        fakes = ops.stop_gradient(fakes)
        batch = ops.shape(fakes)[0]
        slots, coins = self._draw(batch)
        filling = self.count < self.size
        in_turn = (self.count + ops.arange(batch, dtype="int32")) % self.size
        slots = ops.where(filling, in_turn, slots)
        old = ops.take(self.images, slots, axis=0)
        stored = ops.reshape(ops.logical_or(filling, coins), (-1, 1, 1, 1))
        shown = ops.where(ops.logical_and(stored, ops.logical_not(filling)), old, fakes)
        kept = ops.where(stored, fakes, old)
        self.images.assign(ops.scatter_update(self.images, slots[:, None], kept))
        self.count.assign(ops.minimum(self.count + batch, self.size))
        return shown
