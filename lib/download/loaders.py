"""Datasets that a package's own loader fetches: LFW, by scikit-learn."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from lib.download.errors import DownloadError
from lib.download.registry import RemoteFile

LFW_HOME = "lfw_home"
"""The folder that scikit-learn makes in its data folder for LFW."""

ONE_PERSON = 500
"""Only one person of LFW has so many photos; scikit-learn decodes those of no other."""


def fetch_lfw(file: RemoteFile, temporary: Path, folder: Path) -> None:
    """Let scikit-learn fetch LFW, and take over the photos that it unpacks.

    It unpacks them straight to where it looks for them the next time, so that half of them count as
    all after a power cut. Here they are moved to their place when all are there.

    Args:
        file: what is fetched; scikit-learn knows the same address and hash.
        temporary: an empty folder on the disk of the other one.
        folder: where the photos go, in a folder of the name that the archive has for it.

    Raises:
        DownloadError: if no photos came.
        OSError: from scikit-learn, if the network fails or the hash is another.
    """
    from sklearn.datasets import fetch_lfw_people

    fetch_lfw_people(data_home=str(temporary), min_faces_per_person=ONE_PERSON, n_retries=1)
    photos = temporary / LFW_HOME / file.folder
    if not photos.is_dir():
        raise DownloadError(f"scikit-learn made no folder {LFW_HOME}/{file.folder}")
    os.replace(photos, folder / file.folder)


LOADERS: dict[str, Callable[[RemoteFile, Path, Path], None]] = {"scikit-learn": fetch_lfw}
"""By the name that `lib.download.registry.RemoteDataset.loader` gives."""
