"""The part-map painter in JupyterLab and Debian's chromium: seen, painted on, and timed.

Slower than unit tests, and with nothing beside it: a stage of its own (`pytest -m browser`).
"""

import io
import json
import os
import statistics
from pathlib import Path

import numpy as np
import pytest
from browser import CHROMIUM, Browser, Lab, notebook
from PIL import Image

from lib import env

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium"),
]

LESSON = """
import numpy as np
from lib import images, widgets
from lib.models.modulated import build_modulated_generator
from lib.prepare.semantic import colour_map, colours_of, parts_of
from lib.scene.render import render
from lib.scene.sampling import sample

people = [render(sample(7, person, 0), 64) for person in range(3)]
parts = np.stack([parts_of(person["labels"]) for person in people])
colours = np.stack([colours_of(person["photo"], own) for person, own in zip(people, parts)])
model = build_modulated_generator(64, 16)  # our own of system S4, untrained

def paint(parts, colours, giver):
    flat = images.to_network(colour_map(parts, colours))
    painted = np.concatenate([parts.astype("float32"), flat], axis=-1)[None]
    return images.to_picture(model.predict_on_batch([painted, np.zeros((1, 149), "float32")]))[0]

widgets.paint_parts(parts, colours, ["Ada", "Ben", "Cleo"], paint)
"""
ROOT = "document.querySelector('.part-painter')"
SETTLED = f"{ROOT}?.dataset.settled === 'true'"
FAILED = "!!document.querySelector('[data-mime-type=\"application/vnd.jupyter.error\"]')"
WATCH = f"""
window.strokes = [];
{ROOT}.querySelector('.map').addEventListener('pointerup', () => {{
    const began = performance.now();
    const look = () => requestAnimationFrame(() => {{
        if ({SETTLED}) strokes.push(performance.now() - began);
        else look();
    }});
    look();
}});
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page whose painter has painted its first face."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "painter.ipynb").write_text(json.dumps(notebook(LESSON)))
    lab = Lab(folder)
    try:
        browser = Browser(folder)
        try:
            browser.run_notebook(f"{lab.address()}/lab/tree/painter.ipynb?reset")
            browser.wait(f"{SETTLED} || {FAILED}", 90)
            assert not browser.evaluate(FAILED), browser.evaluate(
                "document.querySelector('.jp-OutputArea').textContent"
            )
            browser.evaluate(f"{ROOT}.scrollIntoView({{block: 'center'}})")
            yield browser
            assert browser.errors == []
        finally:
            browser.close()
    finally:
        lab.close()


def shot(page, selector, tmp_path, name):
    """Return what an element looks like; kept in LAB_SCREENSHOTS where that is set."""
    folder = Path(os.environ.get("LAB_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path, selector)
    return np.array(Image.open(io.BytesIO(path.read_bytes())).convert("RGB")).astype(int)


def pixels(page, selector):
    """Return a canvas of the painter as it is, (64, 64, 4)."""
    context = f"{ROOT}.querySelector('{selector}').getContext('2d')"
    return np.array(page.evaluate(f"[...{context}.getImageData(0, 0, 64, 64).data]")).reshape(
        64, 64, 4
    )


def along(page, *places):
    """Return points of the window from places on the map, 0..1 across and down."""
    left, top, width, height = page.box(".part-painter .map")
    return [(left + width * x, top + height * y) for x, y in places]


def focus(page):
    page.evaluate(f"{ROOT}.querySelector('.map').focus()")


def test_the_static_picture_stands_above_with_its_text(page):
    image = "document.querySelector('.jp-OutputArea img')"
    assert page.evaluate(f"{image}.alt").startswith("Three pictures: the part map of Ada (skin")
    assert page.box(".jp-OutputArea img")[1] < page.box(".part-painter")[1]


def test_a_stroke_changes_the_map_and_the_face(page, tmp_path):
    before = shot(page, ".part-painter", tmp_path, "before")
    map_before, face_before = pixels(page, ".map"), pixels(page, ".face")
    focus(page)
    page.type("4")
    page.drag(along(page, (0.4, 0.5), (0.5, 0.55), (0.6, 0.5)))
    page.wait(SETTLED)
    after = shot(page, ".part-painter", tmp_path, "after")
    changed = (pixels(page, ".map") != map_before).any(axis=-1)
    assert 20 < changed.sum() < 200, "a stroke of the brush, and nothing else"
    rows, columns = np.nonzero(changed)
    assert 25 < rows.min() <= rows.max() < 42
    assert 20 < columns.min() <= columns.max() < 44
    assert (pixels(page, ".face") != face_before).any()
    assert (before != after).any(axis=-1).mean() > 0.01


def test_a_stroke_is_answered_within_300_ms(page):
    page.evaluate(WATCH)
    for stroke in range(9):
        page.type(str(1 + stroke % 5))
        y = 0.3 + 0.05 * stroke
        page.drag(along(page, (0.3, y), (0.35, y), (0.45, y + 0.03), (0.55, y), (0.6, y)))
        page.wait(f"strokes.length === {stroke + 1}")
    strokes = page.evaluate("strokes")
    load = os.getloadavg()[0]
    print(f"\npointer up to new face: {[round(stroke) for stroke in strokes]} ms, load {load:.1f}")
    assert statistics.median(strokes) <= 300, (strokes, load)


def test_it_works_by_keyboard_and_undoes(page):
    before = pixels(page, ".map")
    focus(page)
    page.type("0", "]", "]", "ArrowUp", "ArrowLeft", " ")
    page.wait(SETTLED)
    painted = pixels(page, ".map")
    assert (painted != before).any()
    assert page.evaluate(f"{ROOT}.querySelector('[role=status]').textContent").startswith("row ")
    page.type("z")
    page.wait(SETTLED)
    assert np.array_equal(pixels(page, ".map"), before)
    page.type("y")
    page.wait(SETTLED)
    assert np.array_equal(pixels(page, ".map"), painted)
    page.type("2", "f")
    page.wait(SETTLED)
    filled = (pixels(page, ".map") != painted).any(axis=-1)
    assert filled.sum() >= 9, "the area around the cursor, which was erased"
    page.type("z")
    page.wait(SETTLED)
    assert np.array_equal(pixels(page, ".map"), painted)


def choose(page, place, value):
    selected = f"{ROOT}.querySelectorAll('select')[{place}]"
    page.evaluate(f"{selected}.value = {value}; {selected}.dispatchEvent(new Event('change'))")
    page.wait(SETTLED)


def test_another_person_gives_map_or_colours(page):
    map_before, face_before = pixels(page, ".map"), pixels(page, ".face")
    choose(page, 0, 1)
    assert (pixels(page, ".map") != map_before).any()
    map_before, face_before = pixels(page, ".map"), pixels(page, ".face")
    choose(page, 1, 2)
    assert np.array_equal(pixels(page, ".map"), map_before)
    assert (pixels(page, ".face") != face_before).any()
    label = page.evaluate(f"{ROOT}.querySelector('.face').ariaLabel")
    assert label == "Face painted on the map of Ben in the colours of Cleo"


def test_it_follows_the_dark_theme(page, tmp_path):
    light = shot(page, ".part-painter", tmp_path, "light")
    page.evaluate(
        "jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    )
    page.wait("document.body.dataset.jpThemeLight === 'false'")
    page.wait("!document.querySelector('#jupyterlab-splash')")
    page.wait(f"getComputedStyle({ROOT}).color.match(/\\d+/)[0] > 200")
    page.evaluate(f"{ROOT}.scrollIntoView({{block: 'center'}})")
    dark = shot(page, ".part-painter", tmp_path, "dark")
    assert light[4, 4].min() > 200
    assert dark[4, 4].max() < 60


def test_papermill_stores_the_static_picture_and_no_maps(tmp_path, monkeypatch):
    import papermill

    kept = [line for line in LESSON.split("def paint")[0].splitlines() if "model" not in line]
    call = "widgets.paint_parts(parts, colours, 'ABC', lambda own, *_: own[..., :3] * 255)"
    source, done = tmp_path / "lesson.ipynb", tmp_path / "done.ipynb"
    source.write_text(json.dumps(notebook("\n".join([*kept, call]))))
    monkeypatch.setenv("PYTHONPATH", str(env.ROOT))
    papermill.execute_notebook(source, done, progress_bar=False)
    outputs = json.loads(done.read_text())["cells"][-1]["outputs"]
    assert [output["output_type"] for output in outputs] == ["display_data"] * 2
    assert len(json.dumps(outputs)) < 90_000
    assert done.stat().st_size < 150_000
