"""Read a worker's untrusted report on one request as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from .expected import Expected
from .finding import KINDS, Finding, Weight

Known = Callable[[str, str], "Finding | None"]
"""Returns the finding of a kind and a name, if there is one."""

_LONGEST = 1000  # characters of a name that are kept
_MOST_AT_ONCE = 10_000_000
_ENDING = 3000  # characters of a traceback that are kept
_WANTED = ("imports", "metadata", "libraries", "files")
_MOST_WANTED = 20

Entry = tuple[str, str, Mapping[str, Any]]
"""A kind, a name, and the details."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The new touches in one answer."""

    request: str
    when: str
    seen: Mapping[str, Any]
    fails: bool = False
    """Whether the request failed."""
    wanted: tuple[tuple[str, str], ...] = ()
    """The kinds and names it failed for, from its exception and that one's causes."""
    failure: str = ""
    """The end of the traceback."""

    @classmethod
    def of(cls, told: Mapping[str, Any], request: str) -> Heard | None:
        """Return the new touches in an answer; None if there are none."""
        seen = told.get("seen")
        fails = "failed" in told
        wanted = tuple(_wanted(told.get("wanted"))) if fails else ()
        if not (seen or wanted):
            return None
        return cls(
            request=request[:100],
            when=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            seen=seen if isinstance(seen, dict) else {},
            fails=fails,
            wanted=wanted,
            failure=str(told.get("traceback"))[-_ENDING:] if fails else "",
        )

    @property
    def uncounted(self) -> int:
        """The number of touches whose names were not reported."""
        return sum(_count(each) for _, each in _items(self.seen.get("more")))

    def findings(self, expected: Expected, known: Known) -> Iterator[Finding]:
        """Yield the findings that follow for a model with these expectations."""
        entries = [
            (kind, _without_login(kind, name), told)
            for kind in KINDS
            for name, told in _entries(self.seen.get(kind))
        ]
        missing = self._missing(expected)
        # A library that another library loads has no recorded asker.
        asked = any(kind == "libraries" and told.get("by") for kind, _, told in entries)
        told_of_missing: Mapping[str, Any] = {}
        for kind, name, told in entries:
            if (kind, name) == missing:
                told_of_missing = told
            elif kind != "libraries" or told.get("by") or not asked:
                yield from self._weighed(kind, name, told, expected, known)
        if missing is not None:
            kind, name = missing
            owner = _owner(kind, name, expected)
            yield self._finding(kind, name, told_of_missing, "missing", owner)

    def _weighed(
        self, kind: str, name: str, told: Mapping[str, Any], expected: Expected, known: Known
    ) -> Iterator[Finding]:
        before = known(kind, name)
        if before is not None:  # for known names the worker reports only a count
            yield self._finding(kind, name, told, before.weight, before.distribution)
        elif (weighed := expected.weigh(kind, name, told)) is not None:
            weight, owner = weighed
            if weight == "optional" and self._fails_unexplained(expected):
                weight = "perhaps"
            yield self._finding(kind, name, told, weight, owner)

    def _missing(self, expected: Expected) -> tuple[str, str] | None:
        """Return the kind and name of what the request failed for."""
        for kind, name in self.wanted:
            if kind != "files" or expected.is_kept_back(name):
                return kind, name
        return None

    def _fails_unexplained(self, expected: Expected) -> bool:
        """Return whether the request failed without a sign that something is missing."""
        return self.fails and self._missing(expected) is None

    def _finding(
        self, kind: str, name: str, told: Mapping[str, Any], weight: Weight, distribution: str
    ) -> Finding:
        by = told.get("by")
        fails = weight == "missing" and self.fails
        return Finding(
            kind=kind,
            name=name,
            weight=weight,
            distribution=distribution,
            by=_short(by) if isinstance(by, str) else "",
            count=max(int(fails), _count(told.get("count"))),
            failed=int(fails),
            request=self.request,
            first=self.when,
            last=self.when,
            failure=self.failure if fails else "",
        )


def is_of_library(by: str) -> bool:
    """Return whether the asking place, as in a finding, is in an installed distribution."""
    return "/" in by and not Path(by).is_absolute()


def _owner(kind: str, name: str, expected: Expected) -> str:
    """Return the distribution of something missing; empty if none is known or it is pinned."""
    if kind == "metadata":
        owner = str(canonicalize_name(name))
    else:
        owner = expected.owner_of_missing(name) if kind == "imports" else ""
    return "" if owner in expected.pins else owner


def _wanted(said: object) -> Iterator[tuple[str, str]]:
    for each in said[:_MOST_WANTED] if isinstance(said, list) else ():
        if isinstance(each, list) and len(each) == 2 and all(type(part) is str for part in each):
            kind, name = each
            if kind in _WANTED and name:
                yield kind, name[:_LONGEST]


def _entries(said: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, told in _items(said):
        if isinstance(told, dict) and 0 < len(name) <= _LONGEST:
            yield name, told


def _without_login(kind: str, name: str) -> str:
    """Return a host without a user and password before it."""
    return name.rpartition("@")[2] if kind == "hosts" else name


def _items(said: object) -> Iterator[tuple[str, object]]:
    if isinstance(said, dict):
        yield from ((name, told) for name, told in said.items() if isinstance(name, str))


def _count(said: object) -> int:
    return said if type(said) is int and 0 <= said <= _MOST_AT_ONCE else 0


def _short(text: str) -> str:
    """Return a place relative to its environment.

    >>> _short("/env/lib/python3.12/site-packages/sklearn/base.py:12")
    'sklearn/base.py:12'
    """
    return text.rpartition("-packages/")[2][-_LONGEST:]
