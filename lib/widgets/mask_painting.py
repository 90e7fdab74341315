"""Paint a mask over a picture and see at once what a network makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.widgets import mask_pictures
from lib.widgets.mask_pictures import Covered, Paint
from lib.widgets.stills import show_before


def paint_mask(
    pictures: np.ndarray,
    masks: np.ndarray,
    names: Sequence[str],
    paint: Paint,
    result: str = "painted: a guess",
) -> None:
    """Show a picture, its mask and what is painted from both; below, paint on the mask.

    In the browser there are a brush, an eraser and a filling, undo and redo, and the other
    pictures to choose. The changed mask is sent to `paint` as soon as it has answered the one
    before.

    Args:
        pictures: uint8 (N, S, S, 3), RGB.
        masks: uint8 (N, S, S) of 0 and 1, 1 where it is covered; those that one begins with.
        names: of the N pictures.
        paint: called with picture uint8 (S, S, 3) and mask uint8 (S, S) of 0 and 1; returns
            uint8 (S, S, 3).
        result: what the painted picture is called, in titles and for screen readers.

    Raises:
        ValueError: in one line, when shapes or types do not fit, or paint returns no picture.
    """
    covered = mask_pictures.gather(pictures, masks, names)
    given = covered.pictures[0].copy(), covered.masks[0].copy()
    static = mask_pictures.static(covered, mask_pictures.painted_by(paint, *given), result)
    show_before(static, "paint on the mask", lambda: _live(covered, paint, result))


def _live(covered: Covered, paint: Paint, result: str) -> object:
    from lib.widgets.mask_painter import MaskPainter

    return MaskPainter(covered, paint, result)
