"""Files that are either whole or absent, and text that is safe to print on one line."""

from __future__ import annotations

import contextlib
import csv
import datetime
import errno
import hashlib
import json
import os
import platform
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

LEFTOVER = re.compile(r"\..+\.[0-9a-f]{32}\.(part|weights\.h5)")
"""What a name that `replacing` gives looks like, Keras' own suffix included."""


class InUseError(RuntimeError):
    """A folder that another process is working on."""


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary file to write; it takes the place of ``path`` when the block ends well.

    Whoever looks at ``path``, at any moment and also after a kill or a power cut, finds the old
    content or the new one, never a half of it. Missing parent folders are made.

    Args:
        path: where the finished file shall lie.

    Yields:
        A free name in the same folder, so that the last step is a rename on one disk.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name[-80:]}.{uuid.uuid4().hex}.part")
    try:
        yield temporary
        with open(temporary, "r+b") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Delete the temporary files of `replacing` that killed processes left in a folder.

    Call it where nobody else can be writing there, as inside `claimed`.
    """
    for path in list(folder.glob(".*")):
        if LEFTOVER.fullmatch(path.name):
            path.unlink(missing_ok=True)


def is_full(error: BaseException) -> bool:
    """Say whether an error means that the disk, or the user's share of it, is full."""
    codes = (errno.ENOSPC, errno.EDQUOT)
    in_words = any(f"errno = {code}," in str(error) for code in codes)  # as HDF5 says it
    return getattr(error, "errno", None) in codes or in_words


@contextlib.contextmanager
def claimed(path: str | os.PathLike) -> Iterator[None]:
    """Keep other processes from working on ``path`` for the length of a block.

    The lock is the system's own, on a small file beside ``path``: it ends with the process, however
    that ends, so a kill leaves nothing to clear away. A disk that knows no locks, as some network
    drives, or on which nothing can be written there, is no reason not to work: then there is none.

    Args:
        path: what is worked on, there or not.

    Raises:
        InUseError: where another process has it; names that and says what to do, in one line.
    """
    path = Path(path)
    lock = path.absolute().with_name(f".{path.name[-80:]}.lock")
    file = _locked(lock, path)
    try:
        yield
    finally:
        if file is not None:
            _let_go(file, lock)


def _locked(lock: Path, path: Path) -> IO | None:
    """Return the lock's file, open and locked, or None where there can be no lock."""
    for _ in range(9):  # the one before may just have taken its file away
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            file = open(lock, "a+", encoding="utf-8")  # noqa: SIM115 - closed by _let_go
        except OSError:
            return None
        try:
            _take(file)
        except BlockingIOError:
            with file:
                file.seek(0)
                raise InUseError(_in_use(path, lock, file.read())) from None
        except OSError:
            file.close()
            with contextlib.suppress(OSError):
                lock.unlink()
            return None
        if _is_at(lock, file):
            _sign(file)
            return file
        file.close()
    return None


def _is_at(lock: Path, file: IO) -> bool:
    """Say whether the open file is the one of that name still."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), lock.stat())
    except OSError:
        return False


def _take(file: IO) -> None:
    """Lock an open file.

    Raises:
        BlockingIOError: where another process has locked it.
        OSError: where the disk knows no locks.
    """
    if os.name == "nt":
        import msvcrt

        file.seek(1 << 30)  # beyond the text, which others may read
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sign(file: IO) -> None:
    """Write into the lock's file who has it; a full disk may keep that from being read."""
    now = datetime.datetime.now().isoformat(" ", "minutes")
    with contextlib.suppress(OSError):
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node()} since {now}")
        file.flush()


def _in_use(path: Path, lock: Path, owner: str) -> str:
    who = one_line(owner) or "another process"
    return (
        f"{path}: in use by {who}; wait for it, stop it, or choose another name "
        f"(if it is gone for certain, delete {lock})"
    )


def _let_go(file: IO, lock: Path) -> None:
    """Take the lock's file away and open the lock; Windows allows it in the other order only."""
    with contextlib.suppress(OSError), file:
        if _is_at(lock, file) and os.name != "nt":
            lock.unlink()
    if os.name == "nt":
        with contextlib.suppress(OSError):
            lock.unlink()


def one_line(text: object) -> str:
    """Return the text on one printable line: control and undecodable characters are escaped.

    Args:
        text: anything; a file name from the disk may hold line breaks and stray bytes.
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(text)
    )


def write_json(path: Path, content: dict) -> None:
    """Write JSON that people can read, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write some columns of a table, atomically."""
    with replacing(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a small file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
