"""Collect workers' reports of unexpected touches: count them, log each once, store them."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Any

from ...base.doors import as_ours
from ...base.errors import ModelenvError
from ...base.text import visible
from .expected import Expected
from .finding import WEIGHTS, Finding, Weight
from .heard import Heard, is_of_library
from .watch_log import MOST, WatchLog
from .words import problem

_WAITING = 1000  # answers that may wait for processing
_SOON = 0.2  # seconds until a new report is processed
_PAUSE = 5.0  # seconds until the next processing


class Unforeseen:
    """Touches of one model in production that its capture never saw.

    Receiving a report costs next to nothing; a thread processes it soon after, or `settle` does,
    which has to be called at the beginning and at the end. An error of this class is logged once
    and never raised, since it must not disturb serving.
    """

    def __init__(
        self,
        expected: Expected,
        log: Callable[[str], None],
        kept: WatchLog | None = None,
        hide: Callable[[str], str] = str,
    ) -> None:
        self.expected = expected
        self._log = log
        self._kept = kept
        self._hide = hide
        """Masks secrets in a text that is stored."""
        self._is_noted = False
        """Whether a file shows that this model is watched."""
        self._waiting: deque[Heard] = deque()
        self._is_due = False
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], Finding] = {}
        self._unkept: dict[tuple[str, str], Finding] = {}
        self._logged: set[tuple[tuple[str, str], Weight]] = set()
        self._weights: Counter[Weight] = Counter()
        """The number of findings by weight."""
        self._trouble = ""
        self._is_full = False
        self.counts: Mapping[tuple[str, str], int] = {}
        """The number of touches by kind and weight: see `Finding`."""
        self.uncounted = 0
        """The number of touches whose names were not kept, because there were too many."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, oldest first."""
        return tuple(self._found.values())

    def heard(self, told: Mapping[str, Any], request: str) -> None:
        """Queue a worker's report on the request with that id. To be called in the event loop."""
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
        """Continue the counts of the watch of an earlier content of the folder."""
        self.counts, self.uncounted = older.counts, older.uncounted

    def settle(self) -> None:
        """Count, log and store all reports so far. It uses files, and raises nothing."""
        with self._lock:
            while self._waiting:
                self._look_at(self._waiting.popleft())
            self.expected.forget()
            self._keep()

    def _look_at(self, heard: Heard) -> None:
        """Process a report. An error is logged, and the model is still served."""
        self.uncounted += heard.uncounted
        try:
            for finding in heard.findings(self.expected, self._known):
                self._take(finding)
        except Exception as error:  # noqa: BLE001  # whatever it is, no model is to suffer for it
            self._say("a finding cannot be processed", error)

    def _known(self, kind: str, name: str) -> Finding | None:
        return self._found.get((kind, name))

    def _begin(self) -> None:
        settled = asyncio.get_running_loop().run_in_executor(None, self.settle)
        settled.add_done_callback(self._settled)

    def _settled(self, settled: asyncio.Future[None]) -> None:
        self._is_due = False
        if settled.cancelled():
            return
        if self._waiting or self._unkept:
            self._is_due = True
            asyncio.get_running_loop().call_later(_PAUSE, self._begin)

    def _take(self, finding: Finding) -> None:
        known = self._found.get(finding.key)
        if known is None and not self._has_room(finding):
            self.uncounted += finding.count
            return
        self._put(finding if known is None else known.joined(finding), finding.key)
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
            request = f"; request {visible(finding.request)}" if finding.request else ""
            self._log(f"{said}{by}{request}")

    def _put(self, finding: Finding, key: tuple[str, str]) -> None:
        self._drop(key)
        self._found[key] = finding
        self._weights[finding.weight] += 1

    def _drop(self, key: tuple[str, str]) -> None:
        known = self._found.pop(key, None)
        if known is not None:
            self._weights[known.weight] -= 1

    def _has_room(self, finding: Finding) -> bool:
        """Return whether a finding can be kept, if need be in place of a lesser one."""
        if len(self._found) < MOST:
            return True
        if not self._is_full:
            self._is_full = True
            self._log(
                f"more than {MOST} names were found: less grave ones are only counted from now on"
            )
        lesser = WEIGHTS[WEIGHTS.index(finding.weight) + 1 :]
        if not any(self._weights[each] for each in lesser):
            return False
        key = max(self._found, key=lambda each: self._found[each].rank)
        self._drop(key)
        self._unkept.pop(key, None)
        return True

    def _keep(self) -> None:
        """Store the new findings; log the first failure to do so, and try again later."""
        if self._kept is None or (self._is_noted and not self._unkept):
            return
        about = {"model": str(self.expected.folder), "isolated": self.expected.root is not None}
        try:
            if self._kept.add([each.hidden(self._hide) for each in self._unkept.values()], about):
                self._unkept.clear()
                self._is_noted = True
        except Exception as error:  # noqa: BLE001  # as above
            self._say("findings cannot be stored", error)

    def _say(self, what: str, error: Exception) -> None:
        """Log a failure, unless it repeats the last one."""
        ours = as_ours(error)
        expected = isinstance(ours, ModelenvError | OSError)
        said = f"{what}: {ours if expected else f'{type(error).__name__}: {error}'}"
        if said != self._trouble:
            self._trouble = said
            self._log(said)


def _is_worth_a_line(finding: Finding) -> bool:
    """Return whether a finding gets a log line: a library's optional imports do not."""
    return finding.weight != "optional" or not is_of_library(finding.by)
