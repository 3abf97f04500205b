"""The fingerprint of a model folder, without reading files that are unchanged."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from ...base.siblings import envfiles

_SETTLED = 2.0  # seconds: a file written more recently may change again within one clock tick
_SKIPPED = "__pycache__"


class Remembered(Protocol):
    """A cache of the content of folders, by the status of their files."""

    def content(self, folder: str, looks: str) -> str | None:
        """Return the content of a folder with this file status; None: it is not known."""

    def remember(self, folder: str, looks: str, content: str) -> None:
        """Store the content of a folder with this file status."""


def content_of(folder: Path, remembered: Remembered | None = None) -> str:
    """Return a fingerprint of the content of a folder; a copy of it has the same.

    For a file above 1 MiB its size, time and both ends count. If all files have their previous
    sizes, times and inodes, none is read.
    """
    if remembered is None:
        return _content(folder)
    looks, newest = _looks(folder)
    known = remembered.content(str(folder), looks)
    if known is not None:
        return known
    found = _content(folder)
    if newest < time.time() - _SETTLED:
        remembered.remember(str(folder), looks, found)
    return found


def _content(folder: Path) -> str:
    digest = blake2b(digest_size=16)
    for name, known in sorted(envfiles.Fingerprint.of(folder).files.items()):
        digest.update(f"{name}\0{known}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _looks(folder: Path) -> tuple[str, float]:
    """Return the status of a folder's files, and the time of the newest change."""
    digest, newest = blake2b(digest_size=16), 0.0
    for name, found in _iter_files(str(folder), ""):
        about = (
            *(found.st_mode, found.st_size, found.st_dev, found.st_ino),
            *(found.st_mtime_ns, found.st_ctime_ns),
        )
        digest.update(f"{name}\0{about}\0".encode("utf-8", "surrogateescape"))
        newest = max(newest, found.st_mtime, found.st_ctime)
    return digest.hexdigest(), newest


def _iter_files(folder: str, below: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files and links below a folder, by their names."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in found:
        if entry.name == _SKIPPED:
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _iter_files(entry.path, f"{below}{entry.name}/")
            else:
                yield f"{below}{entry.name}", entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
