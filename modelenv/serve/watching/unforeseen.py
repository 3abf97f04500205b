"""Hear what workers tell of what nobody foresaw: count it, log each once, keep it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ...base.errors import ModelenvError
from ...base.text import visible
from ...repair.reading.failure import named_missing
from .expected import Expected
from .finding import KINDS, Finding
from .watch_log import MOST, WatchLog
from .words import problem

_WAITING = 1000  # answers that may wait to be looked at
_SOON = 0.2  # seconds after which what is heard is looked at
_PAUSE = 5.0  # seconds until that is done again
_LONGEST = 1000  # characters of a name
_MOST_AT_ONCE = 10_000_000
_ENDING = 3000  # characters of a traceback
_NO_LIBRARY = re.compile(r"(?<!\S)(\S+\.so[\w.]*): cannot open shared object file")
_IMPORT_ERRORS = ("ImportError", "ModuleNotFoundError")


@dataclass(frozen=True, slots=True)
class _Heard:
    request: str
    when: str
    seen: Mapping[str, Any]
    failure: str
    """What is told of an exception that an import may have raised."""
    missing: str
    """The module that it names."""


class Unforeseen:
    """What one model touched in production and its capture never saw.

    Hearing costs next to nothing; what is heard is looked at in a thread soon after, or by
    `settle`, which is to be called at the end.
    """

    def __init__(
        self,
        expected: Expected,
        log: Callable[[str], None],
        kept: WatchLog | None = None,
    ) -> None:
        self.expected = expected
        self._log = log
        self._kept = kept
        self._waiting: deque[_Heard] = deque()
        self._is_due = False
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], Finding] = {}
        self._unkept: dict[tuple[str, str], Finding] = {}
        self._logged: set[tuple[str, str]] = set()
        self._trouble = ""
        self.counts: Mapping[tuple[str, str], int] = {}
        """How often something came up, by kind and weight: see `Finding`."""
        self.uncounted = 0
        """How often something came up of which the name was not kept: there are too many."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, in the order in which it came."""
        return tuple(self._found.values())

    def heard(self, told: Mapping[str, Any], request: str) -> None:
        """Take what a worker's answer says to the request of that id. Call it in the loop."""
        seen = told.get("seen")
        fails = told.get("type") in _IMPORT_ERRORS and "failed" in told
        if not (seen or fails):
            return
        if len(self._waiting) >= _WAITING:
            self.uncounted += 1
            return
        message = f"{told.get('type')}: {told.get('message')}" if fails else ""
        self._waiting.append(
            _Heard(
                request[:100],
                datetime.now(timezone.utc).isoformat(timespec="seconds"),
                seen if isinstance(seen, dict) else {},
                (str(told.get("traceback") or "") or message)[-_ENDING:] if fails else "",
                named_missing(message),
            )
        )
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(_SOON, self._begin)

    def follow(self, older: Unforeseen) -> None:
        """Go on with the counts of the one that watched an earlier content of the folder."""
        self.counts, self.uncounted = older.counts, older.uncounted

    def settle(self) -> None:
        """Count, log and keep all that was heard. It reads and writes files."""
        with self._lock:
            while self._waiting:
                for finding in self._found_in(self._waiting.popleft()):
                    self._take(finding)
            self.expected.forget()
            self._keep()

    def _begin(self) -> None:
        settled = asyncio.get_running_loop().run_in_executor(None, self.settle)
        settled.add_done_callback(self._settled)

    def _settled(self, settled: asyncio.Future[None]) -> None:
        self._is_due = False
        if settled.cancelled():
            return
        error = settled.exception()
        if error is not None:
            self._log(f"what was found cannot be told: {error!r}")
        if self._waiting:
            self._is_due = True
            asyncio.get_running_loop().call_later(_PAUSE, self._begin)

    def _take(self, finding: Finding) -> None:
        known = self._found.get(finding.key)
        if known is None and len(self._found) >= MOST:
            self.uncounted += finding.count
            return
        self._found[finding.key] = finding if known is None else known.joined(finding)
        unkept = self._unkept.get(finding.key)
        self._unkept[finding.key] = finding if unkept is None else unkept.joined(finding)
        counts = Counter(self.counts)
        counts[finding.kind, finding.weight] += finding.count
        self.counts = dict(counts)
        if _is_worth_a_line(finding) and finding.key not in self._logged:
            self._logged.add(finding.key)
            by = f" (asked for by {visible(finding.by)})" if finding.by else ""
            said = problem(finding, is_traced=self.expected.is_traced)
            self._log(f"{said}{by}; request {visible(finding.request)}")

    def _found_in(self, heard: _Heard) -> Iterator[Finding]:
        entries = [
            (kind, name, told) for kind in KINDS for name, told in _entries(heard.seen.get(kind))
        ]
        more = heard.seen.get("more")
        self.uncounted += sum(_count(each) for _, each in _items(more))
        # What a library brings along has nobody who asked for it.
        asked = any(kind == "libraries" and told.get("by") for kind, _, told in entries)
        for kind, name, told in entries:
            fails = kind == "imports" and name == heard.missing
            if fails or (asked and kind == "libraries" and not told.get("by")):
                continue
            finding = self._finding(heard, kind, name, told)
            if finding is not None:
                yield finding
        if heard.failure:
            yield from self._failure(heard, entries)

    def _finding(
        self, heard: _Heard, kind: str, name: str, told: Mapping[str, Any]
    ) -> Finding | None:
        known = self._found.get((kind, name))
        if known is not None:  # of repeated ones the worker says no more than how often
            weight, distribution = known.weight, known.distribution
        else:
            weighed = self.expected.weigh(kind, name, told)
            if weighed is None:
                return None
            weight, distribution = weighed
        by = told.get("by")
        return Finding(
            kind=kind,
            name=name,
            weight=weight,
            distribution=distribution,
            by=_short(by) if isinstance(by, str) else "",
            count=_count(told.get("count")),
            request=heard.request,
            first=heard.when,
            last=heard.when,
        )

    def _failure(
        self, heard: _Heard, entries: list[tuple[str, str, Mapping[str, Any]]]
    ) -> Iterator[Finding]:
        """Yield what a request failed for."""
        name = heard.missing
        library = "" if name else _library_in(heard.failure)
        if not (name or library):
            return
        told = next(
            (told for kind, each, told in entries if kind == "imports" and each == name), {}
        )
        by = told.get("by")
        yield Finding(
            kind="imports" if name else "libraries",
            name=name or library,
            weight="missing",
            distribution=self.expected.owner_of_missing(name) if name else "",
            by=_short(by) if isinstance(by, str) else "",
            count=max(1, _count(told.get("count"))),
            failed=1,
            request=heard.request,
            first=heard.when,
            last=heard.when,
            failure=heard.failure,
        )

    def _keep(self) -> None:
        """Write what is not kept yet; where it cannot be, say so once, and try again later."""
        if self._kept is None or not self._unkept:
            return
        about = {"model": str(self.expected.folder), "isolated": self.expected.root is not None}
        try:
            if self._kept.add(self._unkept.values(), about):
                self._unkept.clear()
        except (OSError, ModelenvError) as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                self._log(f"what was found is not kept: {error}")


def _is_worth_a_line(finding: Finding) -> bool:
    """Tell whether somebody wants to read of it: what libraries do without is their business."""
    return finding.weight != "optional" or not _is_librarys(finding.by)


def _is_librarys(by: str) -> bool:
    """Tell whether a place, as `_short` has it, is in an installed distribution."""
    return "/" in by and not Path(by).is_absolute()


def _library_in(failure: str) -> str:
    found = _NO_LIBRARY.search(failure)
    return found[1] if found else ""


def _entries(said: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the names that a worker tells, which is not believed."""
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
