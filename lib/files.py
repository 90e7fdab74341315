"""Files that are either whole or absent, and text that is safe to print on one line."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path


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
