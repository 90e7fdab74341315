"""The results page: whole HTML, relative addresses, names that cannot break it."""

import html.parser
from pathlib import Path

import numpy as np
import pytest

from lib import images, results_page

VOID = {"meta", "img", "input", "br", "link"}


class Parsed(html.parser.HTMLParser):
    """Balance of tags, what images and rows there are, and the text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""
        self.feed(text)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def picture(level, side=8):
    return np.full((side, side, 3), level, np.uint8)


def faces(number=2):
    names = ("photo", "Yang et al.", "ours")
    return {
        f"face {row}": {name: picture(20 * row + 3 * column) for column, name in enumerate(names)}
        for row in range(number)
    }


def parse(page):
    return Parsed(page.read_text("utf-8"))


def test_every_face_has_a_row_and_all_tags_are_closed(tmp_path):
    parsed = parse(results_page.write(tmp_path, faces(3), title="Shine"))
    assert len(parsed.all("tr")) == 1 + 3
    assert len(parsed.all("td")) == 3 * (1 + 3), "the wipe, and one for each method"
    assert len(parsed.all("th")) == (2 + 3) + 3
    assert parsed.tags[0][0] == "html"


def test_addresses_are_relative_and_lead_to_the_pictures(tmp_path):
    there, wanted = tmp_path / "made here", faces()
    page = results_page.write(there, wanted, title="Shine")
    moved = page.parent.rename(tmp_path / "moved")
    sources = [one["src"] for one in parse(moved / page.name).all("img")]
    assert len(sources) == 2 * (2 + 3)
    for source in sources:
        assert not Path(source).is_absolute() and "://" not in source
        assert images.read(moved / source).shape == (8, 8, 3)
    first = [images.read(moved / source)[0, 0, 0] for source in sources[2:5]]
    assert first == [one[0, 0, 0] for one in wanted["face 0"].values()]


def test_the_wipe_lies_over_before_and_after_and_runs_without_a_kernel(tmp_path):
    page = results_page.write(tmp_path, faces(1), title="Shine", wiped=("photo", "Yang et al."))
    parsed = parse(page)
    (slider,) = parsed.all("input")
    assert slider["type"] == "range" and "clipPath" in slider["oninput"]
    below, above = (images.read(tmp_path / one["src"])[0, 0, 0] for one in parsed.all("img")[:2])
    assert (above, below) == (0, 3), "the photo lies on top"
    assert parsed.all("script") == []


def test_names_are_escaped(tmp_path):
    hostile = '"><script>alert(1)</script>&\n'
    rows = {hostile: {hostile: picture(1), "b": picture(2)}}
    parsed = parse(results_page.write(tmp_path, rows, title=hostile, note=hostile))
    assert parsed.all("script") == []
    assert "<script>alert(1)</script>&" in parsed.text
    assert all("alert" in one["alt"] for one in parsed.all("img"))
    assert not any("alert" in one["src"] for one in parsed.all("img"))


def test_readers_are_told_that_results_are_synthetic(tmp_path):
    parsed = parse(results_page.write(tmp_path, faces(1), title="Shine"))
    assert results_page.SYNTHETIC in parsed.text


def test_every_picture_has_a_text_and_the_slider_a_name(tmp_path):
    parsed = parse(results_page.write(tmp_path, faces(1), title="Shine"))
    assert all(one["alt"] for one in parsed.all("img"))
    assert parsed.all("input")[0]["aria-label"]


def test_a_page_can_be_written_again(tmp_path):
    results_page.write(tmp_path, faces(2), title="Shine")
    parsed = parse(results_page.write(tmp_path, faces(1), title="Shine"))
    assert len(parsed.all("tr")) == 2


def test_what_makes_no_page_is_refused(tmp_path):
    with pytest.raises(ValueError, match="found no face"):
        results_page.write(tmp_path, {}, title="Shine")
    uneven = faces(1) | {"another": {"photo": picture(1)}}
    with pytest.raises(ValueError, match=r"another: found photo; expected photo, Yang et al\."):
        results_page.write(tmp_path, uneven, title="Shine")
    with pytest.raises(ValueError, match="no column 'theirs'"):
        results_page.write(tmp_path, faces(1), title="Shine", wiped=("photo", "theirs"))
    shapes = {"one": {"photo": picture(1), "ours": picture(1, 9)}}
    with pytest.raises(ValueError, match="expected equal"):
        results_page.write(tmp_path, shapes, title="Shine")
    assert not (tmp_path / results_page.PAGE).exists()
