"""Hostile archives are refused with one line, and nothing is left of them, inside or outside."""

from __future__ import annotations

import errno
import gzip
import io
import os
import shutil
import tarfile
import zipfile
from types import SimpleNamespace

import pytest

from lib.download import ArchiveError, extract
from lib.download.archives import Limits

CONTENT = {"a/1.txt": b"one", "a/b/2.bin": bytes(range(256)) * 300, "a/empty": b""}
ZEROS = bytes(11 << 20)


def zipped(*members, **options):
    """Return a zip file of pairs of name, or ZipInfo, and content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, **options)
    return buffer.getvalue()


def zip_entry(name, mode=0):
    entry = zipfile.ZipInfo("x")
    entry.filename, entry.external_attr = name, mode << 16  # the constructor would mend the name
    return entry


def patched(content, offset, replacement):
    """Return a zip file with bytes of its last central entry replaced."""
    place = content.rindex(b"PK\x01\x02") + offset
    return content[:place] + replacement + content[place + len(replacement) :]


def tarred(*members, **options):
    """Return a tar file of pairs of name, or TarInfo, and content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", **options) as archive:
        for name, content in members:
            entry = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def tar_entry(name, kind=tarfile.REGTYPE, **attributes):
    entry = tarfile.TarInfo(name)
    entry.type = kind
    for attribute, value in attributes.items():
        setattr(entry, attribute, value)
    return entry


GOOD = (("good.txt", b"good"),)
LINK = {"kind": tarfile.SYMTYPE, "linkname": "/etc"}
TWO = tarred(("a", b"1"), ("b", b"2"))

