"""Figures and widgets: what they draw, said in numbers."""

import base64
import io
import re

import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

from lib import landmark_order, show, widgets


def test_signed_numbers_are_blue_white_and_red():
    picture = show.signed(np.array([[-1.0, 0.0, 1.0]]), largest=1.0)
    blue, white, red = picture[0].astype(int)
    assert blue[2] > blue[0] + 50
    assert red[0] > red[2] + 50
    assert white.min() > 240


def test_a_constant_map_is_white_not_a_division_by_zero():
    assert show.signed(np.zeros((4, 4))).min() > 240


def test_pictures_stand_in_rows_under_their_titles():
    rows = [[np.zeros((4, 4, 3), np.uint8)] * 3] * 2
    figure = show.pictures(rows, titles=["a", "b", "c"], names=["one", "two"])
    assert [axes.get_title() for axes in figure.axes] == ["a", "b", "c", "", "", ""]
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == ["one", "two"]
    assert not plt.fignum_exists(figure.number), "a second showing by pyplot is prevented"


def test_unequal_rows_and_missing_titles_are_refused():
    picture = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match=r"rows of \[2, 1\] pictures"):
        show.pictures([[picture, picture], [picture]])
    with pytest.raises(ValueError, match="1 titles for 2 columns"):
        show.pictures([[picture, picture]], titles=["a"])


def test_landmarks_are_drawn_once_each_and_eyes_are_closed_lines():
    figure, axes = plt.subplots()
    points = np.arange(136, dtype="float32").reshape(68, 2)
    show.draw_landmarks(axes, points, numbers=True)
    lines, dots = axes.lines[::2], axes.lines[1::2]
    assert sum(len(line.get_xdata()) for line in dots) == 68
    assert sorted(int(text.get_text()) for text in axes.texts) == list(range(68))
    closed = [np.allclose(line.get_xydata()[0], line.get_xydata()[-1]) for line in lines]
    assert closed == [name in show.CLOSED for name in landmark_order.GROUPS]
    plt.close(figure)


def test_a_box_says_its_score():
    figure, axes = plt.subplots()
    show.draw_box(axes, (1, 2, 11, 22), "0.9")
    box = axes.patches[0]
    assert (box.get_x(), box.get_y(), box.get_width(), box.get_height()) == (1, 2, 10, 20)
    assert axes.texts[0].get_text().strip() == "0.9"
    plt.close(figure)


def test_the_wipe_holds_both_pictures_and_their_names():
    before, after = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 200, np.uint8)
    text = widgets.wipe(before, after, names=("photo", 'a "guess"')).data
    stored = re.findall(r"base64,([^\"]+)", text)
    pictures = [np.array(Image.open(io.BytesIO(base64.b64decode(code)))) for code in stored]
    assert np.array_equal(pictures[0], after)
    assert np.array_equal(pictures[1], before)
    assert 'alt="a &quot;guess&quot;"' in text
    assert 'aria-label="share of photo shown"' in text


def test_a_wipe_of_unequal_pictures_is_refused():
    with pytest.raises(ValueError, match="expected equal ones"):
        widgets.wipe(np.zeros((8, 8, 3), np.uint8), np.zeros((9, 8, 3), np.uint8))


def test_explore_draws_first_and_again_when_a_control_moves():
    from ipywidgets import IntSlider

    drawn = []

    def draw(size):
        drawn.append(size)
        return show.pictures([[np.zeros((size, size, 3), np.uint8)]])

    slider = IntSlider(5, min=1, max=9)
    widgets.explore(draw, size=slider)
    slider.value = 7
    assert drawn == [5, 7]
