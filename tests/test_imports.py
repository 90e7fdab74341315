"""Imports that print nothing and leave nothing to be searched for garbage."""

import gc
import importlib
import os
import sys

import pytest

from lib import imports


@pytest.mark.parametrize("collects", [True, False])
def test_what_is_kept_for_good_is_not_searched_for_garbage(collects):
    was = gc.isenabled()
    try:
        gc.enable() if collects else gc.disable()
        frozen = gc.get_freeze_count()
        with imports.kept_for_good():
            assert not gc.isenabled()
            kept = [[number] for number in range(10_000)]
        assert gc.isenabled() == collects
        assert gc.get_freeze_count() >= frozen + len(kept)
    finally:
        gc.enable() if was else gc.disable()


def test_a_framework_is_imported_without_its_notices(tmp_path, monkeypatch, capfd):
    (tmp_path / "loud_framework.py").write_text("import os\nIMPORTED = os.write(2, b'a notice')\n")
    monkeypatch.syspath_prepend(tmp_path)
    imports.import_quietly("loud_framework")
    frozen = gc.get_freeze_count()
    os.write(2, b"an error")
    assert capfd.readouterr().err == "an error"
    assert sys.modules["loud_framework"].IMPORTED
    kept = [[number] for number in range(10_000)]
    imports.import_quietly("loud_framework")  # as when a set-up cell is run once more
    assert gc.get_freeze_count() < frozen + len(kept)
    del sys.modules["loud_framework"]


def test_what_goes_wrong_in_an_import_is_seen(tmp_path, monkeypatch, capfd):
    (tmp_path / "broken_framework.py").write_text("raise ImportError('its reason')\n")
    monkeypatch.syspath_prepend(tmp_path)
    frozen = gc.get_freeze_count()
    with pytest.raises(ImportError, match="its reason"):
        imports.import_quietly("broken_framework")
    os.write(2, b"an error")
    assert capfd.readouterr().err == "an error"
    assert gc.isenabled()
    assert gc.get_freeze_count() <= frozen


def test_wrappers_for_scikit_learn_are_left_out_and_it_can_be_imported_afterwards(
    tmp_path, monkeypatch
):
    pytest.importorskip("sklearn")
    asks = "try:\n    import sklearn\nexcept ImportError:\n    sklearn = None\n"
    (tmp_path / "asking_framework.py").write_text(asks)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sklearn", raising=False)
    imports.import_quietly("asking_framework")
    asking = sys.modules.pop("asking_framework")
    assert asking.sklearn is None
    assert importlib.import_module("sklearn").__version__
    imports.import_quietly("asking_framework")
    assert sys.modules.pop("asking_framework").sklearn is sys.modules["sklearn"]
