"""A tensor: cells in row-major order, with a name, a shape and a datatype.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import math
import struct
from itertools import chain

from ....table.column_type import ColumnType
from ....table.errors import RowsError
from ....table.incoming.cells import convert

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

FORMATS = {
    "BOOL": "?",
    "INT8": "b",
    "INT16": "h",
    "INT32": "i",
    "INT64": "q",
    "UINT8": "B",
    "UINT16": "H",
    "UINT32": "I",
    "UINT64": "Q",
    "FP16": "e",
    "FP32": "f",
    "FP64": "d",
}
"""The `struct` letter of each numeric datatype; BYTES is the only other one."""
TEXT = "BYTES"

_DATATYPES = {
    "bool": "BOOL",
    **{"int%d" % size: "INT%d" % size for size in (8, 16, 32, 64)},
    **{"uint%d" % size: "UINT%d" % size for size in (8, 16, 32, 64)},
    **{"float%d" % size: "FP%d" % size for size in (16, 32, 64)},
}
_DTYPES = {datatype: dtype for dtype, datatype in _DATATYPES.items()}
_TYPES = {datatype: ColumnType.of_dtype(dtype) for datatype, dtype in _DTYPES.items()}


class Tensor:
    """Cells in row-major order, with a name, a shape and a datatype."""

    __slots__ = ("cells", "datatype", "name", "shape")

    def __init__(self, name: str, datatype: str, shape: Sequence[int], cells: list[Any]) -> None:
        self.name = name
        self.datatype = datatype
        self.shape = list(shape)
        self.cells = cells

    @property
    def dtype(self) -> str:
        """The numpy name of its datatype; empty for BYTES."""
        return _DTYPES.get(self.datatype, "")

    def texts(self) -> list[Any]:
        """Return the cells, with bytes decoded as UTF-8. Raises RowsError."""
        if self.datatype != TEXT:
            return self.cells
        return [_text(cell, self.name, row) for row, cell in enumerate(self.cells)]

    def told(self) -> dict[str, Any]:
        """Return the tensor's description, without its data."""
        return {"name": self.name, "shape": self.shape, "datatype": self.datatype}

    def pack(self) -> bytes:
        """Return the cells in the format of the binary data extension."""
        if self.datatype != TEXT:
            return struct.pack("<%d%s" % (len(self.cells), FORMATS[self.datatype]), *self.cells)
        texts = [cell.encode("utf-8") for cell in self.cells]
        return b"".join(chain.from_iterable((struct.pack("<I", len(t)), t) for t in texts))


def datatype_named(kind: str) -> str | None:
    """Return the datatype for a numeric kind in numpy's terms; None for other kinds."""
    return _DATATYPES.get(kind)


def datatype_of(type_: ColumnType) -> str:
    """Return the datatype of a column; texts, times and objects are BYTES.

    Integers or truth values with gaps are BYTES, too: only floats can express gaps.
    """
    kind = type_.kind
    gaps = type_.nullable and not kind.startswith("float")
    return TEXT if gaps else _DATATYPES.get(kind, TEXT)


def unpack(data: memoryview, datatype: str, name: str) -> list[Any]:
    """Return the cells in raw data. Raises RowsError with the tensor's name."""
    if datatype != TEXT:
        letter = FORMATS[datatype]
        count, rest = divmod(len(data), struct.calcsize("<" + letter))
        if rest:
            raise RowsError("the length of its raw data is no multiple of its elements' size", name)
        return list(struct.unpack("<%d%s" % (count, letter), data))
    cells, place = [], 0
    while place + 4 <= len(data):
        (length,) = struct.unpack_from("<I", data, place)
        place += 4 + length
        cells.append(bytes(data[place - length : place]))
    if place != len(data):
        raise RowsError("its raw data ends within an element", name)
    return cells


def checked(cells: list[Any], datatype: str, name: str) -> list[Any]:
    """Return JSON cells converted to the datatype. Raises RowsError with the row.

    2.0 is a valid integer, and null is nan if the datatype has that.
    """
    plain = {"BOOL": bool, TEXT: str}.get(datatype)
    if plain is not None:
        for row, cell in enumerate(cells):
            if type(cell) is not plain:
                raise RowsError("%.60r is no %s" % (cell, datatype), name, row)
        return cells
    if datatype == "FP64" and set(map(type, cells)) <= {float}:
        return cells
    column = convert(name, cells, _TYPES[datatype])
    if not datatype.startswith("FP"):
        return column.cells()
    return [math.nan if cell is None else float(cell) for cell in cells]  # FP32 is not rounded


def _text(data: bytes | str, name: str, row: int) -> str:
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RowsError("it is no text in UTF-8: %s" % error, name, row) from None
