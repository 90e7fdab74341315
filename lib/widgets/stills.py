"""Pictures that stand before a widget: small files, each with words for those who do not see it."""

from __future__ import annotations

import base64
import html
import importlib.util
import io
from collections.abc import Callable
from typing import Any

from IPython.display import HTML, display
from matplotlib.figure import Figure
from PIL import Image

DPI = 80
LARGEST_FILE = 60 * 1000


class Still(HTML):
    """A picture and its alternative text.

    JupyterLab and Colab show the HTML, whose `alt` a screen reader speaks (Lab knows none for a
    bare picture); what cannot show HTML takes the picture, and a terminal the text.

    Args:
        picture: a PNG or JPEG file.
        text: what there is to see, in words.
    """

    def __init__(self, picture: bytes, text: str) -> None:
        self.picture, self.text = picture, text
        super().__init__(f'<img alt="{html.escape(text, quote=True)}" src="{address(picture)}">')

    def __repr__(self) -> str:
        """Return the alternative text."""
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        mime = mime_type(self.picture)
        encoded = base64.b64encode(self.picture).decode()
        data = {"text/html": self.data, "text/plain": self.text, mime: encoded}
        return data, {mime: {"alt": self.text}}


def mime_type(picture: bytes) -> str:
    """Return the mime type of a PNG or JPEG file."""
    return "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"


def address(picture: bytes) -> str:
    """Return a PNG or JPEG file as an address that a page needs no server for."""
    return f"data:{mime_type(picture)};base64,{base64.b64encode(picture).decode()}"


def drawn(figure: Figure, dpi: float = DPI) -> Image.Image:
    """Return what a figure looks like on white, cut to what is drawn.

    Args:
        figure: of matplotlib.
        dpi: pixels an inch.
    """
    target = io.BytesIO()
    figure.savefig(target, dpi=dpi, bbox_inches="tight", facecolor="white")
    return Image.open(target).convert("RGB")


def compact(picture: Image.Image) -> bytes:
    """Encode as PNG, or as JPEG where that would be too large, as photographs often are."""
    for quality in (None, 92, 80, 60, 40):
        target = io.BytesIO()
        if quality is None:
            picture.save(target, "PNG", optimize=True)
        else:
            picture.save(target, "JPEG", quality=quality, subsampling=0)
        if len(target.getvalue()) <= LARGEST_FILE:
            break
    return target.getvalue()


def still(figure: Figure, text: str) -> Still:
    """Return a figure as a picture small enough to be stored in a notebook, with its text.

    Args:
        figure: of matplotlib.
        text: what there is to see, in words.
    """
    return Still(compact(drawn(figure)), text)


def show_before(picture: Still, purpose: str, live: Callable[[], Any]) -> None:
    """Display a picture, and beneath it a live widget where anywidget is installed.

    Args:
        picture: is displayed whatever happens.
        purpose: what the widget is for, as an infinitive, "paint on the map", for those without.
        live: makes the widget.
    """
    display(picture)
    if importlib.util.find_spec("anywidget") is None:
        print(f"To {purpose}: python -m pip install anywidget, then restart the kernel.")
        return
    display(live())
