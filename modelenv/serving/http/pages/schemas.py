"""JSON Schemas (draft 2020-12) of inputs, parameters and tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ....table.column_type import FLOATS, INTEGERS, ColumnType
from ....table.incoming.contract import ANY, sizes_of
from ....table.incoming.document import described as one_example
from ....table.incoming.fit import frame_of
from ....table.incoming.rows import label
from ....table.table import columns_of
from ....table.values import is_table
from ..inference.index_levels import are_columns, levels_of
from .categories import categories_of

Schema = dict[str, Any]

_LARGEST_EXACT = 2**53  # up to here every JSON reader keeps whole numbers exact
_OF_SIGNATURES: Mapping[str, Schema] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "long": {"type": "integer", "minimum": -_LARGEST_EXACT, "maximum": _LARGEST_EXACT},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "string": {"type": "string"},
    "binary": {"type": "string", "contentEncoding": "base64"},
    "datetime": {"type": "string", "format": "date-time"},
}
_OF_KINDS: Mapping[str, Schema] = {
    "bool": {"type": "boolean"},
    "string": {"type": "string"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
    "decimal": {"type": ["number", "string"]},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string"},
    "timedelta": {"type": "string"},
}


def forms_of(like: Mapping[str, Any], fields: Any) -> dict[str, Schema]:
    """Return the schema of each key of the scoring protocol that fits a model's input.

    `like` describes its example, `fields` are the inputs of its signature.
    """
    like = one_example(dict(like))
    levels = levels_of(like)
    columns = _columns(like, fields)
    if not are_columns(like):
        given = _of_columns(columns or [("", _cell(columns_of(like)[0][1]), True)])
        split = given["dataframe_split"]
        return {"dataframe_split": {**split, "required": ["index", *split["required"]]}}
    if columns is not None:
        labels = [(label(name), _cell(type_), True) for name, type_ in levels]
        return _of_columns([*labels, *columns])
    if like.get("type") == "ndarray" and "dtype" in like:
        nested = _array(like)
        return {"instances": nested, "inputs": nested}
    if like.get("type") == "dict" and isinstance(like.get("items"), dict):
        items = like["items"]
        named = {name: _array(item) for name, item in items.items() if item["type"] == "ndarray"}
        if len(named) == len(items):
            return {"inputs": _object(named, list(named))}
    return {"instances": {}, "inputs": {}}


def params_of(fields: Any) -> Schema:
    """Return the schema of the parameters in a signature."""
    named: dict[str, Schema] = {}
    for field in fields if isinstance(fields, list) else []:
        if isinstance(field, dict) and "name" in field:
            named[str(field["name"])] = _param(field)
    return _object(named, [])


def defaults_of(fields: Any) -> dict[str, Any]:
    """Return the parameters in a signature with their defaults."""
    listed = fields if isinstance(fields, list) else []
    return {
        str(field["name"]): field["default"]
        for field in listed
        if isinstance(field, dict) and "name" in field and field.get("default") is not None
    }


def _param(field: Mapping[str, Any]) -> Schema:
    cell = dict(_OF_SIGNATURES.get(str(field.get("type")), {}))
    schema = {"type": "array", "items": cell} if field.get("shape") else cell
    return schema if field.get("default") is None else {**schema, "default": field["default"]}


def _columns(like: Mapping[str, Any], fields: Any) -> list[tuple[str, Schema, bool]] | None:
    """Return each column's name, schema, and whether it is required; None if there are none."""
    like = frame_of(dict(like)) or like
    if is_table(like):
        columns = columns_of(dict(like))
        if [name for name, _ in columns] == [None]:
            return None
        optional = like.get("optional", ())
        return [(label(name), _cell(type_), label(name) not in optional) for name, type_ in columns]
    if isinstance(like.get("records"), dict):
        told = like["records"].items()
        return [
            (name, _cell(ColumnType(each["kind"], nullable=each["nullable"])), True)
            for name, each in told
        ]
    listed = fields if isinstance(fields, list) else []
    named = [each for each in listed if isinstance(each, dict) and "tensor-spec" not in each]
    if like.get("type") not in ("none", "mlflow", "json_object", "object") or not named:
        return None
    if len(named) < len(listed) or any("name" not in each for each in named):
        return None
    return [_field(each) for each in named]


def _field(field: Mapping[str, Any]) -> tuple[str, Schema, bool]:
    cell = dict(_OF_SIGNATURES.get(str(field.get("type")), {}))
    return str(field["name"]), cell, field.get("required") is not False


def _of_columns(columns: Sequence[tuple[str, Schema, bool]]) -> dict[str, Schema]:
    names = [name for name, _, _ in columns]
    cells = [cell for _, cell, _ in columns]
    row = {
        "type": "array",
        "items": _any_of(cells),
        "minItems": len(names),
        "maxItems": len(names),
    }
    rows = {"type": "array", "items": row}
    named = {
        "type": "array",
        "items": {"enum": sorted(set(names))},
        "minItems": len(names),
        "maxItems": len(names),
        "uniqueItems": len(set(names)) == len(names),
    }
    split = _object({"columns": named, "index": {"type": "array"}, "data": rows}, ["data"])
    if len(set(names)) < len(names):
        return {"dataframe_split": split}
    needed = [name for name, _, required in columns if required]
    record = _object({name: cell for name, cell, _ in columns}, needed)
    lists = {name: {"type": "array", "items": cell} for name, cell, _ in columns}
    return {
        "dataframe_split": split,
        "dataframe_records": {"type": "array", "items": record},
        "instances": {"type": "array", "items": {"anyOf": [record, row]}},
        "inputs": _object(lists, needed),
    }


def _cell(type_: ColumnType) -> Schema:
    if type_.kind == "category" and type_.categories:
        plain = categories_of(type_)
        return {"enum": [*plain, None] if type_.nullable else plain} if plain else {}
    if type_.kind in INTEGERS:
        low, high = type_.limits
        bounds = {"minimum": max(low, -_LARGEST_EXACT), "maximum": min(high, _LARGEST_EXACT)}
        schema: Schema = {"type": "integer", **bounds}
    elif type_.kind in FLOATS:
        schema = {"type": "number"}
    else:
        schema = dict(_OF_KINDS.get(type_.kind, {}))
    said = schema.get("type")
    if said is None or not type_.nullable:
        return schema
    return {**schema, "type": [*(said if isinstance(said, list) else [said]), "null"]}


def _array(like: Mapping[str, Any]) -> Schema:
    """Return the schema of nested lists, with the sizes of an array like the described one."""
    schema = _cell(ColumnType.of_dtype(like["dtype"]))
    for size in reversed(sizes_of(dict(like))):
        bounds = {} if size == ANY else {"minItems": size, "maxItems": size}
        schema = {"type": "array", "items": schema, **bounds}
    return schema


def _any_of(schemas: Sequence[Schema]) -> Schema:
    different: list[Schema] = []
    for schema in schemas:
        if schema not in different:
            different.append(schema)
    return different[0] if len(different) == 1 else {"anyOf": different} if different else {}


def _object(properties: Mapping[str, Schema], required: Sequence[str]) -> Schema:
    schema: Schema = {"type": "object", "properties": dict(properties)}
    needed = {"required": list(required)} if required else {}
    return {**schema, **needed, "additionalProperties": False}
