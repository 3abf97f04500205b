"""The input and output tensors of a model, from its example's description and its signature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ....table.column_type import ColumnType
from ....table.incoming.document import described as one_example
from ....table.incoming.fit import frame_of
from ....table.incoming.rows import label
from ....table.table import columns_of
from ....table.values import is_table
from ...inside.plain import distinct
from ...inside.tensors.tensor import TEXT, datatype_named, datatype_of
from .index_levels import are_columns, levels_of

_ANY = -1
# The datatypes of MLflow's column types.
_OF_SIGNATURES = {
    "boolean": "BOOL",
    "integer": "INT32",
    "long": "INT64",
    "float": "FP32",
    "double": "FP64",
}


@dataclass(frozen=True, slots=True)
class TensorMetadata:
    """The metadata of a tensor; the size -1 varies."""

    name: str
    datatype: str
    shape: tuple[int, ...] = (_ANY,)

    def to_json(self) -> Mapping[str, Any]:
        """Return it in the form of the protocol."""
        return {"name": self.name, "datatype": self.datatype, "shape": list(self.shape)}


def inputs_of(like: Mapping[str, Any], fields: Any) -> list[TensorMetadata]:
    """Return the tensors of an input like the described one, or of the signature's `fields`.

    An integer column that may have gaps is listed as integers: a tensor cannot express gaps.
    """
    like = one_example(dict(like))
    like = frame_of(like) or like
    if is_table(like):
        levels = levels_of(like)
        columns = [*(levels if are_columns(like) else ()), *columns_of(like)]
        return [_column(name, type_, place) for place, (name, type_) in enumerate(columns)]
    return list(_tensors(like, fields, "input-0"))


def outputs_of(prediction: Mapping[str, Any], fields: Any) -> list[TensorMetadata]:
    """Return the tensors of the described prediction, or of the signature's `fields`."""
    if is_table(prediction):
        columns = columns_of(dict(prediction))
        names = distinct([_name(name, place) for place, (name, _) in enumerate(columns)])
        types = (datatype_of(type_) for _, type_ in columns)
        return [TensorMetadata(*each) for each in zip(names, types, strict=True)]
    return list(_tensors(prediction, fields, "output-0"))


def _column(name: Any, type_: ColumnType, place: int) -> TensorMetadata:
    kind = type_.kind if type_.kind != "category" or type_.of is None else type_.of.kind
    shown = f"input-{place}" if name is None else label(name)
    return TensorMetadata(shown, datatype_named(kind) or TEXT)


def _name(name: Any, place: int) -> str:
    return f"output-{place}" if name is None else label(name)


def _tensors(described: Mapping[str, Any], fields: Any, name: str) -> Iterator[TensorMetadata]:
    kind = described.get("type")
    if kind in ("ndarray", "scalar") and "dtype" in described:
        yield _array(name, described)
    elif kind == "dict" and _are_arrays(described.get("items")):
        yield from (_array(key, item) for key, item in described["items"].items())
    elif isinstance(described.get("records"), dict):
        for key, told in described["records"].items():
            yield TensorMetadata(key, datatype_named(told["kind"]) or TEXT)
    else:
        yield from _of_fields(fields, name)


def _are_arrays(items: Any) -> bool:
    return isinstance(items, dict) and all(item.get("type") == "ndarray" for item in items.values())


def _array(name: str, described: Mapping[str, Any]) -> TensorMetadata:
    kind = ColumnType.of_dtype(described["dtype"]).kind
    shape = (_ANY, *tuple(described.get("shape", ()))[1:])
    return TensorMetadata(name, datatype_named(kind) or TEXT, shape)


def _of_fields(fields: Any, name: str) -> Iterable[TensorMetadata]:
    """Return the tensors of a signature's fields, or one of any type if there are none."""
    listed = fields if isinstance(fields, list) else []
    found = [_field(each, name) for each in listed if isinstance(each, dict)]
    return found or [TensorMetadata(name, TEXT)]


def _field(field: Mapping[str, Any], name: str) -> TensorMetadata:
    shown = str(field.get("name", name))
    tensor = field.get("tensor-spec")
    if not isinstance(tensor, dict):
        return TensorMetadata(shown, _OF_SIGNATURES.get(str(field.get("type")), TEXT))
    said = tensor.get("shape")
    sizes = tuple(said) if isinstance(said, list) else (_ANY,)
    shape = tuple(size if type(size) is int else _ANY for size in sizes)
    return TensorMetadata(shown, datatype_named(str(tensor.get("dtype"))) or TEXT, shape)
