"""Drives JupyterLab in Debian's chromium, through the browser's own remote-debugging protocol.

Nothing but what Jupyter brings is needed (websocket-client). Used by tests marked `browser`.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from lib import env

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
KEY_CODES = {"ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39, " ": 32}
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

    def call(self, method, **parameters):
        """Send a command and return its result; uncaught errors of the page are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("method") == "Runtime.exceptionThrown":
                self.errors.append(answer["params"]["exceptionDetails"])
            if answer.get("id") == self.number:
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

    def run_notebook(self, address):
        """Open a notebook in JupyterLab, wait for its kernel, and run all of its cells."""
        self.call("Page.navigate", url=address)
        panel = "[...(window.jupyterapp?.shell.widgets('main') ?? [])][0]"
        self.wait(f"{panel}?.sessionContext?.session?.kernel?.status === 'idle'", 60)
        self.evaluate(f"jupyterapp.shell.activateById({panel}.id)")
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

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)
