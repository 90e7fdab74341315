"""Interactive figures: a static picture first, and beneath it something to move where one can.

The static picture is what papermill, GitHub and a reader without a kernel see. Everything here
works by keyboard, and with ipywidgets 7 (Colab) and 8.
"""

from lib.widgets.exploring import explore
from lib.widgets.mask_painting import paint_mask
from lib.widgets.painting import paint_parts
from lib.widgets.uploading import download, photograph, upload
from lib.widgets.watching import dashboard
from lib.widgets.wiping import show_wipe, show_wipes, wipe, wipes

__all__ = [
    "dashboard",
    "download",
    "explore",
    "paint_mask",
    "paint_parts",
    "photograph",
    "show_wipe",
    "show_wipes",
    "upload",
    "wipe",
    "wipes",
]
