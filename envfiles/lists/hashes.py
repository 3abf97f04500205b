"""The hashes of a lock on its lines: on all of them, as installers ask, or on none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import Fault, Location

if TYPE_CHECKING:
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


def hashed_lines(
    file: ListFile, pins: Iterable[PinLine]
) -> tuple[tuple[LocatedLine, ...], tuple[Fault, ...]]:
    """Return the lines of a lock, and the faults of their hashes.

    Where one of them has none, none gets any: pip refuses a list in which only some have hashes.
    Constraints get none: they limit versions, and other lines decide which names are installed.
    """
    listed = list(pins)
    bare = [each for each in listed if not each.strong]
    if file.narrows or len(bare) == len(listed):
        return tuple((each.location, each.text, ()) for each in listed), ()
    if bare:
        names = [each.text.removeprefix("-e ").split()[0] for each in bare]
        more = len(names) - _MOST_NAMED
        said = ", ".join([*names[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])])
        reason = f"its hashes are not asked for, as there is none of {said}"
        untold = (Fault(file.at(), reason),)
        return tuple((each.location, each.text, ()) for each in listed), untold
    return tuple(
        (each.location, " ".join([each.text, *(f"--hash={h}" for h in each.strong)]), ())
        for each in listed
    ), ()
