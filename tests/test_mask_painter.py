"""The mask painter without a browser: requests, the static picture, what is stored and refused."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from lib import widgets
from lib.widgets import mask_pictures, stills
from lib.widgets.mask_painter import MaskPainter

NAMES = ("Ada", "Ben")


@pytest.fixture
def pictures():
    return np.random.default_rng(5).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)


@pytest.fixture
def masks():
    made = np.zeros((2, 8, 8), np.uint8)
    made[0, 4:, 2:6], made[1, :2] = 1, 1
    return made


def negative(picture, mask):
    return np.where(mask[..., None] == 1, 255 - picture, picture)


class Asked:
    """A painter's browser: what was answered."""

    def __init__(self, covered, paint, monkeypatch):
        self.answers = []
        self.painter = MaskPainter(covered, paint, "negative")
        monkeypatch.setattr(self.painter, "send", lambda *answer: self.answers.append(answer))

    def __call__(self, content, *buffers):
        self.painter._handle_custom_msg({"view": "a", **content}, list(map(memoryview, buffers)))
        return self.answers[-1]


@pytest.fixture
def ask(pictures, masks, monkeypatch):
    return Asked(mask_pictures.gather(pictures, masks, NAMES), negative, monkeypatch)


def request(mask, place=0):
    return {"kind": "paint", "number": 5, "place": place}, mask.tobytes()


def test_the_browser_is_told_all_there_is(ask, pictures, masks):
    content, (sent_pictures, sent_masks) = ask({"kind": "hello"})
    assert (content["kind"], content["view"], content["size"]) == ("start", "a", 8)
    assert (content["names"], content["result"]) == (NAMES, "negative")
    assert sent_pictures == pictures.tobytes()
    assert sent_masks == masks.tobytes()


def test_the_painted_mask_reaches_the_function_and_its_answer_the_browser(ask, pictures, masks):
    mask = 1 - masks[1]
    content, (painted,) = ask(*request(mask, 1))
    expected = pictures[1].copy()
    expected[2:] = 255 - expected[2:]
    assert np.array_equal(np.frombuffer(painted, np.uint8).reshape(8, 8, 3), expected)
    assert (content["kind"], content["number"], content["view"]) == ("painted", 5, "a")
    assert content["milliseconds"] >= 0
    assert np.array_equal(ask.painter.picture, expected)
    assert np.array_equal(ask.painter.mask, mask)


def test_a_function_that_writes_to_what_it_is_given_spoils_nothing(ask, pictures, masks):
    def careless(picture, mask):
        picture[:], mask[:] = 0, 0
        return picture

    before = pictures.copy()
    ask.painter.paint = careless
    ask(*request(masks[0]))
    assert np.array_equal(pictures, before)
    assert np.array_equal(ask.painter.mask, masks[0])


@pytest.mark.parametrize(
    ("mask", "place", "why"),
    [
        (np.zeros((7, 8), np.uint8), 0, "found a mask of 56 bytes up to 0; expected 64 bytes"),
        (np.full((8, 8), 2, np.uint8), 0, "found a mask of 64 bytes up to 2; expected 64 bytes"),
        (np.zeros(0, np.uint8), 0, "found a mask of 0 bytes up to 0"),
        (np.zeros((8, 8), np.uint8), 2, "found picture 2; expected 0..1"),
        (np.zeros((8, 8), np.uint8), -1, "found picture -1; expected 0..1"),
    ],
)
def test_a_request_that_does_not_fit_is_told_in_one_line(ask, mask, place, why):
    content, buffers = ask(*request(mask, place))
    assert (content["kind"], content["number"], buffers) == ("failed", 5, [])
    assert why in content["why"]
    assert ask.painter.picture is None


def test_what_goes_wrong_in_the_function_is_told_too(ask, masks):
    def broken(*_):
        raise RuntimeError("out of paint\nsecond line")

    ask.painter.paint = broken
    assert ask(*request(masks[0]))[0]["why"] == "RuntimeError: out of paint"
    ask.painter.paint = lambda picture, mask: mask
    found = ask(*request(masks[0]))[0]["why"]
    assert found == "ValueError: paint returned uint8 (8, 8); expected uint8 (8, 8, 3)"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"pictures": np.zeros((2, 8, 9, 3), np.uint8)}, r"found pictures uint8 \(2, 8, 9, 3\)"),
        ({"pictures": np.zeros((2, 8, 8, 3))}, r"found pictures float64 .*; expected uint8"),
        ({"pictures": np.zeros((0, 8, 8, 3), np.uint8)}, "N at least 1"),
        ({"masks": np.zeros((2, 8, 7), np.uint8)}, r"found masks \(2, 8, 7\); .* \(2, 8, 8\)"),
        ({"masks": np.full((2, 8, 8), 255, np.uint8)}, r"found masks of uint8, 255\.\.255"),
        ({"masks": np.zeros((2, 8, 8))}, "found masks of float64"),
        ({"names": ["Ada"]}, "found 1 names for 2 pictures"),
        ({"paint": lambda picture, mask: picture / 255}, "paint returned float64"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(pictures, masks, change, why):
    given = {"pictures": pictures, "masks": masks, "names": NAMES, "paint": negative, **change}
    with pytest.raises(ValueError, match=why) as caught:
        widgets.paint_mask(**given)
    assert "\n" not in str(caught.value)


def displayed(monkeypatch, *given):
    shown = []
    monkeypatch.setattr(stills, "display", shown.append)
    assert widgets.paint_mask(*given) is None
    return shown


def test_the_static_picture_comes_first_with_its_text(monkeypatch, pictures, masks):
    static, live = displayed(monkeypatch, pictures, masks, NAMES, negative, "negative")
    assert static.text == "Three pictures: Ada; the same with a mask over 25 % of it; negative."
    assert isinstance(live, MaskPainter)
    assert repr(live) == "To paint on this mask, run the cell."


def test_masks_of_booleans_or_with_a_channel_are_taken_too(monkeypatch, pictures, masks):
    for given in (masks.astype(bool), masks[..., None]):
        live = displayed(monkeypatch, pictures, given, NAMES, negative)[1]
        assert np.array_equal(live.covered.masks, masks)
        assert live.covered.masks.dtype == np.uint8


def test_without_anywidget_the_static_picture_stays(monkeypatch, capsys, pictures, masks):
    monkeypatch.setattr(stills.importlib.util, "find_spec", lambda name: None)
    assert len(displayed(monkeypatch, pictures, masks, NAMES, negative)) == 1
    assert "To paint on the mask: python -m pip install anywidget" in capsys.readouterr().out


def test_the_picture_is_still_seen_under_the_mask_and_untouched_beside_it(pictures, masks):
    seen = mask_pictures.overlaid(pictures[0], masks[0]).astype(int)
    free = masks[0] == 0
    assert np.array_equal(seen[free], pictures[0][free])
    colour = np.array([0x5B, 0x2E, 0xE5])
    expected = 0.4 * pictures[0][~free] + 0.6 * colour
    assert np.abs(seen[~free] - expected).max() <= 0.5


def test_little_is_stored_however_many_pictures_there_are():
    noise = np.random.default_rng(0).integers(0, 256, (9, 256, 256, 3), dtype=np.uint8)
    covered = mask_pictures.gather(noise, np.zeros((9, 256, 256), np.uint8), "abcdefghi")
    still = mask_pictures.static(covered, noise[0], "painted")
    assert len(still.picture) <= stills.LARGEST_FILE
    assert Image.open(io.BytesIO(still.picture)).width > 400
    state = MaskPainter(covered, negative, "painted").get_state()
    assert len(json.dumps(state, default=str)) < 40_000
