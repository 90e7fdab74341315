"""The wipe in JupyterLab and Debian's chromium: moved by keys and by pointer, compared in pixels.

Before is red, after is blue: left of the line everything is red, right of it everything is blue.
"""

import numpy as np
import pytest
from browser import NEEDED, opened

from lib import widgets

pytestmark = NEEDED

WIDTH = 300
FLAT = """
import numpy as np
from lib import widgets

def flat(*colour):
    return np.full((40, 60, 3), colour, np.uint8)

red, blue, green, white = flat(255, 0, 0), flat(0, 0, 255), flat(0, 128, 0), flat(255, 255, 255)
"""
ONE = "widgets.show_wipe(red, blue, ('red, as found', 'blue, a guess'), width=300)"
MANY = "widgets.show_wipes([(red, blue, 'Ada'), (green, white, 'Ben')], width=300)"
SLIDER = "document.querySelector('input[type=range]')"
PAIRS = "document.querySelector('.jp-OutputArea select')"
COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0), "white": (255,) * 3}


@pytest.fixture(scope="module")
def page(request):
    """A page with a single wipe, and another with two pairs in a second cell."""
    cells = [FLAT, ONE, MANY]
    for browser in opened(request, cells, "document.querySelectorAll('figure').length > 2"):
        browser.evaluate(
            "document.querySelectorAll('.jp-CodeCell').forEach((cell, place) =>"
            " cell.querySelector('.jp-OutputArea').id = `output-${place}`)"
        )
        yield browser


def line_at(page, figure, colours, name):
    """Return where on the pictures, 0..1, one colour ends and the other begins; nothing else is."""
    shot = page.look(f"{figure} div", name)
    row = shot[4]  # clear of the handle in the middle
    before, after = ((row == COLOURS[colour]).all(axis=-1) for colour in colours)
    edges = np.flatnonzero(~before)[0], np.flatnonzero(~after)[-1] + 1
    assert before[: edges[0]].all() and after[edges[1] :].all()
    assert edges[1] - edges[0] <= 10, "the line and its shadow"
    for other in (shot[1], shot[-2]):
        assert np.array_equal(other[: edges[0]], row[: edges[0]])
        assert np.array_equal(other[edges[1] :], row[edges[1] :])
    return sum(edges) / 2 / len(row)


def scroll(page, output):
    page.evaluate(f"document.querySelector('#{output}').scrollIntoView()")


def test_the_static_picture_stands_above_with_its_text(page):
    scroll(page, "output-1")
    image = "#output-1 img"
    assert page.evaluate(f"document.querySelector('{image}').alt") == (
        "Side by side: red, as found, and blue, a guess."
    )
    assert page.box(image)[1] + page.box(image)[3] <= page.box("#output-1 figure")[1]
    assert page.box("#output-1 figure")[2] == WIDTH
    page.look("#output-1", "wipe_whole")
    assert "share of red, as found shown" in page.names("slider")


def test_arrow_keys_move_the_line(page):
    scroll(page, "output-1")
    figure, colours = "#output-1 figure", ("red", "blue")
    assert line_at(page, figure, colours, "wipe_middle") == pytest.approx(0.5, abs=0.005)
    page.evaluate(f"{SLIDER}.focus()")
    page.type(*["ArrowRight"] * 20)
    assert line_at(page, figure, colours, "wipe_keys") == pytest.approx(0.7, abs=0.005)
    page.type(*["ArrowLeft"] * 45)
    assert line_at(page, figure, colours, "wipe_keys_left") == pytest.approx(0.25, abs=0.005)


def test_the_line_follows_the_pointer_and_stops_with_it(page):
    scroll(page, "output-1")
    figure, colours = "#output-1 figure", ("red", "blue")
    left, top, width, height = page.box(f"{figure} div")
    at = lambda share: (left + share * width, top + height / 3)  # noqa: E731
    page.drag([at(0.2), at(0.5), at(0.813)])
    assert line_at(page, figure, colours, "wipe_dragged") == pytest.approx(0.813, abs=0.005)
    page.mouse("mouseMoved", *at(0.4))
    assert line_at(page, figure, colours, "wipe_let_go") == pytest.approx(0.813, abs=0.005)
    page.type("ArrowLeft")  # the drag left the focus on the slider
    assert line_at(page, figure, colours, "wipe_after") == pytest.approx(0.803, abs=0.005)


def test_page_keys_choose_the_pair(page):
    scroll(page, "output-2")
    first, second = "#output-2 figure", "#output-2 figure + figure"
    assert page.box(first)[2] == WIDTH
    assert page.box(second)[2] == 0
    page.look("#output-2", "wipes_first")
    page.evaluate(f"document.querySelector('{first} input').focus()")
    page.type("PageDown", "PageDown")
    assert page.box(first)[2] == 0
    assert line_at(page, second, ("green", "white"), "wipes_second") == pytest.approx(0.5, abs=0.01)
    page.type("ArrowRight", "ArrowRight")  # the focus went along
    assert line_at(page, second, ("green", "white"), "wipes_moved") == pytest.approx(0.52, abs=0.01)
    page.look("#output-2", "wipes_whole")
    page.type("PageUp")
    assert page.evaluate(f"{PAIRS}.value") == "Ada"
    page.evaluate(f"{PAIRS}.selectedIndex = 1; {PAIRS}.dispatchEvent(new Event('change'))")
    assert page.box(second)[2] == WIDTH


def test_a_saved_page_moves_without_lab_or_kernel(page, tmp_path):
    flat = lambda *colour: np.full((40, 60, 3), colour, np.uint8)  # noqa: E731
    saved = tmp_path / "saved.html"
    figure = widgets.wipe(flat(255, 0, 0), flat(0, 0, 255), width=WIDTH)
    saved.write_text(f"<!doctype html><meta charset=utf-8>{figure.data}")
    page.call("Page.navigate", url=saved.as_uri())
    page.wait(f"!!{SLIDER}")
    page.evaluate(f"{SLIDER}.focus()")
    page.type(*["ArrowLeft"] * 10)
    assert line_at(page, "figure", ("red", "blue"), "wipe_saved") == pytest.approx(0.4, abs=0.005)
    left, top, width, _ = page.box("figure div")
    page.drag([(left + 0.5 * width, top + 20), (left + 0.9 * width, top + 20)])
    assert line_at(page, "figure", ("red", "blue"), "wipe_saved") == pytest.approx(0.9, abs=0.005)
