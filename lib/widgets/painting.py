"""Paint on a part map and see the face at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.prepare.semantic import GROUPS
from lib.widgets import part_maps, part_sheet
from lib.widgets.part_maps import Faces, Paint
from lib.widgets.stills import show_before


def paint_parts(
    maps: np.ndarray,
    colours: np.ndarray,
    names: Sequence[str],
    paint: Paint,
    groups: Sequence[str] = tuple(GROUPS),
) -> None:
    """Show a face's map, its flat colours and the face painted from it; below, paint on the map.

    In the browser there are a brush, an eraser and a filling, another person's map to swap in,
    another person's colours and ID to take, and a colour to pick for each group. The changed map
    is sent to `paint` as soon as it has answered the one before.

    Args:
        maps: uint8 (N, S, S) of 0..G, 0 for background; or parts as datasets hold them,
            uint8 (N, S, S, G) of 0 and 1, whose later groups lie on top.
        colours: (N, G, 3), RGB, 0..255, of the same people.
        names: of the N people.
        paint: called with parts uint8 (S, S, G) of 0 and 1, colours uint8 (G, 3) and the place of
            the person who gives the ID; returns uint8 (S, S, 3).
        groups: names of the G groups, at most 18; S4's seven by default. With label maps of all
            parts: `labels.CLASSES[1:]`.

    Raises:
        ValueError: in one line, when shapes or types do not fit, or paint returns no picture.
    """
    faces = part_maps.gather(maps, colours, names, groups)
    parts = part_maps.planes(faces.maps[0], len(faces.groups))
    painted = part_maps.painted_by(paint, parts, faces.colours[0], 0)
    show_before(part_sheet.static(faces, painted), "paint on the map", lambda: _live(faces, paint))


def _live(faces: Faces, paint: Paint) -> object:
    from lib.widgets.part_painter import PartPainter

    return PartPainter(faces, paint)
