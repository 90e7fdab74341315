"""Which real datasets there are: where each file lies, how it is recognised, and on what terms.

Sizes and hashes are those that the datasets' usual loaders (torchvision, scikit-learn) check. MD5
recognises a file that was cut off or swapped by mistake; it does not stand up to a forger.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from lib.download.errors import DownloadError


class Address(Protocol):
    """Where a file can be had."""

    @property
    def page(self) -> str:
        """What to open in a browser to fetch the file by hand."""


@dataclass(frozen=True)
class Web:
    """A file behind an address of its own.

    Attributes:
        page: the address.
    """

    page: str


@dataclass(frozen=True)
class Drive:
    """A file on Google Drive.

    Attributes:
        identifier: the file's name there.
    """

    identifier: str

    @property
    def page(self) -> str:
        """What to open in a browser to fetch the file by hand."""
        return f"https://drive.google.com/uc?export=download&id={self.identifier}"


@dataclass(frozen=True)
class RemoteFile:
    """One published file.

    Attributes:
        name: as it is called on the disk.
        address: where it lies.
        size: bytes.
        digest: algorithm and hash, such as ``md5:00d2...``.
        folder: the one folder that an archive holds, which is unpacked beside it; None for a file
            that is used as it is.
    """

    name: str
    address: Address
    size: int
    digest: str
    folder: str | None = None


@dataclass(frozen=True)
class RemoteDataset:
    """Files that belong together.

    Attributes:
        title: the dataset's full name.
        files: what is fetched, small files first.
        licence: the terms, in one line.
        terms: where they are published.
        loader: the package whose own loader fetches the files, where one is used.
    """

    title: str
    files: tuple[RemoteFile, ...]
    licence: str
    terms: str
    loader: str | None = None


CELEBA = RemoteDataset(
    title="CelebA, aligned photos (Liu et al., ICCV 2015)",
    files=(
        RemoteFile(
            "list_eval_partition.txt",
            Drive("0B7EVK8r0v71pY0NSMzRuSXJEVkk"),
            2_836_386,
            "md5:d32c9cbf5e040fd4025c592c306e6668",
        ),
        RemoteFile(
            "identity_CelebA.txt",
            Drive("1_ee_0u7vcNLOfNLegJRHmolfH5ICW-XS"),
            3_424_458,
            "md5:32bd1bd63d3c78cd57e08160ec5ed1e2",
        ),
        RemoteFile(
            "list_attr_celeba.txt",
            Drive("0B7EVK8r0v71pblRyaVFSWGxPY0U"),
            26_721_026,
            "md5:75e246fa4810816ffd6ee81facbd244c",
        ),
        RemoteFile(
            "img_align_celeba.zip",
            Drive("0B7EVK8r0v71pZjFTYXZWM3FlRnM"),
            1_443_490_838,
            "md5:00d2c5bc6d35e252742224ab0c1e8fcb",
            folder="img_align_celeba",
        ),
    ),
    licence="non-commercial research only; the photos may not be passed on",
    terms="https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
)

LFW = RemoteDataset(
    title="Labeled Faces in the Wild, funneled (Huang et al., 2007)",
    files=(
        RemoteFile(
            "lfw-funneled.tgz",
            Web("https://ndownloader.figshare.com/files/5976015"),
            243_346_528,
            "sha256:b47c8422c8cded889dc5a13418c4bc2abbda121092b3533a83306f90d900100a",
            folder="lfw_funneled",
        ),
    ),
    licence="made for research; press photos whose rights belong to others",
    terms="http://vis-www.cs.umass.edu/lfw/",
    loader="scikit-learn",
)

DATASETS: dict[str, RemoteDataset] = {"celeba": CELEBA, "lfw": LFW}
"""The datasets by the name that `lib.download.fetch` knows them by."""


def find(name: str) -> RemoteDataset:
    """Return a dataset of the registry, after checking that its file names are plain.

    Args:
        name: as in `DATASETS`.

    Raises:
        DownloadError: if there is no such dataset, or a file would lie outside its folder.
    """
    if name not in DATASETS:
        raise DownloadError(f"found dataset {name!r}; expected one of {', '.join(DATASETS)}")
    for file in DATASETS[name].files:
        for part in (file.name, file.folder or file.name):
            if PurePath(part).name != part:
                raise DownloadError(f"{name}: found file name {part!r}; expected a plain name")
    return DATASETS[name]
