"""What live widgets share in the kernel: the front end's files, and answers to what it asks.

browser -> kernel   what it wants (`kind`), which view asks and, but for "hello", a number
kernel -> browser   the same view and number, an answer of some kind, or kind "failed" and why

All that a view needs is sent when it asks for it and nothing of it is widget state, so that an
executed notebook stores the front end's code and no pictures, however many there are. Only what
ipywidgets 7 has as well is used: custom messages with buffers.
"""

from __future__ import annotations

import pathlib
from typing import Any

import anywidget

FOLDER = pathlib.Path(__file__).parent
SHARED = ("elements.js", "conversation.js")
BRUSH = ("raster.js", "brush.js")


def joined(*names: str) -> str:
    """Return files of the front end as one text: a widget's code is one module."""
    return "".join((FOLDER / name).read_text("utf-8") for name in names)


class Live(anywidget.AnyWidget):
    """A widget that answers its browser's questions.

    A subclass sets `_esm` and `_css`, `invitation` (what a reader sees in the widget's place where
    there is no kernel), and writes `answer`.
    """

    invitation = "To bring this to life, run the cell."

    def __init__(self) -> None:
        super().__init__()
        self.on_msg(self._answer)

    def __repr__(self) -> str:
        """Say what to do where there is no kernel."""
        return self.invitation

    def answer(self, content: dict, buffers: list[memoryview]) -> tuple[dict, list[bytes]]:
        """Answer a question.

        Args:
            content: `kind` and what the kind needs.
            buffers: what is sent as bytes.

        Returns:
            The answer, its `kind` included, and what goes as bytes.

        Raises:
            Exception: of any type; its first line is shown in the widget.
        """
        raise NotImplementedError

    def _answer(self, _: Any, content: dict, buffers: list[memoryview]) -> None:
        """Answer whatever the browser asks; what goes wrong is told there, not raised here."""
        reply = {"view": content.get("view"), "number": content.get("number")}
        try:
            found, sent = self.answer(content, buffers)
        except Exception as error:
            lines = str(error).strip().splitlines() or [""]
            found, sent = {"kind": "failed", "why": f"{type(error).__name__}: {lines[0]}"}, []
        self.send({**reply, **found}, sent)
