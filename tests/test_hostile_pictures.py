"""Every hostile file gives the right picture, or one line that names it."""

from __future__ import annotations

import builtins

import numpy as np
import pandas
import pytest

from lib import images
from lib.benchmarks import pictures
from lib.images import PictureError

CASES = pictures.cases()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_hostile_file(case, tmp_path):
    path = tmp_path / case.name
    case.make(path)
    if not isinstance(case.expected, str):
        picture = images.read(path)
        assert picture.dtype == np.uint8
        assert picture.flags.c_contiguous
        assert pictures.is_right(case, picture)
        return
    with pytest.raises(PictureError) as caught:
        images.read(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert case.expected in message
    assert "\n" not in message


def test_the_cases_tell_pictures_apart():
    turned = pictures.Case("", lambda path: None, pictures.REFERENCE)
    assert pictures.is_right(turned, pictures.REFERENCE)
    assert not pictures.is_right(turned, pictures.REFERENCE[:, ::-1])
    assert not pictures.is_right(turned, pictures.REFERENCE + 1)


def test_denied_permission_is_one_line_for_everyone_but_root(tmp_path, monkeypatch):
    images.write(tmp_path / "a.png", pictures.REFERENCE)

    def deny(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(builtins, "open", deny)
    with pytest.raises(PictureError, match=r"a\.png: permission to read is denied; chmod"):
        images.read(tmp_path / "a.png")


def test_a_name_with_a_line_break_stays_on_one_line(tmp_path):
    path = tmp_path / "two\nlines.jpg"
    path.touch()
    with pytest.raises(PictureError, match=r"two\\nlines\.jpg: the file is empty"):
        images.read(path)
    with pytest.raises(PictureError, match="null"):
        images.read("a\0b.jpg")


def test_a_folder_of_them_is_read_to_the_end(tmp_path):
    table = pictures.measure(tmp_path)
    assert len(table) >= 15
    assert table.right.all()
    readable = {case.name for case in CASES if not isinstance(case.expected, str)}
    found = {path.name for path, _ in images.read_folder(tmp_path, progress=False)}
    rejected = set(pandas.read_csv(tmp_path / "rejected.csv")["file"])
    assert found == readable
    assert rejected == {case.name for case in CASES} - readable - {"missing.jpg", "folder.jpg"}
