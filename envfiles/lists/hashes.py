"""The hashes of a lock on its lines: on all of them, as installers ask, or on none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Fault, Location
from ..requirements.content import RequirementLine

if TYPE_CHECKING:
    from ..requirements.content import Item
    from ..requirements.reader import LocatedLine
    from .values import ListFile

_STRONG = ("sha256:", "sha384:", "sha512:")
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class PinLine:
    """One line of a lock: its place, its requirement, and the digests of its files."""

    location: Location
    text: str
    hashes: tuple[str, ...] = ()

    @property
    def strong(self) -> tuple[str, ...]:
        """Return the digests that pip accepts in a line: SHA-2."""
        return tuple(dict.fromkeys(each for each in self.hashes if each.startswith(_STRONG)))


def found_beside(file: ListFile, paths: Iterable[str]) -> tuple[LocatedLine, ...]:
    """Return the options that locate files with a path in a lock, relative to the lock.

    Constraints get none: the lines that they limit locate the files.
    """
    lock = Path(file.path).parent.absolute()
    folders = {(lock / path).resolve().parent.as_uri() for path in paths}
    if file.narrows:
        return ()
    return tuple((file.at(), f"--find-links {folder}", ()) for folder in sorted(folders))


def hashed_lines(
    file: ListFile, pins: Iterable[PinLine]
) -> tuple[tuple[LocatedLine, ...], tuple[Fault, ...]]:
    """Return the lines of a lock, and the faults of their hashes.

    If one of them has none that pip takes, none gets any: pip refuses a list in which only some
    have hashes. That is a fault, unless no file has any hash. Constraints get none: they limit
    versions, and other lines decide which names are installed.
    """
    listed = list(pins)
    bare = [each for each in listed if not each.strong]
    if file.narrows or not any(each.hashes for each in listed):
        return tuple((each.location, each.text, ()) for each in listed), ()
    if bare:
        untold = _not_asked(file.at(), [each.text for each in bare])
        return tuple((each.location, each.text, ()) for each in listed), (untold,)
    return tuple(
        (each.location, " ".join([each.text, *(f"--hash={h}" for h in each.strong)]), ())
        for each in listed
    ), ()


def hashed_alike(
    path: str, items: Sequence[Item], *, narrows: bool
) -> tuple[Sequence[Item], tuple[Fault, ...]]:
    """Return what a tool wrote of its lock, with hashes as `hashed_lines` has them, and a note."""
    lines = [each for each in items if isinstance(each, RequirementLine)]
    bare = [each.text for each in lines if not each.hashes]
    if not narrows and len(bare) in {0, len(lines)}:
        return items, ()
    left = [
        replace(each, hashes=()) if isinstance(each, RequirementLine) else each for each in items
    ]
    return left, () if narrows else (_not_asked(Location(path), bare),)


def _not_asked(place: Location, bare: Sequence[str]) -> Fault:
    names = [each.removeprefix("-e ").split()[0] for each in bare]
    more = len(names) - _MOST_NAMED
    said = ", ".join([*names[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])])
    return Fault(place, f"its hashes are not asked for, as there is none of SHA-2 of {said}")
