"""Gets the files of a dataset, once, and believes nothing but their size and hash.

A file is fetched under a temporary name and takes its place only when it is the published one.
Google Drive answers with a web page, and the status of success, when too many have fetched a file
that day; such a page is recognised, and the error says how to fetch the file by hand.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from lib import env
from lib.download import loaders, registry
from lib.download.archives import extract
from lib.download.errors import DownloadError, LicenceError
from lib.download.registry import Drive, RemoteDataset, RemoteFile
from lib.files import one_line

OFFLINE = "FACE_LAB_OFFLINE"
"""The environment variable that keeps the lab off the network: 1 does, 0 does not."""

SECONDS = 60
"""After so long without an answer a server counts as unreachable."""

_CHUNK_BYTES = 1 << 18


def fetch(
    name: str,
    folder: str | os.PathLike | None = None,
    *,
    accept_licence: bool = False,
    offline: bool | None = None,
    progress: bool = True,
) -> Path:
    """Make sure that a dataset is on the disk, complete and as it was published.

    What is there already, be it from an earlier call or put there by hand, is checked and used, and
    a complete dataset needs neither the network nor the terms again.

    Args:
        name: of the dataset, see `lib.download.registry.DATASETS`.
        folder: where to put it; by default ``data/raw/<name>`` of the lab.
        accept_licence: whether you have read the dataset's terms and accept them.
        offline: whether to stay off the network; by default as FACE_LAB_OFFLINE says.
        progress: whether to show bars.

    Returns:
        The folder, fit for the dataset's function in `lib.prepare.sources`.

    Raises:
        LicenceError: if something must be fetched and the terms are not accepted.
        DownloadError: if there is no such dataset, the network must not or cannot be used, or a
            file is not the published one.
        ArchiveError: if the archive cannot be unpacked.
    """
    dataset = registry.find(name)
    folder = folder_of(name, folder)
    absent = [file for file in dataset.files if not _is_here(file, folder)]
    if absent:
        _require_leave(name, dataset, absent, folder, accept_licence, offline)
        _require_space(absent, folder)
    for file in absent:
        _fetch_file(dataset, file, folder, progress)
    for file in dataset.files:
        if file.folder is not None and not (folder / file.folder).is_dir():
            archive, target = folder / file.name, folder / file.folder
            extract(archive, target, inside=file.folder, progress=progress)
    return folder


def folder_of(name: str, folder: str | os.PathLike | None = None) -> Path:
    """Return where a dataset is kept: the folder given, or ``data/raw/<name>`` of the lab."""
    return env.ROOT / "data" / "raw" / name if folder is None else Path(folder)


def require_published(file: RemoteFile, path: Path) -> None:
    """Refuse a file that is not the published one.

    Args:
        file: what is expected.
        path: what there is.

    Raises:
        DownloadError: saying what it is instead.
    """
    size = path.stat().st_size
    if _is_page(path):
        raise DownloadError(f"{file.name}: found a web page{_title(path)} instead of the file")
    if size != file.size:
        raise DownloadError(f"{file.name}: found {size:,} bytes, expected {file.size:,}")
    algorithm, expected = file.digest.split(":")
    with open(path, "rb") as content:
        found = hashlib.file_digest(content, algorithm).hexdigest()
    if found != expected:
        raise DownloadError(f"{file.name}: found {algorithm} {found}, expected {expected}")


def by_hand(files: list[RemoteFile], folder: Path) -> str:
    """Say how to fetch files without the lab."""
    steps = ", ".join(f"{file.address.page} as {file.name}" for file in files)
    where = one_line(folder)
    return f"by hand: open in a browser and save in {where}: {steps}; then call fetch again"


def _is_here(file: RemoteFile, folder: Path) -> bool:
    """Tell whether a file is in place; an unpacked archive is, since that is all or nothing."""
    if file.folder is not None and (folder / file.folder).is_dir():
        return True
    path = folder / file.name
    if not path.exists():
        return False
    try:
        require_published(file, path)
    except DownloadError as error:
        remedy = "delete it and call fetch again"
        raise DownloadError(f"{one_line(folder)}: {error}; {remedy}") from None
    return True


def _require_leave(
    name: str,
    dataset: RemoteDataset,
    absent: list[RemoteFile],
    folder: Path,
    accept_licence: bool,
    offline: bool | None,
) -> None:
    """Refuse to use the network against the user's will, or without their word on the terms."""
    if offline is None:
        offline = os.environ.get(OFFLINE, "0") not in ("", "0")
    if offline:
        manual = by_hand(absent, folder)
        raise DownloadError(f"{dataset.title} is not complete, and the lab is offline; {manual}")
    if accept_licence is not True:
        terms = f"{dataset.licence}: read {dataset.terms}"
        call = f"lib.download.fetch({name!r}, accept_licence=True)"
        raise LicenceError(f"{dataset.title} has terms ({terms}); if you accept them call {call}")


