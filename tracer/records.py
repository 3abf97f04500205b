"""What was seen: one record a module, a frozen trace of them, JSON lines in and out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from .errors import UnreadableTraceError

VERSION = 1


@dataclass(frozen=True, slots=True, order=True)
class ImportRecord:
    """A module that the traced code asked for or ran."""

    order: int
    """Its place in the sequence of what was seen, from 0."""
    name: str
    """The full dotted name."""
    file: str | None
    """Where it was loaded from; None for built-in and frozen modules and namespace packages."""
    importer: str | None
    """The module that asked first; None where the traced block itself did (its pickle, say)."""
    importer_file: str | None
    """The file of the code that asked."""
    line: int | None
    """The line in it."""
    loaded: bool
    """Whether the module was there at the end: a failed or merely looked-for one was not."""
    phase: str
    """The part of the run it was seen in; empty where there were no parts."""
    how: str
    """`imported`, `ran` (it was there before the block), or `appeared` (put there by hand)."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What a block of code touched.

    >>> Trace.of([]) | Trace.of([])
    Trace(records=(), notes=())
    """

    records: tuple[ImportRecord, ...]
    """One record a module and phase, in the order they were seen."""
    notes: tuple[str, ...] = ()
    """What could not be seen, in words."""

    @classmethod
    def of(cls, records: Iterable[ImportRecord], notes: Iterable[str] = ()) -> Trace:
        """Make a trace of records and notes in any order, each kept once."""
        return cls(tuple(sorted(set(records), key=_place)), tuple(sorted(set(notes))))

    @property
    def modules(self) -> tuple[str, ...]:
        """The names of all modules that were loaded or ran, sorted."""
        return tuple(sorted({record.name for record in self.records if record.loaded}))

    @property
    def failed(self) -> tuple[str, ...]:
        """The names that were looked for and not loaded, sorted."""
        return tuple(sorted({r.name for r in self.records if not r.loaded} - set(self.modules)))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that modules were loaded from, sorted."""
        return tuple(sorted({r.file for r in self.records if r.loaded and r.file is not None}))

    def __or__(self, other: Trace) -> Trace:
        """Unite two traces: every record of either, once."""
        return Trace.of((*self.records, *other.records), (*self.notes, *other.notes))

    def __str__(self) -> str:
        """Say in one line how much was seen."""
        tops = {name.partition(".")[0] for name in self.modules}
        return f"{len(self.modules)} modules of {len(tops)} packages, {len(self.failed)} not found"

    def to_jsonl(self) -> str:
        """Return the trace as JSON lines: a header, then a record a line."""
        header = {"trace": VERSION, "notes": list(self.notes)}
        lines = [json.dumps(header), *(json.dumps(asdict(record)) for record in self.records)]
        return "\n".join(lines) + "\n"

    @classmethod
    def from_jsonl(cls, text: str, *, source: str = "<trace>") -> Trace:
        """Read what :meth:`to_jsonl` wrote; unknown keys of later versions are passed over.

        Raises UnreadableTraceError with the line that is at fault.
        """
        records = []
        notes: list[str] = []
        for number, line in enumerate(text.splitlines(), 1):
            try:
                entry = json.loads(line)
                if number == 1:
                    notes = _header(entry)
                else:
                    records.append(ImportRecord(**{name: entry[name] for name in _FIELDS}))
            except (ValueError, KeyError, TypeError) as error:
                raise UnreadableTraceError(
                    source, number, f"{type(error).__name__}: {error}"
                ) from error
        if not text.strip():
            raise UnreadableTraceError(source, 1, "it is empty")
        return cls.of(records, notes)


_FIELDS = tuple(field.name for field in fields(ImportRecord))


def _header(entry: object) -> list[str]:
    version = entry.get("trace") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or version not in range(1, VERSION + 1):
        raise ValueError(
            f"its first line names format {version!r}; this reader knows 1 to {VERSION}"
        )
    return [str(note) for note in entry.get("notes", ())]


def _place(record: ImportRecord) -> tuple[object, ...]:
    """Sort by what was seen first; None sorts as the empty string."""
    return tuple("" if value is None else value for value in _values(record))


def _values(record: ImportRecord) -> tuple[object, ...]:
    # `line` alone mixes None with numbers: keep it comparable.
    values = [getattr(record, name) for name in _FIELDS]
    values[_FIELDS.index("line")] = record.line or 0
    return tuple(values)
