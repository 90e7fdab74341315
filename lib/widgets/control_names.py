"""Names for the handles of sliders, which ipywidgets leaves without: a screen reader needs them."""

from __future__ import annotations

from lib.widgets.live import Live, joined


class ControlNames(Live):
    """Nothing to be seen: gives each control beside it the name that its label shows."""

    _esm = joined("control_names.js")

    def __repr__(self) -> str:
        """Return nothing, for there is nothing to be seen."""
        return ""
