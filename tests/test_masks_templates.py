"""Masks of the user's own: anchors come to lie on landmarks; what is of no use is named."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from lib.landmark_order import MIRROR
from lib.prepare import masks
from lib.prepare.masks import templates
from lib.prepare.masks.canvas import Canvas
from lib.prepare.masks.fitting import PLACES
from lib.prepare.masks.light import Light

WIDTH, HEIGHT = 200, 150
ANCHORS = {
    "nose": [100, 12], "upper right": [12, 30], "upper left": [188, 30],
    "lower right": [30, 100], "lower left": [170, 100], "chin": [100, 138],
}  # fmt: skip
RED, BLUE = (200, 30, 30), (20, 40, 220)


def draw_mask(colour=RED):
    """Return a mask, uint8 (150, 200, 4), with a blue square around each anchor."""
    picture = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    picture[6:145, 6:195] = (*colour, 255)
    for x, y in ANCHORS.values():
        picture[y - 5 : y + 6, x - 5 : x + 6] = (*BLUE, 255)
    return picture


def write_mask(folder, picture=None, anchors=ANCHORS, name="mine.png", colour=RED):
    """Write a folder with one mask."""
    folder.mkdir(exist_ok=True)
    Image.fromarray(draw_mask(colour) if picture is None else picture).save(folder / name)
    (folder / templates.ANCHORS_FILE).write_text(json.dumps({name: anchors}))
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return templates.read_folder(write_mask(tmp_path_factory.mktemp("own")))[0]


def frontal_face(size=160):
    """Return a grey picture and landmarks on the mean frontal face."""
    points = np.zeros((68, 2))
    points[list(PLACES)] = list(PLACES.values())
    points[17:27] = np.linspace((-0.8, -0.4), (0.8, -0.4), 10)
    points[48:68] = np.linspace((-0.35, 0.95), (0.35, 0.95), 20)
    points[[29, 31, 32, 34, 35]] = (0, 0.3)
    points = (points * 0.28 + (0.5, 0.31)) * size
    return np.full((size, size, 3), 150, np.uint8), points.astype(np.float32)


@pytest.mark.parametrize("density", [12, 30, 90])
def test_anchors_come_to_lie_on_their_landmarks(template, density):
    canvas = Canvas(templates.BOUNDS, density)
    colours, cover = template.draw(canvas, Light(1.0, (0.0, 0.0, 1.0)))
    places = np.array([PLACES[landmark] for landmark in templates.ANCHORS.values()])
    x, y = canvas.texels(places).round().astype(int).T
    assert (cover[y, x] > 0.9).all()
    assert (colours[y, x, 2] > 1.5 * colours[y, x, 0]).all(), "blue squares around the anchors"
    between = canvas.texels(np.array([(0.45, 0.6), (-0.45, 0.6)])).round().astype(int)
    assert (colours[between[:, 1], between[:, 0], 0] > 0.1).all(), "red fabric"
    assert cover[0].max() == cover[:, 0].max() == 0


def test_it_is_put_on_like_any_other_mask(template):
    picture, points = frontal_face()
    masked, mask, description = masks.put_on(picture, points, 3, template=template, loosely=0)
    assert (description.kind, description.colour) == (masks.TEMPLATE, "mine")
    assert str(description) == "mine template"
    np.testing.assert_array_equal(masked[mask == 0], picture[mask == 0])
    x, y = points[[30, 51, 57]].round().astype(int).T
    assert mask[y, x].all() and (masked[y, x, 0] > 2 * masked[y, x, 1]).all()
    x, y = points[17:27].round().astype(int).T
    assert not mask[y, x].any(), "brows stay bare"


def test_it_is_lit_like_the_face_and_follows_a_mirror(template):
    picture, points = frontal_face()
    bright, mask, _ = masks.put_on(picture, points, 3, template=template, loosely=0)
    dark = masks.put_on(picture // 3, points, 3, template=template, loosely=0)[0]
    assert dark[mask == 1].mean() < 0.8 * bright[mask == 1].mean()
    mirrored = points[list(MIRROR)] * (-1, 1) + (159, 0)
    other = masks.put_on(picture[:, ::-1], mirrored, 3, template=template, loosely=0)[1]
    assert (mask & other[:, ::-1]).sum() / (mask | other[:, ::-1]).sum() > 0.9


def test_large_pictures_are_kept_small_with_their_anchors(tmp_path, template):
    large = np.kron(draw_mask(), np.ones((5, 5, 1), np.uint8))
    anchors = {name: [5 * x + 2, 5 * y + 2] for name, (x, y) in ANCHORS.items()}
    (small,) = templates.read_folder(write_mask(tmp_path, large, anchors))
    assert max(small.picture.shape) == templates.KEPT
    np.testing.assert_allclose((small.anchors + 0.5) / 3.2, template.anchors + 0.5, atol=1e-6)


def test_colours_of_transparent_pixels_do_not_show(tmp_path, template):
    picture = draw_mask()
    picture[picture[..., 3] == 0] = (0, 255, 0, 0)
    (green,) = templates.read_folder(write_mask(tmp_path, picture))
    np.testing.assert_array_equal(green.picture, template.picture)


def opaque():
    picture = draw_mask()
    picture[..., 3] = 255
    return picture


def moved(**changes):
    return ANCHORS | {name.replace("_", " "): place for name, place in changes.items()}


@pytest.mark.parametrize(
    ("picture", "anchors", "message"),
    [
        (draw_mask()[..., :3], ANCHORS, "found none transparent"),
        (opaque(), ANCHORS, "found none transparent"),
        (0 * draw_mask(), ANCHORS, "found nothing else transparent"),
        (draw_mask()[:20], ANCHORS, "found 200 x 20 pixels"),
        (np.zeros((40, 6001, 4), np.uint8), ANCHORS, "expected sides from 32 to 6000"),
        (None, None, "not listed in anchors.json"),
        (None, {"nose": [100, 12]}, "lacks 'upper right'"),
        (None, moved(chin=[100]), r"found chin = \[100\]"),
        (None, moved(chin="low"), "found chin = low"),
        (None, moved(chin=[100, 150]), r"chin = \[100, 150\], outside its 200 x 150"),
        (None, moved(chin=[100, float("nan")]), "outside"),
        (None, moved(chin=[100, 12], nose=[100, 138]), "'nose' .* above the second"),
        (None, moved(upper_right=[188, 30], upper_left=[12, 30]), "to the left of the second"),
    ],
)
def test_a_mask_of_no_use_is_named_in_one_line(tmp_path, picture, anchors, message):
    with pytest.raises(masks.TemplateError, match=message) as caught:
        templates.read_folder(write_mask(tmp_path, picture, anchors))
    assert "mine.png" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("mine.png", b"no picture\n", "mine.png: no whole PNG picture"),
        ("mine.png", b"", "mine.png: no whole PNG picture"),
        ("anchors.json", b"{", "anchors.json: no JSON"),
        ("anchors.json", b"[]", "anchors.json: found a list"),
        ("anchors.json", b"\xff\xfe", "anchors.json: no JSON"),
        ("anchors.json", None, "anchors.json: missing"),
        ("mine.png", None, "found no PNG file"),
    ],
)
def test_broken_and_missing_files_are_named_in_one_line(tmp_path, name, content, message):
    write_mask(tmp_path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(masks.TemplateError, match=message) as caught:
        templates.read_folder(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_picture_cut_off_in_the_middle_is_named(tmp_path):
    file = write_mask(tmp_path) / "mine.png"
    file.write_bytes(file.read_bytes()[:-60])
    with pytest.raises(masks.TemplateError, match=r"mine\.png: no whole PNG"):
        templates.read_folder(tmp_path)


def test_anchors_of_masktheface_are_translated(tmp_path):
    places = {"a": "12, 30", "b": "100, 12", "c": "188, 30", "d": "30, 100", "e": "100, 138",
              "f": "170, 100"}  # fmt: skip
    lines = [f"mask_{letter}: {place}" for letter, place in places.items()]
    front = ["[cloth]", "template: masks/templates/cloth.png", *lines]
    side = ["[cloth_left]", "template: masks/templates/cloth_left.png", *lines]
    (tmp_path / "masks.cfg").write_text("\n".join(front + side))
    found = templates.anchors_of_masktheface(tmp_path / "masks.cfg")
    assert found == {"cloth.png": ANCHORS}
