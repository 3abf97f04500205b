"""Build a pandas frame's columns of one numpy type as one block.

With single columns pandas takes ten times as long. Travels into other interpreters: Python 3.8
syntax; numpy and pandas are imported late.
"""

from __future__ import annotations

from ..column_type import FLOATS, FORMATS, INTEGERS
from .packed import gaps_of
from .pandas_columns import build_column

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..table import Column

_PLAIN = frozenset((*INTEGERS, *FLOATS, "bool"))
# Up to this number, columns beside the block are inserted one by one.
_MOST_BESIDE = 50


def build_columns(columns: Sequence[Column], index: Any) -> Any:
    """Return a frame of the columns, without their names."""
    import pandas

    kinds = list(map(_plain_kind, columns))
    kind = _most_frequent(kinds)
    beside = {place: columns[place] for place, each in enumerate(kinds) if each != kind}
    if not kind or len(beside) > min(_MOST_BESIDE, len(columns) - 2):
        built = {place: build_column(each, index) for place, each in enumerate(columns)}
        return pandas.DataFrame(built, index=index)
    block = [each for place, each in enumerate(columns) if place not in beside]
    frame = pandas.DataFrame(_piece(block, kind, len(index)), index=index, copy=False)
    for place, each in beside.items():
        frame.insert(place, place, build_column(each, index), allow_duplicates=True)
    return frame


def _most_frequent(kinds: Sequence[str]) -> str:
    """Return the kind of numbers that most columns have; empty if no column has one."""
    return max(sorted(set(filter(None, kinds))), key=kinds.count, default="")


def _plain_kind(column: Column) -> str:
    """Return the kind of a column of numpy's numbers or truth values; empty for other columns."""
    type_ = column.type
    plain = type_.dtype == type_.kind and type_.kind in _PLAIN
    return type_.kind if plain and (column.valid is None or type_.kind in FLOATS) else ""


def _piece(columns: Sequence[Column], kind: str, rows: int) -> Any:
    """Return the values of the columns of a kind in pandas' layout, one column after the other.

    They are a copy, so the model may write to them.
    """
    import numpy

    dtype = numpy.dtype(FORMATS[kind])
    if any(len(column.values) != rows * dtype.itemsize for column in columns):
        raise ValueError("the columns of a table have different numbers of rows")
    data = bytearray().join(column.values for column in columns)
    values = numpy.frombuffer(data, dtype.newbyteorder("<")).astype(dtype, copy=False)
    values = values.reshape(len(columns), rows)
    for place, column in enumerate(columns):
        gaps = gaps_of(column)
        if gaps is not None:
            values[place, gaps] = float("nan")
    return values.T
