"""Predictions without rows, for models that refuse an empty batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ....table.column_type import INNER, TEXTS, ColumnType
from ....table.errors import UnfaithfulError
from ....table.table import columns_of as columns_told
from ....table.values import is_table
from .columns import columns_of, says_no_types, types_of

if TYPE_CHECKING:
    from ....table.table import Buffer

    Answer = tuple[dict[str, Any], list[Buffer]]

_NO_TEXT = bytes(8)
_COLUMNS = ("columns", "types")


class KnownPredictions:
    """The known columns of a model's predictions: from the recorded one, then from each new one."""

    def __init__(self, recorded: Mapping[str, Any] | None) -> None:
        self._told = recorded

    def empty(self) -> Answer | None:
        """Return a prediction like the others without rows; None if none can be made."""
        return emptied(self._told)

    def seen(self, answer: Answer) -> Answer:
        """Return a new prediction; one without cells gets the columns of the others."""
        told, buffers = answer
        known = self._told if self._told and says_no_types(self._told) else {}
        if not says_no_types(told):
            self._told = told
        elif not columns_of(told, buffers)[1]:
            return {**told, **{key: known[key] for key in _COLUMNS if key in known}}, buffers
        elif "columns" not in known:
            self._told = _described(told, buffers)
        return answer


def with_columns(told: Mapping[str, Any], types: Mapping[str, ColumnType]) -> dict[str, Any]:
    """Return a description with the columns that it has as a table."""
    said = [[type_.to_json(), type_.dtype] for type_ in types.values()]
    return {**told, **dict(zip(_COLUMNS, ([*types], said), strict=True))}


def _described(told: Mapping[str, Any], buffers: Sequence[Buffer]) -> Mapping[str, Any]:
    with suppress(UnfaithfulError):  # it is not a table
        return with_columns(told, types_of(told, buffers))
    return told


def emptied(told: Mapping[str, Any] | None) -> Answer | None:
    """Return a prediction like the described one without rows; None if none can be made."""
    if told is None:
        return None
    if told["type"] == "ndarray" and told["shape"]:
        kept = {key: told[key] for key in ("type", "dtype", "fields", *_COLUMNS) if key in told}
        empty = {**kept, "shape": [0, *told["shape"][1:]]}
        return empty, [None, _NO_TEXT, b""] if told["dtype"] == "|O" else [b""]
    if (is_table(told) or told["type"] == "arrow") and "types" in told:
        return _empty_table(told)
    if says_no_types(told):
        return dict(told), [b"[]"]
    if told["type"] == "dict":
        return _empty_items(told)
    return None


def _empty_items(told: Mapping[str, Any]) -> Answer | None:
    items = {name: emptied(item) for name, item in told["items"].items()}
    known = {name: item for name, item in items.items() if item is not None}
    if len(known) < len(items):
        return None
    described = {name: item for name, (item, _) in known.items()}
    return {**told, "items": described}, [each for _, buffers in known.values() for each in buffers]


def _empty_table(told: Mapping[str, Any]) -> Answer | None:
    if told["type"] == "arrow":
        types = [ColumnType.from_json(*each) for each in told["types"]]
    else:
        types = [type_ for _, type_ in columns_told(dict(told))]
    if any(type_.kind in INNER for type_ in types):
        return None
    empty = {key: value for key, value in told.items() if key not in ("encoding", "file", "index")}
    return {**empty, "rows": 0}, [buffer for type_ in types for buffer in _empty(type_)]


def _empty(type_: ColumnType) -> list[Buffer]:
    return [None, _NO_TEXT, b""] if type_.kind in TEXTS else [None, b""]
