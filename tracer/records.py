"""What was seen: one record an import edge, a frozen trace of them, JSON lines in and out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, asdict, dataclass, fields
from operator import attrgetter
from typing import Any

from .errors import UnreadableTraceError

VERSION = 2


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """A module that the traced code asked for or ran, and on whose behalf.

    A module has one record for its import and one more for each further piece of code that was
    seen to use it.
    """

    order: int
    """Its place in the sequence of what was seen, from 0."""
    name: str
    """The full dotted name."""
    file: str | None
    """Where it was loaded from; None for built-in and frozen modules and namespace packages."""
    importer: str | None
    """The module that asked; None where the traced block itself did (its pickle, say)."""
    importer_file: str | None
    """The file of the code that asked."""
    line: int | None
    """The line in it."""
    loaded: bool
    """Whether it was there: a failed or merely looked-for one was not."""
    phase: str
    """The part of the run it was seen in; empty where there were no parts."""
    how: str
    """How it was seen.

    `imported`; `ran` (its code ran, whoever imported it); `held` (first-party code has a name for
    it); `looked` (somebody asked whether it exists); `appeared` and `removed` (put into
    ``sys.modules`` or taken out by hand); `program` (a child interpreter runs it, as by ``-m``).
    """
    seconds: float | None = None
    """The time its import took, with all that it imported."""
    own_seconds: float | None = None
    """The time of its import alone."""
    measured: bool = False
    """Whether its end was seen; else the times reach to the next event: an upper estimate."""
    error: str | None = None
    """The name of the error's class where its import failed, as far as it is known."""
    caught: bool | None = None
    """Whether the code that asked caught that error; None: not known, or there was none."""


