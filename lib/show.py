"""Figures for the lessons: small functions that draw with matplotlib and return the figure.

One look for the whole lab: white ground, no frames around pictures, a title above each picture,
the colours of `COLOURS` in this order. Every function takes pictures as uint8 RGB.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lib.landmark_order import GROUPS

# Okabe and Ito's palette: told apart by colour-blind readers too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_NUMBER = {"textcoords": "offset points", "xytext": (2, 2), "fontsize": 7, "color": "black"}
_HALO = [patheffects.withStroke(linewidth=2, foreground="white")]
CLOSED = ("right_eye", "left_eye", "outer_lips", "inner_lips")


def style() -> None:
    """Set the lab's look for every figure that follows; a lesson calls it once."""
    matplotlib.rcParams.update(
        {
            "figure.dpi": 80,
            "savefig.bbox": "tight",
            "font.size": 11,
            "axes.titlesize": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": matplotlib.cycler(color=COLOURS),
            "image.interpolation": "nearest",
            "legend.frameon": False,
        }
    )


def _bare(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def draw_picture(axes: Axes, picture: np.ndarray, title: str = "") -> None:
    """Draw one picture without ticks.

    Args:
        axes: where to draw.
        picture: uint8 (H, W, 3), or (H, W) for a map, drawn in grey.
        title: text above it.
    """
    axes.imshow(picture, cmap="gray" if np.ndim(picture) == 2 else None)
    axes.set_title(title)
    axes.set_anchor("N")  # pictures of different heights begin on one line
    _bare(axes)


def pictures(
    rows: Sequence[Sequence[np.ndarray]],
    titles: Sequence[str] = (),
    names: Sequence[str] = (),
    height: float = 2.2,
) -> Figure:
    """Draw pictures in rows and columns.

    Args:
        rows: each a sequence of uint8 pictures; all rows equally long.
        titles: one a column, above the first row.
        names: one a row, at its left.
        height: of a row, in inches.

    Returns:
        The figure, already closed for pyplot: it is shown once, as the cell's value.

    Raises:
        ValueError: when rows differ in length or a title is missing.
    """
    columns = len(rows[0])
    if any(len(row) != columns for row in rows):
        raise ValueError(f"rows of {[len(row) for row in rows]} pictures: expected equal lengths")
    if titles and len(titles) != columns:
        raise ValueError(f"{len(titles)} titles for {columns} columns")
    first = np.asarray(rows[0][0])
    width = height * first.shape[1] / first.shape[0]
    figure, grid = plt.subplots(
        len(rows), columns, figsize=(width * columns, height * len(rows) + 0.3), squeeze=False
    )
    for panels, row in zip(grid, rows, strict=True):
        for panel, picture in zip(panels, row, strict=True):
            draw_picture(panel, picture)
    for panel, title in zip(grid[0], titles, strict=False):
        panel.set_title(title)
    for panel, name in zip(grid[:, 0], names, strict=False):
        panel.set_ylabel(name, rotation=90, fontsize=11)
    return finish(figure)


def draw_box(axes: Axes, box: Sequence[float], text: str = "", colour: str = COLOURS[4]) -> None:
    """Draw a face's box with a line of text above it.

    Args:
        axes: where to draw.
        box: left, top, right, bottom in pixels.
        text: for example the detector's score.
        colour: of the line and the text.
    """
    left, top, right, bottom = box
    axes.add_patch(
        Rectangle((left, top), right - left, bottom - top, fill=False, lw=2, edgecolor=colour)
    )
    if text:
        # white on the colour itself is readable on any photograph
        ground = {"facecolor": colour, "edgecolor": "none", "pad": 1}
        axes.text(left, top, f" {text} ", va="bottom", fontsize=9, color="white", bbox=ground)


def draw_landmarks(axes: Axes, landmarks: np.ndarray, numbers: bool = False) -> None:
    """Draw 68 landmarks, a colour and a line for each part of the face.

    Args:
        axes: where to draw.
        landmarks: (68, 2), x and y in pixels.
        numbers: write each point's index beside it.
    """
    for index, (name, group) in enumerate(GROUPS.items()):
        points = np.asarray(landmarks)[list(group)]
        line = np.vstack([points, points[:1]]) if name in CLOSED else points
        colour = COLOURS[index % (len(COLOURS) - 1)]
        axes.plot(*line.T, "-", color=colour, lw=1)
        axes.plot(*points.T, "o", color=colour, ms=2.5)
        if numbers:
            for number, (x, y) in zip(group, points, strict=True):
                axes.annotate(str(number), (x, y), path_effects=_HALO, **_NUMBER)


def bars(
    values: Mapping[str, float], label: str, limit: float | None = None, limit_name: str = ""
) -> Figure:
    """Draw named numbers as horizontal bars, with a limit as a dashed line.

    Args:
        values: {name: number}, drawn from top to bottom.
        label: what the numbers are, with their unit.
        limit: where to draw the line.
        limit_name: what the line means.
    """
    figure, axes = plt.subplots(figsize=(7, 0.36 * len(values) + 0.9))
    names = list(values)
    drawn = axes.barh(names[::-1], [values[name] for name in names[::-1]], height=0.65)
    axes.bar_label(drawn, fmt="%.2f", padding=3)
    axes.set_xlabel(label)
    if limit is not None:
        axes.axvline(limit, color=COLOURS[1], ls="--")
        axes.annotate(limit_name, (limit, 1.01), xycoords=("data", "axes fraction"), ha="center",
                      color=COLOURS[1])  # fmt: skip
    return finish(figure)


def signed(values: np.ndarray, largest: float | None = None) -> np.ndarray:
    """Turn signed numbers into a picture: blue below zero, white at zero, red above.

    Args:
        values: (H, W) of any float type.
        largest: the magnitude shown in full colour; the 99th percentile by default.

    Returns:
        A uint8 picture (H, W, 3).
    """
    largest = largest or float(np.percentile(np.abs(values), 99)) or 1.0
    scaled = np.clip(values / (2 * largest) + 0.5, 0, 1)
    return (matplotlib.colormaps["RdBu_r"](scaled)[..., :3] * 255).round().astype(np.uint8)


def curves(history: Mapping[str, Sequence[float]], label: str, steps: Sequence[int]) -> Figure:
    """Draw curves over training steps, their names beside them.

    Args:
        history: {name: one number a step}.
        label: what the numbers are.
        steps: the x axis.
    """
    figure, axes = plt.subplots(figsize=(7, 3))
    for name, values in history.items():
        axes.plot(steps, values, label=name)
    axes.set(xlabel="step", ylabel=label)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return finish(figure)


def finish(figure: Figure) -> Figure:
    """Lay a figure out and close it for pyplot, so that a notebook shows it once, not twice."""
    figure.tight_layout()
    plt.close(figure)
    return figure
