"""Predictions without rows, for models that take no batch without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ....table.column_type import INNER, TEXTS, ColumnType
from ....table.table import columns_of
from ....table.values import is_table

if TYPE_CHECKING:
    from ....table.table import Buffer

_NO_TEXT = bytes(8)


def emptied(told: Mapping[str, Any] | None) -> tuple[dict[str, Any], list[Buffer]] | None:
    """Return a prediction like the described one that has no rows; None where none can be made."""
    if told is None:
        return None
    if told["type"] == "ndarray" and told["shape"]:
        kept = {key: told[key] for key in ("type", "dtype", "fields") if key in told}
        empty = {**kept, "shape": [0, *told["shape"][1:]]}
        return empty, [None, _NO_TEXT, b""] if told["dtype"] == "|O" else [b""]
    if is_table(told) and "types" in told:
        return _empty_table(told)
    if told["type"] == "object" and told.get("class") == "builtins.list":
        return {"type": "object", "class": "builtins.list"}, [b"[]"]
    return None


def _empty_table(told: Mapping[str, Any]) -> tuple[dict[str, Any], list[Buffer]] | None:
    types = [type_ for _, type_ in columns_of(dict(told))]
    if any(type_.kind in INNER for type_ in types):
        return None
    empty = {key: value for key, value in told.items() if key not in ("encoding", "file", "index")}
    return {**empty, "rows": 0}, [buffer for type_ in types for buffer in _empty(type_)]


def _empty(type_: ColumnType) -> list[Buffer]:
    return [None, _NO_TEXT, b""] if type_.kind in TEXTS else [None, b""]
