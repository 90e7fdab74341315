"""A fast reader for the plainest PNG files: 8-bit grey, or grey stored as RGB, as part masks are.

A mask of 512 x 512 pixels is a few kilobytes on the disk and 786 kB as RGB, nearly all of it runs
of equal bytes. OpenCV takes 1.9 ms to read one, most of it in zlib, and a face of CelebAMask-HQ has
twelve of them. Unpacking here leaves zeros where they lie already, and of three equal channels one
is made: 0.4 ms. Whatever is not plain, or not whole, is left to an ordinary reader.

Formats: PNG (ISO/IEC 15948, sections 5 and 9) and DEFLATE (RFC 1951).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numba
import numpy as np

from lib import images, scene  # noqa: F401 - says where compiled code is kept

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 1 << 24
"""Larger pictures are no masks of faces, and not worth the risk of a forged size."""

_LENGTH_BASE = np.array(
    [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
     163, 195, 227, 258], np.int64
)  # fmt: skip
_LENGTH_BITS = np.array([0] * 8 + [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4 + [0], np.int64)
_DISTANCE_BITS = np.array([0, 0, *(number // 2 for number in range(28))], np.int64)
_DISTANCE_BASE = np.concatenate([[1], 1 + np.cumsum(1 << _DISTANCE_BITS)[:-1]]).astype(np.int64)
_CODE_ORDER = np.array([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15], np.int64)
_LONGEST = 15  # bits of a code

_FIXED = np.array([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8, np.int64)  # RFC 1951, 3.2.6


def decode(data: bytes) -> np.ndarray | None:
    """Decode a plain PNG file.

    Args:
        data: the file.

    Returns:
        uint8 (height, width), the grey levels; None for a file of another kind, one whose colours
        are no greys, or one that is damaged or cut off.
    """
    chunks = dict.fromkeys((b"IHDR", b"IDAT", b"IEND"), b"")
    for name, content in _chunks(data):
        chunks[name] = chunks.get(name, b"") + content
        if name == b"IEND" and len(chunks[b"IHDR"]) == 13 and len(chunks[b"IDAT"]) > 6:
            return _picture(chunks[b"IHDR"], chunks[b"IDAT"])
    return None


def compile_reader() -> None:
    """Read one tiny file, so that processes started later find the reader compiled."""
    decode(images.encode_png(np.zeros((8, 8, 3), np.uint8)))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of the chunks whose checksum is right, up to the first that is not."""
    place = len(SIGNATURE) if data.startswith(SIGNATURE) else len(data)
    while place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        body, end = data[place + 4 : place + 8 + length], place + 12 + length
        if end > len(data) or zlib.crc32(body) != struct.unpack_from(">I", data, end - 4)[0]:
            return
        yield body[:4], body[4:]
        place = end


def _picture(header: bytes, packed: bytes) -> np.ndarray | None:
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", header)
    plain = depth == 8 and colour in (0, 2) and rest == [0, 0, 0]
    if not plain or not 0 < width * height <= MOST_PIXELS:
        return None
    channels = 3 if colour == 2 else 1
    rows = np.zeros(height * (width * channels + 1), np.uint8)
    # Two bytes of header and four of checksum; zeros behind, for the reader looks bits ahead.
    source = np.frombuffer(packed[2:-4] + bytes(8), np.uint8)
    if _inflate(source, len(packed) - 6, rows) != len(rows):
        return None
    grey = np.zeros((height, width), np.uint8)
    return grey if _unfilter(rows.reshape(height, -1), grey, channels) else None


@numba.njit(cache=True)
def _table(lengths, table):
    """Fill the table that gives for the next 15 bits a symbol * 16 + the length of its code."""
    table[:] = -1
    code = 0
    for length in range(1, _LONGEST + 1):
        for symbol in range(len(lengths)):
            if lengths[symbol] != length:
                continue
            turned = 0  # codes are stored with their first bit lowest
            for bit in range(length):
                turned |= ((code >> bit) & 1) << (length - 1 - bit)
            for place in range(turned, 1 << _LONGEST, 1 << length):
                table[place] = symbol * 16 + length
            code += 1
            if code > 1 << length:
                return False
        code <<= 1
    return True


@numba.njit(cache=True)
def _bits(source, place, number):
    """Return some of the bits from a place on, at most 24."""
    byte = place >> 3
    word = np.int64(0)
    for offset in range(4):
        if byte + offset < len(source):
            word |= np.int64(source[byte + offset]) << (8 * offset)
    return (word >> (place & 7)) & ((1 << number) - 1)


