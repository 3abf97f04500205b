"""What tensors a model takes and gives, by what describes its example and its prediction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...table.column_type import ColumnType
from ...table.values import is_table
from ..inside.tensors.tensor import TEXT, datatype_named, datatype_of

_ANY = -1


def metadata_of(example: Mapping[str, Any], prediction: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``inputs`` and ``outputs`` of the metadata of a model; -1 is a size that varies."""
    return {
        "inputs": list(_tensors(example, "input-0")),
        "outputs": list(_tensors(prediction, "output-0")),
    }


def _tensors(described: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    kind = described["type"]
    if is_table(described):
        for column in described.get("columns", ()):
            type_ = ColumnType.of(column)
            yield _tensor(str(column.get("name", name)), datatype_of(type_), [_ANY])
    elif kind == "dict":
        for key, item in described["items"].items():
            yield from (dict(each, name=key) for each in _tensors(item, key))
    elif kind in ("ndarray", "scalar"):
        shape = list(described.get("shape", ()))
        datatype = datatype_named(_numpy_name(described["dtype"])) or TEXT
        yield _tensor(name, datatype, [_ANY, *shape[1:]])
    elif kind != "none":
        yield _tensor(name, TEXT, [_ANY])


def _tensor(name: str, datatype: str, shape: list[int]) -> Mapping[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape}


def _numpy_name(dtype: str) -> str:
    """Return numpy's name of a dtype that is written as a letter and a width.

    >>> _numpy_name("<f8"), _numpy_name("|b1")
    ('float64', 'bool')
    """
    letter, width = dtype.lstrip("<>|=")[:1], dtype.lstrip("<>|=")[1:]
    names = {"f": "float", "i": "int", "u": "uint"}
    if letter == "b":
        return "bool"
    return f"{names[letter]}{int(width) * 8}" if letter in names and width.isdigit() else ""
