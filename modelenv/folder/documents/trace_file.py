"""The trace of a model folder: what the prediction touched when the model was saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ...base.files.bounded import UntrustedFileError, parse_json, read_bytes
from ..errors import BadFolderError
from .typed import Reader, Stated, count, flag, number, optional, path, record, text, texts

Made = TypeVar("Made")
FILE = "trace.json"

_SCHEMA = 1
_LARGEST = 16_000_000  # bytes; a trace of ten thousand imports has four million
_MOST_VALUES = 300_000  # ten thousand imports have 120,000
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
    """What a model folder's trace says; a folder without one says nothing."""

    python: str = ""
    """The Python that the model was traced with."""
    markers: Mapping[str, str] = field(default_factory=dict)
    """Its marker environment (PEP 508), which says on which platform."""
    imports: tuple[Mapping[str, Any], ...] = ()
    """The records of the imports, in the order they were seen."""
    touches: tuple[Mapping[str, Any], ...] = ()
    """The files, libraries, hosts and programs that were touched."""

    @classmethod
    def read(cls, folder: Path) -> TraceFile:
        """Read the trace of a folder.

        Raises BadFolderError where it is no JSON, or a key of it holds something else than it has
        to: the file and the key are named.
        """
        return _read(folder / FILE, cls._of) or cls()

    @classmethod
    def python_of(cls, folder: Path) -> str:
        """Return the Python of a folder's trace alone, whatever its records hold.

        Empty: it says none, or there is none. Raises BadFolderError where it is no JSON.
        """
        return _read(folder / FILE, lambda said: said.get("python", text, "")) or ""

    @classmethod
    def _of(cls, said: Stated) -> TraceFile:
        schema = said.get("schema", count, _SCHEMA)
        if schema > _SCHEMA:
            raise said.fault(f"schema {schema} is newer than what this modelenv reads ({_SCHEMA})")
        return cls(
            python=said.get("python", text, ""),
            markers=said.get("markers", texts, {}),
            imports=said.get("imports", _records(_RECORD, "name", "loaded", "phase", "how"), ()),
            touches=said.get("touches", _records(_TOUCH, "kind", "name"), ()),
        )


def _read(file: Path, make: Callable[[Stated], Made]) -> Made | None:
    """Return what `make` makes of a trace; None where there is none. Raises BadFolderError."""
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
    """Raise UntrustedFileError for what would become more values than any trace has."""
    if sum(map(data.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise UntrustedFileError(file, f"holds more than {_MOST_VALUES:,} values")


def _records(readers: Mapping[str, Reader], *needed: str) -> Reader:
    """Return the reader of a list of records, each with the keys that are `needed`."""
    read = record(readers, *needed)
    return lambda said: tuple(map(read, said.items()))
