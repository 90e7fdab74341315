"""Frozen networks that look at faces: what perceptual terms compare instead of pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

Tensor = Any
Features = Callable[[Tensor], Sequence[Tensor]]


def face_features(pictures: Tensor) -> list[Tensor]:
    """Return activations of the face network, of pictures framed as our renders are.

    Args:
        pictures: float (N, S, S, 3) in [-1, 1], `lib.faces.align`'s convention "portrait".

    Returns:
        Three activations: of edges, of parts, and of the whole face.
    """
    return _taps(pictures, ("relu3", "relu7", "relu15"))


def fine_features(pictures: Tensor) -> list[Tensor]:
    """Return what `face_features` does, and before it the finest activations there are.

    Args:
        pictures: float (N, S, S, 3) in [-1, 1], `lib.faces.align`'s convention "portrait".

    Returns:
        Four activations; the first is that of the first convolution, 72 x 72 pixels.
    """
    return _taps(pictures, ("relu1", "relu3", "relu7", "relu15"))


IDENTITY_SCALE = 20.0
"""Makes the 128 numbers of a face weigh about as much as an activation does."""


def identifying_features(pictures: Tensor) -> list[Tensor]:
    """Return what `face_features` does, and the 128 numbers that say whose face it is.

    Args:
        pictures: float (N, S, S, 3) in [-1, 1], `lib.faces.align`'s convention "portrait".

    Returns:
        Four arrays; the last is (N, 128), `IDENTITY_SCALE` times the face's description.
    """
    *taps, description = _taps(pictures, ("relu3", "relu7", "relu15", "embedding"))
    return [*taps, IDENTITY_SCALE * description]


def _taps(pictures: Tensor, names: tuple[str, ...]) -> list[Tensor]:
    from lib.faces import identity

    cropped = identity.crop_to_identity(pictures, padding=0.0, convention="portrait")
    return identity.feature_taps(names)((cropped + 1.0) * 127.5)


def face_identity(pictures: Tensor) -> Tensor:
    """Describe whose faces these are, framed as our renders are.

    Args:
        pictures: float (N, S, S, 3) in [-1, 1], `lib.faces.align`'s convention "portrait".

    Returns:
        float32 (N, 128).
    """
    from lib.faces import identity

    return identity.embed(pictures, padding=0.0, convention="portrait")


def imagenet_features() -> Features:
    """Return VGG19's activations of block 3, 4 and 5, fourth convolution each, as S3 uses them.

    Keras downloads its weights (80 MB) on first use; they know ImageNet's thousand classes.

    Returns:
        A function as `face_features`; pictures get VGG's own preprocessing, which S3 forgot.
    """
    network = keras.applications.VGG19(include_top=False, weights="imagenet")
    taps = [network.get_layer(f"block{block}_conv4").output for block in (3, 4, 5)]
    network = keras.Model(network.input, taps, trainable=False)

    def _features(pictures: Tensor) -> list[Tensor]:
        levels = (ops.cast(pictures, "float32") + 1.0) * 127.5
        return network(keras.applications.vgg19.preprocess_input(levels))

    return _features
