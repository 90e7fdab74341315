"""Drives JupyterLab in Debian's chromium, through the browser's own remote-debugging protocol.

Nothing but what Jupyter brings is needed (websocket-client). Used by tests marked `browser`: all of
them share one server, one browser and one kernel, which the first of them starts.

    @pytest.fixture(scope="module")
    def page(request):
        yield from opened(request, [CELL], "document.querySelector('.thing')")
"""

import base64
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib import env

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
KEY_CODES = {"ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39, " ": 32,
             "PageUp": 33, "PageDown": 34, "End": 35, "Home": 36, "Tab": 9}  # fmt: skip
NEEDED = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium"),
]
SHARED = pytest.StashKey()
PANEL = "[...(window.jupyterapp?.shell.widgets('main') ?? [])][0]"
OUTPUTS = f"{PANEL}.content.model.sharedModel.cells.flatMap(cell => cell.toJSON().outputs ?? [])"
FAILED = f"{OUTPUTS}.some(output => output.output_type === 'error')"
ERRORS = f"{OUTPUTS}.filter(output => output.ename).map(one => `${{one.ename}}: ${{one.evalue}}`)"
REPLACE = f"""(cells => {{
    const model = {PANEL}.content.model.sharedModel;
    model.transact(() => {{
        model.deleteCellRange(0, model.cells.length);
        model.insertCells(0, cells);
    }});
}})"""
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    }
}


def until(condition, seconds, what):
    """Return what the condition returns as soon as that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise TimeoutError(f"{what}: not within {seconds} s")


def notebook(*cells):
    """Return a notebook of code cells as a dictionary."""
    made = [
        {"cell_type": "code", "id": f"cell-{place}", "metadata": {}, "source": source,
         "outputs": [], "execution_count": None}
        for place, source in enumerate(cells)
    ]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return {"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


class Lab:
    """A JupyterLab server of our own: nothing of the user's settings is read or written."""

    def __init__(self, folder: Path):
        self.folder = folder
        settings = folder / "app-settings"
        settings.mkdir()
        (settings / "overrides.json").write_text(json.dumps(OVERRIDES))
        environment = {**os.environ, "PYTHONPATH": str(env.ROOT), "IPYTHONDIR": str(folder / "i")}
        for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
            environment[f"JUPYTER_{name}"] = str(folder / name.lower())
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
            "--ServerApp.port=0", f"--ServerApp.root_dir={folder}", "--IdentityProvider.token=",
            f"--LabApp.app_settings_dir={settings}", "--LabApp.expose_app_in_browser=True",
        ]  # fmt: skip
        with (folder / "lab.log").open("w") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def address(self):
        """Wait for the server and return its address."""
        found = until(
            lambda: list((self.folder / "runtime_dir").glob("jpserver-*.json")), 40, "JupyterLab"
        )
        port = until(lambda: json.loads(found[0].read_text() or "{}"), 5, "its port")["port"]
        return f"http://127.0.0.1:{port}"

    def close(self):
        self.process.terminate()
        self.process.wait(20)


