"""Landmarks on disk: iBUG's ``.pts`` and the XML of dlib's imglab.

In memory (0, 0) is the centre of the first pixel. iBUG counts from 1, imglab from 0.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Iterable
from xml.etree import ElementTree

import numpy as np

from lib.files import replacing


class LandmarkFileError(ValueError):
    """A landmark file is not what its format demands; says which file and what is wrong."""

    def __init__(self, path: str | os.PathLike, problem: object):
        super().__init__(f"{path}: {problem}")


@dataclasses.dataclass(frozen=True, eq=False)
class LabelledFace:
    """A face of an imglab file.

    Attributes:
        box: left, top, right, bottom in pixels; right and bottom exclusive.
        landmarks: float32 (points, 2), x and y in the order of their names; (0, 2) if unlabelled.
        ignore: whether dlib's trainers should leave it out.
    """

    box: tuple[int, int, int, int]
    landmarks: np.ndarray
    ignore: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class LabelledImage:
    """A picture of an imglab file: its name, relative to the XML file, and its faces."""

    file: str
    faces: tuple[LabelledFace, ...] = ()


def read_pts(path: str | os.PathLike) -> np.ndarray:
    """Read a ``.pts`` file of iBUG (300-W, HELEN, AFW ...).

    Args:
        path: the file; it starts with "version: 1" and "n_points: N" and counts pixels from 1.

    Returns:
        float32 (N, 2), x and y in pixels from 0.

    Raises:
        LandmarkFileError: if the text is no such file, or holds more or fewer points than it says.
        OSError: if the file cannot be read.
    """
    text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    head, _, body = text.partition("{")
    body, closed, _ = body.partition("}")
    header = dict(line.split(":", 1) for line in head.splitlines() if ":" in line)
    if not closed or "n_points" not in header:
        raise LandmarkFileError(path, "expected 'version: 1', 'n_points: N' and N points in braces")
    try:
        expected = int(header["n_points"])
        rows = [[float(value) for value in line.split()] for line in body.split("\n")]
    except ValueError as error:
        raise LandmarkFileError(path, f"found {error}, expected numbers only") from error
    rows = [row for row in rows if row]
    if len(rows) != expected or any(len(row) != 2 for row in rows) or not np.isfinite(rows).all():
        raise LandmarkFileError(
            path, f"found {len(rows)} rows, expected {expected} of two finite numbers each"
        )
    return np.array(rows, "float32").reshape(-1, 2) - np.float32(1)


def write_pts(path: str | os.PathLike, landmarks: np.ndarray) -> None:
    """Write landmarks as a ``.pts`` file; it appears whole or not at all.

    Args:
        path: the file to write.
        landmarks: (N, 2), x and y in pixels from 0.

    Raises:
        ValueError: if the shape is another.
    """
    landmarks = np.asarray(landmarks, "float64")
    if landmarks.ndim != 2 or landmarks.shape[1] != 2:
        raise ValueError(f"found landmarks of shape {landmarks.shape}, expected (N, 2)")
    rows = "\n".join(f"{x:.4f} {y:.4f}" for x, y in landmarks + 1)
    with replacing(path) as temporary:
        temporary.write_text(f"version: 1\nn_points: {len(landmarks)}\n{{\n{rows}\n}}\n", "utf-8")


def _read_face(element: ElementTree.Element) -> LabelledFace:
    left, top, width, height = (int(element.attrib[k]) for k in ("left", "top", "width", "height"))
    parts = {int(p.attrib["name"]): (p.attrib["x"], p.attrib["y"]) for p in element.iter("part")}
    if sorted(parts) != list(range(len(parts))):
        raise ValueError(f"parts are named {sorted(parts)}, expected 0, 1, 2 ... without a gap")
    points = np.array([parts[name] for name in sorted(parts)], "float32").reshape(-1, 2)
    ignore = element.get("ignore", "0") not in ("0", "false")
    return LabelledFace((left, top, left + width, top + height), points, ignore)


def read_dlib_xml(path: str | os.PathLike) -> list[LabelledImage]:
    """Read the XML that dlib's imglab writes and its trainers read.

    Args:
        path: the file: dataset / images / image[file] / box / part[name, x, y].

    Returns:
        The pictures in the file's order, also those without a face.

    Raises:
        LandmarkFileError: if it is no such XML, or an attribute is missing or no number.
        OSError: if the file cannot be read.
    """
    try:
        root = ElementTree.fromstring(pathlib.Path(path).read_bytes())
        images = root.find("images")
        if root.tag != "dataset" or images is None:
            raise ValueError(f"found <{root.tag}>, expected <dataset> with <images> in it")
        return [
            LabelledImage(image.attrib["file"], tuple(_read_face(box) for box in image.iter("box")))
            for image in images.iter("image")
        ]
    except KeyError as error:
        raise LandmarkFileError(path, f"the attribute {error} is missing") from error
    except (ValueError, ElementTree.ParseError) as error:
        raise LandmarkFileError(path, error) from error


def _face_element(face: LabelledFace) -> ElementTree.Element:
    left, top, right, bottom = (round(float(side)) for side in face.box)
    sides = {"top": top, "left": left, "width": right - left, "height": bottom - top}
    element = ElementTree.Element("box", {name: str(value) for name, value in sides.items()})
    if face.ignore:
        element.set("ignore", "1")
    for number, (x, y) in enumerate(face.landmarks):
        place = {"name": f"{number:02d}", "x": str(round(float(x))), "y": str(round(float(y)))}
        ElementTree.SubElement(element, "part", place)
    return element


def write_dlib_xml(path: str | os.PathLike, images: Iterable[LabelledImage]) -> None:
    """Write pictures and their faces for dlib's trainers; the file appears whole or not at all.

    Args:
        path: the file to write.
        images: the pictures; boxes and landmarks are rounded, as dlib reads whole pixels only.
    """
    root = ElementTree.Element("dataset")
    listing = ElementTree.SubElement(root, "images")
    for image in images:
        element = ElementTree.SubElement(listing, "image", {"file": image.file})
        element.extend(_face_element(face) for face in image.faces)
    ElementTree.indent(root)
    with replacing(path) as temporary:
        ElementTree.ElementTree(root).write(temporary, encoding="utf-8", xml_declaration=True)
