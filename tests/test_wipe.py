"""The wipes without a browser: what they hold, what they refuse, the static picture before them."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from lib import widgets
from lib.widgets import stills, wiping


def flat(level, height=8, width=8):
    return np.full((height, width, 3), level, np.uint8)


def stored(html):
    """Return all pictures in some HTML, in their order."""
    codes = re.findall(r"base64,([^\"]+)", html)
    return [np.array(Image.open(io.BytesIO(base64.b64decode(code)))) for code in codes]


def shown(monkeypatch, function, *arguments, **options):
    found = []
    monkeypatch.setattr(wiping, "display", found.append)
    assert function(*arguments, **options) is None
    return found


def test_pairs_stand_after_each_other_and_only_the_first_is_seen():
    pairs = [(flat(0), flat(50), "Ada"), (flat(100), flat(150), "Ben"), (flat(200), flat(250), "C")]
    html = widgets.wipes(pairs, ("masked", "a guess")).data
    assert [picture[0, 0, 0] for picture in stored(html)] == [50, 0, 150, 100, 250, 200]
    figures = re.findall(r'<figure style="(display:none;)?', html)
    assert figures == ["", "display:none;", "display:none;"]
    assert re.findall(r"<option>(.*?)</option>", html) == ["Ada", "Ben", "C"]
    assert 'alt="Ben, masked"' in html
    assert 'aria-label="share of Ben, masked shown"' in html
    assert "<span>masked</span>" in html


def test_names_cannot_break_the_page():
    html = widgets.wipes([(flat(0), flat(1), '"><script>')], ("<b>", "&")).data
    assert "<script" not in html
    assert "<b>" not in html
    assert "<option>&quot;&gt;&lt;script&gt;</option>" in html


def test_no_handler_needs_anything_from_elsewhere():
    html = widgets.wipes([(flat(0), flat(1), "Ada")]).data
    assert not re.search(r"https?:|<script|<link|@import| id=", html)
    assert "{" not in re.sub(r'on\w+="[^"]*"', "", html), "a placeholder was left unfilled"


def test_what_does_not_fit_is_refused_in_one_line(monkeypatch):
    with pytest.raises(ValueError, match=r"^found no pairs of pictures; expected at least one$"):
        widgets.wipes([])
    for function in (widgets.wipes, widgets.show_wipes):
        with pytest.raises(ValueError, match=r"^found shapes \(8, 8, 3\) and \(9, 8, 3\)"):
            function([(flat(0), flat(0, 9), "Ada")])
    monkeypatch.setattr(wiping, "display", lambda _: pytest.fail("shown before it was checked"))
    with pytest.raises(ValueError, match="expected equal ones"):
        widgets.show_wipe(flat(0), flat(0, 9))


def test_the_static_picture_comes_first_with_its_text(monkeypatch):
    static, live = shown(monkeypatch, widgets.show_wipe, flat(0), flat(255), ("photo", "a guess"))
    assert static.text == "Side by side: photo, and a guess."
    assert live.data == widgets.wipe(flat(0), flat(255), ("photo", "a guess")).data
    drawn = np.array(Image.open(io.BytesIO(static.picture)).convert("RGB")).astype(int)
    below = drawn[len(drawn) // 2]  # clear of the titles
    dark = np.flatnonzero(below.max(axis=-1) < 30)
    assert dark.max() < len(below) / 2, "before is at the left"
    assert len(dark) > len(below) / 4


def test_the_static_picture_names_every_pair(monkeypatch):
    pairs = [(flat(0, 8, 16), flat(9, 8, 16), "Ada"), (flat(0), flat(9), "Ben")]
    static, live = shown(monkeypatch, widgets.show_wipes, pairs, ("masked", "a guess"), width=200)
    assert static.text == "Side by side: masked, and a guess, of Ada; Ben."
    assert live.data.count("max-width:200px") == 3


def test_a_still_has_its_text_in_every_form():
    static = wiping.side_by_side([(flat(0), flat(9), 'a "b"')], ("c", "d"))
    data, metadata = static._repr_mimebundle_()
    assert 'alt="Side by side: c, and d, of a &quot;b&quot;."' in data["text/html"]
    assert data["text/plain"] == static.text == repr(static)
    assert base64.b64decode(data["image/png"]) == static.picture
    assert metadata == {"image/png": {"alt": static.text}}


def test_photographs_that_are_large_as_png_become_jpeg():
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    still = stills.Still(stills.compact(Image.fromarray(noise)), "noise")
    assert len(still.picture) <= stills.LARGEST_FILE
    assert "data:image/jpeg;base64," in still.data
    again = np.array(Image.open(io.BytesIO(still.picture)))
    assert np.corrcoef(again.ravel(), noise.ravel())[0, 1] > 0.8
    small = stills.compact(Image.fromarray(noise[:50, :50]))
    assert np.array_equal(np.array(Image.open(io.BytesIO(small))), noise[:50, :50])
