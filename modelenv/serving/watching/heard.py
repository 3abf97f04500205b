"""What a worker told of one request, read as findings; it is not believed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .expected import Expected
from .finding import KINDS, Finding, Weight

Known = Callable[[str, str], "Finding | None"]
"""What is found already under a kind and a name."""

_LONGEST = 1000  # characters of a name
_MOST_AT_ONCE = 10_000_000
_ENDING = 3000  # characters of a traceback
_TELLING = ("ImportError", "ModuleNotFoundError", "FileNotFoundError", "PermissionError")
_NO_MODULE = re.compile(r"No module named '?([\w.]+)'?")
_NO_LIBRARY = re.compile(r"(?<!\S)(\S+\.so[\w.]*): cannot open shared object file")
_NO_FILE = re.compile(r"\[Errno \d+\] [^:]*: ['\"](/[^'\"]+)['\"]")

Entry = tuple[str, str, Mapping[str, Any]]
"""A kind, a name, and what is told of it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What is new in one answer."""

    request: str
    when: str
    seen: Mapping[str, Any]
    message: str = ""
    """What the exception says that the request failed for; empty: it is of no interest."""
    failure: str = ""
    """The end of its traceback."""

    @classmethod
    def of(cls, told: Mapping[str, Any], request: str) -> Heard | None:
        """Return what an answer says; None: there is nothing new in it."""
        seen = told.get("seen")
        fails = "failed" in told and told.get("type") in _TELLING
        if not (seen or fails):
            return None
        return cls(
            request=request[:100],
            when=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            seen=seen if isinstance(seen, dict) else {},
            message=str(told.get("message"))[:_ENDING] if fails else "",
            failure=str(told.get("traceback"))[-_ENDING:] if fails else "",
        )

    @property
    def uncounted(self) -> int:
        """How often something was touched whose name is not told."""
        return sum(_count(each) for _, each in _items(self.seen.get("more")))

    def findings(self, expected: Expected, known: Known) -> Iterator[Finding]:
        """Yield what it means for a model of which that is expected."""
        entries = [
            (kind, name, told) for kind in KINDS for name, told in _entries(self.seen.get(kind))
        ]
        missing = self._missing(expected)
        # What a library brings along has nobody who asked for it.
        asked = any(kind == "libraries" and told.get("by") for kind, _, told in entries)
        told_of_missing: Mapping[str, Any] = {}
        for kind, name, told in entries:
            if (kind, name) == missing:
                told_of_missing = told
            elif kind != "libraries" or told.get("by") or not asked:
                yield from self._weighed(kind, name, told, expected, known)
        if missing is not None:
            kind, name = missing
            owner = expected.owner_of_missing(name) if kind == "imports" else ""
            yield self._finding(kind, name, told_of_missing, "missing", owner)

    def _weighed(
        self, kind: str, name: str, told: Mapping[str, Any], expected: Expected, known: Known
    ) -> Iterator[Finding]:
        before = known(kind, name)
        if before is not None:  # the worker says no more than how often it came again
            yield self._finding(kind, name, told, before.weight, before.distribution)
        elif (weighed := expected.weigh(kind, name, told)) is not None:
            yield self._finding(kind, name, told, *weighed)

    def _missing(self, expected: Expected) -> tuple[str, str] | None:
        """Return the kind and the name of what the request failed for."""
        for kind, pattern in (("imports", _NO_MODULE), ("libraries", _NO_LIBRARY)):
            found = pattern.search(self.message)
            if found is not None:
                return kind, found[1][:_LONGEST]
        found = _NO_FILE.search(self.message)
        if found is not None and expected.is_kept_back(found[1]):
            return "files", found[1][:_LONGEST]
        return None

    def _finding(
        self, kind: str, name: str, told: Mapping[str, Any], weight: Weight, distribution: str
    ) -> Finding:
        by = told.get("by")
        fails = weight == "missing" and bool(self.message)
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


def is_librarys(by: str) -> bool:
    """Tell whether the place that asked, as a finding has it, is in an installed distribution."""
    return "/" in by and not Path(by).is_absolute()


def _entries(said: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, told in _items(said):
        if isinstance(told, dict) and 0 < len(name) <= _LONGEST:
            yield name, told


def _items(said: object) -> Iterator[tuple[str, object]]:
    if isinstance(said, dict):
        yield from ((name, told) for name, told in said.items() if isinstance(name, str))


def _count(said: object) -> int:
    return said if type(said) is int and 0 <= said <= _MOST_AT_ONCE else 0


def _short(text: str) -> str:
    """Return a place as seen from its environment.

    >>> _short("/env/lib/python3.12/site-packages/sklearn/base.py:12")
    'sklearn/base.py:12'
    """
    return text.rpartition("-packages/")[2][-_LONGEST:]
