"""Read the parameters of a request by the model's signature.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import datetime

from ...table.column_type import ColumnType
from ...table.errors import RowsError
from ...table.incoming.cells import convert

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    Field = Mapping[str, Any]

# The cell types of MLflow's parameter types; others are passed on unchanged.
_KINDS = {
    "integer": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
    "string": "string",
    "binary": "bytes",
    "datetime": "datetime",
}
_EPOCH = datetime.datetime(1970, 1, 1)  # noqa: DTZ001  # MLflow's parameters have no zone


class Params:
    """The parameters of a model, by its signature."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = {str(field["name"]): field for field in fields if "name" in field}
        self._defaults = {name: _default(name, field) for name, field in self._fields.items()}

    def read(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return all parameters, with defaults for those not in `given`. Raises RowsError."""
        unknown = [name for name in given if name not in self._fields]
        if unknown:
            there = ", ".join(map(repr, self._fields))
            has = "there are %s" % there if there else "the model's signature has none"
            raise RowsError("unknown params: %s; %s" % (", ".join(map(repr, unknown[:8])), has))
        return {
            name: _read(name, field, given[name]) if name in given else self._defaults[name]
            for name, field in self._fields.items()
        }


def _default(name: str, field: Field) -> Any:
    """Return a parameter's default, converted like a given value."""
    default = field.get("default")
    try:
        return _read(name, field, default)
    except RowsError:  # MLflow passes such a default on unchanged
        return default


def _read(name: str, field: Field, value: Any) -> Any:
    if value is None and field.get("default") is None:
        return None
    shape = field.get("shape")
    if not shape:
        return _one(name, field, value)
    if not isinstance(value, list):
        raise RowsError("params: %r is a list of values (%s)" % (name, field.get("type")))
    return [_one(name, field, each) for each in value]


def _one(name: str, field: Field, value: Any) -> Any:
    type_ = field.get("type")
    if type_ == "boolean":
        if type(value) is not bool:
            raise RowsError("params: %r: %.60r is neither true nor false" % (name, value))
        return value
    kind = _KINDS.get(type_) if isinstance(type_, str) else None
    if kind is None:
        return value
    unit = "us" if kind == "datetime" else ""
    try:
        cell = convert(None, [value], ColumnType(kind, nullable=False, unit=unit)).cells()[0]
    except RowsError as error:
        raise RowsError("params: %r: %s" % (name, error.reason)) from None
    if kind == "datetime":
        return _EPOCH + datetime.timedelta(microseconds=cell)
    return float(value) if kind == "float32" else cell  # not rounded to float32
