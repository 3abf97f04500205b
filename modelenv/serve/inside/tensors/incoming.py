"""Tensors as the model's input, of the types of its example.

A frame is a tensor for each column, of the shape ``[n]`` or ``[n, 1]``, or one of the shape
``[n, columns]``; an array is one tensor, a dictionary of arrays one for each name. Travels into
other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import json
import math

from ....table import values
from ....table.errors import RowsError
from ....table.incoming.document import described, read_document, read_table
from ....table.incoming.rows import Rows
from .tensor import FORMATS, TEXT, Tensor, unpack

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ....table.table import Buffer

    Description = dict[str, Any]
    Parts = tuple[Description, list[Buffer], list[str]]

_BINARY_SIZE = "binary_data_size"
_MOST_DIMENSIONS = 32


def read_request(body: memoryview, length: int | None) -> tuple[dict[str, Any], list[Tensor]]:
    """Return an inference request, and its tensors.

    Its JSON takes the first `length` bytes, and raw data follows; None: it is all JSON. Raises
    RowsError.
    """
    if length is not None and not 0 <= length <= len(body):
        raise RowsError("its JSON cannot have %d of %d bytes" % (length, len(body)))
    end = len(body) if length is None else length
    try:
        document = json.loads(bytes(body[:end]))
    except RecursionError:
        raise RowsError("it is nested too deep") from None
    except ValueError as error:
        raise RowsError("it is no JSON: %s" % error) from None
    inputs = document.get("inputs") if isinstance(document, dict) else None
    if not isinstance(inputs, list) or not inputs:
        raise RowsError("it has no inputs: a list of tensors")
    raw = _Raw(body[end:])
    tensors = [_read(each, raw) for each in inputs]
    raw.finish()
    return document, tensors


def as_input(tensors: list[Tensor], like: Description) -> Parts:
    """Return an input that is like the described example: its description, buffers, and notes.

    Raises RowsError.
    """
    like = described(like)
    if values.is_table(like) or "columns" in (like.get("schema") or {}):
        return read_table(_rows(tensors), like)
    if like["type"] == "dict":
        named = {tensor.name: _nested(tensor) for tensor in tensors}
        return read_document({"inputs": named}, like)
    if len(tensors) > 1:
        names = ", ".join(tensor.name for tensor in tensors)
        raise RowsError("the model takes one tensor, not %d: %s" % (len(tensors), names))
    return read_document({"inputs": _nested(tensors[0])}, like)


class _Raw:
    """The raw data behind a request, taken tensor by tensor."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._place = 0

    def take(self, size: int) -> memoryview:
        end = self._place + size
        if end > len(self._data):
            raise RowsError("its raw data ends before its tensors do")
        part = self._data[self._place : end]
        self._place = end
        return part

    def finish(self) -> None:
        left = len(self._data) - self._place
        if left:
            raise RowsError("%d bytes of its raw data are no tensor's" % left)


def _read(told: Any, raw: _Raw) -> Tensor:
    if not isinstance(told, dict) or not isinstance(told.get("name"), str):
        raise RowsError("an input is an object with name, shape, datatype and data")
    name, datatype, shape = told["name"], told.get("datatype"), told.get("shape")
    if not isinstance(datatype, str) or not (datatype in FORMATS or datatype == TEXT):
        raise RowsError("there is no datatype %r" % (datatype,), name)
    if not isinstance(shape, list) or not all(map(_is_size, shape)):
        raise RowsError("its shape is a list of sizes", name)
    if len(shape) > _MOST_DIMENSIONS:
        raise RowsError("it has more than %d dimensions" % _MOST_DIMENSIONS, name)
    cells = _cells(told, raw, name, datatype)
    if len(cells) != math.prod(shape):
        raise RowsError("it has %d elements, its shape %d" % (len(cells), math.prod(shape)), name)
    return Tensor(name, datatype, shape, cells)


def _cells(told: dict[str, Any], raw: _Raw, name: str, datatype: str) -> list[Any]:
    parameters = told.get("parameters")
    size = parameters.get(_BINARY_SIZE) if isinstance(parameters, dict) else None
    if size is None:
        return list(_flat(told.get("data"), name, 0))
    if not _is_size(size):
        raise RowsError("%s is a number of bytes" % _BINARY_SIZE, name)
    return unpack(raw.take(size), datatype, name)


def _is_size(size: Any) -> bool:
    return type(size) is int and 0 <= size < 2**48


def _flat(data: Any, name: str, depth: int) -> Iterator[Any]:
    if not isinstance(data, list):
        raise RowsError("its data is a list", name)
    if depth > _MOST_DIMENSIONS:
        raise RowsError("its data has more than %d dimensions" % _MOST_DIMENSIONS, name)
    for item in data:
        if isinstance(item, list):
            yield from _flat(item, name, depth + 1)
        else:
            yield item


def _rows(tensors: list[Tensor]) -> Rows:
    """Return tensors as rows: each is a column, or the only one holds them all."""
    (first, *others) = tensors
    if not others and len(first.shape) == 2 and first.shape[1] != 1:
        count, width = first.shape
        return Rows(None, [first.cells[place::width] for place in range(width)], count)
    for each in tensors:
        if len(each.shape) not in (1, 2) or math.prod(each.shape[1:]) != 1:
            raise RowsError("a column has the shape [n] or [n, 1], not %r" % each.shape, each.name)
    counts = {each.shape[0] for each in tensors}
    if len(counts) > 1:
        told = ", ".join("%s has %d" % (each.name, each.shape[0]) for each in tensors)
        raise RowsError("the columns have different numbers of rows: %s" % told)
    return Rows([each.name for each in tensors], [each.cells for each in tensors], counts.pop())


def _nested(tensor: Tensor) -> Any:
    """Return the cells as lists in each other, of the tensor's shape."""
    cells: Sequence[Any] = tensor.cells
    if not tensor.shape:
        return cells[0]
    for place in range(len(tensor.shape) - 1, 0, -1):
        size, count = tensor.shape[place], math.prod(tensor.shape[:place])
        cells = [cells[at * size : (at + 1) * size] for at in range(count)]
    return cells
