"""Markers as sets of alternatives, so that they can be joined along the paths of a graph.

An alternative is a set of comparisons that have to hold together; a marker that is always true has
one that is empty, one that is never true has none. Comparisons are texts, in packaging's spelling.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from packaging.markers import Marker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Alternatives: TypeAlias = frozenset[frozenset[str]]

ALWAYS: Alternatives = frozenset({frozenset()})
NEVER: Alternatives = frozenset()

_MOST = 256
_MOST_JOINED = 8 * _MOST  # simplifying so many takes time quadratic in their number
_TOKEN = re.compile(r"\s*([()]|'[^']*'|\"[^\"]*\"|[^\s()'\"]+)")
_EXACT = re.compile(r"(?P<key>\w+) (?P<operator>==|!=) (?P<value>\"[^\"*]*\"|'[^'*]*')")


# A minor version of Python is a range, so that overlaps with ranges are recognised.
_MINOR = re.compile(r"python_full_version == [\"']3\.(?P<minor>\d+)\.\*[\"']")
_OPPOSITE = {"==": "!=", "<": ">=", ">": "<=", "in": "not in"}
_OPPOSITE |= {other: one for one, other in _OPPOSITE.items()}
_COMPARISON = re.compile(r"(?P<left>\S+|'[^']*'|\"[^\"]*\") (?P<operator>not in|\S+) (?P<right>.+)")


class TooManyAlternatives(ValueError):  # noqa: N818 (says what is wrong by itself)
    """A marker distinguishes more environments than any list does."""


def read_marker(text: str, known: Callable[[str], bool | None] = lambda _: None) -> Alternatives:
    """Return the alternatives of a marker (PEP 508), with `known` comparisons decided.

    Raises InvalidMarker, TooManyAlternatives.

    >>> sorted(map(sorted, read_marker("os_name == 'nt' or extra == 'x'", lambda c: "x" in c)))
    [[]]
    >>> spell(read_marker("os_name == 'nt' and (extra == 'x' or extra == 'y')"))
    'extra == "x" and os_name == "nt" or extra == "y" and os_name == "nt"'
    """
    try:
        tokens = _TOKEN.findall(str(Marker(text)))
        return _Parser(tokens, known).either()
    except RecursionError as error:
        raise TooManyAlternatives from error


def either(parts: Iterable[Alternatives]) -> Alternatives:
    """Return the disjunction of alternatives."""
    return _shortest(frozenset().union(*parts))


def both(left: Alternatives, right: Alternatives) -> Alternatives:
    """Return the conjunction of both. Raises TooManyAlternatives."""
    if len(left) * len(right) > _MOST_JOINED:
        raise TooManyAlternatives
    joined = (one | other for one in left for other in right)
    return _shortest(frozenset(each for each in joined if _is_possible(each)))


def spell(alternatives: Alternatives) -> str:
    """Return them as a marker; empty for what is always true; NEVER must not be given.

    >>> spell(ALWAYS)
    ''
    """
    return " or ".join(sorted(" and ".join(sorted(each)) for each in alternatives))


def _shortest(alternatives: Alternatives) -> Alternatives:
    """Leave out alternatives that are implied by others, and needless comparisons.

    A comparison is needless if the others hold whenever only it fails.
    """
    waiting, kept = sorted(alternatives, key=len), list[frozenset[str]]()
    while waiting:
        each = waiting.pop(0)
        others = [*kept, *waiting]
        if any(shorter <= each for shorter in kept):
            continue
        needless = next((one for one in sorted(each) if _is_needless(one, each, others)), None)
        if needless is None:
            kept.append(each)
        else:
            waiting, kept = sorted([*others, each - {needless}], key=len), []
    if len(kept) > _MOST:
        raise TooManyAlternatives
    return frozenset(kept)


def _is_needless(one: str, among: frozenset[str], others: Iterable[frozenset[str]]) -> bool:
    """Return whether an alternative is implied by the others once one comparison is dropped."""
    opposite = _opposite(one)
    without = (among - {one}) | {opposite}
    return bool(opposite) and any(opposite in other and other <= without for other in others)


def _opposite(comparison: str) -> str:
    """Return the comparison that holds if this one does not; empty if none is known."""
    parts = _COMPARISON.fullmatch(comparison)
    other = _OPPOSITE.get(parts["operator"]) if parts else None
    return f"{parts['left']} {other} {parts['right']}" if parts and other else ""


def _is_possible(comparisons: frozenset[str]) -> bool:
    """Return whether comparisons can hold together: no key has two values, or a refused one."""
    exact = [found for each in comparisons if (found := _EXACT.fullmatch(each))]
    values = [(each["key"], each["value"]) for each in exact if each["operator"] == "=="]
    refused = {(each["key"], each["value"]) for each in exact if each["operator"] == "!="}
    return len(dict(values)) == len(set(values)) and refused.isdisjoint(values)


class _Parser:
    """A recursive-descent parser of a marker's tokens."""

    def __init__(self, tokens: list[str], known: Callable[[str], bool | None]) -> None:
        self.tokens = tokens
        self.known = known

    def either(self) -> Alternatives:
        parts = [self.both()]
        while self._next("or"):
            parts.append(self.both())
        return either(parts)

    def both(self) -> Alternatives:
        found = self.one()
        while self._next("and"):
            found = both(found, self.one())
        return found

    def one(self) -> Alternatives:
        if self._next("("):
            inner = self.either()
            self._next(")")
            return inner
        left, operator = self.tokens.pop(0), self.tokens.pop(0)
        if operator == "not":
            operator = f"not {self.tokens.pop(0)}"
        comparison = f"{left} {operator} {self.tokens.pop(0)}"
        minor = _MINOR.fullmatch(comparison)
        if minor is not None:
            low = f'python_full_version >= "3.{minor["minor"]}"'
            high = f'python_full_version < "3.{int(minor["minor"]) + 1}"'
            return frozenset({frozenset({low, high})})
        truth = self.known(comparison)
        if truth is None:
            return frozenset({frozenset({comparison})})
        return ALWAYS if truth else NEVER

    def _next(self, word: str) -> bool:
        if not (self.tokens and self.tokens[0] == word):
            return False
        self.tokens.pop(0)
        return True
