"""What stands in a folder that somebody else made, and may change while it is looked at."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DEEPEST = 50
"""How many folders are looked into, one within another."""
GONE = "it went away while the folder was read"

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Listed:
    """A file, a link or anything else in a folder that is no folder, or none to look into."""

    path: Path
    name: str
    """Relative to the folder, with slashes."""
    about: os.stat_result | None
    """What it is itself, and not what it leads to; None where that cannot be told."""
    reason: str = ""
    """Why it cannot be looked into; empty where it can."""

    @property
    def left(self) -> bool:
        """Whether Python wrote it when somebody imported the model's code: bytecode."""
        return "__pycache__" in self.name.split("/")

    @property
    def size(self) -> int:
        """Bytes of a file, also of one that a link leads to; 0 for all else."""
        if self.about is None or stat.S_ISREG(self.about.st_mode):
            return self.about.st_size if self.about else 0
        try:
            about = self.path.stat()
        except (OSError, ValueError):
            return 0
        return about.st_size if stat.S_ISREG(about.st_mode) else 0


def walk(folder: Path) -> Iterator[Listed]:
    """Yield what is in a folder, in the order of the names; no link is followed.

    A folder that cannot be listed, that went away or that lies too deep comes as itself, with the
    reason. Nothing is raised.
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
    """Say why something cannot be read, without its path."""
    return GONE if isinstance(error, FileNotFoundError) else f"it cannot be read: {error.strerror}"


def shortly(name: str) -> str:
    """Return a name as it is shown: its beginning and its end, where it is long.

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
