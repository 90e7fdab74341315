"""Photos in by upload or webcam, and files out by a link.

The link holds the file itself, so that it works in JupyterLab, in Colab and in a saved page alike.
The webcam is Colab's: a notebook elsewhere may take an upload instead.
"""

from __future__ import annotations

import base64
import html
import importlib.util
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from IPython.display import HTML, display

from lib import images
from lib.files import one_line
from lib.images import PictureError
from lib.widgets.stills import mime_type

LARGEST_UPLOAD = 9
"""MiB at a time: Jupyter cuts a connection that is sent 10 MiB or more in one message."""

Work = Callable[[str, np.ndarray], None]
"""Called with a photo's name and its pixels, uint8 (H, W, 3); what it displays is shown."""

# The page asks for the camera, shows what it sees, and answers with a JPEG when the button is
# pressed, or with what went wrong.
_CAMERA = """
(async () => {
  const place = document.createElement('div'), video = document.createElement('video');
  const button = document.createElement('button');
  button.textContent = 'Take the photo';
  button.style.cssText = 'display:block;margin:6px 0;padding:6px 12px;font-size:15px';
  video.style.maxWidth = '100%';
  place.append(button, video);
  (document.querySelector('#output-area') || document.body).append(place);
  try {
    const stream = await navigator.mediaDevices.getUserMedia({video: {width: {ideal: 1280}}});
    video.srcObject = stream;
    await video.play();
    google.colab.output.setIframeHeight(document.documentElement.scrollHeight, true);
    await new Promise((pressed) => { button.onclick = pressed; });
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d').drawImage(video, 0, 0);
    stream.getTracks().forEach((track) => track.stop());
    return canvas.toDataURL('image/jpeg', 0.95);
  } catch (error) {
    return String(error);
  } finally {
    place.remove();
  }
})()
"""


def uploaded(value: Any) -> list[tuple[str, bytes]]:
    """Return the names and contents of what an ipywidgets.FileUpload holds.

    Args:
        value: its `value`: ipywidgets 8 gives dicts with name and content in a row, 7 a dict by
            name of dicts with content.
    """
    if isinstance(value, Mapping):
        return [(str(name), bytes(file["content"])) for name, file in value.items()]
    return [(str(file["name"]), bytes(file["content"])) for file in value]


def decoded(name: str, content: bytes) -> np.ndarray:
    """Return a picture file's pixels, uint8 (H, W, 3), upright as its camera was held.

    Args:
        name: of the file, for the message; its suffix is the format's.
        content: the file.

    Raises:
        PictureError: naming the file, where it is no whole picture.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"photo{Path(name).suffix.lower()[:8]}"
        path.write_bytes(content)
        try:
            return images.read(path)
        except PictureError as error:
            found, _, remedy = error.reason.partition("; ")
            raise PictureError(name, found, remedy or "choose another file") from error


def work_through(files: Iterable[tuple[str, bytes]], work: Work) -> None:
    """Do something with each photo; of one that cannot be read, or fails, say why and go on.

    Args:
        files: names and contents.
        work: is called with each.
    """
    for name, content in files:
        try:
            work(one_line(name), decoded(name, content))
        except (ValueError, OSError, MemoryError) as error:
            told = str(error) or type(error).__name__
            print(told if isinstance(error, PictureError) else f"{one_line(name)}: {told}")


def upload(work: Work, label: str = "Photos of your own") -> None:
    """Show a button that takes photos from the reader's disk, and below it what is made of them.

    Args:
        work: is called with the name and the pixels of each photo; what it displays and prints
            stands under the button.
        label: of the button.
    """
    if importlib.util.find_spec("ipywidgets") is None:
        print("To upload photos: python -m pip install ipywidgets, then restart the kernel.")
        return
    import ipywidgets

    button = ipywidgets.FileUpload(accept="image/*", multiple=True, description=label)
    button.layout.width = "auto"
    output = ipywidgets.Output()

    def _take(change: Any) -> None:
        output.clear_output()
        with output:
            work_through(uploaded(change["new"]), work)

    button.observe(_take, names="value")
    display(ipywidgets.VBox([button, output]))
    print(f"Up to {LARGEST_UPLOAD} MiB at a time; for more, name a folder in PHOTOS.")


def photograph() -> np.ndarray | None:
    """Take a photo with the webcam, on Colab: it shows what the camera sees, and a button.

    Returns:
        uint8 (H, W, 3); None, after a line that says why, elsewhere or where there is no camera.
    """
    try:
        from google.colab.output import eval_js
    except ImportError:
        print("The webcam is for Colab; here, upload a photo or name a folder in PHOTOS.")
        return None
    answer = str(eval_js(_CAMERA.strip()))
    if not answer.startswith("data:image/jpeg;base64,"):
        print(f"No photo was taken: {one_line(answer)}. Allow the camera, or upload a photo.")
        return None
    return decoded("webcam.jpg", base64.b64decode(answer.partition(",")[2]))


def download(content: bytes, name: str, label: str = "") -> HTML:
    """Return a link that saves a picture file; it needs neither kernel nor network.

    Args:
        content: a PNG or JPEG file.
        name: that the file gets.
        label: the link's text; says the name and the size by default.

    Returns:
        The link; as a cell's last value it is shown.
    """
    size = f"{len(content) / 1024:,.0f} KiB"
    text = html.escape(one_line(label or f"Download {name} ({size})"))
    target = f"data:{mime_type(content)};base64,{base64.b64encode(content).decode()}"
    return HTML(
        f'<a download="{html.escape(one_line(name), quote=True)}" href="{target}" '
        'style="display:inline-block;padding:6px 12px;border:1px solid currentColor;'
        f'border-radius:4px;font:14px sans-serif">{text}</a>'
    )