class Browser:
    """One page of a headless chromium."""

    def __init__(self, folder: Path, width=1440, height=1000):
        import websocket

        profile = folder / "chromium"
        command = [
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars",
            "--remote-debugging-port=0", f"--user-data-dir={profile}",
            f"--window-size={width},{height}", "about:blank",
        ]  # fmt: skip
        with (folder / "chromium.log").open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        told = profile / "DevToolsActivePort"
        until(lambda: told.exists() and len(told.read_text().split()) == 2, 30, "chromium")
        port = told.read_text().split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as pages:
            page = next(page for page in json.load(pages) if page["type"] == "page")
        self.socket = websocket.create_connection(
            page["webSocketDebuggerUrl"], suppress_origin=True, timeout=60
        )
        self.number, self.errors = 0, []
        self.call("Runtime.enable")
        self.call("Page.enable")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip

    def _send(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        self.socket.send(json.dumps(message))
        return self.number

    def call(self, method, **parameters):
        """Send a command and return its result; uncaught errors of the page are kept."""
        number = self._send(method, **parameters)
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("method") == "Runtime.exceptionThrown":
                self.errors.append(answer["params"]["exceptionDetails"])
            if answer.get("method") == "Page.javascriptDialogOpening":
                self._send("Page.handleJavaScriptDialog", accept=True)  # leave without saving
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def evaluate(self, expression):
        """Return the value of a JavaScript expression, awaited if it is a promise."""
        found = self.call("Runtime.evaluate", expression=expression, awaitPromise=True,
                          returnByValue=True)  # fmt: skip
        if "exceptionDetails" in found:
            raise RuntimeError(f"{expression}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def wait(self, expression, seconds=30):
        """Wait until a JavaScript expression is true, and return its value."""
        return until(lambda: self.evaluate(expression), seconds, expression)

    def open_notebook(self, address):
        """Open a notebook in JupyterLab and wait for its kernel."""
        self.call("Page.navigate", url=address)
        self.wait(f"{PANEL}?.sessionContext?.session?.kernel?.status === 'idle'", 60)
        self.evaluate(f"jupyterapp.shell.activateById({PANEL}.id)")

    def run_notebook(self, cells):
        """Put cells in the place of the open notebook's, and run them in its kernel."""
        self.evaluate(f"{REPLACE}({json.dumps(cells)})")
        self.wait("jupyterapp.commands.isEnabled('notebook:run-all-cells')")
        self.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")

    def box(self, selector):
        """Return left, top, width and height of an element, in CSS pixels."""
        code = f"(b => [b.left, b.top, b.width, b.height])(document.querySelector({selector!r})"
        return self.evaluate(f"{code}.getBoundingClientRect())")

    def mouse(self, kind, x, y):
        """Send mousePressed, mouseMoved or mouseReleased of the left button."""
        pressed = {"mousePressed": 1, "mouseMoved": self.held, "mouseReleased": 0}[kind]
        self.held = pressed
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left",
                  buttons=pressed, clickCount=1)  # fmt: skip

    held = 0

    def drag(self, points):
        """Press at the first point, move through all, release at the last."""
        self.mouse("mousePressed", *points[0])
        for point in points[1:]:
            self.mouse("mouseMoved", *point)
        self.mouse("mouseReleased", *points[-1])

    def type(self, *keys):
        """Press and release keys, by their JavaScript names."""
        for key in keys:
            code = KEY_CODES.get(key, ord(key[0].upper()))
            text = {"text": key} if len(key) == 1 else {}
            self.call("Input.dispatchKeyEvent", type="keyDown", key=key,
                      windowsVirtualKeyCode=code, **text)  # fmt: skip
            self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def screenshot(self, path, selector=None):
        """Write a PNG of the window or of one element."""
        clip = {}
        if selector:
            left, top, width, height = self.box(selector)
            clip = {"clip": {"x": left, "y": top, "width": width, "height": height, "scale": 1}}
        shot = self.call("Page.captureScreenshot", format="png", **clip)
        Path(path).write_bytes(base64.b64decode(shot["data"]))

    def look(self, selector, name):
        """Return what an element looks like, int (H, W, 3); kept in LAB_SCREENSHOTS, if set."""
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(os.environ.get("LAB_SCREENSHOTS") or temporary)
            folder.mkdir(parents=True, exist_ok=True)
            self.screenshot(folder / f"{name}.png", selector)
            shot = io.BytesIO((folder / f"{name}.png").read_bytes())
        return np.array(Image.open(shot).convert("RGB")).astype(int)

    def names(self, role):
        """Return the accessible names of all elements of a role, as a screen reader has them."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            node.get("name", {}).get("value", "")
            for node in nodes
            if not node["ignored"] and node["role"]["value"] == role
        ]

    def theme(self, name):
        """Change JupyterLab's theme, "Light" or "Dark", and wait until it is there."""
        chosen = json.dumps({"theme": f"JupyterLab {name}"})
        self.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {chosen})")
        light = str(name == "Light").lower()
        self.wait(f"document.body.dataset.jpThemeLight === '{light}'")
        self.wait("!document.querySelector('#jupyterlab-splash')")

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)


class Together:
    """One JupyterLab, one notebook's kernel and one browser for all tests of a session."""

    def __init__(self, folder):
        self.lab = Lab(folder)
        try:
            self.browser = Browser(folder)
        except BaseException:
            self.lab.close()
            raise
        (folder / "lesson.ipynb").write_text(json.dumps(notebook()))

    def show(self, cells):
        """Run cells in the notebook, which is opened where another page is seen, and return it."""
        if not self.browser.evaluate(f"!!{PANEL}"):
            self.browser.open_notebook(f"{self.lab.address()}/lab/tree/lesson.ipynb?reset")
        self.browser.errors.clear()
        self.browser.run_notebook(notebook(*cells)["cells"])
        return self.browser

    def close(self):
        self.browser.close()
        self.lab.close()


def opened(request, cells, ready, seconds=90):
    """Yield the browser with a notebook that has run, until an expression is true; a generator.

    Args:
        request: pytest's, of the fixture.
        cells: sources of the notebook's cells.
        ready: JavaScript that is true when there is something to test.
        seconds: to wait for that.
    """
    stash = request.config.stash
    if SHARED not in stash:
        folder = request.getfixturevalue("tmp_path_factory").mktemp("lab")
        stash[SHARED] = Together(folder)
        request.config.add_cleanup(stash[SHARED].close)
    browser = stash[SHARED].show(cells)
    browser.folder = stash[SHARED].lab.folder
    browser.wait(f"!!({ready}) || {FAILED}", seconds)
    failures = browser.evaluate(ERRORS)
    assert not failures, failures
    yield browser
    assert not browser.errors, browser.errors
