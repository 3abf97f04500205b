"""Read rows as a sparse matrix like the model's example, without numpy and scipy.

Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

from ..column_type import ColumnType
from ..errors import RowsError
from ..table import Column
from .arrays import read_array

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from typing import Any

    from ..table import Parts

_LAYOUT = ("data", "indices", "indptr")


def read_sparse(data: Any, like: dict[str, Any], *, text: bool = False) -> Parts:
    """Return the description and the buffers of a sparse matrix, from dense rows or its parts.

    The parts have the layout of ``input_example.json``. Raises RowsError.
    """
    dtype, index = _dtypes(like)
    if isinstance(data, dict):
        lacking = [name for name in (*_LAYOUT, "shape") if name not in data]
        if lacking:
            raise RowsError("a sparse matrix has data, indices, indptr and shape", lacking[0])
        parts = [read_array(data[n], dtype if n == "data" else index, [-1]) for n in _LAYOUT]
        shape = data["shape"]
        _check_places(data, shape, by_row=like["type"].endswith("csr"))
    else:
        dense, buffers = read_array(data, dtype, [-1, -1], text=text)
        shape = dense["shape"] if len(dense["shape"]) == 2 else [0, _width(like) or 0]
        cells = Column(None, ColumnType.of_dtype(dtype), [None, *buffers]).cells()
        parts = [
            read_array(each, name, [-1])
            for each, name in zip(_compress(cells, shape, like), (dtype, index, index))
        ]
    width = _width(like)
    if width is not None and shape[1:] != [width]:
        raise RowsError("it has %s columns, and the model's example %d" % (shape[-1], width))
    told = {"type": like["type"], "shape": shape, "parts": [part for part, _ in parts]}
    return told, [buffer for _, buffers in parts for buffer in buffers]


def _check_places(data: dict[str, Any], shape: Any, *, by_row: bool) -> None:
    """Raise RowsError for places outside of the matrix, which scipy would not check."""
    if not isinstance(shape, list) or len(shape) != 2 or not all(map(_is_size, shape)):
        raise RowsError("the shape of a sparse matrix is a list of two sizes")
    lines, most = shape if by_row else reversed(shape)
    starts, places = data["indptr"], data["indices"]
    if len(starts) != lines + 1 or starts[0] != 0 or starts != sorted(starts):
        raise RowsError("it rises from 0, with one more than there are lines", "indptr")
    if not starts[-1] == len(places) == len(data["data"]):
        raise RowsError("data and indices have as many cells as indptr says")
    if not all(0 <= place < most for place in places):
        raise RowsError("one is outside of the matrix", "indices")


def _is_size(size: Any) -> bool:
    return type(size) is int and 0 <= size < 2**31


def _dtypes(like: dict[str, Any]) -> tuple[str, str]:
    """Return the dtypes of the values and of the places."""
    if "parts" in like:
        return like["parts"][0]["dtype"], like["parts"][1]["dtype"]
    return like["dtype"], like.get("index_dtype", "<i4")


def _width(like: dict[str, Any]) -> int | None:
    return like["shape"][1] if len(like.get("shape", ())) == 2 else None


def _compress(cells: list[Any], shape: list[int], like: dict[str, Any]) -> tuple[list[Any], ...]:
    """Return the nonzero values, their places along one axis, and the start of each line."""
    height, width = shape
    by_row = like["type"].endswith("csr")
    values, places, starts = [], [], [0]
    for major in range(height if by_row else width):
        for minor in range(width if by_row else height):
            row, column = (major, minor) if by_row else (minor, major)
            cell = cells[row * width + column]
            if cell != 0:
                values.append(cell)
                places.append(minor)
        starts.append(len(values))
    return values, places, starts
