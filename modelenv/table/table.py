"""A table: typed columns as buffers, and its description as plain data.

The buffers of a column are little-endian. Values of fixed width have a mask of the present ones (a
byte each; None if all are) and the values. Texts have a mask, the offset of each (8 bytes; also the
end of the last one), and all their bytes. Columns of columns have the buffers of those after the
mask. Travels into other interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import json
import struct
from itertools import accumulate

from .column_type import FORMATS, INNER, TEXTS, WIDE, ColumnType
from .errors import UnfaithfulError
from .objects import tag, untag

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    Buffer = bytes | memoryview | None
    Description = dict[str, Any]
    Parts = tuple[Description, list[Buffer]]

_OF_ONE = ("series", "polars_series", "extension_array")
"""The kinds of table that are a single column."""


class Column:
    """Values of one type."""

    __slots__ = ("buffers", "name", "type")

    def __init__(self, name: Any, type_: ColumnType, buffers: Sequence[Buffer]) -> None:
        self.name = name
        self.type = type_
        self.buffers = list(buffers)

    @classmethod
    def pack(cls, name: Any, type_: ColumnType, cells: Sequence[Any]) -> Column:
        """Return a column of `cells`: values as `struct` takes them for the kind, texts, and None.

        Raises UnfaithfulError for an object that has no JSON form.
        """
        gaps = any(cell is None for cell in cells)  # `in` would compare arrays
        valid = bytes(cell is not None for cell in cells) if gaps else None
        if type_.kind == "interval":
            return cls(name, type_, [valid, *_packed_ends(type_, cells)])
        if type_.kind in TEXTS:
            texts = [b"" if cell is None else _encoded(type_.kind, cell) for cell in cells]
            ends = list(accumulate(map(len, texts), initial=0))
            offsets = struct.pack("<%dq" % len(ends), *ends)
            return cls(name, type_, [valid, offsets, b"".join(texts)])
        if gaps:
            cells = [0 if cell is None else cell for cell in cells]
        return cls(name, type_, [valid, _packed(type_.kind, cells)])

    @classmethod
    def of_numbers(cls, name: Any, type_: ColumnType, cells: Sequence[Any]) -> Column:
        """Return a column of numbers or truth values without gaps."""
        return cls(name, type_, [None, _packed(type_.kind, cells)])

    def cells(self) -> list[Any]:
        """Return the values in the form that :meth:`pack` takes."""
        valid, *buffers = self.buffers
        if self.type.kind in INNER:
            return self._inner_cells()
        if self.type.kind in TEXTS:
            offsets, data = _bytes(buffers[0]), _bytes(buffers[1])
            ends = struct.unpack("<%dq" % (len(offsets) // 8), offsets)
            kind, there = self.type.kind, valid or b"\1" * (len(ends) - 1)
            return [
                _decoded(kind, data[start:end]) if known else None
                for start, end, known in zip(ends, ends[1:], there)
            ]
        letter = FORMATS.get(self.type.kind) or WIDE[self.type.kind]
        count = len(self.values) // struct.calcsize("<" + letter)
        found = list(struct.unpack("<%d%s" % (count, letter), self.values))
        if self.type.kind in WIDE:
            found = list(map(complex, found[::2], found[1::2]))
        if valid is None:
            return found
        return [cell if known else None for cell, known in zip(found, valid)]

    @property
    def inner(self) -> list[Column]:
        """The columns that it consists of."""
        of = self.type.of
        if of is None:
            raise UnfaithfulError("a column of %s lacks its inner type" % self.type.kind)
        rest = self.buffers[-INNER[self.type.kind] * of.buffers :]
        steps = range(0, len(rest), of.buffers)
        return [Column(None, of, rest[step : step + of.buffers]) for step in steps]

    def _inner_cells(self) -> list[Any]:
        """Return the pairs of ends of intervals, with None for missing intervals."""
        if self.type.kind != "interval":
            raise UnfaithfulError("a sparse column does not list its values one by one")
        pairs = list(zip(*(each.cells() for each in self.inner)))
        there = self.valid or b"\1" * len(pairs)
        return [pair if known else None for pair, known in zip(pairs, there)]

    @property
    def valid(self) -> Buffer:
        """One byte for each value, whether it is present; None if all are."""
        return self.buffers[0]

    @property
    def values(self) -> bytes | memoryview:
        """The values of fixed width."""
        return _bytes(self.buffers[1])


class Labels:
    """The names of a table's rows or columns: a range, or columns of labels."""

    __slots__ = ("freq", "levels", "name", "range")

    def __init__(
        self,
        *,
        range_: Sequence[int] | None = None,
        name: Any = None,
        levels: Sequence[Column] = (),
        freq: str | None = None,
    ) -> None:
        self.range = None if range_ is None else list(range_)
        """Start, stop and step of a range."""
        self.name = name
        """The name of a range; levels have names of their own."""
        self.levels = list(levels)
        self.freq = freq
        """The pandas name of a frequency of times."""

    def describe(self) -> Description:
        """Return the description, without the labels themselves."""
        if self.range is not None:
            return {"range": self.range, "name": tag(self.name)}
        told: Description = {"levels": [_told(level) for level in self.levels]}
        return {**told, "freq": self.freq} if self.freq else told

    @classmethod
    def of(cls, told: Description, buffers: Iterator[Buffer]) -> Labels:
        """Return the described labels, from the next buffers."""
        if "range" in told:
            return cls(range_=told["range"], name=untag(told["name"]))
        levels = [_column(level, buffers) for level in told["levels"]]
        return cls(levels=levels, freq=told.get("freq"))


