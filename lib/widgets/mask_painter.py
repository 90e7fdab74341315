"""The live mask painter: the kernel's half. The browser's is mask_painter.js beside this file.

The pictures and the masks they come with go to the browser once, when a view begins.
"""

from __future__ import annotations

import time

from lib.widgets.live import BRUSH, SHARED, Live, joined
from lib.widgets.mask_pictures import COLOUR, Covered, Paint, painted_by, received

FRONT_END = (*SHARED, *BRUSH, "mask_painter.js")


class MaskPainter(Live):
    """A brush over masks, beside the picture that a function paints from them.

    Args:
        covered: the pictures that can be chosen, and their masks.
        paint: called with each changed mask.
        result: what the painted picture is called.

    Attributes:
        mask: last painted, uint8 (S, S) of 0 and 1; None before.
        picture: the result last painted, uint8 (S, S, 3); None before.
    """

    _esm = joined(*FRONT_END)
    _css = joined("live.css", "mask_painter.css")
    invitation = "To paint on this mask, run the cell."

    def __init__(self, covered: Covered, paint: Paint, result: str) -> None:
        super().__init__()
        self.covered, self.paint, self.result = covered, paint, result
        self.mask = self.picture = None

    def answer(self, content: dict, buffers: list[memoryview]) -> tuple[dict, list[bytes]]:
        """Say what there is, or paint a picture."""
        return self._start() if content["kind"] == "hello" else self._paint(content, buffers)

    def _start(self) -> tuple[dict, list[bytes]]:
        pictures, masks, names = self.covered
        about = {"kind": "start", "size": pictures.shape[1], "names": names}
        about |= {"colour": COLOUR, "result": self.result}
        return about, [pictures.tobytes(), masks.tobytes()]

    def _paint(self, content: dict, buffers: list[memoryview]) -> tuple[dict, list[bytes]]:
        began = time.perf_counter()
        picture, mask = received(content, buffers, self.covered)
        self.picture = painted_by(self.paint, picture, mask.copy())
        self.mask = mask
        milliseconds = 1000 * (time.perf_counter() - began)
        return {"kind": "painted", "milliseconds": milliseconds}, [self.picture.tobytes()]
