"""Hostile files among those of Spec-Face: each is listed in a line, and the rest goes on."""

import os

import cv2
import numpy as np
from PIL import Image
from spec_face_folders import face, make_set, read, rejected

from lib import images
from lib.benchmarks import pictures

CASES = {case.name: case.make for case in pictures.cases()}
GOOD = {
    "grey1.jpg": lambda path: Image.fromarray(face(220)).convert("L").save(path),
    "cmyk1.jpg": lambda path: Image.fromarray(face(220)).convert("CMYK").save(path),
    "deep1.png": lambda path: cv2.imwrite(str(path), face(220).astype(np.uint16) * 257),
    "gif1.gif": lambda path: Image.fromarray(face(220)).save(path),
    "line\nbreak1.png": lambda path: images.write(path, face(220)),
}
BAD = {
    "bomb1.png": (CASES["huge_header.png"], "60000 x 60000 pixels are more than"),
    "empty1.png": (lambda path: path.touch(), "empty"),
    "loop1.png": (lambda path: path.symlink_to(path.name), "loop"),
    "page1.png": (lambda path: path.write_text("<html>gone</html>"), "no picture format"),
    "cut1.png": (lambda path: path.write_bytes(images.encode_png(face(220))[:99]), "cut off"),
}
if hasattr(os, "mkfifo"):
    BAD["pipe1.png"] = (os.mkfifo, "a pipe or a device")


def test_hostile_files_are_listed_in_a_line_and_the_rest_goes_on(tmp_path):
    folder = make_set(tmp_path / "set")
    for name, make in GOOD.items():
        make(folder / "trainA" / name)
        images.write(folder / "trainB" / name.replace("gif1.gif", "gif1.png"), face())
    for name, (make, _) in BAD.items():
        make(folder / "trainB" / name)
        images.write(folder / "trainA" / name, face(220))
    (folder / "trainA" / "Thumbs.db").write_bytes(bytes(99))
    (folder / "trainA" / ".hidden.png").write_bytes(bytes(99))
    dataset = read(tmp_path / "out", folder, max_rejected=0.9)
    reasons = rejected(dataset)
    assert set(reasons) == {f"trainA/{name}" for name in BAD}
    for name, (_, message) in BAD.items():
        reason = reasons[f"trainA/{name}"]
        assert reason.startswith(f"trainB/{name}: ") and message in reason
        assert "\n" not in reason
    ids = {name.replace("\n", "\\n") for name in GOOD}
    assert ids < {name.removeprefix("trainA/") for name in dataset.samples["id"]}
