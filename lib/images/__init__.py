"""Pictures: reading and writing files, changing their size, and the way into a network and back.

A picture is RGB, uint8 (height, width, 3) with values 0..255 on disk and in memory, and float32 in
[-1, 1] inside networks. This module knows nothing of faces.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from lib.files import replacing
from lib.images.reading import SUFFIXES, PictureError, read, read_folder

__all__ = [
    "SUFFIXES",
    "PictureError",
    "crop",
    "encode_jpeg",
    "encode_png",
    "grid",
    "read",
    "read_folder",
    "resize",
    "to_network",
    "to_picture",
    "write",
]

FORMATS = {
    ".bmp": "BMP",
    ".jpeg": "JPEG",
    ".jpg": "JPEG",
    ".png": "PNG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WEBP",
}
"""Pillow's name for the format of each suffix that `write` knows."""


def write(path: str | os.PathLike, picture: np.ndarray, quality: int = 95) -> None:
    """Write a picture in the format that the suffix names; the file appears whole or not at all.

    Args:
        path: one of the suffixes of `FORMATS`. Missing folders are made.
        picture: uint8 (height, width, 3), RGB.
        quality: 1..100, for JPEG and WebP.

    Raises:
        PictureError: if the suffix is unknown or the array is not a picture.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise PictureError(path, f"unknown suffix {suffix!r}", f"use one of {', '.join(FORMATS)}")
    encoded = _encode(picture, FORMATS[suffix], path, quality=quality)
    with replacing(path) as temporary:
        temporary.write_bytes(encoded)


def encode_png(picture: np.ndarray) -> bytes:
    """Return the picture, uint8 (height, width, 3), as the bytes of a PNG file."""
    return _encode(picture, "PNG")


def encode_jpeg(picture: np.ndarray, quality: int = 90) -> bytes:
    """Return the picture, uint8 (height, width, 3), as a JPEG file of this quality, 1..100."""
    return _encode(picture, "JPEG", quality=quality)


def resize(picture: np.ndarray, size: int | tuple[int, int], nearest: bool = False) -> np.ndarray:
    """Change the size, without aliasing: each axis that shrinks is averaged over its area.

    Args:
        picture: (height, width) or (height, width, channels), uint8 or float32.
        size: new (height, width), or one number for a square.
        nearest: copy the nearest pixel instead, as label maps and masks need.

    Returns:
        The same dtype and number of axes. An axis that grows is interpolated bicubically
            (with OpenCV's kernel, a = -0.75).
    """
    height, width = (size, size) if isinstance(size, int) else size
    picture = np.ascontiguousarray(picture)
    if nearest:
        return _resample(picture, height, width, cv2.INTER_NEAREST_EXACT)
    shrunk = min(height, picture.shape[0]), min(width, picture.shape[1])
    picture = _resample(picture, *shrunk, cv2.INTER_AREA)
    return _resample(picture, height, width, cv2.INTER_CUBIC)


def crop(
    picture: np.ndarray,
    box: Sequence[float],
    mode: Literal["edge", "constant"] = "edge",
    value: int = 0,
) -> np.ndarray:
    """Cut a box out of a picture; the box may reach beyond the picture.

    Args:
        picture: (height, width) or (height, width, channels), of any dtype.
        box: left, top, right, bottom in pixels, rounded; right and bottom are not included.
        mode: fill what lies outside with the nearest pixel ("edge") or with ``value``.
        value: the filling of mode "constant".

    Returns:
        An array of its own, (bottom - top, right - left) and any channels.

    Raises:
        ValueError: if the box is empty or the mode unknown.
    """
    left, top, right, bottom = (round(side) for side in box)
    if left >= right or top >= bottom:
        raise ValueError(f"box {tuple(box)} is empty; expected left < right and top < bottom")
    if mode not in ("edge", "constant"):
        raise ValueError(f"unknown mode {mode!r}; use 'edge' or 'constant'")
    rows, columns = np.arange(top, bottom), np.arange(left, right)
    inside_rows = rows.clip(0, picture.shape[0] - 1)
    inside_columns = columns.clip(0, picture.shape[1] - 1)
    cut = picture[np.ix_(inside_rows, inside_columns)]
    if mode == "constant":
        cut[rows != inside_rows] = value
        cut[:, columns != inside_columns] = value
    return cut


def to_network(pictures: np.ndarray) -> np.ndarray:
    """Scale grey levels to what networks work with.

    Args:
        pictures: uint8, any shape.

    Returns:
        float32 in [-1, 1], of the same shape.

    Raises:
        ValueError: for another type, such as a picture scaled to 0..1 already.
    """
    found = np.asarray(pictures).dtype
    if found != np.uint8:
        raise ValueError(
            f"found {found}, expected uint8, 0..255: (255 * p).round().astype('uint8') for 0..1"
        )
    return np.asarray(pictures, np.float32) / np.float32(127.5) - np.float32(1)


def to_picture(tensor: np.ndarray) -> np.ndarray:
    """Scale network values back to uint8: the exact inverse of `to_network`.

    Args:
        tensor: any shape, from any backend; values beyond [-1, 1] are clipped, NaN becomes 0.

    Returns:
        uint8, rounded to the nearest level.
    """
    if hasattr(tensor, "detach"):  # torch keeps gradients and devices to itself
        tensor = tensor.detach().cpu()
    levels = (np.asarray(tensor).astype(np.float32) + 1) * 127.5
    return np.rint(np.nan_to_num(levels, nan=0.0).clip(0, 255)).astype(np.uint8)


def grid(
    pictures: Sequence[np.ndarray], columns: int, gap: int = 2, background: int = 255
) -> np.ndarray:
    """Lay equal pictures out on a sheet, row by row.

    Args:
        pictures: uint8 (number, height, width, 3), or a list of as many.
        columns: pictures in a row.
        gap: pixels between two neighbours.
        background: grey level of gaps and empty places.

    Returns:
        uint8 (sheet height, sheet width, 3).

    Raises:
        ValueError: if there is no picture, or they differ in shape.
    """
    shapes = {np.shape(picture) for picture in pictures}
    if len(shapes) != 1 or columns < 1:
        found = f"{columns} columns and pictures of shapes {sorted(shapes)}"
        raise ValueError(f"a grid needs equal pictures and a column; found {found}")
    height, width, channels = shapes.pop()
    rows = math.ceil(len(pictures) / columns)
    sheet = np.full(
        (rows * (height + gap) - gap, columns * (width + gap) - gap, channels), background, np.uint8
    )
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        top, left = row * (height + gap), column * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def _resample(picture: np.ndarray, height: int, width: int, method: int) -> np.ndarray:
    """Resize with one of OpenCV's methods, keeping a channel axis of length one."""
    if picture.shape[:2] == (height, width):
        return picture.copy()
    resized = cv2.resize(picture, (width, height), interpolation=method)
    return resized.reshape(height, width, *picture.shape[2:])


def _encode(
    picture: np.ndarray, format_name: str, name: str | os.PathLike = "picture", **options: int
) -> bytes:
    """Encode a picture; an array that is none is refused under the name given."""
    picture = np.asarray(picture)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        found = f"the array is {picture.dtype} {picture.shape}"
        raise PictureError(name, found, "give uint8 (height, width, 3)")
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format_name, **options)
    return buffer.getvalue()
