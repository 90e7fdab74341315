"""Figures with controls in JupyterLab and chromium: what a screen reader hears, and keys."""

import pytest
from browser import NEEDED, opened

pytestmark = NEEDED

CELL = """
import numpy as np
from ipywidgets import Dropdown, FloatSlider, IntSlider
from lib import show, widgets

def draw(level, hair_share, kind):
    return show.pictures([[np.full((32, 32, 3), level, np.uint8)]], [kind], height=1)

widgets.explore(draw, level=IntSlider(100, max=255), hair_share=FloatSlider(0.5, max=1, step=0.25),
                kind=Dropdown(options=["grey", "other"]))
"""
HANDLE = "document.querySelectorAll('.noUi-handle')"
ALTS = "[...document.querySelectorAll('.jp-OutputArea img')].map(image => image.alt)"


@pytest.fixture(scope="module")
def page(request):
    yield from opened(request, [CELL], f"{HANDLE}[1]?.ariaLabel")


def test_controls_have_names_and_sliders_move_by_keyboard(page):
    assert page.names("slider") == ["level", "hair share"]
    assert "hair share, as a number" in page.names("textbox")
    assert "kind" in page.names("combobox")
    first = "Figure: grey. Drawn for level 100, hair share 0.5, kind grey."
    assert page.evaluate(ALTS) == [first]
    page.evaluate(f"{HANDLE}[0].focus()")
    page.type("ArrowRight", "ArrowRight")
    moved = "Figure: grey. Drawn for level 102, hair share 0.5, kind grey."
    page.wait(f"{ALTS}[1] === '{moved}'")
    page.evaluate(f"{HANDLE}[1].focus()")
    page.type("ArrowLeft")
    page.wait(f"{ALTS}[1] === '{moved.replace('0.5', '0.25')}'")
    seen = page.look(".jp-OutputArea", "explore")
    assert (seen == 102).all(axis=-1).sum() > 1000
    assert page.evaluate(ALTS)[0] == first, "the static picture stays"
