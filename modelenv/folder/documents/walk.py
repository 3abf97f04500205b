"""Listing a folder that somebody else made, and may change meanwhile."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DEEPEST = 50
"""The largest depth of nested folders that are listed."""
GONE = "it went away while the folder was read"

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a folder: a file, a link or anything else, or a folder that is not listed."""

    path: Path
    name: str
    """Relative to the folder, with slashes."""
    about: os.stat_result | None
    """The status of the entry itself, not of a link's target; None: unknown."""
    reason: str = ""
    """Why it cannot be read; empty if it can."""

    @property
    def left(self) -> bool:
        """Whether it is bytecode that Python wrote when the model's code was imported."""
        return "__pycache__" in self.name.split("/")

    @property
    def size(self) -> int:
        """The size in bytes of a file or of a link's target; 0 for anything else."""
        if self.about is None or stat.S_ISREG(self.about.st_mode):
            return self.about.st_size if self.about else 0
        try:
            about = self.path.stat()
        except (OSError, ValueError):
            return 0
        return about.st_size if stat.S_ISREG(about.st_mode) else 0


def walk(folder: Path) -> Iterator[Listed]:
    """Yield the entries of a folder, in the order of names; no link is followed.

    A folder that cannot be listed, vanished or lies too deep is an entry itself, with the reason.
    No error is raised.
    """
    left = [(folder, "", 0)]
    while left:
        place, above, depth = left.pop()
        try:
            with os.scandir(place) as entries:
                listed = sorted(entries, key=lambda each: each.name)
        except OSError as error:
            yield Listed(place, above or ".", None, why(error))
            continue
        folders = []
        for entry in listed:
            name = f"{above}/{entry.name}" if above else entry.name
            found = _found(entry, name)
            if found.about is None or not stat.S_ISDIR(found.about.st_mode):
                yield found
            elif depth + 1 < DEEPEST:
                folders.append((found.path, name, depth + 1))
            else:
                reason = f"a folder below {DEEPEST} others: nothing in it was looked at"
                yield Listed(found.path, name, found.about, reason)
        left += reversed(folders)


def why(error: OSError) -> str:
    """Return why something cannot be read, without its path."""
    return GONE if isinstance(error, FileNotFoundError) else f"it cannot be read: {error.strerror}"


def shortly(name: str) -> str:
    """Return a name for display, with the middle of a long one left out.

    >>> shortly("a/" * 100 + "b")[:5], len(shortly("a/" * 100 + "b"))
    ('a/a/a', 121)
    """
    half = _LONGEST // 2
    return name if len(name) <= _LONGEST else f"{name[:half]}…{name[-half:]}"


def _found(entry: os.DirEntry[str], name: str) -> Listed:
    try:
        return Listed(Path(entry.path), name, entry.stat(follow_symlinks=False))
    except OSError as error:
        return Listed(Path(entry.path), name, None, why(error))
