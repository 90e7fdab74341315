"""What an archive holds, whichever kind it is, and which names are fit to be written."""

from __future__ import annotations

import contextlib
import gzip
import stat
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lib.download.errors import ArchiveError
from lib.files import one_line

LONGEST_PART, LONGEST_NAME = 200, 1000
"""Characters of a file's name and of its whole path; disks count to 255 and 4095 bytes."""

HEADER_BYTES = 1 << 20
"""What may lie between two members of a tar; real headers have 512 to a few thousand bytes."""

AHEAD_BYTES = 1 << 17
"""How far a tar is read ahead."""

_ENCRYPTED = 0x1  # zip: bit 0 of the flags
_UNSEEN = {"Cc", "Cf", "Cs"}  # Unicode: control, format (such as right-to-left), broken encoding


@dataclass(frozen=True)
class Member:
    """One entry of an archive.

    Attributes:
        name: as the archive has it.
        kind: "file", "folder", or what it is instead, for the refusal.
        size: bytes, as the archive claims.
        open: gives the content.
    """

    name: str
    kind: str
    size: int
    open: Callable[[], AbstractContextManager[BinaryIO]]

    @property
    def is_folder(self) -> bool:
        """Whether this is a folder."""
        return self.kind == "folder"

    @property
    def parts(self) -> tuple[str, ...]:
        """The names on the way to the file; an archive may begin its names with ``./``."""
        parts = self.name.removesuffix("/").split("/")
        return tuple(parts[1:] if parts[0] == "." else parts)


class Names:
    """Judges the members of one archive, and remembers them so that none comes twice."""

    def __init__(self) -> None:
        self._files: set[tuple[str, ...]] = set()
        self._folders: set[tuple[str, ...]] = set()

    def refusal(self, member: Member) -> str | None:
        """Say why a member must not be written; None if it may."""
        reason = _bad_kind(member) or _bad_name(member)
        return reason or self._repeated(member)

    def _repeated(self, member: Member) -> str | None:
        """Take the name in; two names that one disk holds for the same are the same."""
        name = tuple(unicodedata.normalize("NFC", part).casefold() for part in member.parts)
        above = {name[:length] for length in range(1, len(name))}
        clash = above & self._files or (name in self._files)
        if not member.is_folder:
            clash = clash or name in self._folders
        if clash:
            return f"the name {one_line(member.name)!r} is taken by an earlier file"
        self._folders |= above
        (self._folders if member.is_folder else self._files).add(name)
        return None


def _bad_kind(member: Member) -> str | None:
    if member.kind in ("file", "folder"):
        return None
    return f"{one_line(member.name)!r} is {member.kind}, expected files and folders only"


def _bad_name(member: Member) -> str | None:
    name, parts = member.name, member.parts
    if len(name) > LONGEST_NAME or any(len(part) > LONGEST_PART for part in parts):
        return f"the name {one_line(name[:40])!r}... is too long"
    if any(unicodedata.category(character) in _UNSEEN for character in name):
        found = "control characters"
    elif name.startswith("/") or ":" in name or "\\" in name:
        found = "an absolute name, a drive or a backslash"
    elif ".." in parts:
        found = "a way out of the folder"
    elif any(part in ("", ".") or part[-1] in ". " for part in parts):
        found = "an empty part, or one that ends in a dot or a blank"
    elif not (parts or member.is_folder):
        found = "nothing in it"
    else:
        return None
    return f"the name {one_line(name)!r} has {found}"


@contextlib.contextmanager
def open_members(archive: Path) -> Iterator[Iterator[Member]]:
    """Open an archive, whichever kind it is.

    Args:
        archive: the file. A damaged one makes Python's decoders raise nearly anything, here or
            while its members are read.

    Yields:
        Its members, each to be read before the next one is asked for.
    """
    with open(archive, "rb") as file:
        start = file.read(2)
        file.seek(0)
        if start == b"PK":
            with zipfile.ZipFile(file) as opened:
                yield zip_members(opened)
        else:
            gate = _Gate(gzip.GzipFile(fileobj=file) if start == b"\x1f\x8b" else file)
            options = {"mode": "r|", "bufsize": AHEAD_BYTES, "tarinfo": _WholeHeader}
            with tarfile.open(fileobj=gate, **options) as opened:
                yield tar_members(opened, gate)


def zip_members(opened: zipfile.ZipFile) -> Iterator[Member]:
    """Give the members of a zip file.

    Names are taken as they are stored: `zipfile` cuts them at a null byte, which would hide one.
    """
    for entry in opened.infolist():
        mode = entry.external_attr >> 16
        kind = "folder" if entry.is_dir() else "file"
        if entry.flag_bits & _ENCRYPTED:
            kind = "encrypted"
        elif stat.S_ISLNK(mode):
            kind = "a link"
        elif stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            kind = "a device"
        yield Member(entry.orig_filename, kind, entry.file_size, _opener(opened.open, entry))


def tar_members(opened: tarfile.TarFile, gate: _Gate) -> Iterator[Member]:
    """Give the members of a tar file, and read it to its very end, where gzip keeps its check."""
    gate.allow(HEADER_BYTES)
    while (entry := opened.next()) is not None:
        opened.members.clear()  # or a million of them stay in memory
        kind = "file" if entry.isreg() else "folder" if entry.isdir() else "a device"
        if entry.issym() or entry.islnk():
            kind = "a link"
        elif entry.issparse():
            kind = "sparse"
        gate.allow(entry.size + HEADER_BYTES)
        size = entry.size if kind == "file" else 0
        yield Member(entry.name, kind, size, _opener(opened.extractfile, entry))
        gate.allow(HEADER_BYTES)
    while gate.read(tarfile.RECORDSIZE):
        pass


def _opener(open_member: Callable, entry: object) -> Callable[[], AbstractContextManager[BinaryIO]]:
    return lambda: open_member(entry)


class _Gate:
    """Lets only so many bytes of a tar through: a header that unpacks to gigabytes ends here."""

    def __init__(self, file: BinaryIO):
        self._file, self._left = file, HEADER_BYTES

    def allow(self, number: int) -> None:
        """Let so many bytes pass from here on."""
        self._left = number

    def read(self, number: int) -> bytes:
        """Read some bytes.

        Raises:
            ArchiveError: if more are wanted than may pass.
        """
        block = self._file.read(number)
        self._left -= len(block)
        if self._left < 0:
            raise ArchiveError(f"more than {HEADER_BYTES:,} bytes between two files: a bomb")
        return block


class _WholeHeader(tarfile.TarInfo):
    """A header that must be right: after the first one `tarfile` takes a broken one for the end."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> tarfile.TarInfo:
        """Read the next header."""
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.EOFHeaderError:
            raise  # a block of zeros is how a tar ends
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"a damaged header: {error}") from error
