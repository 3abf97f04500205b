"""numpy arrays as the values of a column, and back.

Travels into other interpreters: Python 3.8 syntax; numpy is imported late.
"""

from __future__ import annotations

from ..column_type import FORMATS, WIDE, ColumnType
from ..table import Column

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any


def pack_array(name: Any, type_: ColumnType, values: Any, valid: Any = None) -> Column:
    """Return a column of an array's values, with a mask of the values that are present."""
    mask = None if valid is None or valid.all() else valid.tobytes()
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    return Column(name, type_, [mask, bytes_of(little)])


def bytes_of(array: Any) -> bytes | memoryview:
    """Return the bytes of an array of one dimension, without a copy if it is contiguous."""
    if not array.flags.c_contiguous or not array.dtype.itemsize or not array.size:
        return bytes(array.tobytes())
    return memoryview(array.view("u1"))


def array_of(column: Column) -> Any:
    """Return a column's fixed-width values as a numpy array; values in gaps are meaningless."""
    import numpy

    kind = column.type.kind
    dtype = numpy.dtype(kind if kind in WIDE else FORMATS[kind])
    # It is a copy, so the model may write to it.
    return numpy.frombuffer(column.values, dtype.newbyteorder("<")).astype(dtype)


def gaps_of(column: Column) -> Any:
    """Return a mask of the missing values; None if none is missing."""
    import numpy

    return None if column.valid is None else numpy.frombuffer(column.valid, "u1") == 0
