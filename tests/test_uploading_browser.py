"""Uploads in JupyterLab and chromium: a file chosen, worked on, and saved again by its link."""

import base64

import numpy as np
import pytest
from browser import NEEDED, opened

from lib import images

pytestmark = NEEDED

CELL = """
from IPython.display import display
from lib import images, widgets

def work(name, photo):
    print(name, *photo.shape, int(photo.mean()))
    display(widgets.download(images.encode_png(photo), "copy.png"))

widgets.upload(work, "Your photos")
"""
PNG = images.encode_png(np.full((6, 9, 3), 77, np.uint8))
BUTTON = "document.querySelector('.jupyter-widgets.widget-upload, button.widget-upload')"
TEXT = "document.querySelector('.jp-OutputArea').innerText"
LINKS = "[...document.querySelectorAll('.jp-OutputArea a[download]')]"
# A test cannot use the system's window for choosing files: take the input that would open it.
CATCH = "HTMLInputElement.prototype.click = function () { window.chosen = this; }; true"
CHOOSE = """(([name, code]) => {
    const bytes = Uint8Array.from(atob(code), letter => letter.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], name));
    window.chosen.files = files.files;
    window.chosen.dispatchEvent(new Event('change'));
    return true;
})"""


@pytest.fixture(scope="module")
def page(request):
    yield from opened(request, [CELL], BUTTON)


def choose(page, name, content):
    """Open the button's window by keyboard, and choose a file in it."""
    page.evaluate(CATCH)
    page.evaluate(f"delete window.chosen; {BUTTON}.focus()")
    page.type(" ")
    page.wait("!!window.chosen")
    code = base64.b64encode(content).decode()
    page.evaluate(f"{CHOOSE}({[name, code]})")


def test_a_file_is_worked_on_and_comes_back_by_the_link(page):
    assert any("Your photos" in name for name in page.names("button"))
    choose(page, "a.png", PNG)
    page.wait(f"{TEXT}.includes('a.png 6 9 3 77') && {LINKS}.length === 1")
    assert page.evaluate(f"{LINKS}[0].download") == "copy.png"
    address = page.evaluate(f"{LINKS}[0].href")
    assert address.startswith("data:image/png;base64,")
    assert base64.b64decode(address.partition(",")[2]) == PNG
    choose(page, "broken.png", b"no picture")
    page.wait(f"{TEXT}.includes('broken.png: ') && {LINKS}.length === 0")
    assert not page.errors
