"""The schema of a model's output for engines that need it beforehand, from a known prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

from ...base import arguments
from ...base.errors import WrongUseError
from ...folder.model_folder import ModelFolder
from ...run.incoming import like_of, told_by
from ...table.column_type import ColumnType
from ...table.crossing import received
from ...table.errors import UnfaithfulError
from ...table.libraries import native
from ...table.table import Column
from ...table.table import columns_of as columns_told
from ...table.values import is_table
from ...worker import values
from ..node.calling.engine_types import arrow_schema, spark_schema
from ..node.predictions.columns import says_no_types, types_of
from ..node.predictions.empty import with_columns
from ..node.predictions.tables import build_table
from .job import without_file

Library = Literal["spark", "arrow", "pandas"]
_OF_JSON = ("json_object", "ndarray", "dataframe", "series")  # reading them imports no code
_LIKE = "a frame of pandas' with rows or without, or a table or a schema of pyarrow's"
LIBRARIES = ("spark", "arrow", "pandas")


def schema_of(folder: ModelFolder, library: Library, keep: Sequence[str], like: Any = None) -> Any:
    """Return the schema of the output: Spark DDL text, an Arrow schema, or an empty frame.

    The kept columns have the types of the example, or of `like`: a frame, or a pyarrow schema.
    Raises WrongUseError if they are unknown.
    """
    types = {**_kept(folder, keep, like), **recorded(folder)}
    if library == "pandas":
        columns = [Column.pack(name, type_, []) for name, type_ in types.items()]
        return build_table("pandas", columns, 0)
    return arrow_schema(types) if library == "arrow" else spark_schema(types)


def recorded(folder: ModelFolder) -> dict[str, ColumnType]:
    """Return the names and types of the recorded prediction's columns. Raises WrongUseError."""
    described = folder.prediction
    if described["type"] == "none":
        raise WrongUseError(f"{folder.path} has no recorded prediction: give the schema by hand")
    try:
        if described["type"] in _OF_JSON and described.get("encoding") != "buffers":
            return types_of(*values.to_buffers(values.read(described)))
        return types_of(*values.to_buffers(received.read(described)))
    except (received.UntypedError, UnfaithfulError, ImportError, KeyError) as error:
        raise WrongUseError(
            f"the recorded prediction of {folder.path} is no table of columns here ({error}):"
            " give the schema by hand"
        ) from error


def prediction_of(folder: ModelFolder) -> Mapping[str, Any]:
    """Return the description of the recorded prediction, with the types of its columns."""
    told = without_file(folder.prediction)
    if told["type"] == "json_object":
        told = {"type": "object", "class": "builtins.list"}
    if says_no_types(told):
        with suppress(WrongUseError):  # it is not a table
            return with_columns(told, recorded(folder))
    return without_file(folder.prediction)


def _kept(folder: ModelFolder, keep: Sequence[str], like: Any) -> Mapping[str, ColumnType]:
    if not keep:
        return {}
    known = _of_example(folder) if like is None else _of_table(like, keep)
    missing = [name for name in keep if name not in known]
    if missing:
        raise WrongUseError(
            f"of which type the kept column {missing[0]!r} is, the model's example does not say:"
            " schema(..., like=) takes a frame, or a schema of pyarrow's, that has it"
        )
    return {name: known[name] for name in keep}


def _of_example(folder: ModelFolder) -> Mapping[str, ColumnType]:
    like = like_of(told_by(folder))
    return {str(name): type_ for name, type_ in columns_told(like)} if is_table(like) else {}


def _of_table(like: Any, keep: Sequence[str]) -> Mapping[str, ColumnType]:
    empty = like.empty_table() if hasattr(like, "empty_table") else like
    if not native.library_of(empty):
        raise arguments.BadArgumentError("like", like, _LIKE)
    found = {}
    for name in keep:
        with suppress(UnfaithfulError):  # the column is missing, or its type is unknown
            found[name] = native.columns_named(empty, [name])[0].type
    return found


__all__ = ["LIBRARIES", "Library", "recorded", "schema_of"]