def _require_space(absent: list[RemoteFile], folder: Path) -> None:
    """Make the folder, and refuse to fill its disk."""
    folder.mkdir(parents=True, exist_ok=True)
    needed, free = sum(file.size for file in absent), shutil.disk_usage(folder).free
    if needed > free:
        found = f"{needed:,} bytes are to be fetched and the disk has {free:,} left"
        raise DownloadError(f"{one_line(folder)}: {found}; make room or name another folder")


def _fetch_file(dataset: RemoteDataset, file: RemoteFile, folder: Path, progress: bool) -> None:
    """Fetch a file into a temporary folder beside its place, and put it there if it is right."""
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as temporary:
        try:
            if dataset.loader is not None:
                loaders.LOADERS[dataset.loader](file, Path(temporary), folder)
                return
            path = Path(temporary, file.name)
            _receive(file, path, progress)
            require_published(file, path)
        # What requests, gdown and scikit-learn raise is of many kinds; the way out is the same.
        except Exception as error:
            reason = one_line(str(error) or type(error).__name__)[:300]
            manual = by_hand([file], folder)
            raise DownloadError(f"{file.name} could not be fetched ({reason}); {manual}") from error
        os.replace(path, folder / file.name)


def _receive(file: RemoteFile, path: Path, progress: bool) -> None:
    """Fetch a file's content, whatever it may be."""
    if isinstance(file.address, Drive):
        import gdown

        identifier = file.address.identifier
        gdown.download(id=identifier, output=str(path), quiet=not progress, use_cookies=False)
        if not path.exists():
            raise DownloadError("Google Drive gave no file")
    else:
        import pooch

        meter = _Meter(file, progress)
        receive = pooch.HTTPDownloader(meter, _CHUNK_BYTES, timeout=SECONDS)
        receive(file.address.page, str(path), None)


class _Meter:
    """Shows how far pooch is, and stops a server that sends more than was published."""

    def __init__(self, file: RemoteFile, progress: bool):
        self.total, self._file = file.size, file
        shown = {"unit": "B", "unit_scale": True, "disable": not progress}
        self._bar: Any = tqdm(desc=file.name, total=file.size, **shown)
        self._received = 0

    def update(self, number: int) -> None:
        """Count some bytes; pooch counts full chunks, so the last one may seem too long."""
        self._received += number
        self._bar.update(number)
        if self._received > self._file.size + _CHUNK_BYTES:
            raise DownloadError(f"the server sends more than {self._file.size:,} bytes")

    def reset(self) -> None:
        """Begin anew, as pooch does at the end."""
        self._received = 0
        self._bar.reset()

    def close(self) -> None:
        """Close the bar."""
        self._bar.close()


def _is_page(path: Path) -> bool:
    with open(path, "rb") as file:
        start = file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _title(path: Path) -> str:
    """Return the title of a web page, such as "Google Drive - Quota exceeded", in brackets."""
    with open(path, "rb") as file:
        found = re.search(rb"<title>(.{1,100}?)</title>", file.read(1 << 16), re.DOTALL)
    return f" ({one_line(found[1].decode(errors='replace').strip())})" if found else ""
