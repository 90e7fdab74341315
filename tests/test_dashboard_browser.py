"""The dashboard in JupyterLab and Debian's chromium, while this process writes the run's files."""

import json
import re

import numpy as np
import pytest
from browser import NEEDED, opened, until

from lib import images

pytestmark = NEEDED

LESSON = """
import pathlib
from lib import widgets
from lib.widgets import run_files

read = run_files.read

def counted(folder):
    with open("looks.txt", "a") as looks:
        looks.write(".")
    return read(folder)

run_files.read = counted
widgets.dashboard("a_run", every=0.2)
"""
ROOT = "document.querySelector('.run-dashboard')"
PICTURE = f"{ROOT}.querySelector('.samples img')"
SLIDER = f"{ROOT}.querySelector('input[type=range]')"
NOTICE = f"{ROOT}.querySelector('[role=status]').textContent"
SHADES = {100: 40, 200: 120, 300: 200}


def add_round(folder, step):
    row = {"step": step, "seconds": step / 10, "adversarial": 0.7 + 1e-4 * step}
    row |= {"critic": 0.0 if step == 100 else 1000 / step, "rebuilt": 10.0 ** (-step / 100)}
    row["loss"] = sum(list(row.values())[2:])
    with open(folder / "metrics.jsonl", "a") as file:
        file.write(json.dumps(row) + "\n")


def add_sheet(folder, step):
    sheet = np.full((66, 130, 3), SHADES[step], np.uint8)
    images.write(folder / "samples" / f"step_{step:06d}.png", sheet)


@pytest.fixture(scope="module")
def page(request):
    """A page that shows a run of 200 of 300 steps with two sheets."""
    stash = request.getfixturevalue("tmp_path_factory")
    folder = stash.mktemp("runs") / "a_run"
    folder.mkdir()
    (folder / "options.json").write_text(json.dumps({"profile": {"steps": 300}}))
    for step in (100, 200):
        add_round(folder, step)
        add_sheet(folder, step)
    cell = LESSON.replace("a_run", str(folder))
    ready = f"{ROOT} && {PICTURE}?.naturalWidth === 130"
    for browser in opened(request, [cell], ready):
        browser.run = folder
        browser.evaluate(f"{ROOT}.scrollIntoView({{block: 'center'}})")
        yield browser


def shade(page, step):
    """Return the grey level of the sheet that is seen, once it is a step's."""
    page.wait(f"{PICTURE}.dataset.step === '{step}' && {PICTURE}.complete")
    seen = page.look(".run-dashboard .samples img", f"dashboard_sheet_{step}")
    levels = np.unique(seen[4:-4, 4:-4])
    assert len(levels) == 1
    return levels[0]


def panels(page):
    return page.evaluate(
        f"[...{ROOT}.querySelectorAll('[data-term]')].map(one => one.dataset.term)"
    )


def curve(page, term):
    """Return a curve's points on the page, (N, 2)."""
    line = f"{ROOT}.querySelector('[data-term={term}] polyline')?.getAttribute('points')"
    return np.array([point.split(",") for point in (page.evaluate(line) or "").split()], float)


def test_the_static_picture_stands_above_with_its_text(page):
    text = page.evaluate("document.querySelector('.jp-OutputArea img').alt")
    assert "up to step 200: loss from" in text
    assert "rebuilt from 0.1 to 0.01" in text
    assert text.endswith("the samples of step 200.")
    page.evaluate("document.querySelector('.jp-OutputArea').scrollIntoView()")
    page.look(".jp-OutputArea", "dashboard_whole")
    page.evaluate(f"{ROOT}.scrollIntoView({{block: 'center'}})")


def test_arrow_keys_go_through_the_sample_sheets(page):
    assert shade(page, 200) == 120
    page.evaluate(f"{SLIDER}.focus()")
    page.type("ArrowLeft")
    assert shade(page, 100) == 40
    assert page.evaluate(f"{PICTURE}.alt") == "Sample sheet of step 100"
    page.type("End")
    assert shade(page, 200) == 120


def test_boxes_choose_the_terms_and_the_axis_turns_logarithmic(page):
    assert panels(page) == ["loss", "adversarial", "critic", "rebuilt"]
    assert len(curve(page, "critic")) == 2
    page.evaluate(f"{ROOT}.querySelector('[value=adversarial]').focus()")
    page.type(" ")
    assert panels(page) == ["loss", "critic", "rebuilt"]
    page.evaluate(f"{ROOT}.querySelector('.bar input').focus()")
    page.type(" ")
    assert len(curve(page, "critic")) == 1, "0 has no place on a logarithmic axis"
    assert "left out, being not above 0: 1 of the values" in page.evaluate(f"{ROOT}.textContent")
    page.look(".run-dashboard", "dashboard_logarithmic")
    page.type(" ")
    page.evaluate(f"{ROOT}.querySelector('[value=adversarial]').click()")
    assert len(panels(page)) == 4
    name = next(name for name in page.names("image") if name.startswith("rebuilt"))
    assert name == "rebuilt: 0.1 at step 100, 0.01 at step 200, between 0.01 and 0.1"


def test_a_training_elsewhere_is_followed(page):
    with open(page.run / "metrics.jsonl", "a") as file:
        file.write('{"step": 300, "sec')
    looks = page.folder / "looks.txt"
    seen = looks.stat().st_size
    until(lambda: looks.stat().st_size > seen + 2, 10, "two more looks at the folder")
    assert page.evaluate(f"{ROOT}.dataset.step") == "200", "half a line is no round"
    assert page.evaluate(NOTICE) == ""
    lines = (page.run / "metrics.jsonl").read_text().splitlines(keepends=True)
    (page.run / "metrics.jsonl").write_text("".join(lines[:-1]))
    add_round(page.run, 300)
    add_sheet(page.run, 300)
    page.wait(f"{ROOT}.dataset.step === '300'")
    assert shade(page, 300) == 200, "the newest sheet comes to be seen by itself"
    assert "step 300 of 300 after 30 s: finished" in page.evaluate(f"{ROOT}.textContent")
    lefts = curve(page, "rebuilt")[:, 0]
    assert lefts[2] - lefts[1] == pytest.approx(lefts[1] - lefts[0], abs=0.2)
    page.look(".run-dashboard", "dashboard_followed")


def test_a_folder_that_goes_is_told_in_one_line_and_may_come_back(page):
    away = page.run.rename(page.run.with_name("away"))
    page.wait(f"{NOTICE} !== ''")
    told = page.evaluate(NOTICE)
    assert re.search(r"^ValueError: .*a_run: found no folder; expected a run's", told)
    page.look(".run-dashboard", "dashboard_gone")
    away.rename(page.run)
    page.wait(f"{NOTICE} === ''")


def test_it_follows_the_dark_theme(page):
    page.theme("Dark")
    try:
        page.evaluate(f"{ROOT}.scrollIntoView({{block: 'center'}})")
        dark = page.look(".run-dashboard", "dashboard_dark")
    finally:
        page.theme("Light")
    assert dark[4, 4].max() < 60


def test_it_stops_looking_when_its_view_is_gone(page):
    looks = page.folder / "looks.txt"
    seen = looks.stat().st_size
    until(lambda: looks.stat().st_size > seen, 10, "a look at the folder")
    page.evaluate("void jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait(f"!{ROOT}")
    page.evaluate("new Promise(done => setTimeout(done, 500))")
    seen = looks.stat().st_size
    page.evaluate("new Promise(done => setTimeout(done, 800))")
    assert looks.stat().st_size == seen