@dataclass(frozen=True, slots=True, order=True)
class Touch:
    """Something else that the traced code touched."""

    kind: str
    """`file` (read), `library` (mapped), `host` (contacted) or `program` (started)."""
    name: str
    """Its path, or `host:port`."""
    phase: str = ""
    """The part of the run it was seen in."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What a block of code touched.

    >>> Trace.of([]) | Trace.of([])
    Trace(records=(), notes=(), touches=())
    """

    records: tuple[ImportRecord, ...]
    """The import edges in the order they were seen."""
    notes: tuple[str, ...] = ()
    """What could not be seen, in words."""
    touches: tuple[Touch, ...] = ()
    """Files, libraries, hosts and programs, sorted."""

    @classmethod
    def of(
        cls,
        records: Iterable[ImportRecord],
        notes: Iterable[str] = (),
        touches: Iterable[Touch] = (),
    ) -> Trace:
        """Make a trace of records, notes and touches in any order, each kept once."""
        return cls(
            _in_order(set(records)),
            tuple(sorted(set(notes))),
            tuple(sorted(set(touches))),
        )

    @property
    def modules(self) -> tuple[str, ...]:
        """The names of all modules that were loaded or ran, sorted."""
        return tuple(sorted({record.name for record in self.records if record.loaded}))

    @property
    def failed(self) -> tuple[str, ...]:
        """The names that were looked for and not loaded, sorted."""
        names = {r.name for r in self.records if not r.loaded and r.how != "removed"}
        return tuple(sorted(names - set(self.modules)))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that modules were loaded from, sorted."""
        return tuple(sorted({r.file for r in self.records if r.loaded and r.file is not None}))

    def touched(self, kind: str) -> tuple[str, ...]:
        """Return the names of what was touched of one kind, sorted.

        >>> Trace.of([], touches=[Touch("host", "example.org:443")]).touched("host")
        ('example.org:443',)
        """
        return tuple(sorted({touch.name for touch in self.touches if touch.kind == kind}))

    def __or__(self, other: Trace) -> Trace:
        """Unite two traces: everything of either, once."""
        return Trace.of(
            (*self.records, *other.records),
            (*self.notes, *other.notes),
            (*self.touches, *other.touches),
        )

    def __and__(self, other: Trace) -> Trace:
        """Keep what both traces have, times and order aside."""
        return self._only(other, both=True)

    def __sub__(self, other: Trace) -> Trace:
        """Keep what the other trace has not, times and order aside."""
        return self._only(other, both=False)

    def _only(self, other: Trace, *, both: bool) -> Trace:
        edges = {edge(record) for record in other.records}
        return Trace.of(
            (record for record in self.records if (edge(record) in edges) is both),
            (note for note in self.notes if (note in other.notes) is both),
            (touch for touch in self.touches if (touch in other.touches) is both),
        )

    def why(self, module: str) -> tuple[ImportRecord, ...]:
        """Return the chain of imports from the block to a module; empty where it was not seen.

        >>> edge = ImportRecord(0, "json", None, None, "main.py", 3, True, "", "imported")
        >>> [record.line for record in Trace.of([edge]).why("json")]
        [3]
        """
        from .render import chain

        return chain(self, module)

    def tree(self, *, depth: int | None = None) -> str:
        """Render who imported whom, indented, with times; `depth` limits the levels."""
        from .render import tree

        return tree(self, depth=depth)

    def table(self, *, limit: int = 20) -> str:
        """Render the slowest packages, one a line, `limit` of them, and what else was touched."""
        from .render import table

        return table(self, limit=limit)

    def __str__(self) -> str:
        """Say in one line how much was seen."""
        tops = {name.partition(".")[0] for name in self.modules}
        return f"{len(self.modules)} modules of {len(tops)} packages, {len(self.failed)} not found"

    def to_jsonl(self) -> str:
        """Return the trace as JSON lines: a header, then a record a line."""
        header = {"trace": VERSION, "notes": list(self.notes)}
        entries = [header, *map(asdict, self.records), *map(asdict, self.touches)]
        return "\n".join(map(json.dumps, entries)) + "\n"

    @classmethod
    def from_jsonl(cls, text: str, *, source: str = "<trace>") -> Trace:
        """Read what :meth:`to_jsonl` wrote, by this version or an older one.

        Unknown keys are passed over. Raises UnreadableTraceError with the line that is at fault.
        """
        records: list[ImportRecord] = []
        touches: list[Touch] = []
        notes: list[str] = []
        for number, line in enumerate(text.splitlines(), 1):
            try:
                entry = json.loads(line)
                if number == 1:
                    notes = _header(entry)
                elif "kind" in entry:
                    touches.append(Touch(**_known(Touch, entry)))
                else:
                    records.append(ImportRecord(**_known(ImportRecord, entry)))
            except (ValueError, KeyError, TypeError) as error:
                raise UnreadableTraceError(
                    source, number, f"{type(error).__name__}: {error}"
                ) from error
        if not text.strip():
            raise UnreadableTraceError(source, 1, "it is empty")
        return cls.of(records, notes, touches)


def edge(record: ImportRecord) -> tuple[object, ...]:
    """Return what makes two records the same edge: all but order and times."""
    return tuple(getattr(record, name) for name in _EDGE)


_EDGE = ("name", "file", "importer", "importer_file", "line", "loaded", "phase", "how")


def _known(kind: type[ImportRecord | Touch], entry: dict[str, Any]) -> dict[str, Any]:
    """Pick the keys that a record has; those with a default may be missing."""
    return {
        field.name: entry[field.name]
        for field in fields(kind)
        if field.default is MISSING or field.name in entry
    }


def _header(entry: object) -> list[str]:
    version = entry.get("trace") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or version not in range(1, VERSION + 1):
        raise ValueError(
            f"its first line names format {version!r}; this reader knows 1 to {VERSION}"
        )
    return [str(note) for note in entry.get("notes", ())]


def _in_order(records: set[ImportRecord]) -> tuple[ImportRecord, ...]:
    """Sort by what was seen first; the numbers are enough where each stands once."""
    numbers = {record.order for record in records}
    key = _place if len(numbers) < len(records) else attrgetter("order")
    return tuple(sorted(records, key=key))


def _place(record: ImportRecord) -> tuple[object, ...]:
    """Sort by what was seen first; None sorts before everything."""
    values = (getattr(record, field.name) for field in fields(ImportRecord))
    return tuple((value is not None, value) for value in values)
