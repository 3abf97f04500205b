"""Sentences on a path that is not there, or is of the other kind, with what may be meant."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from ..telling.suggesting import near

_MOST_NAMES = 1000


def no_file(path: Path) -> str:
    """Return why a path is no file.

    >>> no_file(Path(os.curdir))
    'it is a folder, not a file'
    """
    return "it is a folder, not a file" if path.is_dir() else f"there is no such file{_meant(path)}"


def no_folder(path: Path) -> str:
    """Return why a path is no folder."""
    return (
        "it is a file, not a folder" if path.exists() else f"there is no such folder{_meant(path)}"
    )


def nothing(path: Path) -> str:
    """Return that a path does not exist."""
    return f"there is no such file or folder{_meant(path)}"


def _meant(path: Path) -> str:
    """Return a question for a similar name, beside the first part of a path that is missing."""
    missing = path
    for above in path.parents:
        if above.exists():
            break
        missing = above
    try:
        names = [each.name for each in islice(os.scandir(missing.parent), _MOST_NAMES)]
    except OSError:
        return ""
    return "." + said if (said := near(missing.name, sorted(names))) else ""
