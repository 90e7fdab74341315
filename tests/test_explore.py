"""Figures with controls: what their alternative text says."""

import numpy as np

from lib import show
from lib.widgets import exploring, stills


def test_the_text_tells_titles_and_values():
    picture = np.zeros((8, 8, 3), np.uint8)
    figure = show.pictures([[picture, picture]], ["photo", "specular layer"], ["Ada"])
    values = {"melanin": 0.25, "yaw": 10, "kind": "any", "mirrored": True}
    found = exploring.pictured(figure, values)
    assert found.text == (
        "Figure: photo; Ada; specular layer. Drawn for melanin 0.25, yaw 10, kind any, mirrored on."
    )
    assert found.picture.startswith(b"\x89PNG")
    untitled = exploring.pictured(show.pictures([[picture]]), {"size": 3})
    assert untitled.text == "Figure: without titles. Drawn for size 3."


def test_what_is_shown_is_what_was_drawn(monkeypatch):
    from ipywidgets import FloatSlider

    shown = []
    monkeypatch.setattr(exploring, "display", shown.append)
    draw = lambda share: show.pictures([[np.zeros((8, 8, 3), np.uint8)]], [f"at {share}"])  # noqa: E731
    slider = FloatSlider(0.5, max=1)
    exploring.explore(draw, share=slider)
    assert isinstance(shown[0], stills.Still)
    assert shown[0].text == "Figure: at 0.5. Drawn for share 0.5."
    assert shown[1].children[0] is slider
    slider.value = 0.75
    assert shown[2].text == "Figure: at 0.75. Drawn for share 0.75."
