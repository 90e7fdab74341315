"""Hats: a knitted beanie with a fold, or a cap with a brim, laid over the skull."""

from __future__ import annotations

import numpy as np

from lib.scene.kinds import Kind
from lib.scene.look import Hat
from lib.scene.parts.grids import grid_normals, grid_triangles
from lib.scene.parts.part import Part
from lib.scene.parts.profiles import smooth_step

THICKNESS = 5.5
"""Of wool and the hair pressed under it, mm."""
FOLD = 26.0
"""Height of a beanie's fold, mm."""
_ROWS = 22
_SHARES = np.concatenate([np.linspace(0.0, 0.62, 9), np.linspace(0.67, 1.0, 13)])
_BRIM_ROWS = 6
_BRIM_SPAN = 0.36
"""Part of the way round to the back that a brim takes, on either side."""


def edge_height(line: float, turn: np.ndarray) -> np.ndarray:
    """Return the height of a hat's lower edge, mm.

    Args:
        line: its height in front, mm.
        turn: round the head, -1 to 1: 0 in front, ±1 behind.

    Returns:
        Heights in the shape of turn: the edge clears the ears and reaches down to the nape.
    """
    ahead = np.cos(np.pi * turn)
    sides = max(line - 14.0, 24.0)
    return sides + np.where(ahead > 0.0, (line - sides) * ahead, (sides - 6.0) * ahead)


def _turn(skull: np.ndarray, line: float) -> np.ndarray:
    """Return where round the head the skull's columns lie at a height, -1 to 1 (columns,)."""
    row = skull[int((skull[:, skull.shape[1] // 2, 1] > line).sum())]
    turn = np.arctan2(row[:, 0], row[:, 2]) / np.pi
    turn[[0, -1]] = -1.0, 1.0
    return turn


def _cut(skull: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """Resample each column of the skull from the crown down to its edge, (_ROWS, columns, 3)."""
    below = (skull[..., 1] > edge).sum(axis=0)
    below = np.clip(below, 1, len(skull) - 1)
    columns = np.arange(skull.shape[1])
    above_height, below_height = skull[below - 1, columns, 1], skull[below, columns, 1]
    share = np.clip((above_height - edge) / (above_height - below_height + 1e-6), 0.0, 1.0)
    row = _SHARES[:, None] * (below - 1 + share)
    first = np.minimum(row.astype(int), len(skull) - 2)
    part = (row - first)[..., None]
    return skull[first, columns] * (1 - part) + skull[first + 1, columns] * part


def _fit_over(surface: np.ndarray, hat: Hat) -> np.ndarray:
    """Lift the skull's surface to the outside of the hat."""
    normals = grid_normals(surface)
    normals[0] = (0.0, 1.0, 0.0)
    normals[:, [0, -1]] = (normals[:, [0, -1]] * (0.0, 1.0, 1.0)).mean(axis=1, keepdims=True)
    over_edge = surface[..., 1] - surface[-1, :, 1]
    lift = THICKNESS + hat.puff * np.sin(np.pi * np.clip(over_edge / 95.0, 0.0, 1.0))
    if hat.brim == 0.0:
        lift += hat.cuff * smooth_step(over_edge, FOLD + 2.0, FOLD - 2.0)
    outside = surface + normals * lift[..., None]
    outside[..., 1] += 0.8 * hat.puff * smooth_step(over_edge, 30.0, 80.0)
    return outside


def make_hat(skull: np.ndarray, hat: Hat) -> list[Part]:
    """Make a hat.

    Args:
        skull: (rows, columns, 3) surface of the head: see `Sites.skull`.
        hat: its shape.

    Returns:
        A HAT part, open below with its edge turned in to the skin, and a second one for the brim
        if it has one. Coordinates: round the head in mm (as if it had a radius of 75 mm, 0 in
        front, positive to the subject's left); the height over the edge in mm, negative on the
        brim.
    """
    turn = _turn(skull, hat.line)
    surface = _cut(skull, edge_height(hat.line, turn))
    outside = _fit_over(surface, hat)
    lip = surface[-1] - 0.4 * (outside[-1] - surface[-1])
    rolled = outside[-1] + (lip - outside[-1]) * 0.25 - np.array([0.0, 1.6, 0.0])
    vertices = np.concatenate([outside, rolled[None], lip[None]])
    height = outside[..., 1] - outside[-1, :, 1]
    height = np.concatenate([height, np.full((2, len(turn)), -0.5)])
    coordinates = np.stack(np.broadcast_arrays(236.0 * turn, height), axis=-1)
    parts = [
        Part(
            Kind.HAT,
            vertices.reshape(-1, 3).astype(np.float32),
            grid_triangles(_ROWS + 2, len(turn)),
            coordinates.reshape(-1, 2).astype(np.float32),
        )
    ]
    if hat.brim > 0.0:
        parts.append(_make_brim(outside[-1], turn, hat.brim))
    return parts


def _make_brim(edge: np.ndarray, turn: np.ndarray, length: float) -> Part:
    """Make a cap's brim: a curved plate with two sides that grows from the front of the edge."""
    front = np.abs(turn) < _BRIM_SPAN
    root, across = edge[front], turn[front] / _BRIM_SPAN
    out = np.linspace(0.0, 1.0, _BRIM_ROWS)[:, None]
    reach = length * np.sqrt(1.0 - np.abs(across) ** 2.4)
    x = root[:, 0] * (1.0 - 0.08 * out)
    hang = 6.0 * out**1.4 + 14.0 * across**2 * out
    y = root[:, 1] + (2.5 - hang) * reach / length
    z = root[:, 2] - 2.0 + reach * out
    top = np.stack([x, y, z], axis=-1)
    vertices = np.concatenate([top, top[::-1] - (0.0, 2.2, 0.0)])
    height = np.broadcast_to(-10.0 - 10.0 * np.concatenate([out, out[::-1]]), vertices.shape[:2])
    coordinates = np.stack(np.broadcast_arrays(236.0 * turn[front], height), axis=-1)
    return Part(
        Kind.HAT,
        vertices.reshape(-1, 3).astype(np.float32),
        grid_triangles(2 * _BRIM_ROWS, len(across)),
        coordinates.reshape(-1, 2).astype(np.float32),
    )
