"""Requests for modules that one process recorded, paired with their outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..records import ImportRecord, Touch
from .other_pythons import PythonIdentity
from .record_types import RECORDS
from .spool_file import Event, Header
from .timing import Span, times

_NOT_LOADED = ("looked", "lazy", "removed")
_TOUCHES = frozenset({"file", "library", "program", "host", "metadata"})


class ImportRequest(NamedTuple):
    """A request for a module, or a use of one."""

    name: str
    importer: str | None
    importer_file: str | None
    line: int | None
    phase: str
    how: str = "imported"
    time: int = 0
    thread: int = 0


class FirstUse(NamedTuple):
    """The place of the code that first uses a module."""

    module: str | None
    file: str | None
    line: int | None


class ProcessEvents:
    """The records of one process, processed event by event."""

    def __init__(self) -> None:
        self.requests: dict[str, ImportRequest] = {}
        self.uses: dict[tuple[str | None, str], ImportRequest] = {}
        self.lazy: dict[tuple[str | None, str], ImportRequest] = {}
        self.first_uses: dict[str, FirstUse] = {}
        self.calls: dict[str, ImportRequest] = {}
        self.looked: dict[str, ImportRequest] = {}
        self.files: dict[str, str | None] = {}
        self.found_in: dict[str, str] = {}
        self.removed: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self.escaped: set[str] = set()
        self.begun: set[str] = set()
        self.ends: dict[str, tuple[int, bool]] = {}
        self.touches: list[Touch] = []
        self.notes: list[str] = []
        self.header: Header | None = None
        self.ended = False

    @property
    def python(self) -> PythonIdentity | None:
        """The interpreter, if the first record names it."""
        return self.header.python if self.header is not None else None

    @classmethod
    def of(cls, events: Iterable[Event]) -> ProcessEvents:
        """Return the processed events, in the order they were written."""
        process = cls()
        known = {kind: getattr(process, f"_{kind}", _pass_over) for kind in RECORDS}
        for kind, *values in events:
            if kind in _TOUCHES:
                process.touches.append(Touch(kind, *values))
            elif kind in known:
                known[kind](*values)
        return process

    def _process(self, *values: Any) -> None:
        self.header = Header.of(values)

    def _import(self, *values: Any) -> None:
        request = ImportRequest(*values)
        if request.how == "looked":
            self.looked.setdefault(request.name, request)
        elif request.how == "imported":
            # The last request counts: a loaded module is not requested again, so earlier requests
            # failed.
            self.requests.pop(request.name, None)
            self.ends.pop(request.name, None)
            self.errors.pop(request.name, None)
            self.first_uses.pop(request.name, None)
            self.escaped.discard(request.name)
            self.begun.discard(request.name)
            self.requests[request.name] = request
        elif request.how == "called":
            self.calls.setdefault(request.name, request)
        elif request.how == "lazy":
            self.lazy.setdefault((request.importer, request.name), request)
        else:
            self.uses.setdefault((request.importer, request.name), request)

    def _used(self, name: str, *place: Any) -> None:
        self.first_uses[name] = FirstUse(*place)

    def _module(self, name: str, file: str | None, phase: str) -> None:
        self.files[name] = file
        self.found_in[name] = phase

    def _gone(self, name: str) -> None:
        self.files.pop(name, None)
        self.begun.add(name)

    def _removed(self, name: str, phase: str) -> None:
        self.removed[name] = phase

    def _error(self, name: str, kind: str) -> None:
        self.errors[name] = kind

    def _escaped(self, name: str) -> None:
        self.escaped.add(name)

    def _end(self, name: str, time: int, measured: bool) -> None:
        if not self.ends.get(name, (0, False))[1]:
            self.ends[name] = (time, measured)

    def _unseen(self, text: str, *_: str) -> None:
        self.notes.append(f"unseen: {text}")

    def _note(self, text: str) -> None:
        self.notes.append(text)

    def _stop(self, *_: int) -> None:
        self.ended = True

    def records(self) -> Iterator[ImportRecord]:
        """Yield a record for each edge, numbered from 0."""
        took = times(self._spans())
        for order, request in enumerate(self._requested()):
            loaded = request.name in self.files and request.how not in _NOT_LOADED
            failed = request.how == "imported" and not loaded
            used = self.first_uses.get(request.name) if request.how == "imported" else None
            spent = took.get(request.name) if request.how == "imported" else None
            yield ImportRecord(
                order=order,
                name=request.name,
                file=self.files.get(request.name) if loaded else None,
                importer=request.importer,
                importer_file=request.importer_file,
                line=request.line or None,
                loaded=loaded,
                phase=request.phase,
                how=request.how,
                seconds=spent.seconds if spent else None,
                own_seconds=spent.own_seconds if spent else None,
                measured=spent is not None and self.ends[request.name][1],
                error=self._error_of(request.name) if failed else None,
                caught=self._caught(request) if failed else None,
                used_by=used.module if used else None,
                used_file=used.file if used else None,
                used_line=used.line or None if used else None,
            )

    def _requested(self) -> Iterator[ImportRequest]:
        yield from self.requests.values()
        for use in self.uses.values():
            request = self.requests.get(use.name)
            if request is None or request.importer != use.importer:
                yield use
        yield from self.calls.values()
        for request in (*self.lazy.values(), *self.looked.values()):
            if request.name not in self.requests and request.name not in self.files:
                yield request
        yield from self._by_hand()

    def _by_hand(self) -> Iterator[ImportRequest]:
        """Yield modules without a request: put into ``sys.modules``, or removed, by hand."""
        used = {name for _, name in self.uses}.union(self.calls)
        for name, phase in self.found_in.items():
            if name in self.files and name not in self.requests and name not in used:
                yield ImportRequest(name, None, None, None, phase, "appeared")
        for name, phase in self.removed.items():
            yield ImportRequest(name, None, None, None, phase, "removed")

    def _spans(self) -> Iterator[Span]:
        for name, request in self.requests.items():
            if name in self.ends:
                end = max(self.ends[name][0], request.time)
                yield Span(name, request.thread, request.time, end)

    def _error_of(self, name: str) -> str | None:
        """Return the error of a failed import; without a record it was not found, or had begun."""
        return self.errors.get(name, None if name in self.begun else "ModuleNotFoundError")

    def _caught(self, request: ImportRequest) -> bool | None:
        """Return whether a failed import was caught: its importer lives, its block ended well."""
        importer = request.importer
        if request.name in self.escaped:
            return False
        if importer in self.requests and importer not in self.files:
            return False
        return True if self.ended else None


def _pass_over(*values: object) -> None:
    """Ignore an event that does not concern modules."""
