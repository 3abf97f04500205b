"""The column types of engines, and Arrow batches as Spark takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....table.column_type import ColumnType
from ....table.errors import UnfaithfulError
from ..predictions.tables import arrow_type

_NAMES = {
    "bool": "boolean",
    "string": "string",
    "bytes": "binary",
    "date": "date",
    "int8": "tinyint",
    "int16": "smallint",
    "int32": "int",
    "int64": "bigint",
    # Spark has no unsigned or half-precision numbers: the next type that holds all of them.
    "uint8": "smallint",
    "uint16": "int",
    "uint32": "bigint",
    "uint64": "decimal(20,0)",
    "float16": "float",
    "float32": "float",
    "float64": "double",
    "timedelta": "interval day to second",
    "time": "bigint",
}
_WIDER = {
    "uint8": "int16",
    "uint16": "int32",
    "uint32": "int64",
    "halffloat": "float32",
    "large_string": "string",
    "large_binary": "binary",
}


def spark_type(type_: ColumnType) -> str:
    """Return the type of a column in Spark's DDL. Raises UnfaithfulError if there is none."""
    if type_.kind == "category" and type_.of is not None:
        return spark_type(type_.of)
    if type_.kind == "datetime":
        return "timestamp" if type_.zone else "timestamp_ntz"
    if type_.kind not in _NAMES:
        raise UnfaithfulError(f"a column of {type_.shown} has no type of Spark's")
    return _NAMES[type_.kind]


def arrow_schema(types: Mapping[str, ColumnType]) -> Any:
    """Return the schema of columns in pyarrow. Raises UnfaithfulError if it has no such type."""
    import pyarrow

    return pyarrow.schema([(name, arrow_type(type_)) for name, type_ in types.items()])


def spark_schema(types: Mapping[str, ColumnType]) -> str:
    """Return the schema of columns as Spark DDL text. Raises UnfaithfulError likewise."""
    escaped = ((name.replace("`", "``"), spark_type(type_)) for name, type_ in types.items())
    return ", ".join(f"`{name}` {type_}" for name, type_ in escaped)


def for_spark(batch: Any) -> Any:
    """Return a record batch with Spark's types, as `spark_type` names them."""
    import pyarrow

    given = list(batch.columns)
    arrays = [_plain(each) for each in given]
    if all(new is old for new, old in zip(arrays, given, strict=True)):
        return batch
    return pyarrow.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _plain(array: Any) -> Any:
    import pyarrow

    types = pyarrow.types
    if types.is_dictionary(array.type):
        return _plain(array.dictionary_decode())
    if types.is_uint64(array.type):
        return array.cast(pyarrow.decimal128(20, 0))
    if types.is_time(array.type):
        return array.cast(pyarrow.int64())
    if types.is_timestamp(array.type) and array.type.unit != "us":
        return array.cast(pyarrow.timestamp("us", array.type.tz), safe=False)
    if types.is_duration(array.type) and array.type.unit != "us":
        return array.cast(pyarrow.duration("us"), safe=False)
    wider = _WIDER.get(str(array.type))
    return array if wider is None else array.cast(wider)
