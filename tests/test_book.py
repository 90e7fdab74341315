"""The book: pages that need no network, whose links lead somewhere, with what the lessons show."""

import base64
import html
import io
import json
import re

import bs4
import numpy as np
import pytest
from PIL import Image

from lib import env, images, widgets
from lib.commands import badges, book
from lib.commands.book import equations, pages

DRAWN = pytest.mark.skipif(not equations.can_be_drawn(), reason=f"{equations.NEEDED} is missing")
PICTURE = np.zeros((4, 6, 3), np.uint8)
PNG = base64.b64encode(images.encode_png(PICTURE)).decode()


def cell(source, *outputs, tags=()):
    return {"cell_type": "code", "id": f"c{abs(hash(source))}", "metadata": {"tags": list(tags)},
            "execution_count": None, "outputs": list(outputs), "source": [source]}  # fmt: skip


def markdown(source, *tags):
    lines = source.splitlines(keepends=True)
    return {"cell_type": "markdown", "id": f"m{abs(hash(source))}",
            "metadata": {"tags": list(tags)}, "source": lines}  # fmt: skip


def output(kind, value):
    return {"output_type": "display_data", "data": {kind: value}, "metadata": {}}


def lesson(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def rendered(*cells):
    known = {"notebooks/01_next.ipynb": "01_next.html"}
    page = pages.lesson(lesson(*cells), "notebooks/00_this.ipynb", known.get)
    return bs4.BeautifulSoup(page, "html.parser")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A real lesson as a book, with two that have never been run."""
    folder = tmp_path_factory.mktemp("lab")
    lessons = badges.lessons()
    notebooks = {path.name: json.loads(path.read_text("utf-8")) for path in lessons[:1]}
    bare = lesson(markdown("# 99 · Bare\n\nYou will see *nothing*.\n\nSecond."), cell("1 + 1"))
    notebooks |= {"98_bare.ipynb": bare, "99_bare.ipynb": bare}
    target = folder / "book"
    target.mkdir()
    book.Book(target, notebooks, "").write()
    soups = {
        path.name: bs4.BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in target.glob("*.html")
    }
    return target, soups


def test_every_link_within_the_book_leads_to_a_page_and_a_place_on_it(made):
    target, soups = made
    assert len(soups) == 3 + 3
    followed = 0
    for soup in soups.values():
        for element in soup.select("[href], [src]"):
            address = element.get("href") or element.get("src")
            if re.match(r"https?:|data:", address):
                continue
            path, _, place = address.partition("#")
            assert (target / path).is_file(), address
            assert not place or soups[path].find(id=place), address
            followed += 1
    assert followed > 25


def test_no_page_loads_anything_from_elsewhere(made):
    for soup in made[1].values():
        assert not soup.find_all(["script", "iframe", "object"])
        loaded = [e["src"] for e in soup.select("[src]")] + [e["href"] for e in soup.select("link")]
        assert not [address for address in loaded if "//" in address.split(",")[0]]
    assert not re.search(r"url\((?!.?data:)|@import", (made[0] / "style.css").read_text())


def test_every_figure_of_a_lesson_is_on_its_page_with_an_alternative_text(made):
    for path in badges.lessons()[:1]:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        data = [output.get("data", {}) for output in outputs]
        expected = sum("image/png" in one or "image/jpeg" in one for one in data)
        figures = made[1][f"{path.stem}.html"].find_all("img")
        assert len(figures) == expected > 3
        assert all(len(figure["alt"]) > 10 for figure in figures)
        pixels = base64.b64decode(figures[0]["src"].partition(",")[2])
        assert Image.open(io.BytesIO(pixels)).width > 50


def test_the_index_has_titles_promises_minutes_and_the_readme_s_picture(made):
    index = made[1]["index.html"]
    titles = [heading.get_text() for heading in index.select(".lessons h2")]
    assert titles[0] == "00 · Start here"
    assert titles[-1] == "99 · Bare"
    first, *_, last = index.select(".lessons li")
    assert "You will train your first face GAN" in first.get_text()
    assert re.search(r"Minutes: smoke \d.* laptop \d", first.get_text())
    assert last.em.get_text() == "nothing"
    assert "Second" not in last.get_text()
    source = re.search(r"!\[(.*?)\]\((.*?)\)", (env.ROOT / "README.md").read_text("utf-8"))
    picture = index.find("img")
    assert picture["alt"] == source[1]
    assert (made[0] / picture["src"]).read_bytes() == (env.ROOT / source[2]).read_bytes()


def test_pages_lead_to_the_one_before_and_the_one_after(made):
    names = sorted(name for name in made[1] if name[0].isdigit())
    for number, name in enumerate(names):
        ways = {a["rel"][0]: a["href"] for a in made[1][name].nav.find_all("a", rel=True)}
        expected = {}
        if number:
            expected["prev"] = names[number - 1]
        if number + 1 < len(names):
            expected["next"] = names[number + 1]
        assert ways == expected


def test_links_lead_to_pages_to_the_repository_or_nowhere(tmp_path):
    known = book.Book(tmp_path, {"00_a.ipynb": {}}, "https://github.com/owner/name")
    homeless = book.Book(tmp_path, {}, "")
    assert known.resolve("notebooks/00_a.ipynb") == "00_a.html"
    assert known.resolve("LICENSE") == "https://github.com/owner/name/blob/main/LICENSE"
    assert homeless.resolve("LICENSE") is None
    assert known.resolve("../elsewhere") is None
    page = rendered(markdown("[on](01_next.ipynb#a), [off](../LICENSE), [web](https://x.org/a)"))
    assert [a["href"] for a in page.find_all("a")] == ["01_next.html#a", "https://x.org/a"]
    assert page.get_text().strip() == "on, off, web"


@DRAWN
def test_equations_become_mathml_and_code_stays_as_it_is():
    page = rendered(markdown("Half is $\\tfrac12$, $$\\sum_i i$$ and `$x$` costs 5 $."))
    half, total = page.find_all("math")
    assert [n.get_text() for n in half.mfrac.find_all("mn")] == ["1", "2"]
    assert half.annotation.get_text() == r"\tfrac12"
    assert (total["display"], half.get("display")) == ("block", None)
    assert page.code.get_text() == "$x$"
    assert "costs 5 $." in page.get_text()


@DRAWN
def test_every_equation_of_every_lesson_can_be_drawn():
    texts = [
        "".join(cell["source"])
        for path in badges.lessons()
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "markdown"
    ]
    drawn = pages.markdown("\n\n".join(texts))
    assert drawn.count("<math") > 400
    assert 'class="equation"><code' not in drawn


@pytest.mark.parametrize("latex", [r"\nonsense{", "a < b"])
def test_an_equation_that_cannot_be_drawn_stays_latex(latex, monkeypatch):
    if "<" in latex:
        monkeypatch.setattr(equations, "can_be_drawn", lambda: False)
    expected = f'<span class="equation"><code>{html.escape(latex)}</code></span>'
    assert equations.to_html(latex, display=False) == expected


def test_a_wipe_stays_alive_and_other_widgets_leave_a_line():
    wiped = output("text/html", widgets.wipe(PICTURE, PICTURE + 9).data)
    bar = output(pages.WIDGET, {"model_id": "1"})
    page = rendered(
        cell("wipe", wiped, tags=["widget"]),
        cell("explore", bar, output("image/png", PNG), tags=["widget"]),
        cell("train", bar, {"output_type": "stream", "name": "stderr", "text": "12%"}),
    )
    slider = page.find("input", type="range")
    assert (
        slider["oninput"]
        == bs4.BeautifulSoup(wiped["data"]["text/html"], "html.parser").input["oninput"]
    )
    assert slider.find_previous_sibling("div").find_all("img")[1]["style"].count("clip-path") == 1
    assert page.get_text().count("run the lesson in JupyterLab") == 1
    assert not page.find_all("script")
    assert "12%" not in page.get_text()


def test_errors_tables_and_the_folded_set_up_are_shown_and_badges_are_not():
    failure = {"output_type": "error", "ename": "E", "evalue": "bad", "traceback": ["E: <bad>"]}
    page = rendered(
        markdown("# A title\n\n## Some *part*"),
        markdown("[![Open in Colab](https://x.org/a.svg)](01_next.ipynb)", "badges"),
        cell("import this", tags=["setup"]),
        cell("fail()", failure, output("image/png", PNG)),
        markdown("| a | b |\n|---|---|\n| 1 | 2 |"),
    )
    assert "E: <bad>" in page.get_text()
    assert "import this" in page.details.get_text()
    assert [td.get_text() for td in page.table.find_all("td")] == ["1", "2"]
    (figure,) = page.find_all("img")
    assert figure["alt"] == "Figure of the section “Some *part*”"
    assert page.find(id="some-part").name == "h2"


def test_executed_copies_take_the_lessons_places(tmp_path):
    first, second, *_ = badges.lessons()
    with pytest.raises(book.BookError, match="found no executed lesson such as 00_start_here"):
        book.sources(tmp_path)
    (tmp_path / second.name).write_text(json.dumps(lesson(cell("mine"))))
    found = book.sources(tmp_path)
    assert found[second.name]["cells"][0]["source"] == ["mine"]
    assert found[first.name] == json.loads(first.read_text("utf-8"))


def test_a_folder_of_something_else_is_left_alone_and_an_older_book_is_replaced(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(book, "sources", lambda executed: {"99_a.ipynb": lesson(markdown("# A"))})
    target = tmp_path / "book"
    target.mkdir()
    (target / "holiday.jpg").touch()
    assert book.main(["--to", str(target)]) == 2
    assert "holds other files and no book" in capsys.readouterr().err
    assert [path.name for path in target.iterdir()] == ["holiday.jpg"]
    (target / book.MARK).touch()
    assert book.main(["--to", str(target)]) == 0
    assert f"Open {target / 'index.html'} in a browser" in capsys.readouterr().out
    assert (target / "99_a.html").is_file()
    assert not (target / "holiday.jpg").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["book"]
