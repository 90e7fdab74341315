"""From what a file holds to checked arrays: finite numbers of the shape that belongs there."""

from __future__ import annotations

import os

import numpy as np

from lib.scene.morphable.model import MorphableError

Source = str | os.PathLike


def finite(source: Source, key: str, values: object) -> np.ndarray:
    """Return numbers as a float32 array.

    Args:
        source: the file, for the message.
        key: what the numbers are called there.
        values: anything array-like.

    Raises:
        MorphableError: if they are no numbers, or not all are finite.
    """
    values = np.asarray(values)
    if values.dtype.kind not in "fiu":
        raise MorphableError(source, f"found {key} of type {values.dtype}, expected numbers")
    wrong = int((~np.isfinite(values)).sum())
    if wrong:
        raise MorphableError(
            source, f"found {wrong} numbers in {key} that are not finite: fetch the file again"
        )
    return values.astype(np.float32, copy=False)


def points(source: Source, key: str, values: object) -> np.ndarray:
    """Return (V, 3) float32 from numbers stored as x1 y1 z1 x2 y2 z2 ...

    Raises:
        MorphableError: if their number is 0 or no multiple of three.
    """
    values = finite(source, key, values).ravel()
    if not len(values) or len(values) % 3:
        raise MorphableError(
            source, f"found {len(values)} numbers in {key}, expected x, y and z of each vertex"
        )
    return values.reshape(-1, 3)


def modes(source: Source, key: str, basis: object, deviations: object, vertices: int) -> np.ndarray:
    """Return principal components times their standard deviations.

    Args:
        source: the file, for the message.
        key: what the basis is called there.
        basis: (3 V, K), a column of length 1 for each component.
        deviations: K standard deviations.
        vertices: V.

    Returns:
        (K, V, 3) float32.

    Raises:
        MorphableError: if the shapes do not fit or a column has another length than 1.
    """
    basis = finite(source, key, basis)
    deviations = finite(source, f"the deviations of {key}", deviations).ravel()
    expected = (3 * vertices, len(deviations))
    if basis.shape != expected:
        raise MorphableError(
            source,
            f"found {key} of shape {basis.shape}, expected {expected} for {vertices} vertices and "
            f"{len(deviations)} deviations",
        )
    lengths = np.linalg.norm(basis, axis=0)
    if np.abs(lengths - 1).max(initial=0) > 0.01:
        raise MorphableError(
            source,
            f"found columns of length {lengths.min():.3g} to {lengths.max():.3g} in {key}, "
            "expected 1: this is another edition, whose scale would have to be guessed",
        )
    return np.ascontiguousarray((basis * deviations).T).reshape(-1, vertices, 3)


def deviations(source: Source, key: str, variances: object) -> np.ndarray:
    """Return the square roots of variances.

    Raises:
        MorphableError: if one is negative.
    """
    variances = finite(source, key, variances).ravel()
    if variances.min(initial=0) < 0:
        raise MorphableError(source, f"found a negative variance in {key}, expected 0 or more")
    return np.sqrt(variances)


def triangles(
    source: Source, key: str, values: object, vertices: int, first: int = 0
) -> np.ndarray:
    """Return (F, 3) int32 triangles, counted from 0.

    Args:
        source: the file, for the message.
        key: what they are called there.
        values: (F, 3) or (3, F) vertex numbers.
        vertices: how many vertices there are.
        first: the number of the first vertex, 0 or 1.

    Raises:
        MorphableError: if the shape is another, or a number names no vertex.
    """
    values = finite(source, key, values) if np.asarray(values).dtype.kind == "f" else values
    values = np.asarray(values).astype(np.int64)
    if values.ndim == 2 and values.shape[0] == 3 and values.shape[1] != 3:
        values = values.T
    if values.ndim != 2 or values.shape[1] != 3 or not len(values):
        raise MorphableError(source, f"found {key} of shape {values.shape}, expected (F, 3)")
    values = values - first
    if values.min() < 0 or values.max() >= vertices:
        raise MorphableError(
            source,
            f"found vertices {values.min() + first} to {values.max() + first} in {key}, "
            f"expected {first} to {vertices - 1 + first}",
        )
    return values.astype(np.int32)


def face_outwards(vertices: np.ndarray, faces: np.ndarray) -> bool:
    """Say whether triangles run anticlockwise seen from outside.

    They do if the pyramids from the middle of the mesh to the triangles have a positive volume in
    sum. That holds for a closed head and for a mask alike, whose middle lies behind the face.

    Args:
        vertices: (V, 3).
        faces: (F, 3).
    """
    corners = (vertices - vertices.mean(axis=0)).astype(np.float64)[faces]
    normals = np.cross(corners[:, 1], corners[:, 2])
    return bool((corners[:, 0] * normals).sum() >= 0)


def turned_outwards(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return the triangles, all turned round if they run clockwise seen from outside."""
    return faces if face_outwards(vertices, faces) else np.ascontiguousarray(faces[:, ::-1])
