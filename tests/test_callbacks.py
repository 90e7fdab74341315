"""Callbacks: the sample sheet in a notebook, and what it shows by default."""

import sys
import types

import keras
import numpy as np
from test_training import PROFILE, Numbers, build

from lib import images
from lib.training import train
from lib.training.callbacks import draw_pairs


def test_the_newest_sheet_replaces_the_one_before_in_a_notebook(tmp_path, monkeypatch):
    shown = []
    handle = types.SimpleNamespace(update=lambda picture: shown.append(("update", picture)))

    def display(picture, display_id):
        shown.append(("new", picture))
        return handle

    module = types.SimpleNamespace(Image=lambda data: data, display=display)
    shell = types.SimpleNamespace(get_ipython=lambda: types.SimpleNamespace(kernel=0))
    shell.display = module
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    sheet = np.zeros((2, 2, 3), np.uint8)
    arguments = {"runs": tmp_path, "samples": 0, "draw": lambda model, samples: sheet}
    train(build(), Numbers(), PROFILE, "live", **arguments)
    assert [kind for kind, _ in shown] == ["new", "update", "update"]
    assert shown[0][1].startswith(b"\x89PNG")


def test_by_default_inputs_are_drawn_above_outputs():
    negative = keras.Sequential([keras.Input((2, 2, 3)), keras.layers.Rescaling(-1.0)])
    samples = images.to_network(np.full((3, 2, 2, 3), 255, np.uint8))
    sheet = draw_pairs(negative, samples)
    assert sheet.shape == (2 + 2 + 2, 2 + 2 + 2 + 2 + 2, 3)
    assert np.all(sheet[:2, :2] == 255)
    assert np.all(sheet[-2:, :2] == 0)