HOSTILE_NAMES = {
    "absolute": ("/tmp/x", "an absolute name"),
    "upwards": ("a/../../x", "a way out of the folder"),
    "drive": ("C:/x", "a drive"),
    "backslash": ("a\\..\\x", "a backslash"),
    "newline": ("a\nb", "control characters"),
    "right to left": ("gpj.\u202eexe", "control characters"),
    "too long": ("x" * 201, "too long"),
    "deep": ("x/" * 600 + "x", "too long"),
    "dotted": ("a/./x", "an empty part"),
    "blank": ("a /x", "ends in a dot or a blank"),
}
HOSTILE = {
    "null byte.zip": (zipped((zip_entry("x.txt\0.exe"), b"")), "control characters"),
    "link.zip": (zipped((zip_entry("x", 0o120777), b"/etc/passwd")), "is a link"),
    "device.zip": (zipped((zip_entry("x", 0o020666), b"")), "is a device"),
    "encrypted.zip": (patched(zipped(("x", b"1")), 8, b"\1"), "is encrypted"),
    "case.zip": (zipped(("a/X", b"1"), ("A/x", b"2")), "taken by an earlier file"),
    "accents.zip": (zipped(("\u00e9", b"1"), ("e\u0301", b"2")), "taken by an earlier file"),
    "folder is file.zip": (zipped(("a", b"1"), ("a/b", b"2")), "taken by an earlier file"),
    "file is folder.zip": (zipped(("a/b", b"1"), ("a", b"2")), "taken by an earlier file"),
    "bomb.zip": (zipped(("x", ZEROS)), "decompression bomb"),
    "bomb of many.zip": (zipped(*((str(i), ZEROS[: 1 << 20]) for i in range(11))), "bomb"),
    "understated.zip": (patched(zipped(("x", ZEROS)), 24, bytes([9, 0, 0, 0])), "damaged"),
    "overstated.zip": (patched(zipped(("x", b"12")), 24, bytes([9, 0, 0, 0])), "damaged"),
    "cut off.zip": (zipped(*GOOD)[:-30], "damaged, or no zip or tar"),
    "wrong sum.zip": (patched(zipped(*GOOD), 16, b"\0\0\0\0"), "damaged"),
    "page.zip": (b"<html>quota</html>", "damaged, or no zip or tar"),
    "empty.zip": (b"", "damaged, or no zip or tar"),
    "link.tar": (tarred((tar_entry("x", **LINK), b""), ("x/passwd", b"")), "is a link"),
    "hard link.tar": (tarred((tar_entry("x", tarfile.LNKTYPE, linkname="/etc"), b"")), "a link"),
    "device.tar": (tarred((tar_entry("x", tarfile.CHRTYPE), b"")), "is a device"),
    "pipe.tar": (tarred((tar_entry("x", tarfile.FIFOTYPE), b"")), "is a device"),
    "sparse.tar": (tarred((tar_entry("x", tarfile.GNUTYPE_SPARSE), b"")), "is sparse"),
    "twice.tar": (tarred(("a", b"1"), ("./a", b"2")), "taken by an earlier file"),
    "nameless.tar": (tarred((".", b"1")), "has nothing in it"),
    "bomb.tar.gz": (gzip.compress(tarred(("x", ZEROS)), 1), "decompression bomb"),
    "header bomb.tar.gz": (
        gzip.compress(tarred((tar_entry("x", pax_headers={"comment": "x" * (3 << 20)}), b"")), 1),
        "between two files: a bomb",
    ),
    "damaged header.tar": (TWO[:1024] + b"b" * 512 + TWO[1536:], "a damaged header"),
    "cut off.tar": (TWO[:1024], "a damaged header"),
    "cut off.tar.gz": (gzip.compress(TWO)[:-12], "damaged"),
    "wrong sum.tar.gz": (gzip.compress(TWO)[:-8] + bytes(8), "damaged"),
    "endless tail.tar.gz": (gzip.compress(TWO + ZEROS, 1), "a bomb"),
} | {
    f"{case}.{kind}": (make((name, b"x")), message)
    for case, (name, message) in HOSTILE_NAMES.items()
    for kind, make in (("zip", zipped), ("tar", tarred))
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_archive(case, tmp_path):
    content, message = HOSTILE[case]
    archive = tmp_path / case
    archive.write_bytes(content)
    with pytest.raises(ArchiveError) as caught:
        extract(archive, tmp_path / "in" / "out", progress=False)
    text = str(caught.value)
    assert text.startswith(f"{archive}: ")
    assert message in text
    assert "\n" not in text
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted([case, "in"])


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_in_a_zip(tmp_path):
    (tmp_path / "a.zip").write_bytes(zipped(("x", b"1"), ("x", b"2")))
    with pytest.raises(ArchiveError, match="'x' is taken by an earlier file"):
        extract(tmp_path / "a.zip", tmp_path / "out", progress=False)


def good(kind):
    if kind == "zip":
        return zipped(("a/", b""), *CONTENT.items())
    folders = ((tar_entry(name, tarfile.DIRTYPE), b"") for name in (".", "./a"))
    content = tarred(*folders, *((f"./{name}", data) for name, data in CONTENT.items()))
    return gzip.compress(content) if kind == "tar.gz" else content


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
@pytest.mark.parametrize("inside", [None, "a"])
def test_what_was_packed_comes_out(tmp_path, kind, inside):
    (tmp_path / "archive").write_bytes(good(kind))
    out = extract(tmp_path / "archive", tmp_path / "out", inside=inside, progress=False)
    found = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    expected = {name.removeprefix(f"{inside}/"): data for name, data in CONTENT.items()}
    assert {name: path.read_bytes() for name, path in found.items()} == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "out"]


def test_the_limits_are_the_callers(tmp_path):
    archive = tmp_path / "a.zip"
    archive.write_bytes(good("zip"))
    for limits, message in [
        (Limits(members=3), "more than 3 files"),
        (Limits(total=76_802), "more than 76,802 bytes"),
    ]:
        with pytest.raises(ArchiveError, match=message):
            extract(archive, tmp_path / "out", limits=limits, progress=False)
    assert extract(archive, tmp_path / "out", limits=Limits(4, 76_803), progress=False).is_dir()


def test_the_disk_is_looked_at_beforehand_and_may_still_fill(tmp_path, monkeypatch):
    archive = tmp_path / "a.zip"
    archive.write_bytes(good("zip"))
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
        with pytest.raises(ArchiveError, match="the disk has 1,000 left"):
            extract(archive, tmp_path / "out", progress=False)

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ArchiveError, match="the disk is full"):
        extract(archive, tmp_path / "out", progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_folders_that_are_there_are_not_touched(tmp_path):
    (tmp_path / "a.zip").write_bytes(good("zip"))
    with pytest.raises(ArchiveError, match="is there already"):
        extract(tmp_path / "a.zip", tmp_path, progress=False)
    with pytest.raises(ArchiveError, match=r"b\.zip: there is no such file"):
        extract(tmp_path / "b.zip", tmp_path / "out", progress=False)
    with pytest.raises(ArchiveError, match=r"a\.zip: holds no folder 'photos'"):
        extract(tmp_path / "a.zip", tmp_path / "out", inside="photos", progress=False)
