"""Photos by upload and webcam, and the link that saves a file: what they take, say and hold."""

import base64
import datetime
import re
import sys
import types

import numpy as np
import pytest

from lib import images, widgets
from lib.images import PictureError
from lib.widgets import uploading

PICTURE = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
PNG = images.encode_png(PICTURE)
NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)


def eight(*files):
    """What ipywidgets 8 gives: a tuple of dicts, contents as memory views."""
    return tuple(
        {
            "name": name,
            "type": "",
            "size": len(data),
            "last_modified": NOON,
            "content": memoryview(data),
        }
        for name, data in files
    )


def seven(*files):
    """What ipywidgets 7 gives: a dict by name, contents as bytes."""
    return {name: {"metadata": {"name": name}, "content": data} for name, data in files}


@pytest.mark.parametrize("shape", [seven, eight])
def test_both_ipywidgets_give_names_and_bytes(shape):
    files = [("a.png", PNG), ("b.jpg", b"xyz")]
    found = uploading.uploaded(shape(*files))
    assert found == files and all(type(content) is bytes for _, content in found)
    assert uploading.uploaded(shape()) == []


def test_a_file_becomes_its_pixels():
    assert np.array_equal(uploading.decoded("Photo.PNG", PNG), PICTURE)
    assert np.array_equal(uploading.decoded("no suffix", PNG), PICTURE)


@pytest.mark.parametrize("content", [b"", b"no picture", PNG[:60]])
def test_what_is_no_picture_is_named_by_its_own_name(content):
    with pytest.raises(PictureError) as caught:
        uploading.decoded("holiday.png", content)
    message = str(caught.value)
    assert message.startswith("holiday.png: ") and "\n" not in message and "/" not in message


def test_one_bad_file_stops_nobody(capsys):
    seen = []

    def work(name, photo):
        if name == "c.png":
            raise ValueError("no face was found")
        seen.append((name, photo.shape))

    names = ["a.png", "b.png", "c.png", "d\n.png"]
    contents = [PNG, b"broken", PNG, PNG]
    uploading.work_through(zip(names, contents, strict=True), work)
    assert seen == [("a.png", (5, 7, 3)), ("d\\n.png", (5, 7, 3))]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("b.png: ") and lines[1] == "c.png: no face was found"
    assert len(lines) == 2


def test_the_button_hands_on_what_is_uploaded(monkeypatch, capsys):
    shown, seen = [], []
    monkeypatch.setattr(uploading, "display", shown.append)
    widgets.upload(lambda name, photo: seen.append((name, photo)), "Yours")
    button, _ = shown[0].children
    assert button.description == "Yours" and button.multiple and button.accept == "image/*"
    button.value = eight(("a.png", PNG))
    assert [name for name, _ in seen] == ["a.png"] and np.array_equal(seen[0][1], PICTURE)
    assert "name a folder in PHOTOS" in capsys.readouterr().out


def test_without_ipywidgets_it_says_how_to_get_them(monkeypatch, capsys):
    monkeypatch.setattr(uploading.importlib.util, "find_spec", lambda name: None)
    widgets.upload(lambda name, photo: None)
    assert "pip install ipywidgets" in capsys.readouterr().out


def colab(monkeypatch, answer):
    asked = []
    module = types.ModuleType("google.colab.output")
    module.eval_js = lambda script: (asked.append(script), answer)[1]
    for name in ("google", "google.colab"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "google.colab.output", module)
    return asked


def test_the_webcam_answers_with_a_photo_on_colab(monkeypatch):
    jpeg = images.encode_jpeg(np.full((12, 16, 3), 90, np.uint8))
    encoded = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    asked = colab(monkeypatch, encoded)
    photo = widgets.photograph()
    assert photo.shape == (12, 16, 3) and abs(int(photo.mean()) - 90) <= 1
    assert len(asked) == 1 and "getUserMedia" in asked[0]


def test_a_camera_that_is_not_allowed_is_a_line(monkeypatch, capsys):
    colab(monkeypatch, "NotAllowedError: Permission denied")
    assert widgets.photograph() is None
    told = capsys.readouterr().out
    assert "NotAllowedError" in told and "upload" in told and told.count("\n") == 1


def test_elsewhere_the_webcam_says_what_to_do_instead(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "google.colab.output", None)
    assert widgets.photograph() is None
    assert "for Colab" in capsys.readouterr().out


def test_the_link_holds_the_file():
    link = widgets.download(PNG, 'a "b" <c>.png', "Save & keep").data
    mime, encoded = re.search(r'href="data:([\w/]+);base64,([^"]+)"', link).groups()
    assert mime == "image/png" and base64.b64decode(encoded) == PNG
    assert 'download="a &quot;b&quot; &lt;c&gt;.png"' in link
    assert link.endswith(">Save &amp; keep</a>")
    jpeg = images.encode_jpeg(PICTURE)
    assert 'href="data:image/jpeg;' in widgets.download(jpeg, "a.jpg").data
    assert f"Download a.jpg ({len(jpeg) / 1024:,.0f} KiB)" in widgets.download(jpeg, "a.jpg").data
