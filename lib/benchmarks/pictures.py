"""Hostile pictures: files as users really have them, and what `lib.images.read` makes of each.

``python -m lib.benchmarks.pictures`` makes them in a temporary folder, prints one row for each, and
then reads the whole folder in one walk.
"""

from __future__ import annotations

import io
import os
import struct
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas
from PIL import Image

from lib.images import PictureError, read, read_folder

HEIGHT, WIDTH = 24, 36
ROWS, COLUMNS = np.mgrid[0:HEIGHT, 0:WIDTH]
REFERENCE = np.stack([COLUMNS * 7, ROWS * 10, 255 - COLUMNS * 7], axis=-1).astype(np.uint8)
"""The picture in most of the files: ramps, so that every turn and every mix-up shows."""

GREY = np.repeat(REFERENCE[:, :, :1], 3, axis=2)
CYAN = np.broadcast_to(np.uint8([0, 255, 255]), REFERENCE.shape)
HALF_RED_ON_WHITE = np.broadcast_to(np.uint8([255, 127, 127]), REFERENCE.shape)
CHECKERS = np.where((ROWS + COLUMNS)[:, :, None] % 2, np.uint8(255), np.uint8(0)).repeat(3, axis=2)

Maker = Callable[[Path], object]


@dataclass(frozen=True)
class Case:
    """A hostile file.

    Attributes:
        name: the file's name.
        make: writes it at a path.
        expected: the right picture, uint8 (height, width, 3); or a part of the right error line.
        tolerance: grey levels that the picture may be off by, where the format loses some.
    """

    name: str
    make: Maker
    expected: np.ndarray | str
    tolerance: int = 0


def cases() -> list[Case]:
    """Return all hostile files, readable ones first."""
    return [
        *(
            Case(f"orientation_{tag}.png", _oriented(tag, store), REFERENCE)
            for tag, store in STORED.items()
        ),
        Case(
            "orientation_6.jpg", _oriented(6, STORED[6], quality=100, subsampling=0), REFERENCE, 4
        ),
        Case("orientation_6.tiff", _oriented_tiff, REFERENCE),
        Case("grey.png", _pillow(REFERENCE[:, :, 0]), GREY),
        Case("palette.png", _palette, GREY),
        Case("one_bit.png", _one_bit, CHECKERS),
        Case("alpha.png", _pillow(_half_red()), HALF_RED_ON_WHITE, tolerance=1),
        Case("palette_transparent.gif", _transparent_palette, np.full_like(GREY, 255)),
        Case("cmyk.jpg", _cmyk, CYAN, tolerance=3),
        Case("grey_16_bit.png", _opencv(REFERENCE[:, :, 0]), GREY),
        Case("colour_16_bit.png", _opencv(REFERENCE[:, :, ::-1]), REFERENCE),
        Case("colour_16_bit.tiff", _opencv(REFERENCE[:, :, ::-1]), REFERENCE),
        Case("float.tiff", _pillow(REFERENCE[:, :, 0] / np.float32(255)), GREY),
        Case("animated.gif", _animated, CHECKERS),
        Case("animated.png", _animated, CHECKERS),
        Case("Gesicht \u2013 \u9854 no 1.png", _pillow(REFERENCE), REFERENCE),
        Case("UPPER.PNG", _pillow(REFERENCE), REFERENCE),
        Case("png_inside.jpg", _png_bytes, REFERENCE),
        Case("empty.jpg", Path.touch, "the file is empty"),
        Case("text.jpg", _bytes(b"<html>404 not found</html>"), "no picture format begins with"),
        Case("truncated.jpg", _truncated("JPEG"), "damaged or cut off"),
        Case("truncated.png", _truncated("PNG"), "damaged or cut off"),
        Case("truncated_16_bit.png", _truncated_deep, "damaged or cut off"),
        Case("header_only.png", _bytes(b"\x89PNG\r\n\x1a\n"), "no picture format begins with"),
        Case("huge_header.png", _header(60_000, 60_000), "pixels"),
        Case("not_a_number.tiff", _pillow(np.full((4, 4), np.nan, np.float32)), "rescale them"),
        Case("missing.jpg", lambda path: None, "there is no such file"),
        Case("folder.jpg", Path.mkdir, "this is a folder"),
        Case("loop.jpg", lambda path: path.symlink_to(path.name), "links form a loop"),
        Case("dangling.jpg", lambda path: path.symlink_to("nowhere"), "there is no such file"),
        *([Case("pipe.jpg", os.mkfifo, "a pipe or a device")] if hasattr(os, "mkfifo") else []),
        Case(
            "forbidden.png", _forbidden, REFERENCE if is_root() else "permission to read is denied"
        ),
    ]


