"""Predict how MLflow converts a frame to a signature before the model gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .objects import untag
from .schema import NotInferredError, Type, infer_column

if TYPE_CHECKING:
    from .table import Column, Labels, Table

# The dtypes that `mlflow.models.utils._enforce_schema` of MLflow 2.22 and 3.17 passes on unchanged.
# It widens other numbers, converts masked, categorical and pyarrow columns, converts times to
# nanoseconds, and refuses zones, gaps of integers, and pandas' own `string`.
_KEPT = frozenset(("bool", "int32", "int64", "float32", "float64", "datetime64[ns]", "str"))
_KEPT_OBJECTS = frozenset(("string", "bytes", "array", "object"))


def converted(table: Table) -> list[str]:
    """Return the names of columns that MLflow would convert or refuse."""
    return [str(untag(column.name)) for column in table.columns if not _stays(column)]


def keeps_labels(labels: Labels | None) -> bool:
    """Return whether MLflow keeps the column labels: numbers or texts, without a name."""
    if labels is None:
        return True
    if labels.range is not None:
        return labels.name is None
    kinds = [level.type.kind for level in labels.levels]
    known = len(kinds) == 1 and kinds[0] in ("int64", "float64", "string")
    return known and labels.levels[0].name is None


def _stays(column: Column) -> bool:
    if column.type.dtype != "object":
        return column.type.dtype in _KEPT
    if column.type.kind in _KEPT_OBJECTS:
        return column.type.kind != "object" or _objects_stay(column)
    return False


def _objects_stay(column: Column) -> bool:
    try:
        type_ = infer_column(column)
    except NotInferredError:
        return False
    named = type_["type"] in _KEPT_OBJECTS and not _holds(type_, "any", "datetime")
    return named and all(cell is None or _is_whole(cell) for cell in column.cells())


def _holds(type_: Type, *kinds: str) -> bool:
    """Return whether one of the kinds occurs anywhere within a type."""
    inner = [type_["items"]] if "items" in type_ else type_.get("properties", {}).values()
    return type_["type"] in kinds or any(_holds(each, *kinds) for each in inner)


def _is_whole(cell: Any) -> bool:
    """Return whether no element of a list is missing; MLflow makes floats of numbers with gaps."""
    return not isinstance(cell, list) or all(e is not None and _is_whole(e) for e in cell)
