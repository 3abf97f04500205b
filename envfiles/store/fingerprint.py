"""Fingerprints of folders; comparing two of them shows whether a folder was changed."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import TargetChanged
from .leftovers import is_partial

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_WHOLE = 1 << 20  # bytes: a longer file is identified by its size, its time and its ends
_END = 1 << 16
_MOST_LISTED = 5
_BYTECODE = "__pycache__"  # every import of a model's code may write it; it is no change
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The content of a folder; empty for a missing folder."""

    files: Mapping[str, str] = field(default_factory=dict)
    """The mark of each file, folder or link, by its path in the folder."""

    @classmethod
    def of(cls, folder: Path) -> Fingerprint:
        """Take the fingerprint of a folder; an unreadable file is identified by its size and time.

        Folders with files of the same bytes have the same fingerprint, whatever the owners. Files
        of more than 1 MiB are not read completely: their times count.
        """
        return cls(dict(_iter_known(folder, "")))

    def differing(self, other: Fingerprint) -> tuple[str, ...]:
        """Return the paths that differ in the other folder, or exist in only one of both."""
        names = sorted({*self.files, *other.files})
        return tuple(name for name in names if self.files.get(name) != other.files.get(name))


def changed_meanwhile(target: Path, changed: Iterable[str]) -> TargetChanged:
    """Return the error that says what somebody else changed in a target, and what to do."""
    names = tuple(changed)
    what = f"somebody else changed it meanwhile ({listed(names)})"
    return TargetChanged(target, f"{what}, so nothing was written: do it again", names)


def listed(names: tuple[str, ...]) -> str:
    """Name the first of many paths.

    >>> listed(("MLmodel", "requirements.txt"))
    'MLmodel, requirements.txt'
    """
    more = len(names) - _MOST_LISTED
    return ", ".join([*names[:_MOST_LISTED], *([f"and {more} more"] if more > 0 else [])])


def _iter_known(folder: Path, below: str) -> Iterator[tuple[str, str]]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:  # missing or unreadable: that differs from a readable one
        return
    for entry in found:
        if entry.name == _BYTECODE or is_partial(entry.name):
            continue
        name = f"{below}{entry.name}"
        try:
            status = entry.stat(follow_symlinks=False)
            yield name, _known(Path(entry.path), status)
        except FileNotFoundError:  # put away while we look: as if we had come later
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _iter_known(Path(entry.path), f"{name}/")


def _known(path: Path, status: os.stat_result) -> str:
    """Return what distinguishes a file, folder or link from another. Raises FileNotFoundError."""
    if stat.S_ISLNK(status.st_mode):
        return f"link to {os.readlink(path)}"  # noqa: PTH115 (a name is all that is wanted)
    if not stat.S_ISREG(status.st_mode):
        return f"kind {stat.S_IFMT(status.st_mode)}"
    about = f"{status.st_size} bytes"
    if status.st_size > _WHOLE:
        about += f" of {status.st_mtime_ns}"
    try:
        return f"{about}, {_digest(path, status.st_size)}"
    except FileNotFoundError:
        raise
    except OSError:
        return f"{about} of {status.st_mtime_ns}, unread"


def _digest(path: Path, size: int) -> str:
    """Return the hash of a file, or of its two ends if it is long."""
    with os.fdopen(os.open(path, _FLAGS), "rb") as stream:
        if size <= _WHOLE:
            return blake2b(stream.read(_WHOLE + 1), digest_size=16).hexdigest()
        digest = blake2b(stream.read(_END), digest_size=16)
        stream.seek(-_END, os.SEEK_END)
        digest.update(stream.read(_END))
        return digest.hexdigest()
