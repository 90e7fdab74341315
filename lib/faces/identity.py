"""Who a face is: dlib's face-recognition network, rebuilt in Keras with dlib's own weights.

    chip, _ = align.chip(photo, points, size=150, padding=0.25)
    who = identity.descriptors(chip[None])                    # (1, 128)
    loss = ops.mean((identity.embed(fake) - identity.embed(real)) ** 2)      # differentiable
    taps = identity.feature_taps(("relu3", "relu7"))          # a perceptual network

The network is a 29-layer residual network (King, "High Quality Face Recognition with Deep Metric
Learning", blog.dlib.net 2017; 99.38 % on LFW). The twin agrees with dlib to 1e-5, is over 15 times
faster on a CPU (`python -m lib.benchmarks.identity`), and has gradients. With them comes a warning:
pixels can be bent until the network sees someone else, so what was trained on this identity must be
judged by another signal as well.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator

import keras
import numpy as np
from keras import layers, ops

from lib.faces import align, model_files
from lib.faces.dlib_format import read_face_network
from lib.faces.resampling import resize_window
from lib.faces.verification import Verification, verify
from lib.layers import Conv2D

__all__ = [
    "PADDING",
    "SAME_PERSON",
    "SIZE",
    "Verification",
    "crop_to_identity",
    "describe",
    "descriptors",
    "distance",
    "embed",
    "face_network",
    "feature_taps",
    "verify",
]

SIZE = 150
"""The only input size with a meaning: at 128 pixels the same face lies 1.3 away from itself."""

PADDING = 0.25
"""The padding of the chips that the network was trained on."""

SAME_PERSON = 0.6
"""dlib's threshold: two photos of one person are usually nearer to each other than this."""

_STAGES = ((32, 3, False), (64, 4, True), (128, 3, True), (256, 3, True), (256, 1, True))
"""Filters, residual blocks, and whether the first block halves the picture."""

_BATCH_SIZES = (1, 8, 32)
"""Batches are filled up to one of these, so that three traces of the network serve every call."""


@contextlib.contextmanager
def _in_float32() -> Iterator[None]:
    """Build in float32 whatever the global policy: float16 would cost three digits.

    And build at once, even if a loss asks first while TensorFlow traces a step: as part of the
    step's graph the weights' assignment would wait for ever, and the network stay random.
    """
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        with _outside_of_graphs():
            yield
    finally:
        keras.config.set_dtype_policy(policy)


def _outside_of_graphs() -> contextlib.AbstractContextManager:
    if keras.backend.backend() != "tensorflow":
        return contextlib.nullcontext()
    import tensorflow

    return tensorflow.init_scope()


def _convolve(x, filters: int, number: int, size: int = 3, halve: bool = False):
    # dlib pads convolutions of stride 1, and only those.
    stride, padding = (2, "valid") if halve else (1, "same")
    name = f"convolution{number}"
    return Conv2D(filters, size, stride, padding, name=name)(x)


def _rectify(x, number: int):
    return layers.ReLU(name=f"relu{number}")(x)


def _add(first, second):
    """Add as dlib does: the smaller is filled with zeros at the bottom, right and last channels."""
    sides = [max(pair) for pair in zip(first.shape[1:], second.shape[1:], strict=True)]

    def _fill(x):
        missing = [side - own for side, own in zip(sides, x.shape[1:], strict=True)]
        return ops.pad(x, [(0, 0), *((0, count) for count in missing)]) if any(missing) else x

    return _fill(first) + _fill(second)


def _residual_block(x, filters: int, number: int, halve: bool):
    shortcut = layers.AveragePooling2D(2)(x) if halve else x
    x = _rectify(_convolve(x, filters, number, halve=halve), number)
    x = _convolve(x, filters, number + 1)
    return _rectify(_add(x, shortcut), number + 1)


def _build(mean: np.ndarray) -> keras.Model:
    image = keras.Input((SIZE, SIZE, 3), name="rgb")
    x = (image - mean) / 256.0
    x = _rectify(_convolve(x, 32, 1, size=7, halve=True), 1)
    x = layers.MaxPooling2D(3, 2)(x)
    number = 2
    for filters, blocks, halves in _STAGES:
        for block in range(blocks):
            x = _residual_block(x, filters, number, halve=halves and block == 0)
            number += 2
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(128, use_bias=False, name="embedding")(x)
    return keras.Model(image, x, name="face_network")


@functools.cache
def face_network() -> keras.Model:
    """Build the twin of dlib's face network, once a process (0.3 s); it is frozen.

    Returns:
        A Keras model: float32 (N, 150, 150, 3) RGB in 0..255, of chips with padding 0.25, to
        float32 (N, 128), not normalised (the length is 1.4 on average). 5.6 million weights.

    Raises:
        ModelFileError: if dlib's model file is missing or is another model.
    """
    path = model_files.find(model_files.FACE_NETWORK)
    weights = read_face_network(path)
    values = [array for pair in weights.convolutions for array in pair] + [weights.embedding]
    with _in_float32():
        network = _build(weights.mean)
        try:
            network.set_weights(values)
        except ValueError as error:
            raise model_files.ModelFileError(
                f"{path} holds another network than dlib's face-recognition network: {error}"
            ) from error
    network.trainable = False
    # XLA takes 40 s to compile on a CPU, and runs slower there.
    network.jit_compile = False
    return network


