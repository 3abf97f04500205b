"""A frozen trace: its sets, its views for a reader, JSON lines in and out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, asdict, dataclass, fields
from operator import attrgetter
from typing import Any

from . import render
from .errors import UnreadableTraceError
from .records import ImportRecord, Touch, edge

VERSION = 2
_NEVER_ASKED = ("lazy", "removed")


@dataclass(frozen=True, slots=True)
class Trace:
    """The modules, files and other things that a block of code touched.

    >>> Trace.of([]) | Trace.of([])
    <Trace of 0 modules, 0 touches>
    """

    records: tuple[ImportRecord, ...]
    """The import edges in the order they were seen."""
    notes: tuple[str, ...] = ()
    """Sentences about what could not be seen."""
    touches: tuple[Touch, ...] = ()
    """Files, libraries, programs, hosts and metadata, sorted."""

    @classmethod
    def of(
        cls,
        records: Iterable[ImportRecord],
        notes: Iterable[str] = (),
        touches: Iterable[Touch] = (),
    ) -> Trace:
        """Return a trace of records, notes and touches in any order, each kept once."""
        return cls(
            _in_order(set(records)),
            tuple(sorted(set(notes))),
            tuple(sorted(set(touches), key=attrgetter("order"))),
        )

    @property
    def modules(self) -> tuple[str, ...]:
        """The names of all modules that were loaded or ran, sorted."""
        return tuple(sorted({record.name for record in self.records if record.loaded}))

    @property
    def failed(self) -> tuple[str, ...]:
        """The names that were looked for and not loaded, sorted."""
        names = {r.name for r in self.records if not r.loaded and r.how not in _NEVER_ASKED}
        return tuple(sorted(names - set(self.modules)))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that modules were loaded from, sorted."""
        return tuple(sorted({r.file for r in self.records if r.loaded and r.file is not None}))

    def touched(self, kind: str) -> tuple[str, ...]:
        """Return the names of the touches of one kind, sorted.

        >>> Trace.of([], touches=[Touch("host", "example.org:443")]).touched("host")
        ('example.org:443',)
        """
        return tuple(sorted({touch.name for touch in self.touches if touch.kind == kind}))

    def __or__(self, other: Trace) -> Trace:
        """Return the union of two traces: everything of either, once."""
        return Trace.of(
            (*self.records, *other.records),
            (*self.notes, *other.notes),
            (*self.touches, *other.touches),
        )

    def __and__(self, other: Trace) -> Trace:
        """Return the entries that both traces have, times and order aside."""
        return self._only(other, both=True)

    def __sub__(self, other: Trace) -> Trace:
        """Return the entries that the other trace lacks, times and order aside."""
        return self._only(other, both=False)

    def _only(self, other: Trace, *, both: bool) -> Trace:
        edges = {edge(record) for record in other.records}
        return Trace.of(
            (record for record in self.records if (edge(record) in edges) is both),
            (note for note in self.notes if (note in other.notes) is both),
            (touch for touch in self.touches if (touch in other.touches) is both),
        )

    def why(self, module: str) -> tuple[ImportRecord, ...]:
        """Return the chain of imports from the block to a module; empty if it was not seen.

        >>> edge = ImportRecord(0, "json", None, None, "main.py", 3, True, "", "imported")
        >>> [record.line for record in Trace.of([edge]).why("json")]
        [3]
        """
        return render.chain(self.records, module)

    def tree(self, *, depth: int | None = None) -> str:
        """Return the tree of imports, indented, with times; `depth` limits the levels."""
        return render.tree(self.records, depth=depth)

    def table(self, *, limit: int = 20) -> str:
        """Return the slowest packages, one a line, `limit` of them, and the touches."""
        packages = render.table(self.records, limit=limit)
        touched = render.touched(self.touches)
        return "\n".join([packages, *touched, *self.notes, str(self)])

    def __str__(self) -> str:
        """Return one line with the number of modules, packages and failed imports."""
        tops = {name.partition(".")[0] for name in self.modules}
        return f"{len(self.modules)} modules of {len(tops)} packages, {len(self.failed)} not found"

    def __repr__(self) -> str:
        """Return the number of modules and touches, in brackets."""
        return f"<Trace of {len(self.modules)} modules, {len(self.touches)} touches>"

    def _repr_html_(self) -> str:
        """Return the slowest packages as a table, for a notebook, and the touches."""
        from .render_html import in_tables

        folded = {"not found": self.failed, "notes": self.notes}
        return in_tables(str(self), self.records, self.touches, folded)

    def to_jsonl(self) -> str:
        """Return the trace as JSON lines: a header, then a record a line."""
        header = {"trace": VERSION, "notes": list(self.notes)}
        entries = [header, *map(asdict, self.records), *map(asdict, self.touches)]
        return "\n".join(map(json.dumps, entries)) + "\n"

    @classmethod
    def from_jsonl(cls, text: str, *, source: str = "<trace>") -> Trace:
        """Return the trace that :meth:`to_jsonl` wrote, by this version or an older one.

        Unknown keys are ignored. Raises UnreadableTraceError with the faulty line.
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


def _known(kind: type[ImportRecord | Touch], entry: dict[str, Any]) -> dict[str, Any]:
    """Return the known keys of a record; those with a default may be missing."""
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
    """Return records by the time they were seen, once; the numbers suffice if all have one."""
    numbers = {record.order for record in records}
    key = _sort_key if len(numbers) < len(records) else attrgetter("order")
    return tuple(sorted(records, key=key))


def _sort_key(record: ImportRecord) -> tuple[object, ...]:
    """Return the sort key: by the time it was seen; None sorts before everything."""
    values = (getattr(record, field.name) for field in fields(ImportRecord))
    return tuple((value is not None, value) for value in values)
