"""A figure, and under it the controls to draw it anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.display import display
from matplotlib.figure import Figure


def explore(draw: Callable[..., Figure], **controls: Any) -> None:
    """Show a figure for the controls' first values, and under it the controls to redraw it.

    Args:
        draw: called with the controls' values by name; returns a figure.
        **controls: ipywidgets, such as `IntSlider`; their names are draw's arguments.
    """
    import ipywidgets

    display(draw(**{name: control.value for name, control in controls.items()}))
    output = ipywidgets.Output()

    def _redraw(_: Any) -> None:
        values = {name: control.value for name, control in controls.items()}
        with output:
            output.clear_output(wait=True)
            display(draw(**values))

    for name, control in controls.items():
        control.description = control.description or name.replace("_", " ")
        control.continuous_update = False
        control.style.description_width = "8em"
        control.observe(_redraw, names="value")
    display(ipywidgets.VBox([*controls.values(), output]))
