"""Read the tensors of an inference request, and convert them to the model's input.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import json
import math

from ....table import values
from ....table.column_type import INTEGERS
from ....table.errors import RowsError
from ....table.incoming.arrays import flatten, read_array
from ....table.incoming.decimals import read_json
from ....table.incoming.document import read_document, read_table
from ....table.incoming.fit import fit_loosely, frame_of
from ....table.incoming.rows import Rows, label
from ....table.table import columns_of
from .tensor import FORMATS, TEXT, Tensor, checked, unpack

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ....table.table import Buffer

    Description = dict[str, Any]
    Parts = tuple[Description, list[Buffer], list[str]]

_BINARY_SIZE = "binary_data_size"
_MOST_DIMENSIONS = 32
_LARGEST_EMPTY = 65_536


def read_request(body: memoryview, length: int | None) -> tuple[dict[str, Any], list[Tensor]]:
    """Return an inference request and its tensors.

    Its JSON takes the first `length` bytes, followed by raw data; with None, everything is JSON.
    Raises RowsError.
    """
    if length is not None and not 0 <= length <= len(body):
        raise RowsError("its JSON cannot have %d of %d bytes" % (length, len(body)))
    end = len(body) if length is None else length
    try:
        document = read_json(bytes(body[:end]))
    except RecursionError:
        raise RowsError("it is nested too deep") from None
    except ValueError as error:
        raise RowsError("it is no JSON: %s" % error) from None
    inputs = document.get("inputs") if isinstance(document, dict) else None
    if not isinstance(inputs, list) or not inputs:
        raise RowsError("it has no inputs, which have to be a list of tensors")
    if not isinstance(document.get("id", ""), str):
        raise RowsError("its id has to be a text")
    raw = _Raw(body[end:])
    tensors = [_read(each, raw) for each in inputs]
    raw.finish()
    seen: set[str] = set()
    for tensor in tensors:
        if tensor.name in seen:
            raise RowsError("there are two tensors of this name", tensor.name)
        seen.add(tensor.name)
    return document, tensors


def as_input(tensors: list[Tensor], like: Description, document: Description) -> Parts:
    """Return an input like the described example: its description, buffers, and notes.

    If the types are unknown, one tensor becomes an array, and several become a dictionary of
    arrays, or a frame if the request asks for one (``content_type``: ``pd``). Raises RowsError.
    """
    schema = like.get("schema") or {}
    if values.is_table(like) or frame_of(like) is not None:
        return read_table(as_rows(tensors, kinds_of(like)), like)
    if "records" in like or (len(tensors) > 1 and _is_grid(like)):
        return read_table(as_rows(tensors, kinds_of(like)), like)
    if like["type"] in ("none", "mlflow") and not schema:
        return _untyped(tensors, document)
    if like["type"] == "dict" or "dtypes" in schema or len(tensors) > 1:
        if like["type"] not in ("dict", "json_object", "object") and "dtypes" not in schema:
            names = ", ".join(tensor.name for tensor in tensors)
            raise RowsError("the model takes one tensor, not %d: %s" % (len(tensors), names))
        named = {tensor.name: _nested(tensor) for tensor in tensors}
        return read_document({"inputs": named}, like)
    return read_document({"inputs": _nested(tensors[0])}, like)


class _Raw:
    """The raw data after a request's JSON, taken tensor by tensor."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._place = 0

    def take(self, size: int, name: str) -> memoryview:
        end = self._place + size
        if end > len(self._data):
            raise RowsError("its raw data ends before the tensor does", name)
        part = self._data[self._place : end]
        self._place = end
        return part

    def finish(self) -> None:
        left = len(self._data) - self._place
        if left:
            raise RowsError("%d bytes of its raw data belong to no tensor" % left)


def _read(told: Any, raw: _Raw) -> Tensor:
    if not isinstance(told, dict) or not isinstance(told.get("name"), str):
        raise RowsError("an input has to be an object with name, shape, datatype and data")
    name, datatype, shape = told["name"], told.get("datatype"), told.get("shape")
    if not isinstance(datatype, str) or not (datatype in FORMATS or datatype == TEXT):
        known = ", ".join((*FORMATS, TEXT))
        raise RowsError("there is no datatype %.60r; there are %s" % (datatype, known), name)
    if not isinstance(shape, list) or not all(map(_is_size, shape)):
        raise RowsError("its shape has to be a list of sizes", name)
    if len(shape) > _MOST_DIMENSIONS:
        raise RowsError("it has more than %d dimensions" % _MOST_DIMENSIONS, name)
    count = math.prod(shape)
    if not count and max(shape) > _LARGEST_EMPTY:
        raise RowsError(
            "its shape %r has no elements, but sizes beyond any real array" % (shape,), name
        )
    cells = _cells(told, raw, name, datatype)
    if len(cells) != count:
        raise RowsError("it has %d elements, its shape %r %d" % (len(cells), shape, count), name)
    return Tensor(name, datatype, shape, cells)