@functools.cache
def feature_taps(names: tuple[str, ...] = ("relu1", "relu3", "relu7", "relu15")) -> keras.Model:
    """Return the network up to some of its activations, for perceptual losses; it is frozen.

    Early taps carry sharpness, late ones who it is; their scales are alike (mean activation 0.5 to
    1.2), so they can be weighted equally (Johnson et al., ECCV 2016, section 3.2).

    Args:
        names: "relu1" (72 x 72 x 32) to "relu29" (2 x 2 x 256), numbered by convolution; blocks end
            at 3, 5, 7 (35 x 35 x 32); 9 ... 15 (17 x 17 x 64); 17 ... 21 (8 x 8 x 128);
            23 ... 27 (4 x 4 x 256); 29. And "embedding", the 128 numbers that all lead to.

    Returns:
        A Keras model: float32 (N, 150, 150, 3) in 0..255 to a list of activations.

    Raises:
        ValueError: if there is no activation of such a name.
    """
    network = face_network()
    known = [layer.name for layer in network.layers if layer.name.startswith(("relu", "emb"))]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        expected = "some of relu1 ... relu29 and embedding"
        raise ValueError(f"found taps {unknown or names}, expected {expected}")
    outputs = [network.get_layer(name).output for name in names]
    with _in_float32():
        taps = keras.Model(network.input, outputs, name="face_features")
    taps.trainable = False
    return taps


def descriptors(chips: np.ndarray) -> np.ndarray:
    """Describe faces by 128 numbers each, as dlib's ``compute_face_descriptor`` does.

    Args:
        chips: uint8 (N, 150, 150, 3) RGB, from `align.chip` with size 150 and padding 0.25.

    Returns:
        float32 (N, 128).

    Raises:
        ValueError: if the chips are of another type or shape.
        ModelFileError: if dlib's model file is missing.
    """
    chips = np.asarray(chips)
    if chips.dtype != np.uint8 or chips.ndim != 4 or chips.shape[1:] != (SIZE, SIZE, 3):
        raise ValueError(
            f"found chips {chips.dtype} {chips.shape}, expected uint8 (N, {SIZE}, {SIZE}, 3): "
            "cut them with align.chip(picture, landmarks, size=150, padding=0.25); "
            "a single one is chip[None]"
        )
    network, result = face_network(), np.empty((len(chips), 128), "float32")
    for start in range(0, len(chips), _BATCH_SIZES[-1]):
        part = chips[start : start + _BATCH_SIZES[-1]]
        size = next(size for size in _BATCH_SIZES if size >= len(part))
        batch = np.zeros((size, *chips.shape[1:]), "float32")
        batch[: len(part)] = part
        result[start : start + len(part)] = network.predict_on_batch(batch)[: len(part)]
    return result


def describe(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Describe one face of a photo.

    Args:
        picture: uint8 RGB (height, width, 3).
        landmarks: (5, 2) or (68, 2). Keep to one kind: the two give descriptors 0.14 apart.

    Returns:
        float32 (128,).

    Raises:
        ValueError: if the picture or the landmarks are unusable.
    """
    chip, _ = align.chip(picture, landmarks, SIZE, PADDING)
    return descriptors(chip[None])[0]


def crop_to_identity(
    pictures: keras.KerasTensor, padding: float = PADDING, convention: str = "dlib"
) -> keras.KerasTensor:
    """Cut the network's own part out of chips, at 150 pixels.

    Args:
        pictures: float32 (N, side, side, 3), chips aligned with `padding`; any values.
        padding: of the chips, such that they show all that the network sees: from 0.25 for "dlib".
        convention: of the chips, see `lib.faces.align.chip`.

    Returns:
        float32 (N, 150, 150, 3) tensor, cropped and resized in one differentiable resampling.

    Raises:
        ValueError: if the chips show less than the network needs, or are not square.
    """
    window, centre = align.identity_window(padding, convention)
    return resize_window(pictures, SIZE, window, centre)


def embed(
    pictures: keras.KerasTensor, padding: float = PADDING, convention: str = "dlib"
) -> keras.KerasTensor:
    """Describe faces inside a loss: any size, any backend, with gradients.

    Usable from 32 pixels, good from 64: there a face lies 0.10 from its own full-size descriptor.

    Args:
        pictures: (N, side, side, 3) tensor in [-1, 1], chips aligned with `padding`.
        padding: of the chips.
        convention: of the chips.

    Returns:
        float32 (N, 128) tensor.

    Raises:
        ValueError: as `crop_to_identity`.
    """
    return face_network()((crop_to_identity(pictures, padding, convention) + 1.0) * 127.5)


def distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the Euclidean distance between descriptors.

    Args:
        first: (..., 128).
        second: (..., 128); the two are broadcast against each other.

    Returns:
        (...), float; below 0.6 usually the same person, 0.8 on average between strangers.
    """
    return np.linalg.norm(np.asarray(first) - np.asarray(second), axis=-1)
