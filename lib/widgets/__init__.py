"""Interactive figures: a static picture first, and beneath it something to move where one can.

The static picture is what papermill, GitHub and a reader without a kernel see. Everything here
works with ipywidgets 7 (Colab) and 8.
"""

from lib.widgets.exploring import explore
from lib.widgets.painting import paint_parts
from lib.widgets.wiping import wipe

__all__ = ["explore", "paint_parts", "wipe"]
