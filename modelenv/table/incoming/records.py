"""Read rows as a list of dictionaries, for a model whose example is one.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import json

from ..column_type import ColumnType
from ..errors import RowsError
from .cells import convert
from .rows import Rows, are_records

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

    from ..table import Buffer

    Parts = tuple[dict[str, Any], list[Buffer], list[str]]

_KINDS = {str: "string", bool: "bool", int: "int64", float: "float64"}


def types_of_records(example: Any) -> dict[str, dict[str, Any]] | None:
    """Return the types of the cells in a list of dictionaries, as plain data.

    None for other values, or if the cells of one name are not all of one plain type.
    """
    if not example or not are_records(example):
        return None
    names = list(example[0])
    if any(list(row) != names for row in example):
        return None
    types = {}
    for name in names:
        kinds = {type(row[name]) for row in example}
        gaps = type(None) in kinds
        kinds -= {type(None)}
        if len(kinds) != 1 or not kinds <= set(_KINDS):
            return None
        types[name] = {"kind": _KINDS[kinds.pop()], "nullable": gaps}
    return types


def are_texts(example: Any) -> bool:
    """Return whether the example is a list of texts only."""
    return isinstance(example, list) and set(map(type, example)) == {str}


def check_texts(data: Any) -> None:
    """Raise RowsError for a list element that is no text."""
    for row, cell in enumerate(data if isinstance(data, list) else ()):
        if type(cell) is not str:
            raise RowsError(
                "%.60r is no text, and the model's example has texts" % (cell,), None, row
            )


def fit_records(rows: Rows, types: dict[str, dict[str, Any]]) -> Parts:
    """Return rows as a list of dictionaries with cells of these types. Raises RowsError."""
    if not rows.count and not rows.names:
        return {"type": "object", "class": "list"}, [b"[]"], []
    rows.check_names(list(types))
    missing = [name for name in types if rows.take(name) is None]
    if missing:
        have = ", ".join(map(repr, (rows.names or [])[:8]))
        raise RowsError("is missing; there are %s" % (have or "none"), missing[0])
    columns = []
    for name, told in types.items():
        try:
            type_ = ColumnType(told["kind"], nullable=told["nullable"])
            columns.append(convert(name, rows.take(name) or (), type_, text=rows.text).cells())
        except RowsError as error:
            if rows.lines is not None and error.row is not None:
                error.line = rows.lines[error.row]
            raise
    extra = [name for name in rows.names or () if name not in types and name]
    notes = list(rows.notes)
    if extra:
        named = ", ".join(map(repr, extra[:8])) + (", …" if len(extra) > 8 else "")
        notes.append("left out, as the model's example has no such key: %s" % named)
    data = [dict(zip(types, cells)) for cells in zip(*columns)]
    return {"type": "object", "class": "list"}, [json.dumps(data).encode()], notes
