"""The one way in for pictures: any file becomes RGB uint8, or one line that says why not."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError
from tqdm.auto import tqdm

from lib.files import one_line, write_csv

SUFFIXES = frozenset(
    {
        ".avif",
        ".bmp",
        ".gif",
        ".jp2",
        ".jpeg",
        ".jpg",
        ".mpo",
        ".pgm",
        ".png",
        ".ppm",
        ".tga",
        ".tif",
        ".tiff",
        ".webp",
    }
)
"""The file name endings that `read_folder` takes for pictures."""

ORIENTATION = 0x0112  # the EXIF tag
UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: stored.swapaxes(0, 1)[:, ::-1],
    7: lambda stored: stored.swapaxes(0, 1)[::-1, ::-1],
    8: lambda stored: stored.swapaxes(0, 1)[::-1],
}
"""How a stored picture is turned upright, by EXIF orientation (EXIF 2.3, section 4.6.4)."""


class PictureError(ValueError):
    """A file that gives no picture: one line that names it, says why, and what to do."""

    def __init__(self, path: str | os.PathLike, found: str, remedy: str):
        super().__init__(f"{one_line(path)}: {one_line(found)}; {remedy}")
        self.reason = f"{one_line(found)}; {remedy}"


_LIMIT = threading.Lock()


def read(path: str | os.PathLike, max_pixels: int = 100_000_000) -> np.ndarray:
    """Read any picture file as upright RGB.

    EXIF orientation is applied; transparent pixels show white; of an animation the first frame is
    taken; 16-bit values are divided by 257 (not cut off), float values in 0..1 multiplied by 255.

    Args:
        path: a file in any format that Pillow opens.
        max_pixels: refuse larger pictures before a pixel is decoded.

    Returns:
        uint8 (height, width, 3), contiguous.

    Raises:
        PictureError: if there is no such file, or it is no whole picture.
    """
    _require_file(path)
    try:
        with _open(path) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise PictureError(
                    path,
                    f"{width} x {height} pixels are more than max_pixels={max_pixels:,}",
                    "shrink the picture or raise the limit",
                )
            pixels = np.asarray(_opaque(_eight_bits(image, path)))
            return np.ascontiguousarray(_turn_upright(pixels, image))
    except PictureError:
        raise
    except UnidentifiedImageError:
        with open(path, "rb") as file:
            found = f"no picture format begins with {file.read(12)!r}"
        raise PictureError(path, found, "convert it to PNG or JPEG") from None
    except PermissionError:
        raise PictureError(path, "permission to read is denied", "chmod or copy it") from None
    # Broken files make Pillow's decoders raise nearly anything: struct.error, IndexError ...
    except Exception as error:
        found = f"the picture is damaged or cut off ({type(error).__name__}: {error})"
        raise PictureError(path, found, "fetch or save it again") from error


def read_folder(
    folder: str | os.PathLike,
    rejected: str | os.PathLike | None = None,
    suffixes: Collection[str] = SUFFIXES,
    recursive: bool = True,
    progress: bool = True,
) -> Iterator[tuple[Path, np.ndarray]]:
    """Read all pictures of a folder, passing over those that cannot be read.

    Args:
        folder: where the pictures lie. Hidden files and links to folders are not followed.
        rejected: the CSV file (columns file, reason) that lists what was passed over, written
            when the walk ends; ``rejected.csv`` in the folder by default. Without rejections
            there is no such file.
        suffixes: lower-case file name endings to read.
        recursive: whether to look into sub-folders too.
        progress: whether to show a bar, and at the end one line with the counts.

    Yields:
        Path of the file and its picture, uint8 (height, width, 3), sorted by path.

    Raises:
        PictureError: if the folder itself cannot be listed.
    """
    folder = Path(folder)
    rejected = folder / "rejected.csv" if rejected is None else Path(rejected)
    rows: list[tuple[str, str]] = []
    number_read = 0
    try:
        for path in tqdm(_find(folder, suffixes, recursive), "reading", disable=not progress):
            try:
                picture = read(path)
            except PictureError as error:
                rows.append((one_line(path.relative_to(folder)), error.reason))
                continue
            number_read += 1
            yield path, picture
    finally:
        _write_rejected(rejected, rows)
        if progress:
            where = f", listed in {one_line(rejected)}" if rows else ""
            tqdm.write(f"{number_read} pictures read, {len(rows)} rejected{where}")


def _require_file(path: str | os.PathLike) -> None:
    """Refuse what is not a regular file; opening a pipe, for one, would wait for ever."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        raise PictureError(path, "there is no such file", "check the path") from None
    except OSError as error:
        loop = error.errno == errno.ELOOP
        found = "the symbolic links form a loop" if loop else error.strerror
        raise PictureError(path, found, "check the path") from None
    except ValueError as error:  # a null byte in the name
        raise PictureError(path, str(error), "check the path") from None
    if stat.S_ISDIR(mode):
        raise PictureError(path, "this is a folder", "use read_folder or name a file in it")
    if not stat.S_ISREG(mode):
        raise PictureError(path, "this is a pipe or a device, not a file", "copy it to a file")
    if os.path.getsize(path) == 0:
        raise PictureError(path, "the file is empty", "fetch or save it again")


