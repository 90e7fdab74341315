"""The README's strip: what each system makes of rendered people it has never seen.

`make weights` draws it anew, for it shows what the shipped weights do. The people are the first
ones of the held-out set: nobody was chosen.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lib import env, images, shipped
from lib.benchmarks.unmasking import describe
from lib.gans import map_to_face, mask_maps, render_to_photo, specularity
from lib.leaderboard import held_out
from lib.leaderboard.held_out import HeldOut
from lib.restore import painting

PICTURE = env.ROOT / "data" / "strip.jpg"
PEOPLE, SHOWN_PEOPLE, SHOWN = 12, 3, 128
TITLES = ("mask off", "shine off", "photo from parts", "photo from a 3D model")


def before_and_after(held: HeldOut) -> list[list[np.ndarray]]:
    """Return rows of pictures, before and after for each of `TITLES`, uint8 (128, 128, 3).

    Args:
        held: people of no training.
    """
    maps = mask_maps.find(shipped.load("mask_finder"), held.masked, mirrored=True)
    bare = [painting.painted_chip(*one)[0] for one in zip(held.masked, maps, strict=True)]
    matte = specularity.translate(shipped.load("shine_layer"), held.photo, held.skin)
    small = held.at(shipped.ENTRIES["map_to_face"].size)
    rows = _painted(small)
    photos = render_to_photo.translate(shipped.load("render_to_photo"), small.render)
    columns = [held.masked, bare, held.photo, matte, *rows, small.render, photos]
    return [[images.resize(one[row], SHOWN) for one in columns] for row in range(len(held))]


def _painted(held: HeldOut) -> tuple[np.ndarray, np.ndarray]:
    """Return what the painter is told, in flat colours, and the faces it paints."""
    model = shipped.load("map_to_face")
    told = {
        "photo": held.photo, "labels": held.labels,
        "identity": describe(held.photo, held.landmarks),
    }  # fmt: skip
    account = map_to_face.account_of(told, model.design.account)
    return account.painted(), map_to_face.paint(model, account)


def draw(rows: list[list[np.ndarray]]) -> np.ndarray:
    """Lay rows of before and after out, with titles above.

    Args:
        rows: each of two pictures for every title.

    Returns:
        uint8 (H, W, 3).
    """
    gap, wide, high, head = 2, 14, 4, 24
    pair = 2 * SHOWN + gap
    width = len(TITLES) * pair + (len(TITLES) - 1) * wide
    sheet = Image.new("RGB", (width, head + len(rows) * (SHOWN + high) - high), "white")
    drawing, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for number, title in enumerate(TITLES):
        left = number * (pair + wide)
        drawing.text((left + pair / 2, 2), title, "black", font, anchor="ma")
        for row, pictures in enumerate(rows):
            top = head + row * (SHOWN + high)
            for place, picture in enumerate(pictures[2 * number : 2 * number + 2]):
                sheet.paste(Image.fromarray(picture), (left + place * (SHOWN + gap), top))
    return np.asarray(sheet)


def write() -> Path:
    """Render the people, let every system work on them, and write the strip."""
    with tempfile.TemporaryDirectory() as scratch:
        held = held_out.prepare(scratch, PEOPLE, 1, progress=False)
        rows = before_and_after(held.of(held.firsts))
        PICTURE.write_bytes(images.encode_jpeg(draw(rows[:SHOWN_PEOPLE]), 90))
    return PICTURE
