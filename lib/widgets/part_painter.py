"""The live part-map painter: the kernel's half. The browser's is part_painter.js beside this file.

The part maps and colours of all people go to the browser once, when a view begins.
"""

from __future__ import annotations

import time

from lib.widgets.live import BRUSH, FOLDER, SHARED, Live, joined
from lib.widgets.part_maps import Faces, Paint, painted_by, received
from lib.widgets.part_sheet import BACKGROUND, PALETTE

__all__ = ["FOLDER", "FRONT_END", "PartPainter"]

FRONT_END = (*SHARED, *BRUSH, "part_map.js", "part_painter.js")


class PartPainter(Live):
    """A brush over part maps, beside the face that a function paints from them.

    Args:
        faces: the people whose maps and colours can be taken.
        paint: called with each changed map.

    Attributes:
        parts: the map last painted, uint8 (S, S, G) of 0 and 1; None before.
        picture: the face last painted, uint8 (S, S, 3); None before.
    """

    _esm = joined(*FRONT_END)
    _css = joined("live.css", "part_painter.css")
    invitation = "To paint on this map, run the cell."

    def __init__(self, faces: Faces, paint: Paint) -> None:
        super().__init__()
        self.faces, self.paint = faces, paint
        self.parts = self.picture = None

    def answer(self, content: dict, buffers: list[memoryview]) -> tuple[dict, list[bytes]]:
        """Say what there is, or paint a map."""
        return self._start() if content["kind"] == "hello" else self._paint(content, buffers)

    def _start(self) -> tuple[dict, list[bytes]]:
        faces = self.faces
        about = {
            "kind": "start",
            "size": faces.maps.shape[1],
            "names": faces.names,
            "groups": faces.groups,
            "palette": (BACKGROUND, *PALETTE[: len(faces.groups)]),
        }
        return about, [faces.maps.tobytes(), faces.colours.tobytes()]

    def _paint(self, content: dict, buffers: list[memoryview]) -> tuple[dict, list[bytes]]:
        began = time.perf_counter()
        parts, colours, giver = received(content, buffers, self.faces)
        self.picture = painted_by(self.paint, parts, colours, giver)
        self.parts = parts
        milliseconds = 1000 * (time.perf_counter() - began)
        return {"kind": "painted", "milliseconds": milliseconds}, [self.picture.tobytes()]