class ColumnNames:
    """Column names that occur again and again, all of them texts, with an index made of them."""

    __slots__ = ("index", "names")

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self.index: Any = None
        """The pandas index that last had these names, or None."""


class Table:
    """Typed columns of equal length: a frame, or the single column of a series."""

    __slots__ = ("column_names", "columns", "index", "kind", "labels", "rows")

    def __init__(
        self,
        kind: str,
        columns: Sequence[Column],
        rows: int,
        *,
        index: Labels | None = None,
        labels: Labels | None = None,
        column_names: ColumnNames | None = None,
    ) -> None:
        self.kind = kind
        """Its type in its library: the ``type`` of its description."""
        self.columns = list(columns)
        self.rows = rows
        self.index = index
        """The names of the rows; None if they count from 0."""
        self.labels = labels
        """The names of the columns, if texts are not enough."""
        self.column_names = column_names
        """The column names, shared with earlier tables that had the same ones."""

    @property
    def one(self) -> bool:
        """Whether it is a series."""
        return self.kind in _OF_ONE

    def describe(self) -> Description:
        """Return the description as plain data: everything but the values."""
        columns = self.columns
        told: Description = {"type": self.kind, "rows": self.rows}
        if self.one:
            told.update(name=tag(columns[0].name), dtype=columns[0].type.dtype)
        else:
            told["columns"] = [tag(column.name) for column in columns]
            told["dtypes"] = [column.type.dtype for column in columns]
        told["types"] = [column.type.to_json() for column in columns]
        if self.kind == "dataframe":
            told["pandas_orient"] = "split"
        if self.index is not None:
            told["index"] = self.index.describe()
        if self.labels is not None:
            told["labels"] = _with_cells(self.labels)
        return told

    def buffers(self) -> list[Buffer]:
        """Return the buffers of each column, then those of the index."""
        columns = [*self.columns, *(self.index.levels if self.index is not None else ())]
        return [buffer for column in columns for buffer in column.buffers]

    @classmethod
    def of(cls, told: Description, buffers: Iterator[Buffer]) -> Table:
        """Return the described table, from the next buffers."""
        columns = [_taken(name, type_, buffers) for name, type_ in columns_of(told)]
        index = Labels.of(told["index"], buffers) if "index" in told else None
        labels = labels_of(told)
        return cls(told["type"], columns, told["rows"], index=index, labels=labels)


def columns_of(told: Description) -> list[tuple[Any, ColumnType]]:
    """Return the names and types of a described table's columns.

    If the description has only dtypes, the types are those that the dtypes imply.
    """
    one = told["type"] in _OF_ONE
    names = [told.get("name")] if one else told["columns"]
    dtypes = [told["dtype"]] if one else told["dtypes"]
    types = told.get("types")
    return [
        (name, ColumnType.from_json(types[place], dtype) if types else ColumnType.of_dtype(dtype))
        for place, (name, dtype) in enumerate(zip(names, dtypes))
    ]


def _told(column: Column) -> Description:
    told = {"name": tag(column.name), "dtype": column.type.dtype}
    return {**told, "type": column.type.to_json()}


def _column(told: Description, buffers: Iterator[Buffer]) -> Column:
    return _taken(told["name"], ColumnType.from_json(told["type"], told["dtype"]), buffers)


def _taken(name: Any, type_: ColumnType, buffers: Iterator[Buffer]) -> Column:
    return Column(untag(name), type_, [next(buffers) for _ in range(type_.buffers)])


def _with_cells(labels: Labels) -> Description:
    told = labels.describe()
    for level, column in zip(told.get("levels", ()), labels.levels):
        level["cells"] = [tag(cell) for cell in column.cells()]
    return told


def labels_of(described: Description) -> Labels | None:
    """Return the labels of a described table's columns; None if texts are enough."""
    told = described.get("labels")
    if told is None:
        return None
    if "range" in told:
        return Labels.of(told, iter(()))
    levels = []
    for level in told["levels"]:
        type_ = ColumnType.from_json(level["type"], level["dtype"])
        levels.append(Column.pack(untag(level["name"]), type_, list(map(untag, level["cells"]))))
    return Labels(levels=levels, freq=told.get("freq"))


def _packed(kind: str, cells: Sequence[Any]) -> bytes:
    return struct.pack("<%d%s" % (len(cells), FORMATS[kind]), *cells)


def _packed_ends(type_: ColumnType, cells: Sequence[Any]) -> list[Buffer]:
    """Return the buffers of intervals' left ends, then those of their right ends."""
    assert type_.of is not None
    known = next((cell for cell in cells if cell is not None), (None, None))
    pairs = [known if cell is None else cell for cell in cells]
    ends = (Column.pack(None, type_.of, [pair[side] for pair in pairs]) for side in (0, 1))
    return [buffer for column in ends for buffer in column.buffers]


def _encoded(kind: str, cell: Any) -> bytes:
    if kind == "bytes":
        return bytes(cell)
    if kind == "object":
        return json.dumps(tag(cell)).encode("ascii")
    return str(cell).encode("utf-8", "surrogatepass")


def _decoded(kind: str, data: bytes | memoryview) -> Any:
    if kind == "bytes":
        return bytes(data)
    text = str(data, "utf-8", "surrogatepass")
    return untag(json.loads(text)) if kind == "object" else text


def _bytes(buffer: Buffer) -> bytes | memoryview:
    if buffer is None:
        raise UnfaithfulError("a column has no values")
    return buffer
