"""The trace of a model folder: what the prediction touched when the model was saved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ...base.files.bounded import UntrustedFileError, parse_json, read_bytes
from ..errors import BadFolderError
from .imports.import_times import columns, with_times
from .imports.short_imports import Lengthened, Shortened
from .typed import Reader, Stated, count, flag, lines, number, optional, path, record, text, texts

Made = TypeVar("Made")
FILE = "trace.json"

_SCHEMA = 2
_LARGEST = 16_000_000  # bytes; in schema 1 a trace of ten thousand imports has four million
_MOST_VALUES = 300_000  # ten thousand imports have 120,000 of them
_MOST_IMPORTS = 25_000  # in schema 2, where they are shorter
_WAY_OUT = "; save the model again, or take the file away: then nothing is known of its imports"
_RECORD = {
    "order": count,
    "name": text,
    "file": optional(path),
    "importer": optional(text),
    "importer_file": optional(path),
    "line": optional(count),
    "loaded": flag,
    "phase": text,
    "how": text,
    "place": text,
    "seconds": optional(number),
    "own_seconds": optional(number),
    "measured": flag,
}
_KINDS = ("file", "library", "program", "host", "metadata")


def _kind(said: Stated) -> str:
    if said.value not in _KINDS:
        raise said.fault(f"{said.key} is none of {', '.join(_KINDS)}: {said.value!r}")
    return text(said)


_TOUCH = {
    **{key: _RECORD[key] for key in ("phase", "importer", "importer_file", "line")},
    "kind": _kind,
    "name": path,
}


@dataclass(frozen=True, slots=True)
class TraceFile:
    """The content of a model folder's trace; empty for a folder without one."""

    python: str = ""
    """The Python version that traced the model."""
    markers: Mapping[str, str] = field(default_factory=dict)
    """Its marker environment (PEP 508), which includes the platform."""
    imports: tuple[Mapping[str, Any], ...] = ()
    """The records of the imports, in their order."""
    touches: tuple[Mapping[str, Any], ...] = ()
    """The files, libraries, hosts and programs that were touched."""
    notes: tuple[str, ...] = ()
    """Sentences on what could not be seen."""

    @classmethod
    def read(cls, folder: Path) -> TraceFile:
        """Read the trace of a folder.

        Raises BadFolderError, with the file and the key, for invalid JSON or a value of the wrong
        type.
        """
        return _read(folder / FILE, cls._of) or cls()

    @classmethod
    def python_of(cls, folder: Path) -> str:
        """Return only the Python version of a folder's trace, without reading its records.

        Empty if there is none. Raises BadFolderError for invalid JSON.
        """
        return _read(folder / FILE, lambda said: said.get("python", text, "")) or ""

    @classmethod
    def _of(cls, said: Stated) -> TraceFile:
        schema = said.get("schema", count, 1)
        if schema > _SCHEMA:
            raise said.fault(f"schema {schema} is newer than what this modelenv reads ({_SCHEMA})")
        imports: Iterable[Mapping[str, Any]]
        touches: Iterable[Mapping[str, Any]] = said.get(
            "touches", _records(_TOUCH, "kind", "name"), ()
        )
        if schema == 1:
            imports = said.get("imports", _records(_RECORD, "name", "loaded", "phase", "how"), ())
        else:
            full = Lengthened(
                said.at("imports"), said.at("files"), most=_MOST_IMPORTS, largest=_LARGEST
            )
            imports = said.get("times", partial(with_times, full.imports), full.imports)
            touches = (full.known.with_file(dict(touch)) for touch in touches)
        return cls(
            python=said.get("python", text, ""),
            markers=said.get("markers", texts, {}),
            imports=tuple(imports),
            touches=tuple(touches),
            notes=said.get("notes", lines, ()),
        )

    def to_json(self) -> str:
        """Return the text of the file, with one import or touch per line.

        Except for the times in its last lines, it is equal for two runs with the same events.
        """
        short = Shortened(self.imports)
        touches = map(short.known.without_file, self.touches)
        phases = (
            f'{{"phase": {json.dumps(phase)}, "seen": {_one_a_line(seen)}}}'
            for phase, seen in short.phases
        )
        said = {
            "schema": json.dumps(_SCHEMA),
            "python": json.dumps(self.python),
            "markers": json.dumps(dict(self.markers)),
            "notes": json.dumps(self.notes),
            "touches": _one_a_line(touches),
            "files": _one_a_line(short.shapes),
            "imports": f"[{', '.join(phases)}]",
        }
        if times := columns(self.imports):
            lines_of_it = (f"{json.dumps(key)}: {_dumps(each)}" for key, each in times.items())
            said["times"] = "{\n" + ",\n".join(lines_of_it) + "\n}"
        return "{" + ",\n".join(f'"{key}": {value}' for key, value in said.items()) + "}\n"


def _read(file: Path, make: Callable[[Stated], Made]) -> Made | None:
    """Return `make` of a trace's document; None if there is no trace. Raises BadFolderError."""
    try:
        data = read_bytes(file, largest=_LARGEST)
        _check_size(data, file)
        said = Stated(parse_json(data, file), file)
    except FileNotFoundError:
        return None
    except UntrustedFileError as error:
        raise BadFolderError(file, f"it {error.reason}{_WAY_OUT}") from error
    try:
        return make(said)
    except BadFolderError as error:
        raise BadFolderError(file, f"{error.reason}{_WAY_OUT}") from error


def _check_size(data: bytes, file: Path) -> None:
    """Raise UntrustedFileError for a document with more values than any trace has."""
    if sum(map(data.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise UntrustedFileError(file, f"holds more than {_MOST_VALUES:,} values")


def _one_a_line(items: Iterable[Any]) -> str:
    """Return a list as JSON, one item per line."""
    return "[" + "".join(f"\n{_dumps(each)}," for each in items).removesuffix(",") + "\n]"


_dumps = json.JSONEncoder(separators=(",", ":")).encode


def _records(readers: Mapping[str, Reader], *needed: str) -> Reader:
    """Return the reader of a list of records, in which the keys `needed` are required."""
    read = record(readers, *needed)
    return lambda said: tuple(map(read, said.items()))
