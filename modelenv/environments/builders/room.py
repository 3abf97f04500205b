"""Detecting that an installer failed because of a disk, and which path is full."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from ...base.files.temporary import temporary_folder
from ..errors import NoRoomError

# About the disk, and no package: messages that all programs share.
_REASONS = tuple(
    os.strerror(getattr(errno, name))
    for name in ("ENOSPC", "EDQUOT", "EROFS")
    if hasattr(errno, name)
)
_QUOTED = re.compile(r"[`'\"]((?:[A-Za-z]:)?[/\\][^`'\"\n]*)[`'\"]")


def check_room(manager: str, command: Sequence[str], output: str) -> None:
    """Raise NoRoomError if the output of a failed installer reports a disk error."""
    for line in output.splitlines():
        for reason in _REASONS:
            if reason in line:
                raise NoRoomError(manager, reason, _named(line) or _fullest(command))


def _named(line: str) -> Path | None:
    found = _QUOTED.search(line)
    return Path(found[1]) if found else None


def _fullest(command: Sequence[str]) -> Path:
    """Return the path among those that a command writes to with the least free space."""
    places = [temporary_folder(), *(word for word in command if Path(word).is_absolute())]
    return min(_iter_room(places), default=(0, Path(places[0])))[1]


def _iter_room(places: Iterable[str]) -> Iterator[tuple[int, Path]]:
    for place in map(Path, places):
        folder = next(each for each in (place, *place.parents) if each.exists())
        with suppress(OSError):
            yield shutil.disk_usage(folder).free, place
