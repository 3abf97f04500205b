"""Hear what workers tell of what nobody foresaw: count it, log each once, keep it."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Any

from ...base.errors import ModelenvError
from ...base.text import visible
from .expected import Expected
from .finding import Finding, Weight
from .heard import Heard, is_librarys
from .watch_log import MOST, WatchLog
from .words import problem

_WAITING = 1000  # answers that may wait to be looked at
_SOON = 0.2  # seconds after which what is heard is looked at
_PAUSE = 5.0  # seconds until that is done again


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
        self._waiting: deque[Heard] = deque()
        self._is_due = False
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], Finding] = {}
        self._unkept: dict[tuple[str, str], Finding] = {}
        self._logged: set[tuple[tuple[str, str], Weight]] = set()
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
        heard = Heard.of(told, request)
        if heard is None:
            return
        if len(self._waiting) >= _WAITING:
            self.uncounted += 1
            return
        self._waiting.append(heard)
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
                heard = self._waiting.popleft()
                self.uncounted += heard.uncounted
                for finding in heard.findings(self.expected, self._known):
                    self._take(finding)
            self.expected.forget()
            self._keep()

    def _known(self, kind: str, name: str) -> Finding | None:
        return self._found.get((kind, name))

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
        if self._waiting or self._unkept:
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
        line = finding.key, finding.weight
        if _is_worth_a_line(finding) and line not in self._logged:
            self._logged.add(line)
            by = f" (asked for by {visible(finding.by)})" if finding.by else ""
            said = problem(finding, is_traced=self.expected.is_traced)
            self._log(f"{said}{by}; request {visible(finding.request)}")

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
    return finding.weight != "optional" or not is_librarys(finding.by)
