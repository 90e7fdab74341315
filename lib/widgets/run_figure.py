"""The dashboard's static picture: each loss term over the steps, and the newest samples beside."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import images, show
from lib.widgets.run_files import RunFiles
from lib.widgets.stills import Still, still

MOST_LINES = 4
PANEL = (2.4, 1.35)
"""Width and height of a term's panel, in inches."""

SHEET_WIDTH = 4.4
LARGEST_SHEET = 640


def curve(run: RunFiles, term: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a term's steps and values, rounds without the term or with no finite value left out.

    Args:
        run: read from its folder.
        term: one of `run.terms`.

    Returns:
        int64 (N,) and float64 (N,).
    """
    found = [(row["step"], row[term]) for row in run.rows if row.get(term) is not None]
    steps, values = zip(*found, strict=True) if found else ((), ())
    return np.array(steps, np.int64), np.array(values, np.float64)


def alternative(run: RunFiles) -> str:
    """Describe the static picture in words, for those who do not see it."""
    if not run.rows:
        text = f"The run {run.name} has no round yet."
    else:
        ends = []
        for term in run.terms:
            values = curve(run, term)[1]
            if len(values):
                ends.append(f"{term} from {values[0]:.3g} to {values[-1]:.3g}")
        text = f"Loss terms of {run.name} up to step {run.rows[-1]['step']}: {'; '.join(ends)}."
    return f"{text} Beside them the samples of step {max(run.sheets)}." if run.sheets else text


def draw(run: RunFiles) -> Figure:
    """Draw the loss terms in small multiples, and the newest sample sheet beside them.

    Args:
        run: read from its folder.

    Returns:
        The figure, already closed for pyplot.
    """
    columns = max(2, math.ceil(len(run.terms) / MOST_LINES))
    lines = max(1, math.ceil(len(run.terms) / columns))
    sheet = _newest(run)
    height = max(PANEL[1] * lines, 2.2)
    width = columns * PANEL[0] + (SHEET_WIDTH if sheet is not None else 0)
    figure = plt.figure(figsize=(width, height + 0.35), layout="constrained")
    parts = [figure]
    if sheet is not None:
        parts = figure.subfigures(1, 2, width_ratios=(columns * PANEL[0], SHEET_WIDTH))
        axes = parts[1].subplots()
        show.draw_picture(axes, sheet, f"samples of step {max(run.sheets):,}")
    panels = parts[0].subplots(lines, columns, squeeze=False, sharex=True)
    for place, panel in enumerate(panels.flat):
        _draw_term(panel, run, place)
        if len(run.terms) - columns <= place < len(run.terms):  # nothing stands below it
            panel.tick_params(labelbottom=True)
    panels[-1, 0].set_xlabel("step", fontsize=8)
    figure.suptitle(run.name, fontsize=10, x=0.01, ha="left")
    plt.close(figure)
    return figure


def static(run: RunFiles) -> Still:
    """Return the static picture with its alternative text, ready to be displayed."""
    return still(draw(run), alternative(run))


def _draw_term(panel: Axes, run: RunFiles, place: int) -> None:
    if place >= len(run.terms):
        panel.set_axis_off()
        if not run.terms:
            panel.text(0, 0.5, "no round yet" if place == 0 else "", transform=panel.transAxes)
        return
    term, colour = run.terms[place], show.COLOURS[place % len(show.COLOURS)]
    steps, values = curve(run, term)
    panel.plot(steps, values, "-" if len(steps) > 1 else "o", color=colour, lw=1.5, ms=4)
    panel.set_title(term, fontsize=9, loc="left", pad=3)
    panel.tick_params(labelsize=8)
    panel.spines[["top", "right"]].set_visible(False)
    panel.locator_params(axis="y", nbins=3)
    panel.locator_params(axis="x", nbins=3, integer=True)


def _newest(run: RunFiles) -> np.ndarray | None:
    """Return the newest sample sheet, not larger than a page needs it; None before the first."""
    if not run.sheets:
        return None
    sheet = images.read(run.sheets[max(run.sheets)])
    share = min(1.0, LARGEST_SHEET / max(sheet.shape[:2]))
    size = [max(1, round(share * side)) for side in sheet.shape[:2]]
    return images.resize(sheet, (size[0], size[1]))
