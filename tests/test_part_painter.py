"""The part-map painter without a browser: maps, requests, the static picture, what is stored."""

import base64
import json
import re

import numpy as np
import pytest

from lib import widgets
from lib.prepare.semantic import GROUPS, colour_map
from lib.widgets import part_maps, part_sheet, stills
from lib.widgets.part_painter import FOLDER, FRONT_END, PartPainter

NAMES = ("Ada", "Ben")


@pytest.fixture
def maps():
    made = np.zeros((2, 8, 8), np.uint8)
    made[:, 2:7, 2:6], made[:, :2, 1:7], made[1, 4, 3] = 1, 4, 2
    return made


@pytest.fixture
def colours():
    return np.random.default_rng(3).integers(0, 256, (2, 7, 3), dtype=np.uint8)


@pytest.fixture
def faces(maps, colours):
    return part_maps.gather(maps, colours, NAMES, tuple(GROUPS))


class Asked:
    """A painter's browser and its function: what was painted and what was answered."""

    def __init__(self, faces, monkeypatch):
        self.painted, self.answers = [], []
        self.painter = PartPainter(faces, self.paint)
        monkeypatch.setattr(self.painter, "send", lambda *answer: self.answers.append(answer))

    def paint(self, parts, colours, giver):
        self.painted.append((parts, colours, giver))
        return colour_map(parts, colours)

    def __call__(self, content, *buffers):
        self.painter._handle_custom_msg({"view": "a", **content}, list(map(memoryview, buffers)))
        return self.answers[-1]


@pytest.fixture
def ask(faces, monkeypatch):
    return Asked(faces, monkeypatch)


def request(numbers, colours, /, **changes):
    content = {"kind": "paint", "number": 5, "giver": 1, "colours": colours.tolist(), **changes}
    return content, numbers.tobytes()


def test_a_map_survives_the_way_to_planes_and_back():
    numbers = np.random.default_rng(0).integers(0, 8, (3, 16, 16), dtype=np.uint8)
    parts = part_maps.planes(numbers, 7)
    assert parts.shape == (3, 16, 16, 7)
    assert np.array_equal(part_maps.flat(parts), numbers)


def test_where_groups_overlap_the_later_lies_on_top():
    parts = np.zeros((1, 1, 7), np.uint8)
    parts[0, 0, [0, 3]] = 1
    assert part_maps.flat(parts)[0, 0] == 4


def test_the_browser_is_told_all_there_is(ask, faces):
    content, (maps, colours) = ask({"kind": "hello"})
    assert (content["kind"], content["view"], content["size"]) == ("start", "a", 8)
    assert content["names"] == NAMES
    assert content["groups"] == tuple(GROUPS)
    assert len(content["palette"]) == 8
    assert np.array_equal(np.frombuffer(maps, np.uint8).reshape(2, 8, 8), faces.maps)
    assert np.array_equal(np.frombuffer(colours, np.uint8).reshape(2, 7, 3), faces.colours)


def test_the_painted_map_reaches_the_function_and_its_face_the_browser(ask, maps, colours):
    maps[0, 0, 0] = 7
    content, (face,) = ask(*request(maps[0], colours[1]))
    parts, given, giver = ask.painted[0]
    assert np.array_equal(part_maps.flat(parts), maps[0])
    assert np.array_equal(given, colours[1])
    assert (parts.dtype, given.dtype, giver) == (np.uint8, np.uint8, 1)
    expected = colour_map(parts, colours[1])
    assert np.array_equal(np.frombuffer(face, np.uint8).reshape(8, 8, 3), expected)
    assert (content["kind"], content["number"], content["view"]) == ("painted", 5, "a")
    assert content["milliseconds"] >= 0
    assert np.array_equal(ask.painter.picture, expected)
    assert np.array_equal(ask.painter.parts, parts)


@pytest.mark.parametrize(
    ("numbers", "changes", "why"),
    [
        (np.zeros((7, 8), np.uint8), {}, "found a map of 56 bytes up to 0; expected 64 bytes"),
        (np.full((8, 8), 8, np.uint8), {}, "up to 8; expected 64 bytes of 0..7"),
        (np.zeros(0, np.uint8), {}, "found a map of 0 bytes"),
        (np.zeros((8, 8), np.uint8), {"giver": 2}, "found giver 2; expected 0..1"),
        (np.zeros((8, 8), np.uint8), {"colours": [[0, 0, 0]]}, "expected (7, 3) of 0..255"),
        (np.zeros((8, 8), np.uint8), {"colours": [[0, 0, 256]] * 7}, "expected (7, 3) of 0..255"),
    ],
)
def test_a_request_that_does_not_fit_is_told_in_one_line(ask, colours, numbers, changes, why):
    content, *_ = ask(*request(numbers, colours[0], **changes))
    assert content["kind"] == "failed"
    assert why in content["why"]
    assert "\n" not in content["why"]
    assert not ask.painted