@numba.njit(cache=True)
def _read_codes(source, place, literals, distances):
    """Read the codes of a dynamic block (RFC 1951, 3.2.7); return the place after them, or -1."""
    number, far = _bits(source, place, 5) + 257, _bits(source, place + 5, 5) + 1
    count = _bits(source, place + 10, 4) + 4
    place += 14
    lengths = np.zeros(320, np.int64)
    for index in range(count):
        lengths[_CODE_ORDER[index]] = _bits(source, place, 3)
        place += 3
    if not _table(lengths[:19], literals):
        return -1
    lengths[:] = 0
    index = 0
    while index < number + far:
        entry = literals[_bits(source, place, _LONGEST)]
        if entry < 0 or place > 8 * len(source):
            return -1
        place += entry & 15
        symbol, value, times = entry >> 4, entry >> 4, 1
        if symbol >= 16:
            extra = 2 if symbol == 16 else (3 if symbol == 17 else 7)
            times = _bits(source, place, extra) + (11 if symbol == 18 else 3)
            place += extra
            value = lengths[index - 1] if symbol == 16 and index else 0
        if index + times > number + far:
            return -1
        lengths[index : index + times] = value
        index += times
    whole = _table(lengths[:number], literals)
    return place if whole and _table(lengths[number : number + far], distances) else -1


@numba.njit(cache=True)
def _copy(target, written, distance, length):
    """Repeat what was written before; zeros are there already."""
    start = written - distance
    if distance == 1:
        value = target[start]
        if value:
            target[written : written + length] = value
        return
    for offset in range(length):
        target[written + offset] = target[start + offset]


@numba.njit(cache=True)
def _read_block(source, end, place, target, written, literals, distances):
    """Unpack a block with codes; return the place after it, or -1, and how much is written."""
    while place <= end:
        entry = literals[_bits(source, place, _LONGEST)]
        if entry < 0:
            return -1, written
        place += entry & 15
        symbol = entry >> 4
        if symbol == 256:
            return place, written
        if symbol < 256:
            if written >= len(target):
                return -1, written
            target[written] = symbol
            written += 1
            continue
        length = distance = 0
        if symbol - 257 < len(_LENGTH_BASE):
            extra = _LENGTH_BITS[symbol - 257]
            length = _LENGTH_BASE[symbol - 257] + _bits(source, place, extra)
            place += extra
            entry = distances[_bits(source, place, _LONGEST)]
            if entry >= 0 and entry >> 4 < len(_DISTANCE_BASE):
                place += entry & 15
                extra = _DISTANCE_BITS[entry >> 4]
                distance = _DISTANCE_BASE[entry >> 4] + _bits(source, place, extra)
                place += extra
        if not 0 < distance <= written or written + length > len(target):
            return -1, written
        _copy(target, written, distance, length)
        written += length
    return -1, written


@numba.njit(cache=True)
def _inflate(source, size, target):
    """Unpack a DEFLATE stream into zeros; return how many bytes it had, or -1 if it is broken."""
    literals, distances = np.empty(1 << _LONGEST, np.int32), np.empty(1 << _LONGEST, np.int32)
    place, written, last = 0, 0, 0
    while not last:
        if place < 0 or place + 3 > 8 * size:
            return -1
        last, kind = _bits(source, place, 1), _bits(source, place + 1, 2)
        place += 3
        if kind == 0:
            start = (place + 7) // 8
            length = _bits(source, 8 * start, 16)
            if start + 4 + length > size or written + length > len(target):
                return -1
            target[written : written + length] = source[start + 4 : start + 4 + length]
            place, written = 8 * (start + 4 + length), written + length
            continue
        if kind == 1:
            _table(_FIXED, literals)
            _table(np.full(30, 5), distances)
        elif kind == 3:
            return -1
        else:
            place = _read_codes(source, place, literals, distances)
        if place >= 0:
            place, written = _read_block(
                source, 8 * size, place, target, written, literals, distances
            )
    return written if 0 <= place <= 8 * size else -1


@numba.njit(cache=True)
def _predict(kind, left, above, corner):
    """Return what a filter adds to a value (ISO/IEC 15948, section 9.2)."""
    if kind == 1:
        return left
    if kind == 2:
        return above
    if kind == 3:
        return (left + above) // 2
    if kind == 4:
        guess = left + above - corner
        far, near, rest = abs(guess - left), abs(guess - above), abs(guess - corner)
        if far <= near and far <= rest:
            return left
        return above if near <= rest else corner
    return 0


@numba.njit(cache=True)
def _any(line):
    """Tell whether a byte is not zero; without an early exit, so that it is done 32 at a time."""
    found = np.uint8(0)
    for value in line:
        found |= value
    return found != 0


@numba.njit(cache=True)
def _unfilter(rows, grey, channels):
    """Undo the rows' filters; False where channels differ: equal ones are filtered alike."""
    height, width = grey.shape
    green, blue = min(1, channels - 1), min(2, channels - 1)
    for row in range(height):
        kind, line = rows[row, 0], rows[row, 1:]
        filled = _any(line)
        if kind > 4:
            return False
        if not filled and (kind < 2 or (row == 0 and kind == 2)):
            continue
        if not filled and kind == 2:
            grey[row] = grey[row - 1]
            continue
        left = corner = 0
        for column in range(width):
            value = line[column * channels]
            if value != line[column * channels + green] or value != line[column * channels + blue]:
                return False
            above = np.int64(grey[row - 1, column]) if row else 0
            left = (value + _predict(kind, left, above, corner)) & 255
            grey[row, column] = left
            corner = above
    return True