def measure(folder: Path) -> pandas.DataFrame:
    """Make every case in a folder and read it.

    Returns:
        One row for each case: its name, what was expected, whether it came, and what came.
    """
    rows = []
    for case in cases():
        path = folder / case.name
        case.make(path)
        expected = case.expected if isinstance(case.expected, str) else case.expected.shape
        try:
            picture = read(path)
        except PictureError as error:
            got, right = error.reason, str(expected) in str(error)
        else:
            got, right = picture.shape, is_right(case, picture)
        rows.append({"case": case.name, "expected": expected, "right": right, "got": got})
    return pandas.DataFrame(rows)


def is_root() -> bool:
    """Tell whether this process may read every file, whatever its permissions."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def is_right(case: Case, picture: np.ndarray) -> bool:
    """Tell whether the picture read is the one expected."""
    if isinstance(case.expected, str) or picture.shape != case.expected.shape:
        return False
    difference = np.abs(picture.astype(int) - case.expected)
    return int(difference.max()) <= case.tolerance


def main() -> None:
    """Print the table of cases, then the walk over the folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = measure(folder)
        print_left(table)
        print(f"\n{table.right.sum()} of {len(table)} right")
        if is_root():
            print("forbidden.png is read all the same: root may read every file")
        number = sum(1 for _ in read_folder(folder))
        rejected = pandas.read_csv(folder / "rejected.csv")
        print(f"read_folder gave {number} pictures and went on past {len(rejected)}:\n")
        print_left(rejected)


def print_left(table: pandas.DataFrame) -> None:
    """Print a table, every column but the last padded to its longest entry."""
    lines = [list(table.columns), *table.astype(str).to_numpy().tolist()]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = zip(line[:-1], widths, strict=False)
        print("  ".join([*(cell.ljust(width) for cell, width in cells), line[-1]]))


STORED: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: np.fliplr,
    3: lambda upright: np.rot90(upright, 2),
    4: np.flipud,
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: np.rot90(upright.transpose(1, 0, 2), 2),
    8: lambda upright: np.rot90(upright, -1),
}
"""How a camera stores an upright picture under each EXIF orientation tag."""


def _oriented(tag: int, store: Callable[[np.ndarray], np.ndarray], **options: int) -> Maker:
    exif = Image.Exif()
    exif[0x0112] = tag
    stored = Image.fromarray(np.ascontiguousarray(store(REFERENCE)))
    return lambda path: stored.save(path, exif=exif, **options)


def _oriented_tiff(path: Path) -> None:
    stored = np.ascontiguousarray(STORED[6](REFERENCE))
    Image.fromarray(stored).save(path, tiffinfo={0x0112: 6})


def _pillow(pixels: np.ndarray) -> Maker:
    return lambda path: Image.fromarray(np.ascontiguousarray(pixels)).save(path)


def _half_red() -> np.ndarray:
    return np.broadcast_to(np.uint8([255, 0, 0, 128]), (HEIGHT, WIDTH, 4))


def _palette(path: Path) -> None:
    Image.fromarray(REFERENCE[:, :, 0]).convert("P").save(path)


def _one_bit(path: Path) -> None:
    Image.fromarray(CHECKERS[:, :, 0]).convert("1").save(path)


def _transparent_palette(path: Path) -> None:
    Image.new("P", (WIDTH, HEIGHT), 0).save(path, transparency=0)


def _cmyk(path: Path) -> None:
    Image.new("CMYK", (WIDTH, HEIGHT), (255, 0, 0, 0)).save(path, quality=95)


def _opencv(pixels: np.ndarray) -> Maker:
    deep = np.maximum(pixels.astype(int) * 257 - 100, 0).astype(np.uint16)  # rounds to pixels
    return lambda path: path.write_bytes(cv2.imencode(path.suffix, deep)[1].tobytes())


def _animated(path: Path) -> None:
    frames = [Image.fromarray(frame) for frame in (CHECKERS, 255 - CHECKERS, CHECKERS // 2)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)


def _bytes(content: bytes) -> Maker:
    return lambda path: path.write_bytes(content)


def _encoded(format_name: str) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, format_name)
    return buffer.getvalue()


def _png_bytes(path: Path) -> None:
    Image.fromarray(REFERENCE).save(path, "PNG")


def _truncated(format_name: str) -> Maker:
    encoded = _encoded(format_name)
    return lambda path: path.write_bytes(encoded[: len(encoded) // 2])


def _truncated_deep(path: Path) -> None:
    _opencv(np.random.default_rng(0).integers(0, 256, (64, 64, 3)))(path)
    path.write_bytes(path.read_bytes()[:4000])


def _header(width: int, height: int) -> Maker:
    """Return the maker of a PNG file that claims a size and holds no pixels."""

    def _chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    content = b"\x89PNG\r\n\x1a\n" + header + _chunk(b"IDAT", b"") + _chunk(b"IEND", b"")
    return lambda path: path.write_bytes(content)


def _forbidden(path: Path) -> None:
    Image.fromarray(REFERENCE).save(path)
    path.chmod(0)


if __name__ == "__main__":
    main()
