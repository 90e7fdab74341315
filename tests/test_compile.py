"""The renderer is compiled once for a state of its source, and older code is dropped."""

import contextlib

import pytest

from lib import env, scene
from lib.commands import compile as command
from lib.prepare import plain_png
from lib.scene import bare


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(scene, "compiled_folder", lambda: tmp_path / "now")
    monkeypatch.setattr(command, "_helper", contextlib.nullcontext)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    (tmp_path / "older").mkdir()
    return tmp_path


def test_code_is_compiled_once_and_that_of_older_sources_removed(folder, capsys):
    assert command.compile_renderer()
    assert [path.name for path in folder.iterdir()] == ["now"]
    assert not command.compile_renderer()
    assert command.main([]) == 0
    assert capsys.readouterr().out.endswith("The renderer is compiled.\n")


def test_a_cache_folder_of_the_users_own_is_left_alone(folder, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    assert command.compile_renderer()
    assert [path.name for path in folder.iterdir()] == ["older"]


def test_the_second_process_compiles_skin_and_the_reader_of_masks():
    command._compile_beside()
    assert bare._paint_vertices.signatures and plain_png._inflate.signatures


def test_the_digest_covers_the_scene_and_the_class_numbers(monkeypatch, tmp_path):
    (tmp_path / "lib" / "scene").mkdir(parents=True)
    monkeypatch.setattr(env, "ROOT", tmp_path)
    digests = set()
    for name, text in (("scene/a.py", "1"), ("scene/a.py", "2"), ("labels.py", "3")):
        (tmp_path / "lib" / "labels.py").touch()
        (tmp_path / "lib" / name).write_text(text)
        digests.add(scene.source_digest.__wrapped__())
    assert len(digests) == 3
