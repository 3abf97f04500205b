"""Make arrays of the example's type from nested lists, without numpy.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

from ..column_type import TEXTS, ColumnType
from ..errors import RowsError
from ..table import Column
from .cells import convert
from .fit import infer

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..table import Buffer, Parts


def read_array(
    data: Any,
    dtype: str | None = None,
    sizes: Sequence[int] | None = None,
    *,
    text: bool = False,
) -> Parts:
    """Return the description and the buffers of an array from nested lists.

    Without a `dtype`, the elements decide; without `sizes`, any shape is taken, and the size -1
    varies. Raises RowsError with the place.
    """
    cells, shape = flatten(data)
    if sizes is not None:
        shape = _checked(shape, sizes)
    type_ = ColumnType.of_dtype(dtype) if dtype else _infer(cells)
    if type_.kind == "object" and dtype and not dtype.endswith("O"):
        raise RowsError(
            "an array of %s cannot be written as rows" % dtype, by_file=": give it as .npy"
        )
    try:
        column = convert(None, cells, type_, text=text)
    except RowsError as error:
        raise _placed(error, shape) from None
    told = {"type": "ndarray", "dtype": dtype or type_.dtype, "shape": shape}
    if type_.kind == "object":
        return {**told, "dtype": "|O"}, list(column.buffers)
    if type_.kind in TEXTS:
        return _texts(column, told)
    return told, [_with_nan(column)]


def flatten(data: Any) -> tuple[list[Any], list[int]]:
    """Return the elements of nested lists, and the lengths of the lists. Raises RowsError."""
    cells: list[Any] = [data]
    shape: list[int] = []
    while cells and all(isinstance(each, list) for each in cells):
        lengths = set(map(len, cells))
        if len(lengths) > 1:
            first = len(cells[0])
            row = next(place for place, each in enumerate(cells) if len(each) != first)
            many = (first, len(cells[row]))
            raise _placed(RowsError("%d cells are due, and it has %d" % many, None, row), shape)
        shape.append(lengths.pop())
        cells = [cell for each in cells for cell in each]
    for place, each in enumerate(cells):
        if isinstance(each, list):
            raise _placed(RowsError("it is a list, but others are not", None, place), shape)
    return cells, shape


def _checked(shape: list[int], sizes: Sequence[int]) -> list[int]:
    """Return the shape of an array, completed by `sizes` where lists are empty.

    Raises RowsError if the shape is not the expected one.
    """
    if 0 in shape:
        shape = [*shape, *(max(size, 0) for size in sizes[len(shape) :])]
    if len(shape) != len(sizes):
        many = (len(sizes), len(shape))
        raise RowsError("the model's example has %d dimensions, this input %d" % many)
    for place, (have, due) in enumerate(zip(shape, sizes)):
        if due not in (-1, have):
            if place == 1 and len(sizes) == 2:
                raise RowsError("it has %d columns, and the model's example %d" % (have, due))
            raise RowsError("its shape is %r, and the model takes %r" % (shape, list(sizes)))
    return shape


def _placed(error: RowsError, shape: list[int]) -> RowsError:
    """Return the error with the row and column of the element whose index it has."""
    if error.row is None or not shape:
        return RowsError(error.reason)
    index = []
    rest = error.row
    for size in reversed(shape):
        rest, place = divmod(rest, size)
        index.append(place)
    index.reverse()
    if len(index) == 2:
        return RowsError(error.reason, index[1], index[0])
    where = "" if len(index) == 1 else "at %r: " % (index,)
    return RowsError(where + error.reason, None, index[0])


def _infer(cells: list[Any]) -> ColumnType:
    if cells and set(map(type, cells)) == {str}:
        return ColumnType("string", dtype="<U0")
    return infer(cells) if cells else ColumnType.of_dtype("float64")


def _with_nan(column: Column) -> Buffer:
    """Return the values, with nan or NaT in place of missing ones."""
    if column.valid is None:
        return column.values
    gap = -(2**63) if column.type.unit else float("nan")
    cells = [gap if cell is None else cell for cell in column.cells()]
    return Column.pack(None, column.type, cells).values


def _texts(column: Column, told: dict[str, Any]) -> Parts:
    """Return texts in numpy's layout: each as wide as the widest."""
    cells = column.cells()
    width = max([len(cell) for cell in cells] or [1]) or 1
    if column.type.kind == "bytes":
        return {**told, "dtype": "|S%d" % width}, [b"".join(c.ljust(width, b"\0") for c in cells)]
    data = "".join(cell.ljust(width, "\0") for cell in cells)
    return {**told, "dtype": "<U%d" % width}, [data.encode("utf-32-le", "surrogatepass")]
