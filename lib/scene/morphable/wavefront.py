"""Wavefront's ``.obj`` meshes: vertices, polygons, texture places, materials."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from lib.scene.morphable.model import MorphableError


@dataclasses.dataclass(frozen=True, eq=False)
class Mesh:
    """An OBJ mesh, its polygons cut into triangles.

    Attributes:
        vertices: (V, 3) float32, as stored.
        triangles: (F, 3) int64, counted from 0, not checked.
        uv: (F, 3, 2) float32, or None.
        parts: (F,) uint8, numbers of ``materials``.
        materials: their names.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    uv: np.ndarray | None
    parts: np.ndarray
    materials: tuple[str, ...]


def read_vertices(path: pathlib.Path) -> np.ndarray:
    """Read the vertices only, (V, 3) float32.

    Raises:
        MorphableError: if a line holds no three numbers, or the file no vertex.
        OSError: if the file cannot be read.
    """
    return _numbers(path, path.read_bytes().split(b"\n"), b"v ", 3)


def read(path: pathlib.Path) -> Mesh:
    """Read a mesh.

    Raises:
        MorphableError: if a line is not what OBJ demands, or the file holds no vertex.
        OSError: if the file cannot be read.
    """
    lines = path.read_bytes().split(b"\n")
    vertices = _numbers(path, lines, b"v ", 3)
    corners, parts, materials = _polygons(path, lines)
    return Mesh(vertices, corners[..., 0], _places(path, lines, corners), parts, materials)


def _numbers(path: pathlib.Path, lines: list[bytes], key: bytes, columns: int) -> np.ndarray:
    rows = [line.split()[1 : columns + 1] for line in lines if line.startswith(key)]
    try:
        numbers = np.array(rows, np.float32)
    except ValueError as error:
        raise MorphableError(path, f"found a broken line ({error}): fetch it again") from error
    if numbers.shape != (len(rows), columns) or not rows:
        raise MorphableError(
            path, f"found {len(rows)} lines of {key.decode()}, expected {columns} numbers in each"
        )
    return numbers


def _polygons(
    path: pathlib.Path, lines: list[bytes]
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Cut polygons into fans; return (F, 3, 2) vertex and texture numbers, parts and materials."""
    corners, parts, names, material = [], [], {}, ""
    for line in lines:
        if line.startswith(b"usemtl"):
            material = line[6:].strip().decode("utf-8", "replace")
        elif line.startswith(b"f "):
            polygon = [_corner(path, word) for word in line.split()[1:]]
            fan = range(1, len(polygon) - 1)
            corners += [(polygon[0], polygon[i], polygon[i + 1]) for i in fan]
            parts += [names.setdefault(material, len(names))] * len(fan)
    return np.array(corners, np.int64).reshape(-1, 3, 2), np.array(parts, np.uint8), tuple(names)


def _corner(path: pathlib.Path, word: bytes) -> tuple[int, int]:
    """Return vertex and texture number, from 0; -1 for no texture."""
    vertex, _, rest = word.partition(b"/")
    place = rest.partition(b"/")[0]
    try:
        return int(vertex) - 1, int(place) - 1 if place else -1
    except ValueError as error:
        raise MorphableError(path, f"found {error} in a polygon, expected numbers") from error


def _places(path: pathlib.Path, lines: list[bytes], corners: np.ndarray) -> np.ndarray | None:
    numbers = corners[..., 1]
    if not len(numbers) or numbers.min() < 0:
        return None
    places = _numbers(path, lines, b"vt ", 2)
    if numbers.max() >= len(places):
        raise MorphableError(
            path, f"found texture number {numbers.max() + 1}, expected 1 to {len(places)}"
        )
    return places[numbers]
