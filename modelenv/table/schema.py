"""The schema that MLflow 3 infers for a value, from the value's description and buffers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .column_type import FLOATS, INTEGERS, ColumnType
from .objects import tag
from .table import Column, Table

if TYPE_CHECKING:
    from .table import Buffer

Type = dict[str, Any]
"""A type as in MLflow's JSON: ``{"type": "long"}``, or an array or object of types."""

ANY: Type = {"type": "any"}
_SCALARS = {bool: "boolean", int: "long", float: "double", str: "string"}
_KINDS = {
    "bool": "boolean",
    **dict.fromkeys(("int8", "int16", "int32", "uint8", "uint16"), "integer"),
    **dict.fromkeys(("int64", "uint32"), "long"),
    **dict.fromkeys(("float16", "float32"), "float"),
    "float64": "double",
    "string": "string",
    "bytes": "binary",
    "datetime": "datetime",
    "date": "datetime",
}
# For a single numpy scalar MLflow infers fewer types than for a column.
_ELEMENTS = {
    "bool": "boolean",
    "int32": "integer",
    "int64": "long",
    "float32": "float",
    "float64": "double",
    "string": "string",
    "bytes": "binary",
    "datetime": "datetime",
}
_TAGS = {"bytes": "binary", "bytearray": "binary", "datetime": "datetime", "Timestamp": "datetime"}


class NotInferredError(Exception):
    """MLflow infers no type for this value: it may be any."""


def infer(told: Mapping[str, Any], buffers: Sequence[Buffer]) -> list[Type]:
    """Return the schema of a value: its columns or tensors, in order.

    A value for which MLflow infers no type has one column of any type.
    """
    try:
        schema = _infer(told, iter(buffers))
    except NotInferredError:
        return [{**ANY, "required": True}]
    if any("name" not in spec and spec.get("required") is False for spec in schema):
        return [{**ANY, "required": True}]
    return schema


def _infer(told: Mapping[str, Any], buffers: Iterator[Buffer]) -> list[Type]:
    kind = told["type"]
    if kind in ("dataframe", "series"):
        return _of_table(Table.of(dict(told), buffers))
    if (kind == "ndarray" and told["shape"]) or kind in ("sparse_matrix_csr", "sparse_matrix_csc"):
        return [_tensor(told)]
    if kind == "dict" and told["items"]:
        return _of_dict(told, buffers)
    if kind == "object":
        return _of_object(json.loads(bytes(next(buffers) or b"null")))
    found = _of_described(told, buffers)
    return [{**(found["items"] if kind == "list" else found), "required": True}]


def _of_object(data: Any) -> list[Type]:
    """Return the schema of a JSON value: records, columns by name, or one column."""
    if data == []:
        return [{"type": "string", "required": True}]
    if isinstance(data, list) and all(isinstance(row, dict) and _plain(row) for row in data):
        return _of_records(data)
    if isinstance(data, dict) and data and _plain(data):
        types = {name: _of_json(each) for name, each in data.items()}
        return [_named(name, type_, type_ != ANY) for name, type_ in types.items()]
    found = _of_json(data)
    return [{**(found["items"] if isinstance(data, list) else found), "required": True}]


def _of_dict(told: Mapping[str, Any], buffers: Iterator[Buffer]) -> list[Type]:
    items = told["items"]
    if all(item["type"] == "ndarray" for item in items.values()):
        return [{"name": name, **_tensor(item)} for name, item in items.items()]
    found = []
    for name, item in items.items():
        type_ = _of_described(item, buffers)
        found.append(_named(name, type_, type_ != ANY))
    return found


def _of_records(rows: list[dict[str, Any]]) -> list[Type]:
    cells: dict[str, list[Any]] = {}
    for row in rows:
        for name, cell in row.items():
            cells.setdefault(name, []).append(cell)
    return [
        _named(
            name,
            _array(map(_of_json, some))["items"],
            all(row.get(name) is not None for row in rows),
        )
        for name, some in cells.items()
    ]


def _of_table(table: Table) -> list[Type]:
    names = [_name(column.name) for column in table.columns]
    if len({json.dumps(name) for name in names}) < len(names):
        raise NotInferredError
    return [
        _named(name, infer_column(column), not has_gaps(column))
        for name, column in zip(names, table.columns, strict=True)
    ]


def infer_column(column: Column) -> Type:
    """Return the type of one column of a frame. Raises NotInferredError."""
    type_ = column.type
    if type_.kind == "object":
        return dict(_array(_of_json(tag(cell)) for cell in column.cells())["items"])
    if type_.kind == "category" and type_.of is not None:
        of = type_.of.kind
        wide = "int64" if of in INTEGERS else "float64" if of in FLOATS else of
        if wide not in ("int64", "float64", "string", "bool"):
            raise NotInferredError
        return {"type": _KINDS[wide]}
    if type_.dtype == "object" and type_.kind == "int64" and has_gaps(column):
        return {"type": "double"}  # like pandas' `infer_objects`
    return _known(_KINDS, type_.kind)


