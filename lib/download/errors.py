"""What can go wrong with a download: one line with what was found and what to do."""

from __future__ import annotations


class DownloadError(OSError):
    """A dataset that cannot be fetched, or a file that is not the published one."""


class LicenceError(DownloadError):
    """The terms of a dataset have not been accepted."""


class ArchiveError(DownloadError):
    """An archive that is damaged, or that no one should unpack."""
