"""Cells of text files as pyarrow columns, with the types of the model's example."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from ....table.column_type import FLOATS, FORMATS, INTEGERS, ColumnType
from ....table.errors import RowsError
from ....table.incoming.cells import convert
from ....table.incoming.texts import MISSING, of_text
from ....table.table import Column
from .layout import SliceLayout

_PLAIN = {*FLOATS, *INTEGERS, "bool", "date"}


def schema_to_text(schema: Any) -> str:
    """Return a pyarrow schema as text, without metadata."""
    import pyarrow

    fields = [field.remove_metadata() for field in schema]
    return base64.b64encode(pyarrow.schema(fields).serialize().to_pybytes()).decode("ascii")


def schema_of_text(text: str) -> Any:
    """Return the schema that `schema_to_text` wrote."""
    import pyarrow
    from pyarrow import ipc

    return ipc.read_schema(pyarrow.py_buffer(base64.b64decode(text)))


def typed_table(
    names: Sequence[str], columns: Sequence[Sequence[Any]], layout: SliceLayout, *, text: bool
) -> Any:
    """Return columns of cells as a pyarrow table. Raises RowsError, with column and row.

    `text`: the cells are those of a text file; else JSON values.
    """
    import pyarrow

    further = (
        {each.name: each.type for each in schema_of_text(layout.schema)} if layout.schema else {}
    )
    wanted = None if layout.wanted is None else set(layout.wanted)
    made, shown = [], []
    for name, cells in zip(names, columns, strict=True):
        if wanted is not None and name not in wanted:
            continue
        told = layout.types.get(name, layout.every)
        shown.append(name)
        if told is not None:
            type_ = ColumnType.from_json(*told)
            made.append(_typed(name, cells, type_, text=text))
        else:
            kind = pyarrow.string() if text else further.get(name)
            made.append(_plain(name, cells, kind))
    return pyarrow.Table.from_arrays(made, names=shown)


def _typed(name: str, cells: Sequence[Any], type_: ColumnType, *, text: bool) -> Any:
    """Return a column of the example's type; texts if Arrow has no such type."""
    if type_.kind in _PLAIN or type_.kind in ("datetime", "timedelta"):
        quick = _numbers(cells, type_) if text else None
        if quick is not None:
            return quick
        missing = ColumnType.from_json(type_.to_json(), type_.dtype)
        missing.nullable = True  # the model's side checks for missing values, and reports the row
        return array_of(convert(name, cells, missing, text=text))
    if text:
        return _plain(name, [of_text(cell, type_) for cell in cells], None)
    return _plain(name, cells, None)


def _numbers(cells: Sequence[str], type_: ColumnType) -> Any:
    """Return texts as numbers, if pyarrow parses them as `convert` does; else None.

    Except for hexadecimal digits, pyarrow accepts fewer texts as numbers than `convert`.
    """
    import pyarrow
    from pyarrow import compute

    if type_.kind != "float64" and type_.kind not in INTEGERS:
        return None
    texts = pyarrow.array(cells, pyarrow.string())
    gaps = compute.is_in(texts, value_set=pyarrow.array(sorted(MISSING)))
    texts = compute.if_else(gaps, pyarrow.scalar(None, pyarrow.string()), texts)
    try:
        found = texts.cast(pyarrow.type_for_alias(type_.kind))
    except pyarrow.ArrowInvalid:
        return None
    if type_.kind in FLOATS:
        odd = compute.invert(compute.is_finite(found))
    else:
        odd = compute.match_substring(texts, "x", ignore_case=True)
    return None if compute.any(odd).as_py() else found


def array_of(column: Column) -> Any:
    """Return a column of fixed-width values as a pyarrow array, without a copy."""
    import pyarrow

    values = pyarrow.py_buffer(column.values)
    size = len(column.values) // _width(column.type.kind)
    valid = None
    if column.valid is not None:
        there = pyarrow.Array.from_buffers(
            pyarrow.uint8(), size, [None, pyarrow.py_buffer(column.valid)]
        )
        valid = there.cast(pyarrow.bool_()).buffers()[1]
    kind = column.type.kind
    if kind == "bool":
        bits = pyarrow.Array.from_buffers(pyarrow.uint8(), size, [None, values])
        values = bits.cast(pyarrow.bool_()).buffers()[1]
    return pyarrow.Array.from_buffers(_arrow_type(column.type), size, [valid, values])


def _width(kind: str) -> int:
    import struct

    return struct.calcsize("<" + FORMATS[kind])


def _arrow_type(type_: ColumnType) -> Any:
    import pyarrow

    if type_.kind == "datetime":
        return pyarrow.timestamp(type_.unit, tz=type_.zone or None)
    if type_.kind == "timedelta":
        return pyarrow.duration(type_.unit)
    if type_.kind == "bool":
        return pyarrow.bool_()
    return pyarrow.date32() if type_.kind == "date" else pyarrow.type_for_alias(type_.kind)


def _plain(name: str, cells: Sequence[Any], kind: Any) -> Any:
    """Return cells as values for pyarrow. Raises RowsError for the first invalid one."""
    import pyarrow

    try:
        return pyarrow.array(cells, type=kind, from_pandas=False)
    except (pyarrow.ArrowException, TypeError, ValueError, OverflowError) as error:
        for row, cell in enumerate(cells):
            try:
                pyarrow.array([cell], type=kind)
            except (pyarrow.ArrowException, TypeError, ValueError, OverflowError) as found:
                raise RowsError(f"{cell!r:.80} does not fit: {found}", name, row) from None
        raise RowsError(f"its values are of several types: {error}", name) from None
