"""Describe a signature's inputs in the way in which examples are described.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

from ..column_type import FLOATS, INTEGERS, ColumnType
from ..table import columns_of
from .rows import label

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

    Description = dict[str, Any]

# The pandas dtypes of MLflow's column types; for other types cells stay as JSON has them.
_DTYPES = {
    "boolean": "bool",
    "integer": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
    "string": "str",
    "binary": "|S",
    "datetime": "datetime64[ns]",
}
# The dtypes of polars for these: all of its columns may have gaps.
_POLARS = {"int32": "Int32", "int64": "Int64", "float32": "Float32", "float64": "Float64"}
ANY = -1
"""Stands for a size that varies."""


def schema_of(fields: Any) -> Description:
    """Return the description of a signature's inputs: a table, arrays, or plain data if unclear.

    `fields` are in the form that MLflow writes.
    """
    if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
        return {"plain": True}
    named = all(isinstance(field.get("name"), str) for field in fields)
    if fields and all(isinstance(field.get("tensor-spec"), dict) for field in fields):
        specs = [field["tensor-spec"] for field in fields]
        if not named:
            return {"dtype": specs[0].get("dtype"), "sizes": _sizes(specs[0])}
        names = [field["name"] for field in fields]
        return {
            "dtypes": {name: spec.get("dtype") for name, spec in zip(names, specs)},
            "sizes": {name: _sizes(spec) for name, spec in zip(names, specs)},
        }
    if not named or not fields:
        return {"plain": True}
    known = ((field["name"], _DTYPES.get(str(field.get("type")))) for field in fields)
    optional = [field["name"] for field in fields if field.get("required") is False]
    return {
        "columns": [field["name"] for field in fields],
        "types": {name: dtype for name, dtype in known if dtype},
        **({"optional": optional} if optional else {}),
    }


def table_of(schema: Description) -> Description:
    """Return the description of a frame with the columns of a schema."""
    dtypes = schema.get("types", {})
    types = [_type(dtypes.get(name, "object")) for name in schema["columns"]]
    return {
        "type": "dataframe",
        "columns": list(schema["columns"]),
        "dtypes": [type_.dtype for type_ in types],
        "types": [type_.to_json() for type_ in types],
        "optional": schema.get("optional", []),
        "nested": schema.get("nested", False),
    }


def with_contract(like: Description, fields: Any) -> Description:
    """Return an example's description, completed by the inputs of a signature.

    If one of them has floats and the other whole numbers, the signature is right, since a few
    example rows may be of either type.
    """
    if not isinstance(fields, list) or not fields or "schema" in like:
        return like
    schema = schema_of(fields)
    if like["type"] == "none":
        return {**like, "schema": schema}
    if like["type"] in ("dataframe", "polars_dataframe") and "columns" in schema:
        return _of_columns(like, schema)
    if like["type"] == "ndarray" and len(schema.get("sizes", ())) == len(like["shape"]):
        return like if "dtypes" in schema else {**like, "sizes": schema["sizes"]}
    return like


def sizes_of(like: Description) -> list[int]:
    """Return the sizes of arrays like the described one; -1 stands for one that varies."""
    shape = list(like.get("shape", ()))
    return list(like["sizes"]) if "sizes" in like else [ANY, *shape[1:]] if shape else []


def _of_columns(like: Description, schema: Description) -> Description:
    types = []
    for name, type_ in columns_of(like):
        said = ColumnType.of_dtype(schema["types"].get(label(name), "object"))
        other = (said.kind in INTEGERS and type_.kind in FLOATS) or (
            said.kind in FLOATS and type_.kind in INTEGERS
        )
        dtype = _POLARS[said.dtype] if like["type"] == "polars_dataframe" and other else said.dtype
        types.append(ColumnType.of_dtype(dtype) if other else type_)
    return {
        **like,
        "dtypes": [type_.dtype for type_ in types],
        "types": [type_.to_json() for type_ in types],
        "optional": schema.get("optional", []),
    }


def _type(dtype: str) -> ColumnType:
    if dtype == "|S":  # bytes of any length, some of which may be missing
        return ColumnType("bytes", dtype="object", missing="none")
    return ColumnType.of_dtype(dtype)


def _sizes(spec: Description) -> list[int]:
    shape = spec.get("shape")
    listed = shape if isinstance(shape, list) else []
    return [size if type(size) is int and size >= 0 else ANY for size in listed]
