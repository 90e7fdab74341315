"""The Basel face models of 2017 and 2019 (and 2009 as ``.h5``), in statismo's HDF5 layout.

Gerig et al., "Morphable Face Models: An Open Framework" (FG 2018). Lengths are millimetres, colours
0 to 1. All editions (with and without mouth, face12, fullHead) share the layout::

    shape, color, expression / model / mean (3 V), pcaBasis (3 V, K), pcaVariance (K)
    shape / representer / points (3, V), cells (3, F)
    metadata / landmarks / json: a list of {"id": name, "coordinates": [x, y, z]}
"""

from __future__ import annotations

import json
import pathlib
from typing import TYPE_CHECKING

import numpy as np

from lib.scene.morphable import arrays, landmark_vertices
from lib.scene.morphable.model import MorphableError, MorphableModel

if TYPE_CHECKING:
    import h5py

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_EDITIONS = {
    53149: "Basel 2017 without mouth",
    47439: "Basel 2019",
    27657: "Basel 2019 face12",
    58203: "Basel 2019 full head",
    53490: "Basel 2009 (HDF5)",
}
_REACH = 2.0
"""A named landmark further from the mesh than this, in mm, names no vertex."""


def recognises(path: pathlib.Path) -> bool:
    """Say whether a file is of this format.

    Raises:
        MorphableError: if it is an HDF5 file that breaks off.
    """
    if not path.is_file():
        return False
    with open(path, "rb") as file:
        if file.read(8) != _SIGNATURE:
            return False
    with _opened(path) as file:
        return "shape/model" in file


def read(path: pathlib.Path) -> MorphableModel:
    """Read the model; its ``mean`` includes the mean expression, as the paper's equation 1 has it.

    Raises:
        MorphableError: if the file is cut short, lacks a dataset, or holds wrong numbers.
    """
    with _opened(path) as file:
        try:
            return _read(path, file)
        except OSError as error:
            raise _broken(path, error) from error


def _read(path: pathlib.Path, file: h5py.File) -> MorphableModel:
    neutral, identity = _component(path, file, "shape")
    count = len(neutral)
    has_expression, has_colour = "expression/model" in file, "color/model" in file
    calm = (None, np.zeros((0, count, 3), np.float32))
    change, expression = _component(path, file, "expression") if has_expression else calm
    albedo_mean, albedo = _component(path, file, "color") if has_colour else (None, None)
    landmarks, note = _landmarks(path, file, neutral)
    cells = "shape/representer/cells" if "shape/representer/cells" in file else "representer/cells"
    faces = arrays.triangles(path, cells, _values(path, file, cells), count)
    return MorphableModel(
        name=_EDITIONS.get(count, f"Basel (HDF5), {count} vertices"),
        source=str(path),
        mean=neutral if change is None else neutral + change,
        identity=identity,
        triangles=arrays.turned_outwards(neutral, faces),
        expression=expression,
        expression_mean=change,
        landmarks68=landmarks,
        albedo_mean=albedo_mean,
        albedo=albedo,
        notes=(note,),
    )


def _component(path: pathlib.Path, file: h5py.File, group: str) -> tuple[np.ndarray, np.ndarray]:
    """Read the mean (V, 3) and the modes (K, V, 3) of shape, colour or expression."""
    mean, basis, variance = (f"{group}/model/{key}" for key in ("mean", "pcaBasis", "pcaVariance"))
    middle = arrays.points(path, mean, _values(path, file, mean))
    spread = arrays.deviations(path, variance, _values(path, file, variance))
    return middle, arrays.modes(path, basis, _values(path, file, basis), spread, len(middle))


def _values(path: pathlib.Path, file: h5py.File, key: str) -> np.ndarray:
    if key not in file:
        raise MorphableError(path, f"found no {key}, expected the layout of the Basel .h5 models")
    return file[key][()]


def _landmarks(path: pathlib.Path, file: h5py.File, mean: np.ndarray) -> tuple[np.ndarray, str]:
    """Return the vertices nearest to the named points, and eos' published ones where it has any."""
    vertices, known = np.full(68, -1, np.int32), landmark_vertices.published(len(mean))
    if "metadata/landmarks/json" in file:
        for name, place in _named_points(path, file["metadata/landmarks/json"][()]).items():
            distances = np.linalg.norm(mean - place, axis=1)
            if distances.min() <= _REACH:
                vertices[landmark_vertices.BASEL_NAMES[name]] = distances.argmin()
    named = int((vertices >= 0).sum())
    note = f"{named} landmarks by their names in the file, {(known >= 0).sum()} as eos publishes"
    return np.where(known >= 0, known, vertices), note


def _named_points(path: pathlib.Path, stored: object) -> dict[str, np.ndarray]:
    """Decode the list of landmarks: bytes, text or an array of either, as editions differ."""
    stored = np.asarray(stored)
    flat = stored.ravel()
    raw = flat.tobytes() if stored.dtype.kind in "iu" else (flat[0] if len(flat) else b"[]")
    text = raw.rstrip(b"\0").decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    try:
        points = {
            entry["id"]: np.array(entry["coordinates"], np.float32).reshape(3)
            for entry in json.loads(text)
        }
    except (ValueError, KeyError, TypeError) as error:
        raise MorphableError(
            path, f"found no list of landmarks in metadata/landmarks/json ({error})"
        ) from error
    return {name: points[name] for name in landmark_vertices.BASEL_NAMES if name in points}


def _opened(path: pathlib.Path) -> h5py.File:
    import h5py

    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise _broken(path, error) from error


def _broken(path: pathlib.Path, error: object) -> MorphableError:
    size = path.stat().st_size
    return MorphableError(
        path, f"its {size} bytes are no whole HDF5 file ({error}): fetch the file again"
    )
