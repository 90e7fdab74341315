"""Says on a repaired picture, for eyes and for programs, that part of it is synthetic.

Eyes read a strip beneath the picture, whose own pixels stay as they are. Programs read the IPTC's
digital source type in the file's XMP metadata ("composite with trained algorithmic media"), and a
sentence in the description.
"""

from __future__ import annotations

import html
import io
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from lib.files import replacing
from lib.images import PictureError

NOTE = "Synthetic: repainted by Face GAN Lab. A guess, not evidence of identity."
"""What is written beneath a picture whose face was painted over."""

SHINE_NOTE = "Edited: shine taken off by Face GAN Lab, a neural network's estimate."
"""What is written beneath a picture that has less shine and nothing painted."""

SUFFIXES = (".png", ".jpg", ".jpeg")
"""Formats that carry the metadata."""

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"

_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'Iptc4xmpExt:DigitalSourceType="{source}">'
    '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{note}</rdf:li></rdf:Alt>'
    "</dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
)
_DESCRIPTION, _SOFTWARE = 0x010E, 0x0131  # EXIF tags


def with_strip(picture: np.ndarray, note: str = NOTE) -> np.ndarray:
    """Add a strip with a note beneath a picture.

    Args:
        picture: uint8 (H, W, 3).
        note: what the strip says; in smaller letters, and on two lines, where it would not fit.

    Returns:
        uint8 (H + strip, W, 3); the first H rows are the picture's own.
    """
    height, width = picture.shape[:2]
    size = max(9, min(round(0.028 * height), 48))
    lines = _fitted(note, size, width)
    while size > 9 and max(_length(line, size) for line in lines) > 0.96 * width:
        size -= 1
        lines = _fitted(note, size, width)
    strip = Image.new("RGB", (width, round((len(lines) + 0.6) * 1.35 * size)), "white")
    drawing, font = ImageDraw.Draw(strip), ImageFont.load_default(size)
    for number, line in enumerate(lines):
        drawing.text((0.02 * width, (0.3 + number) * 1.35 * size), line, "black", font)
    return np.concatenate([picture, np.asarray(strip)])


def _length(line: str, size: int) -> float:
    return ImageFont.load_default(size).getlength(line)


def _fitted(note: str, size: int, width: int) -> list[str]:
    """Break a note where it is longer than the picture is wide."""
    lines = [""]
    for word in note.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _length(longer, size) > 0.96 * width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def encode(picture: np.ndarray, suffix: str, note: str = NOTE) -> bytes:
    """Return a picture as a file that says in its metadata what it is.

    Args:
        picture: uint8 (H, W, 3).
        suffix: one of `SUFFIXES`; PNG keeps every pixel.
        note: the description.

    Raises:
        PictureError: for another suffix.
    """
    if suffix.lower() not in SUFFIXES:
        raise PictureError(suffix, "this format carries no note", f"use {', '.join(SUFFIXES)}")
    xmp = _XMP.format(source=SOURCE_TYPE, note=html.escape(note))
    image, target = Image.fromarray(picture), io.BytesIO()
    if suffix.lower() == ".png":
        text = PngImagePlugin.PngInfo()
        text.add_text("Description", note)
        text.add_text("Software", "Face GAN Lab")
        text.add_itxt("XML:com.adobe.xmp", xmp)
        image.save(target, "PNG", pnginfo=text, compress_level=3)
        return target.getvalue()
    exif = Image.Exif()
    exif[_DESCRIPTION], exif[_SOFTWARE] = note, "Face GAN Lab"
    image.save(target, "JPEG", quality=95, subsampling=0, exif=exif, xmp=xmp.encode())
    return target.getvalue()


def write(
    path: str | os.PathLike, picture: np.ndarray, note: str = NOTE, strip: bool = True
) -> None:
    """Write a repaired picture with its note, visible and in the metadata.

    Args:
        path: ends in one of `SUFFIXES`.
        picture: uint8 (H, W, 3).
        note: what is said.
        strip: whether the strip is added; the metadata always are.

    Raises:
        PictureError: for another suffix.
    """
    shown = with_strip(picture, note) if strip else picture
    encoded = encode(shown, Path(path).suffix, note)
    with replacing(path) as temporary:
        temporary.write_bytes(encoded)
