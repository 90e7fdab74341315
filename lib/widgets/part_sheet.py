"""The painter's static picture: map, flat colours and painted face over a legend."""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Patch

from lib import images, show
from lib.widgets.part_maps import Faces
from lib.widgets.stills import Still, compact, drawn

PALETTE = ("#E69F00", "#56B4E9", "#D55E00", "#009E73", "#F0E442", "#0072B2", "#CC79A7",
           "#FFFFFF", "#8C6D31", "#9EDAE5", "#B2182B", "#A6D854", "#FDBF9B", "#6A51A3", "#999999",
           "#1B4F3A", "#F7B6D2", "#5B3A29")  # fmt: skip
"""Colours of the groups in maps: first Okabe and Ito's, which colour-blind readers tell apart."""

BACKGROUND = "#23272E"
TITLES = ("part map", "in flat colours", "painted face")
LARGEST = 192


def _levels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def in_colours(numbers: np.ndarray, colours: np.ndarray | None = None) -> np.ndarray:
    """Draw a map in the groups' colours.

    Args:
        numbers: uint8 (S, S); 0 is background.
        colours: uint8 (G, 3) on black; those of `PALETTE` by default.

    Returns:
        uint8 (S, S, 3).
    """
    if colours is None:
        table = np.array([_levels(colour) for colour in (BACKGROUND, *PALETTE)], np.uint8)
    else:
        table = np.concatenate([np.zeros((1, 3), np.uint8), colours])
    return table[numbers]


def alternative(faces: Faces) -> str:
    """Describe the static picture in words, for those who do not see it."""
    present = [name for place, name in enumerate(faces.groups, 1) if (faces.maps[0] == place).any()]
    name = faces.names[0]
    return (
        f"Three pictures: the part map of {name} ({', '.join(present) or 'empty'}), the map in "
        f"the flat colours of {name}, and the face painted from it."
    )


def sheet(faces: Faces, painted: np.ndarray) -> bytes:
    """Draw the static picture.

    Args:
        faces: the first of them is shown.
        painted: uint8 (S, S, 3), the first one's face.

    Returns:
        A PNG or JPEG file, small enough to be stored in a notebook.
    """
    row = [in_colours(faces.maps[0]), in_colours(faces.maps[0], faces.colours[0]), painted]
    side = min(LARGEST, len(painted))
    row = [images.resize(picture, side, nearest=len(painted) <= LARGEST) for picture in row]
    figure = show.pictures([row], titles=TITLES)
    patches = [
        Patch(facecolor=colour, edgecolor="#888888", lw=0.5, label=f"{key} {name}")
        for key, (colour, name) in enumerate(zip(PALETTE, faces.groups, strict=False), 1)
    ]
    patches.insert(0, Patch(color=BACKGROUND, label="0 background"))
    figure.legend(
        handles=patches, loc="upper center", bbox_to_anchor=(0.5, 0.02), frameon=False,
        ncols=4 if len(patches) <= 8 else 5, fontsize=9, handlelength=1, handleheight=1,
        columnspacing=1.6,
    )  # fmt: skip
    return compact(drawn(figure))


def static(faces: Faces, painted: np.ndarray) -> Still:
    """Return the static picture with its alternative text, ready to be displayed."""
    return Still(sheet(faces, painted), alternative(faces))
