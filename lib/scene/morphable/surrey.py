"""The Surrey face model, and whatever else eos saves: ``sfm_shape_3448.bin`` and its like.

Huber et al., "A Multiresolution 3D Morphable Face Model and Fitting Framework" (VISAPP 2016).
Lengths are millimetres. The file is a stream of cereal's, little endian, without any signature::

    version       uint32, 1 to 4
    shape         a component, see below
    colour        a component, empty for a model of shapes
    expression    from version 2: absent (1 byte, 1), or 0, an int32 and what it announces:
                  0 a component; 1 a uint64 count of (text, matrix): blendshapes
    landmarks     from version 3: absent (1 byte, 1), or 0 and a uint64 count of (text, int32)
    texture       uint64 count, then two float64 for each vertex
    its triangles from version 4: uint64 count, then three int32 each

A component is three matrices (mean, basis, variances), each int32 rows, int32 columns and float32
values column by column, and a uint64 count of triangles, three int32 each.
"""

from __future__ import annotations

import dataclasses
import pathlib
import struct

import numpy as np

from lib.scene.morphable import arrays, landmark_vertices
from lib.scene.morphable.model import MorphableError, MorphableModel

_VERSIONS = range(1, 5)


class _Stream:
    """The primitive values of a cereal archive, read one after another."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.data = path.read_bytes()
        self.position = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes and step over them."""
        taken = self.data[self.position : self.position + max(count, 0)]
        if len(taken) != count:
            raise MorphableError(
                self.path,
                f"its {len(self.data)} bytes break off at {self.position}, expected {count} more: "
                "fetch the file again",
            )
        self.position += count
        return taken

    def number(self, form: str) -> int:
        """Read one integer of a form that `struct` knows."""
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))[0]

    def text(self) -> str:
        """Read a length and as many letters."""
        return self.take(self.number("Q")).decode("utf-8", "replace")

    def matrix(self) -> np.ndarray:
        """Read rows, columns and float32 values, column by column."""
        rows, columns = self.number("i"), self.number("i")
        return np.frombuffer(self.take(4 * rows * columns), "<f4").reshape(columns, rows).T

    def rows(self, form: str, columns: int) -> np.ndarray:
        """Read a count and as many rows of numbers."""
        count = self.number("Q")
        size = np.dtype(form).itemsize * columns
        return np.frombuffer(self.take(count * size), form).reshape(count, columns)


@dataclasses.dataclass(frozen=True)
class _Component:
    """A mean, a basis with its variances, and triangles, as stored."""

    mean: np.ndarray
    basis: np.ndarray
    variances: np.ndarray
    triangles: np.ndarray

    def modes(self, path: pathlib.Path, key: str, vertices: int) -> np.ndarray:
        """Return (K, V, 3) float32, each mode times its standard deviation."""
        spread = arrays.deviations(path, f"the variances of {key}", self.variances)
        return arrays.modes(path, f"the basis of {key}", self.basis, spread, vertices)


def recognises(path: pathlib.Path) -> bool:
    """Say whether a file begins as eos begins: a version, then a column of 3 V coordinates."""
    if not path.is_file() or path.stat().st_size < 12:
        return False
    with open(path, "rb") as file:
        version, rows, columns = struct.unpack("<Iii", file.read(12))
    return version in _VERSIONS and columns == 1 and rows > 0 and rows % 3 == 0


def read(path: pathlib.Path) -> MorphableModel:
    """Read the model.

    Raises:
        MorphableError: if the file is cut short, or holds wrong numbers.
    """
    stream = _Stream(path)
    version = stream.number("I")
    shape, colour = _read_component(stream), _read_component(stream)
    mean = arrays.points(path, "the mean shape", shape.mean)
    count, coloured = len(mean), colour.mean.size > 0
    change, expression, names = _read_expression(stream, version, count)
    if version >= 3 and not stream.number("B"):
        for _ in range(stream.number("Q")):
            stream.text(), stream.number("i")
    faces = arrays.triangles(path, "the triangles", shape.triangles, count)
    triangles = arrays.turned_outwards(mean, faces)
    return MorphableModel(
        name="Surrey" if count == 3448 else f"eos model, {count} vertices",
        source=str(path),
        mean=mean if change is None else mean + change,
        identity=shape.modes(path, "the shape", count),
        triangles=triangles,
        expression=expression,
        expression_mean=change,
        expression_names=names,
        blendshapes=bool(names),
        landmarks68=landmark_vertices.published(count),
        albedo_mean=arrays.points(path, "the mean colour", colour.mean) if coloured else None,
        albedo=colour.modes(path, "the colour", count) if coloured else None,
        uv=_read_texture(stream, count, triangles),
    )


def _read_component(stream: _Stream) -> _Component:
    return _Component(stream.matrix(), stream.matrix(), stream.matrix(), stream.rows("<i4", 3))


def _read_expression(
    stream: _Stream, version: int, count: int
) -> tuple[np.ndarray | None, np.ndarray, tuple[str, ...]]:
    """Return the mean expression, the modes (E, V, 3) and the blendshapes' names."""
    path, absent = stream.path, version < 2 or stream.number("B")
    if absent:
        return None, np.zeros((0, count, 3), np.float32), ()
    if stream.number("i") == 0:
        component = _read_component(stream)
        change = arrays.points(path, "the mean expression", component.mean)
        return change, component.modes(path, "the expression", count), ()
    shapes = [(stream.text(), stream.matrix()) for _ in range(stream.number("Q"))]
    moved = [arrays.points(path, name, values) for name, values in shapes]
    if any(len(points) != count for points in moved):
        raise MorphableError(
            path, f"found {len(moved[0])} vertices in a blendshape, expected {count}"
        )
    empty = np.zeros((0, count, 3), np.float32)
    return None, np.stack(moved) if moved else empty, tuple(name for name, _ in shapes)


def _read_texture(stream: _Stream, count: int, triangles: np.ndarray) -> np.ndarray | None:
    """Return the texture's place at each corner; None without, or with a mesh of its own."""
    places = stream.rows("<f8", 2)
    if len(places) != count:
        return None
    return arrays.finite(stream.path, "the texture's places", places)[triangles]
