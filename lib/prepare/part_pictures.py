"""The pictures of annotated faces: part masks in any PNG mode, photos as large as needed, maps.

The fast readers decode most files; whatever they cannot is left to `lib.images.read`, whose one
line says what is wrong with it.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from lib import images
from lib.files import one_line
from lib.prepare import plain_png
from lib.store import Rejected

_REDUCED = {
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    1: cv2.IMREAD_COLOR,
}
"""OpenCV's flags by the factor that a JPEG file's sides are divided by while it is decoded."""

_END_OF_JPEG = b"\xff\xd9"


def read_mask(folder: Path, file: str) -> np.ndarray:
    """Read the mask of a part: where the picture is not black.

    Of a palette the colours count, not their numbers: white is often number 225, and may be 0.
    Transparency is left out, for it would turn what is black into white.

    Args:
        folder: that holds the file.
        file: relative path.

    Returns:
        uint8 (height, width), above 0 where the part is.

    Raises:
        Rejected: naming the file, if it is missing or no whole picture.
    """
    data = _bytes(folder, file)
    grey = plain_png.decode(data)
    if grey is not None:
        return grey
    # Without IMREAD_COLOR a palette's colours become grey, and 16 bits stay what they are.
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYDEPTH) if data else None
    if decoded is None:
        decoded = _read(folder, file).max(axis=2)
    return decoded if decoded.dtype == np.uint8 else (decoded > 0).astype(np.uint8)


def read_photo(folder: Path, file: str, size: int) -> np.ndarray:
    """Read a square photo at a size.

    A JPEG file that is at least twice as large is decoded at a half, a quarter or an eighth; the
    rest is averaged over area.

    Args:
        folder: that holds the file.
        file: relative path.
        size: height and width wanted, pixels.

    Returns:
        uint8 (size, size, 3), RGB.

    Raises:
        Rejected: naming the file, if it is missing, no whole picture, or not square.
    """
    data = _bytes(folder, file)
    photo = _reduced(data, size) if data[:2] == b"\xff\xd8" else None
    if photo is None:
        photo = _read(folder, file)
    height, width = photo.shape[:2]
    if height != width:
        found = f"{one_line(file)}: found {width} x {height} pixels"
        raise Rejected(f"{found}; expected a square photo, as its annotation is")
    return images.resize(photo, size)


def read_label_map(folder: Path, file: str) -> np.ndarray:
    """Read a ready label map: the numbers in a grey picture, or those of a palette's colours.

    Args:
        folder: that holds the file.
        file: relative path.

    Returns:
        uint8 (height, width), as they are in the file.

    Raises:
        Rejected: naming the file, if it is missing, no whole picture, or in colours.
    """
    _bytes(folder, file)
    try:
        with warnings.catch_warnings(), Image.open(folder / file) as picture:
            warnings.simplefilter("ignore")
            numbers = np.asarray(picture)
            mode = picture.mode
    except Exception as error:  # broken files make Pillow's decoders raise nearly anything
        found = f"{one_line(file)}: the label map is damaged ({type(error).__name__})"
        raise Rejected(f"{found}; save it again") from error
    if mode == "RGB" and (numbers == numbers[..., :1]).all():
        numbers, mode = numbers[..., 0], "L"
    if mode not in ("L", "P") or numbers.dtype != np.uint8:
        found = f"{one_line(file)}: found a picture of mode {mode}"
        raise Rejected(f"{found}; expected class numbers 0..18 in one channel of 8 bits")
    return np.ascontiguousarray(numbers)


def _bytes(folder: Path, file: str) -> bytes:
    try:
        return (folder / file).read_bytes()
    except OSError as error:
        raise Rejected(f"{one_line(file)}: cannot be read ({one_line(error.strerror)})") from error


def _read(folder: Path, file: str) -> np.ndarray:
    try:
        return images.read(folder / file)
    except images.PictureError as error:
        raise Rejected(f"{one_line(file)}: {error.reason}") from error


def _reduced(data: bytes, size: int) -> np.ndarray | None:
    """Decode a whole JPEG file no larger than needed; None where the strict reader must look."""
    if not data.rstrip(b"\0").endswith(_END_OF_JPEG):
        return None  # OpenCV would fill what is missing with grey
    side = _jpeg_side(data)
    factor = next((factor for factor in _REDUCED if side >= 2 * factor * size), 1)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[factor])
    return None if decoded is None else cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)


def _jpeg_side(data: bytes) -> int:
    """Return the shorter side of a JPEG file (ITU-T T.81, B.2.2), 0 where it does not say."""
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = data[place + 5 : place + 7], data[place + 7 : place + 9]
            return min(int.from_bytes(height, "big"), int.from_bytes(width, "big"))
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return 0
