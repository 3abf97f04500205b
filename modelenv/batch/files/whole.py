"""The output, written from its parts one after the other, a few of them in memory at a time."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from ...base.errors import ModelenvError
from ...table.incoming import times
from .schemas import widened

_ROWS = 1 << 16  # rows of a row group or a batch of the output, if its parts are smaller
_BYTES = 1 << 26
_INFINITY = {math.inf: "Infinity", -math.inf: "-Infinity"}


class NoSuchFormError(ModelenvError):
    """A format cannot represent a prediction."""


def check_form(schema: Any, kind: str) -> None:
    """Raise NoSuchFormError if an output cannot hold such columns, before the work."""
    if kind == "npy":
        _dtype_of(schema)


def write_whole(
    file: Path, kind: str, schema: Any, parts: Sequence[Path], told: Callable[[int], None]
) -> int:
    """Write the parts into a file with their `schema`; return the number of rows.

    `told` is called with the number of each part. Raises NoSuchFormError.
    """
    tables = _grouped(_read(parts, schema, told))
    if kind == "parquet":
        return _write_parquet(file, schema, tables)
    if kind == "arrow":
        return _write_arrow(file, schema, parts, tables)
    if kind == "arrows":
        return _write_stream(file, schema, tables)
    if kind == "npy":
        return _write_array(file, schema, parts, tables)
    write = _write_csv if kind == "csv" else _write_json
    with file.open("wb") as stream:
        return write(stream, schema, tables)


def _read(parts: Sequence[Path], schema: Any, told: Callable[[int], None]) -> Iterator[Any]:
    """Yield each part as a table of the one schema."""
    import pyarrow
    from pyarrow import ipc

    for number, part in enumerate(parts):
        with pyarrow.memory_map(str(part)) as source, ipc.open_file(source) as reader:
            table = reader.read_all()
            if table.num_columns:  # otherwise all of its rows were refused
                yield widened(table, schema)
        told(number + 1)


def _grouped(tables: Iterator[Any]) -> Iterator[Any]:
    """Yield small tables combined."""
    import pyarrow

    waiting: list[Any] = []
    rows = size = 0
    for table in tables:
        waiting.append(table)
        rows, size = rows + table.num_rows, size + table.nbytes
        if rows >= _ROWS or size >= _BYTES:
            yield pyarrow.concat_tables(waiting)
            waiting, rows, size = [], 0, 0
    if waiting:
        yield pyarrow.concat_tables(waiting)


def _write_parquet(file: Path, schema: Any, tables: Iterator[Any]) -> int:
    from pyarrow import parquet

    rows = 0
    with parquet.ParquetWriter(file, schema) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
            rows += table.num_rows
    return rows


def _write_stream(file: Path, schema: Any, tables: Iterator[Any]) -> int:
    from pyarrow import ipc

    rows = 0
    with ipc.new_stream(str(file), schema) as writer:
        for table in tables:
            writer.write_table(table.unify_dictionaries())
            rows += table.num_rows
    return rows


def _write_arrow(file: Path, schema: Any, parts: Sequence[Path], tables: Iterator[Any]) -> int:
    """Write an IPC file, with one dictionary per column made from those of all parts."""
    from pyarrow import ipc

    values = _dictionaries(parts, schema)
    rows = 0
    with ExitStack() as stack:
        writer = None
        for table in tables:
            encoded = _encoded(table, values)
            if writer is None:
                writer = stack.enter_context(ipc.new_file(str(file), encoded.schema))
            writer.write_table(encoded.combine_chunks())
            rows += table.num_rows
        if writer is None:
            stack.enter_context(ipc.new_file(str(file), schema))
    return rows


def _dictionaries(parts: Sequence[Path], schema: Any) -> dict[str, Any]:
    """Return the values of each column of categories, in the order of their first use."""
    import pyarrow

    names = [each.name for each in schema if pyarrow.types.is_dictionary(each.type)]
    found: dict[str, Any] = {}
    if not names:
        return found
    for table in _read(parts, schema, lambda _: None):
        for name in names:
            news = [found[name]] if name in found else []
            news += [chunk.dictionary for chunk in table.column(name).chunks]
            if news:
                found[name] = pyarrow.chunked_array(news).unique()
    return found


def _encoded(table: Any, values: dict[str, Any]) -> Any:
    import pyarrow
    from pyarrow import compute

    for name, dictionary in values.items():
        place = table.schema.get_field_index(name)
        field = table.schema.field(place)
        kind = field.type
        plain = table.column(place).cast(kind.value_type).combine_chunks()
        index = kind.index_type if len(dictionary) < 128 else pyarrow.int32()
        indices = compute.index_in(plain, value_set=dictionary).cast(index)
        made = pyarrow.DictionaryArray.from_arrays(indices, dictionary, ordered=kind.ordered)
        table = table.set_column(place, pyarrow.field(name, made.type, field.nullable), made)
    return table


def _write_array(file: Path, schema: Any, parts: Sequence[Path], tables: Iterator[Any]) -> int:
    """Write one array, one-dimensional if there is one column."""
    import numpy
    from numpy.lib import format as npy

    dtype = numpy.dtype(_dtype_of(schema))
    width = len(schema)
    rows: int = sum(each.num_rows for each in _read(parts, schema, lambda _: None))
    shape = (rows,) if width == 1 else (rows, width)
    with file.open("wb") as stream:
        header = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(stream, header)
        for table in tables:
            block = numpy.empty((table.num_rows, width), dtype)
            for place, column in enumerate(table.columns):
                if column.null_count and dtype.kind != "f":
                    name = schema.names[place]
                    raise NoSuchFormError(f"column {name!r} has gaps, and an array of {dtype} none")
                block[:, place] = column.to_numpy()
            stream.write(block.tobytes())
    return rows


def _dtype_of(schema: Any) -> str:
    import pyarrow

    names = {str(each.type) for each in schema}
    if len(names) != 1:
        raise NoSuchFormError(
            f"an array holds numbers of one type, and the columns are {', '.join(sorted(names))}:"
            " give the output a name that ends in .parquet"
        )
    kind = schema.field(0).type
    known = pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind)
    if not known and not pyarrow.types.is_boolean(kind):
        raise NoSuchFormError(
            f"an array holds numbers, and column {schema.names[0]!r} is {kind}: give the output a"
            " name that ends in .parquet"
        )
    return str(kind.to_pandas_dtype().__name__)


def _write_csv(stream: IO[bytes], schema: Any, tables: Iterator[Any]) -> int:
    """Write CSV in UTF-8 with a header line; missing values are empty cells."""
    rows = 0
    text = io.TextIOWrapper(stream, "utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(schema.names)
    for table in tables:
        columns = [_cells(column, of_csv=True) for column in table.columns]
        writer.writerows(zip(*columns, strict=True))
        rows += table.num_rows
    text.flush()
    text.detach()
    return rows


def _write_json(stream: IO[bytes], schema: Any, tables: Iterator[Any]) -> int:
    """Write one object per line; missing values are null, infinity is the text ``Infinity``."""
    rows = 0
    names = schema.names
    for table in tables:
        columns = [_cells(column, of_csv=False) for column in table.columns]
        for cells in zip(*columns, strict=True):
            line = json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False)
            stream.write(line.encode() + b"\n")
        rows += table.num_rows
    return rows


def _cells(column: Any, *, of_csv: bool) -> list[Any]:
    """Return the cells of a pyarrow column in the form of CSV, or of JSON."""
    import pyarrow

    kind, types = column.type, pyarrow.types
    if types.is_dictionary(kind):
        return _cells(column.cast(kind.value_type), of_csv=of_csv)
    if types.is_timestamp(kind) or types.is_duration(kind):
        write = _writer_of_times(kind)
        counts = column.cast("int64").to_pylist()
        return [None if each is None else write(each) for each in counts]
    cells: list[Any] = column.to_pylist()
    if types.is_floating(kind):
        return list(map(_csv_float if of_csv else _json_float, cells))
    if not (types.is_integer(kind) or types.is_boolean(kind) or types.is_string(kind)):
        cells = list(map(_plain, cells))
        if of_csv and types.is_nested(kind):
            cells = [None if each is None else json.dumps(each) for each in cells]
    return cells


def _writer_of_times(kind: Any) -> Callable[[int], str]:
    import pyarrow

    if pyarrow.types.is_duration(kind):
        return lambda count: times.write_duration(count, kind.unit)
    zone = kind.tz or ""
    return lambda count: times.write_datetime(count, kind.unit, zone)


def _csv_float(cell: float | None) -> str:
    return "" if cell is None or math.isnan(cell) else repr(cell)


def _json_float(cell: float | None) -> float | str | None:
    if cell is None or math.isnan(cell):
        return None
    return cell if math.isfinite(cell) else _INFINITY[cell]


def _plain(cell: Any) -> Any:
    """Return a value as JSON data; values without a form in JSON become texts."""
    if cell is None or isinstance(cell, (str, bool, int)):
        return cell
    if isinstance(cell, float):
        return _json_float(cell)
    if isinstance(cell, bytes):
        return base64.b64encode(cell).decode("ascii")
    if isinstance(cell, dict):
        return {str(name): _plain(each) for name, each in cell.items()}
    if isinstance(cell, (list, tuple)):
        return [_plain(each) for each in cell]
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