def _eight_bits(image: Image.Image, path: str | os.PathLike) -> Image.Image:
    """Decode the first frame to 8 bits a channel, scaling deeper pixels to fit."""
    deep_colour = any(";16" in str(tile[3]) for tile in image.tile) and image.mode[0] != "I"
    image.load()
    if deep_colour:
        return _deep_colour(path) or image
    if image.mode == "F":
        values = np.asarray(image, np.float64)
        return _grey(values * 255 if values.max() <= 1 else values, 255, path)
    if image.mode[0] == "I":
        return _grey(np.asarray(image, np.float64), 65535, path)
    return image


def _deep_colour(path: str | os.PathLike) -> Image.Image | None:
    """Read 16-bit colour with OpenCV, because Pillow drops the low byte."""
    deep = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if deep is None or deep.dtype != np.uint16 or deep.ndim != 3:
        return None
    order = cv2.COLOR_BGRA2RGBA if deep.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return Image.fromarray(np.rint(cv2.cvtColor(deep, order) / 257).astype(np.uint8))


def _grey(values: np.ndarray, highest: int, path: str | os.PathLike) -> Image.Image:
    """Scale grey values from 0..highest to 0..255."""
    lowest_found, highest_found = values.min(), values.max()
    if not (lowest_found >= 0 and highest_found <= highest):  # also false for NaN
        found = f"grey values from {lowest_found:g} to {highest_found:g}, not 0 to {highest}"
        raise PictureError(path, found, "rescale them")
    return Image.fromarray(np.rint(values * (255 / highest)).astype(np.uint8))


def _opaque(image: Image.Image) -> Image.Image:
    """Convert any 8-bit mode to RGB, transparent pixels laid over white."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _turn_upright(pixels: np.ndarray, image: Image.Image) -> np.ndarray:
    """Apply the EXIF orientation; for TIFF the decoders have done so and taken the tag away."""
    return UPRIGHT.get(image.getexif().get(ORIENTATION, 1), lambda stored: stored)(pixels)


def _find(folder: Path, suffixes: Collection[str], recursive: bool) -> list[Path]:
    """List the visible files with one of the suffixes, sorted by path."""
    if not folder.is_dir():
        raise PictureError(folder, "there is no such folder", "check the path")
    found = []
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if recursive and not name.startswith(".")]
        found += [Path(where, name) for name in names if not name.startswith(".")]
    return sorted(path for path in found if path.suffix.lower() in suffixes)


def _open(path: str | os.PathLike) -> Image.Image:
    """Open a picture with `max_pixels` as the only limit: Pillow's own is a global one."""
    with _LIMIT:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(path)
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _write_rejected(path: Path, rows: list[tuple[str, str]]) -> None:
    """List what was passed over; without rejections a list from an earlier walk goes."""
    if not rows:
        path.unlink(missing_ok=True)
        return
    columns = ("file", "reason")
    write_csv(path, columns, [dict(zip(columns, row, strict=True)) for row in rows])
