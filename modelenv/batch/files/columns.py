"""The columns to read from the files, and their types in text files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ...base.errors import WrongUseError
from ...table.column_type import ColumnType
from ...table.errors import RowsError
from ...table.incoming.contract import sizes_of
from ...table.incoming.document import described
from ...table.incoming.fit import frame_of
from ...table.incoming.rows import label
from ...table.objects import untag
from ...table.table import columns_of
from ...table.values import is_table
from .slices.layout import SliceLayout
from .slices.texts import csv_names, json_records, opened
from .slices.typed import schema_to_text
from .sources import InputFile

ALL = "all"
"""The value of `keep` that stands for every column."""
_PEEKED = 1000
_NAMELESS = re.compile(r"__index_level_\d+__$")  # pandas' name for an index without a name


@dataclass(frozen=True, slots=True)
class ModelColumns:
    """The columns that the model takes, as far as its example shows."""

    types: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    every: tuple[Any, str] | None = None
    named: bool = False
    """Whether it takes exactly the columns of `types`."""
    width: int | None = None
    """The number of columns, if they have no names; None if unknown."""
    indexed: bool = False
    """Whether its rows have labels of their own, in a column that may have no name."""

    @classmethod
    def of(cls, like: Mapping[str, Any]) -> ModelColumns:
        """Return the columns of a described example."""
        like = described(dict(like))
        frame = like if is_table(like) else frame_of(like)
        if frame is not None:
            told = [(label(untag(name)), type_) for name, type_ in columns_of(dict(frame))]
            levels = (frame.get("index") or {}).get("levels", ())
            for level in levels:
                type_ = ColumnType.from_json(level.get("type", "object"), level["dtype"])
                told.append((label(untag(level["name"])), type_))
            types = {name: (type_.to_json(), type_.dtype) for name, type_ in told}
            if len(types) == 1 and not levels:  # whatever its name in the files
                return cls(types, every=next(iter(types.values())), width=1)
            return cls(types, named=True, indexed=bool(levels))
        if "records" in like:
            made = {
                name: ColumnType(each["kind"], nullable=each["nullable"])
                for name, each in like["records"].items()
            }
            types = {name: (type_.to_json(), type_.dtype) for name, type_ in made.items()}
            return cls(types, named=True)
        if like["type"] == "ndarray":
            type_ = ColumnType.of_dtype(like["dtype"])
            sizes = sizes_of(dict(like))[1:]
            width = sizes[0] if len(sizes) == 1 and sizes[0] > 0 else None
            return cls(every=(type_.to_json(), type_.dtype), width=width)
        return cls()


def names_in(source: InputFile) -> list[str] | None:
    """Return the names of the columns of a file; None if it has none, or different ones by row.

    Raises WrongUseError for a damaged file.
    """
    try:
        if source.kind == "csv":
            return csv_names(source.path)
        schema = schema_in(source)
    except RowsError as error:
        raise WrongUseError(f"{source.path}: {error}") from error
    return None if schema is None else list(schema.names)


def schema_in(source: InputFile) -> Any:
    """Return the schema of a file; None for formats without one. Raises WrongUseError."""
    if source.kind not in ("parquet", "arrow"):
        return None
    import pyarrow
    from pyarrow import ipc, parquet

    try:
        if source.kind == "parquet":
            return parquet.read_schema(source.path)
        with pyarrow.memory_map(source.path) as opened_file:
            is_file = opened_file.read(6) == b"ARROW1"
            opened_file.seek(0)
            read = ipc.open_file if is_file else ipc.open_stream
            with read(opened_file) as reader:
                return reader.schema
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise WrongUseError(f"{source.path} cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class ChosenColumns:
    """The columns that are read from the files, and those that are kept."""

    keep: tuple[str, ...]
    wanted: tuple[str, ...] | None
    given: tuple[str, ...] | None = None
    left_out: tuple[str, ...] = ()
    schema: str = ""


def choose(sources: Sequence[InputFile], keep: Sequence[str], takes: ModelColumns) -> ChosenColumns:
    """Return the columns to read of files that have the same columns, in any order.

    Raises WrongUseError for a missing column to keep, and for files with different columns.
    """
    first = sources[0]
    names = names_in(first) if first.kind != "jsonl" else _peek_names(first)
    if names is None:
        if keep:
            raise WrongUseError(f"{first.path} has no named columns, so none can be kept")
        return ChosenColumns((), None)
    kept = tuple(names) if ALL in keep and ALL not in names else tuple(dict.fromkeys(keep))
    absent = [name for name in kept if name not in names and first.kind != "jsonl"]
    if absent:
        have = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        raise WrongUseError(f"{first.path} has no column {absent[0]!r} to keep; it has {have}")
    wanted, left_out = None, []
    if takes.named:
        due = {*takes.types, *kept}
        due |= {name for name in names if takes.indexed and _NAMELESS.match(name)}
        wanted = [name for name in names if name in due]
        left_out = [name for name in names if name not in due]
        if first.kind == "jsonl":  # a name that the first records lack may appear later
            wanted += [name for name in (*takes.types, *kept) if name not in wanted]
    if first.kind != "jsonl":
        _check_alike(sources, names if wanted is None else wanted, kept)
        wanted = names if wanted is None else wanted  # in the same order in all of them
    schema = _peek_types(first, wanted, takes) if first.kind == "jsonl" else ""
    return ChosenColumns(
        kept,
        None if wanted is None else tuple(wanted),
        _given(names if wanted is None else wanted, kept, takes),
        tuple(left_out),
        schema,
    )


def _given(
    names: Sequence[str], kept: Sequence[str], takes: ModelColumns
) -> tuple[str, ...] | None:
    """Return the columns given to the model; None for all, if none is read only to be kept."""
    if not kept:
        return None
    if takes.named:
        only_kept = {name for name in kept if name not in takes.types}
        only_kept -= {name for name in kept if takes.indexed and _NAMELESS.match(name)}
        return tuple(name for name in names if name not in only_kept) if only_kept else None
    others = tuple(name for name in names if name not in kept)
    return others if len(others) == takes.width else None


def _check_alike(sources: Sequence[InputFile], names: Sequence[str], kept: Sequence[str]) -> None:
    """Raise WrongUseError for a file that lacks a column, or has a kept one of another type."""
    first = sources[0]
    schema = schema_in(first)
    for other in sources[1:]:
        there = names_in(other) or []
        lacks = next((name for name in names if name not in there), None)
        if lacks is not None:
            raise WrongUseError(f"{other.path} has no column {lacks!r}, and {first.path} has one")
        if schema is None:
            continue
        found = schema_in(other)
        for name in kept:
            one, another = schema.field(name).type, found.field(name).type
            if one != another:
                raise WrongUseError(
                    f"column {name!r}, which is to be kept, is {another} in {other.path} and {one}"
                    f" in {first.path}"
                )


def _peeked(source: InputFile) -> list[dict[str, Any]]:
    try:
        with opened(source.path) as (stream, _):
            records = json_records(stream, SliceLayout("", 1))
            return [each for _, each in islice(records, _PEEKED)]
    except RowsError as error:
        raise WrongUseError(f"{source.path}: {error}") from error


def _peek_names(source: InputFile) -> list[str]:
    return list(dict.fromkeys(name for each in _peeked(source) for name in each))


def _peek_types(source: InputFile, names: Sequence[str] | None, takes: ModelColumns) -> str:
    """Return the types of JSON columns that the example lacks, from the first records."""
    import pyarrow

    records = _peeked(source)
    shown = list(dict.fromkeys(name for each in records for name in each))
    fields = []
    for name in (*shown, *(name for name in names or () if name not in shown)):
        if name in takes.types or (names is not None and name not in names):
            continue
        try:
            found = pyarrow.array([each.get(name) for each in records]).type
        except (pyarrow.ArrowException, TypeError, OverflowError) as error:
            raise WrongUseError(
                f"{source.path}: column {name!r} has several types: {error}"
            ) from error
        fields.append(pyarrow.field(name, found))
    return schema_to_text(pyarrow.schema(fields)) if fields else ""
