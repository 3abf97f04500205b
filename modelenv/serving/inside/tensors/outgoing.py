"""Convert a prediction to tensors, and write the answer that holds them.

Travels into other interpreters: Python 3.8 syntax; a library is imported only for its own values.
"""

from __future__ import annotations

import math

from ....table.errors import RowsError
from ..answers import dumps, finite
from ..plain import columns_of, distinct, plain
from .tensor import TEXT, Tensor, datatype_named, datatype_of

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any


def tensors_of(value: Any) -> list[Tensor]:
    """Return a prediction as tensors: one per column or name, or one for an array.

    Values other than numbers, truth values and texts become JSON, as BYTES; so do columns with gaps
    if the datatype has none; among texts a gap is None. Raises UnfaithfulError.
    """
    tensors = _tensors_of(value)
    for tensor, name in zip(tensors, distinct([tensor.name for tensor in tensors])):
        tensor.name = name
    return tensors


def _tensors_of(value: Any) -> list[Tensor]:
    columns = columns_of(value)
    if columns is not None:
        return [
            _of_cells(
                _name(column.name, place),
                _datatype(column.cells) if column.type is None else datatype_of(column.type),
                column.cells,
            )
            for place, column in enumerate(columns)
        ]
    if isinstance(value, dict) and value:
        return [_of_data(str(name), item) for name, item in value.items()]
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        rows = plain(value)
        names = list(dict.fromkeys(name for row in rows for name in row))
        return [_of_data(name, [row.get(name) for row in rows]) for name in names]
    return [_of_data(_name(None, 0), value)]


def answer(document: dict[str, Any], tensors: list[Tensor]) -> tuple[dict[str, Any], list[bytes]]:
    """Return the answer with the requested outputs, and the raw data after it. Raises RowsError.

    The answer lacks the names of model and version. A tensor of texts with gaps is always written
    in the JSON, since raw data has no gaps.
    """
    wanted = document.get("outputs")
    asked = _asked(wanted) if wanted is not None else {each.name: {} for each in tensors}
    by_name = {tensor.name: tensor for tensor in tensors}
    missing = [name for name in asked if name not in by_name]
    if missing:
        there = ", ".join(by_name)
        raise RowsError("the model has no output %r; there is %s" % (missing[0], there))
    everywhere = bool(_object(document.get("parameters")).get("binary_data_output"))
    outputs, raw = [], []
    for name, parameters in asked.items():
        tensor = by_name[name]
        if parameters.get("binary_data", everywhere) and None not in tensor.cells:
            data = tensor.pack()
            raw.append(data)
            outputs.append({**tensor.told(), "parameters": {"binary_data_size": len(data)}})
        else:
            outputs.append({**tensor.told(), "data": list(map(finite, tensor.cells))})
    identity = {"id": document["id"]} if "id" in document else {}
    return {**identity, "outputs": outputs}, raw


def _asked(wanted: Any) -> dict[str, dict[str, Any]]:
    """Return the parameters of each requested output, by name."""
    if not isinstance(wanted, list):
        raise RowsError("outputs has to be a list of objects with a name")
    found = {}
    for each in wanted:
        if not isinstance(each, dict) or not isinstance(each.get("name"), str):
            raise RowsError("each requested output has to be an object with a name")
        found[each["name"]] = _object(each.get("parameters"))
    return found


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _name(name: Any, place: int) -> str:
    return "output-%d" % place if name is None else str(name)


def _of_data(name: str, value: Any) -> Tensor:
    """Return an array, or lists, as a tensor."""
    cells, shape = _flattened(plain(value))
    known = getattr(value, "shape", None)
    if type(known) is tuple and known and math.prod(known) == len(cells):
        shape = list(known)  # the lists of an empty array do not tell its shape
    dtype = getattr(getattr(value, "dtype", None), "name", "")
    datatype = datatype_named(dtype) or _datatype(cells)
    return _of_cells(name, datatype, cells, shape)


def _of_cells(name: str, datatype: str, cells: list[Any], shape: list[int] | None = None) -> Tensor:
    if datatype.startswith("FP"):
        cells = [math.nan if cell is None else float(cell) for cell in cells]
    elif datatype != TEXT and None in cells:
        datatype = TEXT
    if datatype == TEXT:
        of_texts = any(isinstance(cell, str) for cell in cells)
        cells = [_text(cell, keeps_gaps=of_texts) for cell in cells]
    return Tensor(name, datatype, [len(cells)] if shape is None else shape, cells)


def _text(cell: Any, *, keeps_gaps: bool) -> str | None:
    """Return a text unchanged, others as JSON; a gap is kept if it could be read as a text."""
    if isinstance(cell, str) or (cell is None and keeps_gaps):
        return cell
    return dumps(cell)


def _flattened(data: Any) -> tuple[list[Any], list[int]]:
    """Return the elements of nested lists and their shape, as deep as they are rectangular."""
    if not isinstance(data, list):
        return [data], [1]
    cells, shape = data, [len(data)]
    while cells and all(isinstance(cell, list) for cell in cells):
        sizes = set(map(len, cells))
        if len(sizes) > 1:
            break
        shape.append(sizes.pop())
        cells = [each for cell in cells for each in cell]
    return cells, shape


def _datatype(cells: list[Any]) -> str:
    """Return the datatype of plain values."""
    kinds = set(map(type, cells))
    if kinds == {bool}:
        return "BOOL"
    if kinds == {int} and all(-(2**63) <= cell < 2**63 for cell in cells):
        return "INT64"
    if kinds <= {int, float, type(None)} and float in kinds and all(map(_is_exact, cells)):
        return "FP64"
    return TEXT


def _is_exact(cell: Any) -> bool:
    """Return whether a float can hold a number with all its digits."""
    return type(cell) is not int or (abs(cell) < 2**1000 and int(float(cell)) == cell)
