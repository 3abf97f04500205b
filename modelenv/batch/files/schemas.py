"""The columns of all parts: if two parts differ, a schema that holds both."""

from __future__ import annotations

from typing import Any


def wider(one: Any, other: Any) -> Any:
    """Return the pyarrow schema that holds the columns of two; None if there is none.

    A column that is empty in one has the other's type; decimals have the digits of both, categories
    the wider index type. Whole numbers and floats are different types.
    """
    import pyarrow

    if one.names != other.names:
        return None
    fields = []
    for name, first, second in zip(one.names, one.types, other.types, strict=True):
        kind = _wider(first, second)
        if kind is None:
            return None
        fields.append(pyarrow.field(name, kind))
    return pyarrow.schema(fields)


def _wider(one: Any, other: Any) -> Any:
    from pyarrow import types

    if one == other or types.is_null(other):
        return one
    if types.is_null(one):
        return other
    for each, join in (
        (types.is_decimal, _decimals),
        (types.is_dictionary, _categories),
        (types.is_list, _lists),
    ):
        if each(one) and each(other):
            return join(one, other)
    return _texts(one, other)


def _decimals(one: Any, other: Any) -> Any:
    import pyarrow

    scale = max(one.scale, other.scale)
    digits = max(one.precision - one.scale, other.precision - other.scale) + scale
    if digits <= 38:
        return pyarrow.decimal128(digits, scale)
    return pyarrow.decimal256(digits, scale) if digits <= 76 else None


def _categories(one: Any, other: Any) -> Any:
    import pyarrow

    value = _wider(one.value_type, other.value_type)
    if value is None or one.ordered != other.ordered:
        return None
    return pyarrow.dictionary(pyarrow.int32(), value, ordered=one.ordered)


def _lists(one: Any, other: Any) -> Any:
    import pyarrow

    inner = _wider(one.value_type, other.value_type)
    return None if inner is None else pyarrow.list_(inner)


def _texts(one: Any, other: Any) -> Any:
    import pyarrow

    large = {pyarrow.string(): pyarrow.large_string(), pyarrow.binary(): pyarrow.large_binary()}
    return next((long for short, long in large.items() if {one, other} == {short, long}), None)


def widened(table: Any, schema: Any) -> Any:
    """Return a table with the types of a schema that is as wide as its own, or wider."""
    import pyarrow
    from pyarrow import types

    columns = []
    for column, kind in zip(table.columns, schema.types, strict=True):
        made = column
        if column.type == kind:
            pass
        elif types.is_null(column.type):
            made = pyarrow.nulls(len(column), kind)
        elif types.is_dictionary(kind):
            made = column.cast(kind.value_type).dictionary_encode().cast(kind)
        else:
            made = column.cast(kind)
        columns.append(made)
    return pyarrow.Table.from_arrays(columns, schema=schema)
