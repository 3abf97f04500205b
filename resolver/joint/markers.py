"""The smallest marker that is true on some targets and false on the others."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from packaging.markers import Marker
from packaging.version import Version

from ..errors import AlikeTargetsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..target import Target

VARIABLES = (
    *("sys_platform", "python_version", "platform_machine", "implementation_name", "os_name"),
    *("platform_system", "platform_python_implementation", "python_full_version"),
)
"""Marker variables that tell targets apart (PEP 508); the first one that does is used."""

_VERSIONS = ("python_version", "python_full_version")
# Every marker of at most so many comparisons is tried, unless there are too many.
_COMPARISONS = 4
_MARKERS = 2_000


def parting_marker(inside: Sequence[Target], outside: Sequence[Target]) -> str:
    """Return the smallest marker that is true on the targets inside, and false on those outside.

    Empty if none is outside. Raises `AlikeTargetsError` if no marker tells one inside from
    one outside.

    >>> from resolver import Target
    >>> linux, mac = Target.of("3.12", "linux/x86_64"), Target.of("3.12", "macos/arm64")
    >>> windows = Target.of("3.13", "windows/amd64")
    >>> parting_marker([linux, mac], [windows])
    "sys_platform != 'win32'"
    >>> parting_marker([linux], [mac, windows])
    "sys_platform == 'linux'"
    """
    if not outside:
        return ""
    seen = {marks(each): each for each in outside}
    if both := next((each for each in inside if marks(each) in seen), None):
        raise AlikeTargetsError(dict(zip(VARIABLES, marks(both), strict=True)))
    everywhere = [*inside, *outside]
    goal = (1 << len(inside)) - 1
    found = _smallest(everywhere, goal) or _one_by_one(inside, everywhere)
    told = [holds(found, each) for each in everywhere]
    assert told == [index < len(inside) for index in range(len(everywhere))], found
    return found


def marks(target: Target) -> tuple[str, ...]:
    """Return the values that tell a target from others, in the order of `VARIABLES`."""
    return tuple(target.markers.get(variable, "") for variable in VARIABLES)


def holds(marker: str, target: Target) -> bool:
    """Return whether a marker is true on a target; an empty marker is true on all."""
    return target.admits(Marker(marker) if marker else None)


@dataclass(frozen=True, slots=True)
class _Formula:
    """The text of a marker, and its outermost operator: "and", "or", or none."""

    text: str
    word: str = ""

    def join(self, word: str, other: _Formula) -> _Formula:
        return _Formula(f"{self._inside(word)} {word} {other._inside(word)}", word)

    def _inside(self, word: str) -> str:
        return f"({self.text})" if (word, self.word) == ("and", "or") else self.text


def _smallest(targets: Sequence[Target], goal: int) -> str:
    """Return the smallest marker, in comparisons, that is true on the targets of some bits.

    Empty if it would have more comparisons than are tried.
    """
    known: dict[int, _Formula] = {}
    by_size: list[list[int]] = [[]]
    for text in comparisons(targets):
        bits = sum(1 << place for place, each in enumerate(targets) if holds(text, each))
        known.setdefault(bits, _Formula(text))
    by_size.append(list(known))
    for size in range(2, _COMPARISONS + 1):
        if goal in known or len(known) > _MARKERS:
            break
        by_size.append([])
        for left in range(1, size // 2 + 1):
            for one, other in product(by_size[left], by_size[size - left]):
                for word, bits in (("and", one & other), ("or", one | other)):
                    if bits not in known:
                        known[bits] = known[one].join(word, known[other])
                        by_size[size].append(bits)
    return known[goal].text if goal in known else ""


def comparisons(targets: Sequence[Target]) -> Iterator[str]:
    """Yield every comparison that may tell the targets apart, the simplest first."""
    values = {
        variable: sorted({each.markers[variable] for each in targets})
        for variable in VARIABLES
        if all(each.markers.get(variable) for each in targets)
    }
    for variable, found in values.items():
        if len(found) == 1:
            continue
        if variable in _VERSIONS:
            later = sorted(found, key=Version)[1:]
            yield from (f"{variable} >= '{value}'" for value in later)
            yield from (f"{variable} < '{value}'" for value in later)
        yield from (f"{variable} == '{value}'" for value in found)
        yield from (f"{variable} != '{value}'" for value in found)


def _one_by_one(inside: Sequence[Target], everywhere: Sequence[Target]) -> str:
    """Return a marker that describes each target inside by all its values, joined by "or"."""
    several = [
        variable
        for variable in VARIABLES
        if len({each.markers.get(variable) for each in everywhere}) > 1
    ]
    described = {
        " and ".join(f"{variable} == '{each.markers.get(variable, '')}'" for variable in several)
        for each in inside
    }
    return " or ".join(sorted(described))
