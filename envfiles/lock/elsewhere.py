"""The pins that a lock for several environments has for another one than its folder's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.markers import Marker
from packaging.requirements import Requirement

from ..credentials import strip
from ..requirements.entry import Entry
from ..text import read_text
from .pylock import PYLOCK, knows_pylock, read_pylock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from .values import Lock, Locked

_SEVERAL = re.compile(r"^targets = \[", re.MULTILINE)
_KEYS = ("sys_platform", "platform_machine", "python_version")


def locked_elsewhere(
    folder: Path, entries: Iterable[Entry], environment: Mapping[str, str]
) -> tuple[Entry, ...] | None:
    """Return the entries of a lock for several environments that replace the folder's lines.

    `environment` has the values of markers (PEP 508). None if it is the lines' own environment, if
    the lock is not for it, or if the lines have changed since. The hashes are those of the lock if
    the lines have some. Raises InvalidFile.
    """
    text = read_text(folder / PYLOCK, within=folder)
    if text is None or not _SEVERAL.search(text) or not knows_pylock():
        return None
    lock, lines = read_pylock(text, file=PYLOCK), tuple(entries)
    own = lock.own_environment
    if not lock.is_for_several or all(own[key] == environment[key] for key in _KEYS):
        return None
    if not lock.admits(environment) or not is_of_lines(lock, lines):
        return None
    known = {each.name: each for each in lines}
    hashed = any(each.hashes for each in lines)
    return tuple(
        _entry(each, known.get(each.name), hashed=hashed) for each in lock.locked_for(environment)
    )


def is_of_lines(lock: Lock, entries: Iterable[Entry]) -> bool:
    """Tell whether a lock has, for the environment that is its own, what lines ask for there."""
    own = lock.own_environment
    if not own:
        return False
    locked = {each.name: each for each in lock.locked_for(own)}
    asked = [each for each in entries if not each.marker or Marker(each.marker).evaluate({**own})]
    return all(each.name in locked and _meets(locked[each.name], each) for each in asked)


def _meets(locked: Locked, entry: Entry) -> bool:
    """Tell whether what a lock has is what a line asks for; a reference is one by its place."""
    asked = Requirement(entry.requirement)
    if asked.url is not None or not locked.version:
        there = locked.reference.partition("#")[0]
        return bool(there) and strip(asked.url or "").partition("#")[0] == there
    return asked.specifier.contains(locked.version, prereleases=True)


def _entry(locked: Locked, line: Entry | None, *, hashed: bool) -> Entry:
    """Return what is locked as a line, with the extras, reasons and settings of its own line."""
    extras = ",".join(sorted(Requirement(line.requirement).extras)) if line is not None else ""
    name = f"{locked.name}[{extras}]" if extras else locked.name
    pin = f"{name}=={locked.version}" if locked.version else f"{name} @ {locked.reference}"
    return Entry(
        pin,
        line.comment if line is not None else "",
        hashes=locked.hashes if hashed else (),
        settings=line.settings if line is not None else (),
    )
