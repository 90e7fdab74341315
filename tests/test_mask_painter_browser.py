"""The mask painter in JupyterLab and Debian's chromium: painted on by keyboard and by pointer.

Its function is a negative under the mask, so every pixel of the answer is known.
"""

import numpy as np
import pytest
from browser import NEEDED, opened

pytestmark = NEEDED

LESSON = """
import numpy as np
from lib import widgets

down, across = np.mgrid[:64, :64]
people = np.stack([np.stack([3 * across, 3 * down, 0 * down + blue], -1) for blue in (60, 200)])
masks = np.zeros((2, 64, 64), np.uint8)
masks[:, 40:56, 16:48] = 1

def negative(picture, mask):
    if mask[0, 0]:
        raise RuntimeError("the corner is out of bounds")
    return np.where(mask[..., None] == 1, 255 - picture, picture)

widgets.paint_mask(people.astype("uint8"), masks, ["Ada", "Ben"], negative, "negative")
"""
ROOT = "document.querySelector('.mask-painter')"
SETTLED = f"{ROOT}?.dataset.settled === 'true'"
NOTICE = f"{ROOT}.querySelector('[role=status]').textContent"
BUTTON = f"[...{ROOT}.querySelectorAll('button')].find(one => one.textContent === %r)"


@pytest.fixture(scope="module")
def page(request):
    """A page whose painter has painted its first picture."""
    for browser in opened(request, [LESSON], SETTLED):
        browser.evaluate(f"{ROOT}.scrollIntoView({{block: 'center'}})")
        yield browser


def picture(blue):
    down, across = np.mgrid[:64, :64]
    return np.stack([3 * across, 3 * down, np.full((64, 64), blue)], axis=-1)


@pytest.fixture
def photo():
    return picture(60)


def pixels(page, selector):
    """Return a canvas of the painter as it is, int (64, 64, 3)."""
    context = f"{ROOT}.querySelector('{selector}').getContext('2d')"
    flat = page.evaluate(f"[...{context}.getImageData(0, 0, 64, 64).data]")
    return np.array(flat).reshape(64, 64, 4)[..., :3]


def mask(page, photo):
    """Return the mask as the painted picture tells it: where that is a negative."""
    face = pixels(page, ".face")
    negative = (face == 255 - photo).all(axis=-1)
    assert (negative | (face == photo).all(axis=-1)).all(), "nothing but photo and negative"
    return negative


def settle(page, *keys):
    page.evaluate(f"{ROOT}.querySelector('.map').focus()")
    page.type(*keys)
    page.wait(SETTLED)


def test_the_static_picture_stands_above_with_its_text(page):
    image = "document.querySelector('.jp-OutputArea img')"
    text = "Three pictures: Ada; the same with a mask over 12 % of it; negative."
    assert page.evaluate(f"{image}.alt") == text
    assert page.box(".jp-OutputArea img")[1] < page.box(".mask-painter")[1]
    page.look(".jp-OutputArea", "mask_painter_whole")


def test_it_begins_with_the_given_mask(page, photo):
    expected = np.zeros((64, 64), bool)
    expected[40:56, 16:48] = True
    assert np.array_equal(mask(page, photo), expected)
    shown = pixels(page, ".map")
    assert np.array_equal(shown[~expected], photo[~expected])
    assert (shown[expected] != photo[expected]).any(axis=-1).mean() > 0.95


def test_keys_paint_erase_and_undo(page, photo):
    before = mask(page, photo)
    seen = page.look(".mask-painter", "mask_painter_before")
    settle(page, "[", "[", "[", *["ArrowUp"] * 4, " ")
    painted = mask(page, photo)
    assert list(zip(*np.nonzero(painted != before), strict=True)) == [(28, 32)], "a brush of 1 px"
    assert page.evaluate(f"{ROOT}.querySelector('output').value") == "1 px"
    assert (page.look(".mask-painter", "mask_painter_keys") != seen).any()
    settle(page, "z")
    assert np.array_equal(mask(page, photo), before)
    settle(page, "y")
    assert np.array_equal(mask(page, photo), painted)
    settle(page, "e", " ")
    assert np.array_equal(mask(page, photo), before)
    settle(page, "c")
    assert not mask(page, photo).any()
    settle(page, "z")
    assert np.array_equal(mask(page, photo), before)


def test_a_stroke_of_the_pointer_covers_what_it_crosses(page, photo):
    before = mask(page, photo)
    settle(page, "b", "]", "]", "]")
    left, top, width, height = page.box(".mask-painter .map")
    page.drag([(left + width * x, top + height * 0.25) for x in (0.25, 0.5, 0.75)])
    page.wait(SETTLED)
    added = mask(page, photo) & ~before
    rows, columns = np.nonzero(added)
    assert (rows.min(), rows.max()) == (15, 18), "a brush of 4 px around row 16"
    assert (columns.min(), columns.max()) == (15, 50)
    assert added[15:19, 17:49].all()
    page.look(".mask-painter", "mask_painter_stroke")
    settle(page, "z")


def test_the_mask_can_be_hidden_and_the_picture_changed(page, photo):
    settle(page, "m")
    assert np.array_equal(pixels(page, ".map"), photo)
    settle(page, "m")
    choice = f"{ROOT}.querySelector('select')"
    page.evaluate(f"{choice}.value = 1; {choice}.dispatchEvent(new Event('change'))")
    page.wait(SETTLED)
    assert mask(page, picture(200)).sum() == 16 * 32
    assert "negative of Ben, 13 % of it covered" in page.names("image")
    settle(page, "z")
    assert np.array_equal(pixels(page, ".face")[:40], photo[:40])


def test_what_goes_wrong_in_the_function_is_told_and_painting_goes_on(page, photo):
    before = mask(page, photo)
    left, top, *_ = page.box(".mask-painter .map")
    page.drag([(left + 1, top + 1), (left + 2, top + 1)])
    page.wait(SETTLED)
    expected = "Nothing painted: RuntimeError: the corner is out of bounds"
    assert page.evaluate(NOTICE) == expected
    page.look(".mask-painter", "mask_painter_failed")
    page.evaluate(f"{BUTTON % 'Reset'}.click()")
    page.wait(SETTLED)
    assert page.evaluate(NOTICE) == ""
    assert np.array_equal(mask(page, photo), before)