def has_gaps(column: Column) -> bool:
    """Return whether a value of a column is missing."""
    if column.valid is not None and 0 in bytes(column.valid):
        return True
    return column.type.kind in FLOATS and any(cell != cell for cell in column.cells())  # noqa: PLR0124  # nan


def _tensor(told: Mapping[str, Any]) -> Type:
    shape = [-1, *told["shape"][1:]]
    dtype = told["parts"][0]["dtype"] if "parts" in told else told["dtype"]
    return {"type": "tensor", "tensor-spec": {"dtype": _numpy_name(dtype), "shape": shape}}


def _numpy_name(dtype: str) -> str:
    type_ = ColumnType.of_dtype(dtype)
    if type_.unit:
        return f"{type_.kind}64[{type_.unit}]"
    return {"string": "str", "bool": "bool"}.get(type_.kind, type_.kind)


def _of_described(told: Mapping[str, Any], buffers: Iterator[Buffer]) -> Type:
    """Return the type of a container's items."""
    kind = told["type"]
    if kind in ("ndarray", "scalar"):
        type_ = _known(_ELEMENTS, ColumnType.of_dtype(told["dtype"]).kind)
        next(buffers, None)
        if kind == "ndarray" and (not told["shape"] or 0 in told["shape"]):
            raise NotInferredError
        for _ in told["shape"]:
            type_ = {"type": "array", "items": type_}
        return type_
    if kind == "object":
        return _of_json(json.loads(bytes(next(buffers) or b"null")))
    if kind == "list":
        return _array(_of_described(item, buffers) for item in told["items"])
    if kind != "dict":
        raise NotInferredError
    if not told["items"]:
        return ANY
    return _object({name: _of_described(item, buffers) for name, item in told["items"].items()})


def _of_json(value: Any) -> Type:
    """Return the type of a value that :func:`objects.tag` converted."""
    if value is None or value in ([], {}):
        return ANY
    if isinstance(value, list):
        return _array(map(_of_json, value))
    if isinstance(value, dict) and _plain(value):
        return _object({name: _of_json(each) for name, each in value.items()})
    return _of_tag(**value) if isinstance(value, dict) else {"type": _SCALARS[type(value)]}


def _of_tag(**value: Any) -> Type:
    kind, inner = value["$type"], value["value"]
    if kind == "float":
        return ANY if inner == "nan" else {"type": "double"}
    if kind in ("NA", "NaT"):
        return ANY
    if kind in ("generic", "ndarray"):
        shape = "ndarray" if inner["shape"] else "scalar"
        return _of_described({**inner, "type": shape}, iter((None,)))
    return _known(_TAGS, kind)


def _array(types: Iterable[Type]) -> Type:
    merged: Type | None = None
    for type_ in types:
        merged = type_ if merged is None else _merge(merged, type_)
    if merged is None:
        raise NotInferredError
    return {"type": "array", "items": merged}


def _object(types: Mapping[str, Type]) -> Type:
    told = {name: {**type_, "required": type_ != ANY} for name, type_ in types.items()}
    return {"type": "object", "properties": told}


def _merge(one: Type, other: Type) -> Type:
    """Return the common type of two types. Raises NotInferredError if there is none."""
    if one == other:
        return one
    if ANY in (one, other):
        return _optional(other if one == ANY else one)
    if one["type"] != other["type"] or one["type"] not in ("array", "object"):
        raise NotInferredError
    if one["type"] == "array":
        return {"type": "array", "items": _merge(one["items"], other["items"])}
    first, second = one["properties"], other["properties"]
    told = {}
    for name in dict.fromkeys((*first, *second)):
        both = [dict(side[name]) for side in (first, second) if name in side]
        required = [each.pop("required") for each in both]
        type_ = both[0] if len(both) == 1 else _merge(*both)
        told[name] = {**type_, "required": len(both) == 2 and all(required)}
    return {"type": "object", "properties": told}


def _optional(type_: Type) -> Type:
    if type_["type"] != "object":
        return type_
    told = {name: {**each, "required": False} for name, each in type_["properties"].items()}
    return {"type": "object", "properties": told}


def _named(name: Any, type_: Type, required: bool) -> Type:
    named = {} if name is None else {"name": name}
    return {**type_, **named, "required": required}


def _name(name: Any) -> Any:
    if isinstance(name, tuple):
        return list(name)
    if name is not None and not isinstance(name, (str, int, float)):
        raise NotInferredError
    return name


def _known(table: Mapping[str, str], kind: str) -> Type:
    if kind not in table:
        raise NotInferredError
    return {"type": table[kind]}


def _plain(told: Mapping[str, Any]) -> bool:
    return "$type" not in told
