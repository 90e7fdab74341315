"""A figure, and under it the controls to draw it anew."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable, Mapping
from typing import Any

from IPython.display import display
from matplotlib.figure import Figure

from lib.widgets.stills import Still, drawn


def explore(draw: Callable[..., Figure], **controls: Any) -> None:
    """Show a figure for the controls' first values, and under it the controls to redraw it.

    Each control has a label, which screen readers speak too, and works by keyboard: Tab goes from
    one to the next, and arrow keys move a slider. The figure's alternative text says the titles in
    it and the values it was drawn for.

    Args:
        draw: called with the controls' values by name; returns a figure.
        **controls: ipywidgets, such as `IntSlider`; their names are draw's arguments.
    """
    import ipywidgets

    output = ipywidgets.Output()
    for name, control in controls.items():
        control.description = control.description or name.replace("_", " ")
        control.continuous_update = False
        control.style.description_width = "8em"

    def _draw() -> Still:
        values = {name: control.value for name, control in controls.items()}
        labels = {controls[name].description: value for name, value in values.items()}
        return pictured(draw(**values), labels)

    def _redraw(_: Any) -> None:
        with output:
            output.clear_output(wait=True)
            display(_draw())

    display(_draw())
    for control in controls.values():
        control.observe(_redraw, names="value")
    display(ipywidgets.VBox([*controls.values(), output, *_namers()]))


def pictured(figure: Figure, values: Mapping[str, Any]) -> Still:
    """Return a figure as a picture with its alternative text.

    Args:
        figure: of matplotlib.
        values: what it was drawn for, {label: value}.
    """
    titles = dict.fromkeys(
        text
        for axes in figure.axes
        for text in (axes.get_title(), axes.get_title("left"), axes.get_ylabel(), axes.get_xlabel())
        if text
    )
    told = ", ".join(f"{label} {_said(value)}" for label, value in values.items())
    text = f"Figure: {'; '.join(titles) or 'without titles'}. Drawn for {told}."
    target = io.BytesIO()
    drawn(figure, figure.dpi).save(target, "PNG")
    return Still(target.getvalue(), text)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _namers() -> list[Any]:
    """Return what names the controls in the browser, where anywidget is there."""
    if importlib.util.find_spec("anywidget") is None:
        return []
    from lib.widgets.control_names import ControlNames

    return [ControlNames()]
