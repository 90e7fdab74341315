"""Weights on disk: one atomic file for a network, in full or in half precision, never a pickle.

weights.save(generator, "generator.weights.h5")
weights.save(generator, "generator.npz", half=True)     # float16: half the size
weights.load(generator, "generator.npz")
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence

import keras
import numpy as np

from lib.files import replacing

KERAS_SUFFIX = ".weights.h5"


class WeightsError(ValueError):
    """A weights file that is damaged, or that belongs to another network."""


def to_arrays(variables: Sequence[keras.Variable]) -> list[np.ndarray]:
    """Return copies of the variables' values, as NumPy arrays of their own dtypes."""
    return [np.array(keras.ops.convert_to_numpy(variable.value)) for variable in variables]


def assign(variables: Sequence[keras.Variable], arrays: Sequence[np.ndarray], source: str) -> None:
    """Set variables to arrays, all of them or, where one does not fit, none.

    Args:
        variables: what to set.
        arrays: as many arrays, in the same order.
        source: where the arrays are from, for the message.

    Raises:
        WeightsError: naming the first variable that does not fit, the shape found and expected.
    """
    if len(variables) != len(arrays):
        raise WeightsError(
            f"{source}: found {len(arrays)} arrays, expected {len(variables)}: it belongs to "
            "another network, or to another version of this one"
        )
    for variable, array in zip(variables, arrays, strict=True):
        if tuple(variable.shape) != array.shape:
            raise WeightsError(
                f"{source}: {variable.path}: found shape {array.shape}, "
                f"expected {tuple(variable.shape)}: build the network as it was when saved"
            )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _halved(path: pathlib.Path, variable: keras.Variable, array: np.ndarray) -> np.ndarray:
    if not np.issubdtype(array.dtype, np.floating):
        return array
    largest = np.abs(array).max(initial=0.0)
    if not largest <= np.finfo(np.float16).max:
        raise WeightsError(
            f"{path.name}: {variable.path}: found {largest}, expected at most 65504, float16's "
            "largest: save it in full"
        )
    return array.astype(np.float16)


@contextlib.contextmanager
def _without_optimizer(model: keras.Model) -> Iterator[None]:
    """Hide the optimizer from Keras, which would store it, twice the weights' size, in the file."""
    optimizer = getattr(model, "optimizer", None)
    model.optimizer = None
    try:
        yield
    finally:
        model.optimizer = optimizer


def save(model: keras.Model, path: str | os.PathLike, half: bool = False) -> pathlib.Path:
    """Write a model's weights to one file, atomically.

    Args:
        model: a built model or network; the optimizer is not saved.
        path: ends in .weights.h5 (Keras' own format) or .npz (NumPy's).
        half: store float16, .npz only. Relative rounding error at most 2 ** -11.

    Returns:
        The path written.

    Raises:
        WeightsError: for another suffix, or values beyond float16.
    """
    path = pathlib.Path(path)
    if path.name.endswith(KERAS_SUFFIX) and not half:
        with replacing(path) as temporary, _without_optimizer(model):
            keras_name = temporary.with_suffix(KERAS_SUFFIX)
            try:
                model.save_weights(keras_name)
                keras_name.rename(temporary)
            finally:
                keras_name.unlink(missing_ok=True)
        return path
    if path.suffix != ".npz":
        expected = ".npz" if half else f"{KERAS_SUFFIX} or .npz"
        raise WeightsError(f"{path.name}: found suffix {path.suffix!r}, expected {expected}")
    arrays = to_arrays(model.weights)
    if half:
        arrays = [_halved(path, *pair) for pair in zip(model.weights, arrays, strict=True)]
    write_arrays(path, {f"{index:04d}": array for index, array in enumerate(arrays)})
    return path


def write_arrays(path: pathlib.Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays to one .npz file, atomically; the same arrays make the same bytes.

    NumPy's own savez notes the time of day, and fails where a clock stands before 1980.
    """
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)


def read_arrays(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Read every array of an .npz file, in the order written.

    Raises:
        WeightsError: for a file that is missing, damaged or no .npz.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise WeightsError(f"{path}: expected a readable .npz file, found: {error}") from error


def _keras_mismatch(path: pathlib.Path, error: Exception) -> WeightsError:
    """Say in the house's words what Keras says about a file that does not fit."""
    pattern = r"name=([\w/.-]+).*?variable\.shape=(\(.*?\)).*?value\.shape=(\(.*?\))"
    match = re.search(pattern, str(error), re.DOTALL)
    if match is None:
        words = " ".join(str(error).split())
        return WeightsError(f"{path.name}: does not fit this network: {words}")
    layer, expected, found = match.groups()
    return WeightsError(
        f"{path.name}: {layer}: found shape {found}, expected {expected}: "
        "build the network as it was when saved"
    )


def load(model: keras.Model, path: str | os.PathLike) -> None:
    """Set a model's weights from a file of `save`; a file that does not fit changes nothing.

    Args:
        model: a built model or network, made with the same options as when it was saved.
        path: ends in .weights.h5 or .npz; float16 comes back as the model's own dtype.

    Raises:
        WeightsError: for a damaged file, or one of another network: names the layer, the shape
            found and the shape expected.
        FileNotFoundError: where there is no file.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: found no weights file there")
    if path.suffix == ".npz":
        assign(model.weights, list(read_arrays(path).values()), path.name)
        return
    before = to_arrays(model.weights)
    try:
        with _without_optimizer(model):
            model.load_weights(path)
    except (ValueError, OSError, KeyError) as error:
        assign(model.weights, before, path.name)
        raise _keras_mismatch(path, error) from error
