"""The live part-map painter: the kernel's half. The browser's is part_painter.js beside this file.

All that a view needs is sent when it asks for it and nothing of it is widget state, so that an
executed notebook stores the front end's 20 KB and no maps, however many people there are.
"""

from __future__ import annotations

import pathlib
import time
from typing import Any

import anywidget

from lib.widgets.part_maps import Faces, Paint, painted_by, received
from lib.widgets.part_sheet import BACKGROUND, PALETTE

FOLDER = pathlib.Path(__file__).parent
FRONT_END = ("part_map.js", "part_painter.js")


class PartPainter(anywidget.AnyWidget):
    """A brush over part maps, beside the face that a function paints from them.

    Args:
        faces: the people whose maps and colours can be taken.
        paint: called with each changed map.

    Attributes:
        parts: the map last painted, uint8 (S, S, G) of 0 and 1; None before.
        picture: the face last painted, uint8 (S, S, 3); None before.
    """

    _esm = "".join((FOLDER / name).read_text("utf-8") for name in FRONT_END)
    _css = (FOLDER / "part_painter.css").read_text("utf-8")

    def __init__(self, faces: Faces, paint: Paint) -> None:
        super().__init__()
        self.faces, self.paint = faces, paint
        self.parts = self.picture = None
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        """Say what a reader sees in the painter's place where there is no kernel."""
        return "To paint on this map, run the cell."

    def _answer(self, _: Any, content: dict, buffers: list[memoryview]) -> None:
        """Answer whatever the browser asks; what goes wrong is told there, not raised here."""
        reply = {"view": content.get("view"), "number": content.get("number")}
        try:
            if content["kind"] == "hello":
                self._start(reply)
            else:
                self._paint(content, buffers, reply)
        except Exception as error:
            lines = str(error).strip().splitlines() or [""]
            why = f"{type(error).__name__}: {lines[0]}"
            self.send({**reply, "kind": "failed", "why": why})

    def _start(self, reply: dict) -> None:
        faces = self.faces
        about = {
            "size": faces.maps.shape[1],
            "names": faces.names,
            "groups": faces.groups,
            "palette": (BACKGROUND, *PALETTE[: len(faces.groups)]),
        }
        buffers = [faces.maps.tobytes(), faces.colours.tobytes()]
        self.send({**reply, **about, "kind": "start"}, buffers)

    def _paint(self, content: dict, buffers: list[memoryview], reply: dict) -> None:
        began = time.perf_counter()
        parts, colours, giver = received(content, buffers, self.faces)
        self.picture = painted_by(self.paint, parts, colours, giver)
        self.parts = parts
        milliseconds = 1000 * (time.perf_counter() - began)
        reply |= {"kind": "painted", "milliseconds": milliseconds}
        self.send(reply, [self.picture.tobytes()])
