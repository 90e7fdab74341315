"""Real datasets, fetched only when asked for, checked byte by byte, and unpacked without trust.

    from lib import download
    folder = download.fetch("celeba", accept_licence=True)

Nothing in the lab downloads by itself. `registry` says what there is and under which terms,
`fetching` gets it, `archives` unpacks it. FACE_LAB_OFFLINE=1 keeps every call off the network; the
error then says what to fetch by hand, and where to put it.
"""

from __future__ import annotations

from lib.download.archives import ArchiveError, extract
from lib.download.errors import DownloadError, LicenceError
from lib.download.fetching import fetch, folder_of
from lib.download.registry import DATASETS, Drive, RemoteDataset, RemoteFile, Web

__all__ = [
    "DATASETS",
    "ArchiveError",
    "DownloadError",
    "Drive",
    "LicenceError",
    "RemoteDataset",
    "RemoteFile",
    "Web",
    "extract",
    "fetch",
    "folder_of",
]