def _cells(told: dict[str, Any], raw: _Raw, name: str, datatype: str) -> list[Any]:
    parameters = told.get("parameters")
    size = parameters.get(_BINARY_SIZE) if isinstance(parameters, dict) else None
    if size is not None:
        if not _is_size(size):
            raise RowsError("%s has to be a number of bytes" % _BINARY_SIZE, name)
        return unpack(raw.take(size, name), datatype, name)
    data = told.get("data")
    if not isinstance(data, list):
        raise RowsError("its data has to be a list", name)
    try:
        cells, shape = flatten(data)
    except RowsError as error:
        raise RowsError("its data: %s" % error, name) from None
    if len(shape) > 1 and _long(shape) != _long(told["shape"]):
        raise RowsError("its data is nested as %r, its shape is %r" % (shape, told["shape"]), name)
    return checked(cells, datatype, name)


def _long(shape: list[int]) -> list[int]:
    """Return the sizes other than 1, which alone determine the order of the cells."""
    return [size for size in shape if size != 1]


def _is_size(size: Any) -> bool:
    return type(size) is int and 0 <= size < 2**48


def _is_grid(like: Description) -> bool:
    return like["type"] == "ndarray" or str(like["type"]).startswith("sparse_")


def as_rows(tensors: list[Tensor], kinds: dict[str, str]) -> Rows:
    """Return tensors as rows: each is a column, or a single one holds all columns.

    `kinds` are those of the example's columns, if it is a table. Raises RowsError.
    """
    (first, *others) = tensors
    if not others and len(first.shape) == 2 and first.shape[1] != 1:
        count, width = first.shape
        cells = first.texts()
        return Rows(None, [cells[place::width] for place in range(width)], count)
    for each in tensors:
        if len(each.shape) not in (1, 2) or math.prod(each.shape[1:]) != 1:
            raise RowsError("a column has the shape [n] or [n, 1], not %r" % each.shape, each.name)
    counts = {each.shape[0] for each in tensors}
    if len(counts) > 1:
        told = ", ".join("%s has %d" % (each.name, each.shape[0]) for each in tensors)
        raise RowsError("the columns have different numbers of rows: %s" % told)
    columns = [_column(each, kinds.get(each.name, "")) for each in tensors]
    return Rows([each.name for each in tensors], columns, counts.pop())


def kinds_of(like: Description) -> dict[str, str]:
    """Return the kind of each of the example's columns, if it is a table."""
    frame = like if values.is_table(like) else frame_of(like)
    return {} if frame is None else {label(name): t.kind for name, t in columns_of(frame)}


def _column(tensor: Tensor, kind: str) -> Sequence[Any]:
    """Return a tensor's cells as those of a column.

    Numbers and truth values with gaps come as BYTES, since no other datatype has gaps: each is
    JSON.
    """
    if tensor.datatype != TEXT or kind == "bytes":
        return tensor.cells
    texts = tensor.texts()
    if kind not in INTEGERS and kind != "bool":
        return texts
    found = []
    for row, text in enumerate(texts):
        try:
            found.append(json.loads(text))
        except (ValueError, RecursionError):
            raise RowsError("%.60r is no number" % text, tensor.name, row) from None
    return found


def _untyped(tensors: list[Tensor], document: Description) -> Parts:
    """Return tensors as the values that their own datatypes and shapes describe."""
    said = document.get("parameters")
    if isinstance(said, dict) and said.get("content_type") == "pd":
        types = {each.name: each.dtype for each in tensors if each.dtype}
        table = fit_loosely(as_rows(tensors, {}), types, [tensors[0].name])
        return table.describe(), table.buffers(), []
    parts = {each.name: read_array(_nested(each), each.dtype or None) for each in tensors}
    if len(parts) == 1:
        (told, buffers) = next(iter(parts.values()))
        return told, buffers, []
    named = {"type": "dict", "items": {name: told for name, (told, _) in parts.items()}}
    return named, [buffer for _, some in parts.values() for buffer in some], []


def _nested(tensor: Tensor) -> Any:
    """Return the cells as nested lists of the tensor's shape."""
    cells: Sequence[Any] = tensor.texts()
    if not tensor.shape:
        return cells[0]
    for place in range(len(tensor.shape) - 1, 0, -1):
        size, count = tensor.shape[place], math.prod(tensor.shape[:place])
        cells = [cells[at * size : (at + 1) * size] for at in range(count)]
    return cells
