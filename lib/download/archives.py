"""Unpacks zip and tar archives that may have been made to do harm.

Every name is judged before anything of it is written: a member may be a plain file or a folder,
inside the target, and nothing else. What an archive says about its sizes is judged before a file
is written, and counted while it is. All goes into a temporary folder that takes its place in the
last step, so that a refusal leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tqdm.auto import tqdm

from lib.download.errors import ArchiveError
from lib.download.members import Member, Names, open_members
from lib.files import one_line

BLOCK_BYTES = 1 << 18
FREE_BYTES = 10 << 20
"""An archive may always unpack to this many bytes, however small it is."""


@dataclass(frozen=True)
class Limits:
    """What an archive may unpack to.

    Attributes:
        members: files and folders.
        total: bytes of all files.
        ratio: bytes written for a byte of the archive, from `FREE_BYTES` on.
    """

    members: int = 1_000_000
    total: int = 64 << 30
    ratio: float = 100.0

    def bytes_of(self, archive: Path) -> int:
        """Return how many bytes may be written."""
        return min(self.total, max(FREE_BYTES, int(self.ratio * archive.stat().st_size)))


LIMITS = Limits()


def extract(
    archive: str | os.PathLike,
    folder: str | os.PathLike,
    *,
    inside: str | None = None,
    limits: Limits = LIMITS,
    progress: bool = True,
) -> Path:
    """Unpack an archive into a new folder.

    Refused are: absolute names, ``..``, drive letters and backslashes, names that are too long or
    hold control characters, names that come twice (also but for their case), links, devices, sparse
    and encrypted members, and archives that grow beyond the limits or the free space of the disk.

    Args:
        archive: a .zip, .tar or .tar.gz file; its content decides, not its name.
        folder: the folder to make; it must not exist.
        inside: the one folder at the top of the archive whose content is wanted; by default the
            whole archive's.
        limits: how much it may unpack to.
        progress: whether to show a bar.

    Returns:
        The folder.

    Raises:
        ArchiveError: if the archive is damaged or refused; nothing is left of it then.
    """
    archive, folder = Path(archive), Path(folder)
    if not archive.is_file():
        raise ArchiveError(f"{one_line(archive)}: there is no such file; fetch the archive first")
    if folder.exists() or folder.is_symlink():
        raise ArchiveError(f"{one_line(folder)}: is there already; delete it or name another")
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name[-80:]}.{uuid.uuid4().hex}.part")
    try:
        with _in_one_line(archive):
            temporary.mkdir()
            with open_members(archive) as members:
                write_members(archive, members, temporary, limits, progress)
            content = temporary if inside is None else temporary / inside
            if not content.is_dir():
                raise ArchiveError(f"holds no folder {inside!r}; it is another archive")
            os.replace(content, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def write_members(
    archive: Path, members: Iterable[Member], folder: Path, limits: Limits, progress: bool
) -> None:
    """Write every member below a folder, judging each before it is written.

    Args:
        archive: where the members come from; its size decides how much may be written.
        members: in the archive's order.
        folder: an empty folder.
        limits: how much may be written.
        progress: whether to show a bar.

    Raises:
        ArchiveError: at the first member that is refused.
    """
    names, written = Names(), 0
    allowed, free = limits.bytes_of(archive), shutil.disk_usage(folder).free
    bar = tqdm(members, f"unpacking {one_line(archive.name)}", unit=" files", disable=not progress)
    for number, member in enumerate(bar, start=1):
        reason = names.refusal(member)
        if number > limits.members:
            reason = f"more than {limits.members:,} files"
        elif reason is None:
            reason = _too_much(written + member.size, allowed, free)
        if reason is not None:
            raise ArchiveError(f"refused, {reason}; nothing was unpacked")
        path = folder.joinpath(*member.parts)
        if member.is_folder:
            path.mkdir(parents=True, exist_ok=True)
        else:
            written += _write(member, path)


def _too_much(total: int, allowed: int, free: int) -> str | None:
    """Say why so many bytes are too many; no file turns out larger than its archive says."""
    if total > allowed:
        return f"it unpacks to more than {allowed:,} bytes: this is a decompression bomb"
    if total > free:
        return f"it unpacks to {total:,} bytes and more, and the disk has {free:,} left"
    return None


def _write(member: Member, path: Path) -> int:
    """Write one file, which must be as large as its archive says, and return its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size, name = 0, one_line(member.name)
    with member.open() as source, open(path, "xb") as target:
        while block := source.read(BLOCK_BYTES):
            size += len(block)
            if size > member.size:
                claimed = f"{name!r} holds more than the {member.size:,} bytes it claims"
                raise ArchiveError(f"refused, {claimed}: a decompression bomb")
            target.write(block)
    if size != member.size:
        raise ArchiveError(f"damaged, {name!r} has {size:,} of {member.size:,} bytes")
    return size


@contextlib.contextmanager
def _in_one_line(archive: Path) -> Iterator[None]:
    """Turn whatever stops the unpacking into one line that begins with the archive's name."""
    name = one_line(archive)
    try:
        yield
    except ArchiveError as error:
        raise ArchiveError(f"{name}: {error}") from error.__cause__
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ArchiveError(f"{name}: the disk is full; make room and try again") from error
        if error.errno is not None:
            reason = one_line(error.strerror)
            raise ArchiveError(f"{name}: cannot be unpacked here ({reason})") from error
        raise _damaged(name, error) from error  # gzip says so with an OSError
    except Exception as error:  # what a decoder raises may be nearly anything
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> ArchiveError:
    reason = one_line(f"{type(error).__name__}: {error}")
    return ArchiveError(f"{name}: damaged, or no zip or tar ({reason}); fetch it again")