def test_what_goes_wrong_in_the_function_is_told_too(ask, maps, colours):
    def broken(*_):
        raise RuntimeError("out of paint\nsecond line")

    ask.painter.paint = broken
    assert ask(*request(maps[0], colours[0]))[0]["why"] == "RuntimeError: out of paint"
    ask.painter.paint = lambda *_: np.zeros((4, 4, 3), np.uint8)
    found = ask(*request(maps[0], colours[0]))[0]["why"]
    assert found == "ValueError: paint returned uint8 (4, 4, 3); expected uint8 (8, 8, 3)"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"maps": np.zeros((2, 8, 9), np.uint8)}, r"found maps \(2, 8, 9\)"),
        ({"maps": np.zeros((2, 8, 8, 6), np.uint8)}, r"expected \(N, S, S\) or \(N, S, S, 7\)"),
        ({"maps": np.zeros((2, 8, 8))}, "found maps of float64, 0.0..0.0; expected uint8"),
        ({"maps": np.full((2, 8, 8), 8, np.uint8)}, "found maps of uint8, 8..8"),
        ({"colours": np.zeros((2, 6, 3), np.uint8)}, r"expected \(2, 7, 3\) of 0..255"),
        ({"colours": np.full((2, 7, 3), 256)}, r"expected \(2, 7, 3\) of 0..255"),
        ({"names": ["Ada"]}, "found 1 names for 2 maps"),
        ({"groups": list("abcdefghijklmnopqrs")}, "found 19 groups; expected 1 to 18"),
        ({"paint": lambda *_: np.zeros((8, 8), np.uint8)}, r"paint returned uint8 \(8, 8\)"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(maps, colours, change, why):
    given = {"maps": maps, "colours": colours, "names": NAMES, "paint": lambda p, c, g: None}
    with pytest.raises(ValueError, match=why) as caught:
        widgets.paint_parts(**{**given, **change})
    assert "\n" not in str(caught.value)


def displayed(monkeypatch, maps, colours):
    shown = []
    monkeypatch.setattr(stills, "display", shown.append)
    paint = lambda parts, colours, giver: colour_map(parts, colours)  # noqa: E731
    assert widgets.paint_parts(maps, colours, NAMES, paint) is None
    return shown


def test_the_static_picture_comes_first_with_its_text(monkeypatch, maps, colours):
    static, live = displayed(monkeypatch, maps, colours)
    assert isinstance(live, PartPainter)
    assert 'alt="Three pictures: the part map of Ada (skin, hair), ' in static.data
    png = base64.b64decode(re.search(r"base64,([^\"]+)", static.data).group(1))
    assert png.startswith(b"\x89PNG")


def test_planes_as_datasets_hold_them_are_taken_too(monkeypatch, maps, colours):
    live = displayed(monkeypatch, part_maps.planes(maps, 7), colours)[1]
    assert np.array_equal(live.faces.maps, maps)


def test_without_anywidget_the_static_picture_stays(monkeypatch, capsys, maps, colours):
    monkeypatch.setattr(stills.importlib.util, "find_spec", lambda name: None)
    assert len(displayed(monkeypatch, maps, colours)) == 1
    assert "pip install anywidget" in capsys.readouterr().out


@pytest.mark.parametrize("size", [64, 256])
def test_even_noise_is_stored_in_60_kb(size):
    noise = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
    numbers = np.random.default_rng(1).integers(0, 8, (1, size, size), dtype=np.uint8)
    faces = part_maps.gather(numbers, np.zeros((1, 7, 3), np.uint8), ["Ada"], tuple(GROUPS))
    assert len(part_sheet.sheet(faces, noise)) <= 60_000


def test_widget_state_holds_no_maps(faces):
    state = PartPainter(faces, lambda *_: None).get_state()
    assert len(json.dumps(state, default=str)) < 40_000


def test_the_front_ends_are_short_and_ask_no_network():
    files = [path for path in FOLDER.iterdir() if path.suffix in (".js", ".css")]
    assert {*FRONT_END, "live.css", "part_painter.css"} <= {path.name for path in files}
    for path in files:
        text = path.read_text()
        assert text.count("\n") < 300
        assert not re.search(r"https?:|import\(|^import |fetch\(|@import|url\(", text, re.MULTILINE)
