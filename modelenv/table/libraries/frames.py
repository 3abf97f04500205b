"""Take pandas' frames and series apart into tables, and build them with any pandas.

Travels into other interpreters: Python 3.8 syntax; pandas is imported late.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from ..column_type import INTEGERS, ColumnType
from ..errors import UnfaithfulError
from ..objects import class_of
from ..table import Column, ColumnNames, Labels, Table
from .blocks import build_columns
from .packed import gaps_of
from .pandas_columns import build_column, take_column

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

# numpy's types without missing values.
_WHOLE = (*INTEGERS, "bool")


def take_frame(frame: Any) -> Table:
    """Return a data frame as a table. Raises UnfaithfulError with column and row."""
    columns = [
        take_column(name, frame.iloc[:, place]) for place, name in enumerate(list(frame.columns))
    ]
    return Table(
        "dataframe",
        columns,
        len(frame),
        index=take_index(frame.index),
        labels=None if _are_plain(frame.columns) else take_labels(frame.columns),
    )


def describe_loosely(value: Any) -> Table:
    """Return a data frame or a series as a table of which only the description may be used.

    A column of an unsupported type is described as objects, under its own dtype.
    """
    if type(value).__name__ == "Series":
        return Table("series", [_loosely(value.name, value)], len(value))
    columns = [_loosely(name, value.iloc[:, place]) for place, name in enumerate(value.columns)]
    try:
        index = take_index(value.index)
    except UnfaithfulError:
        unknown = ColumnType("object", dtype=str(value.index.dtype))
        index = Labels(levels=[Column.pack(_text(value.index.name), unknown, ())])
    return Table("dataframe", columns, len(value), index=index)


def _loosely(name: Any, series: Any) -> Column:
    try:
        column = take_column(name, series)
    except UnfaithfulError:
        column = Column(name, ColumnType("object", dtype=str(series.dtype)), ())
    column.name = _text(name)
    return column


def _text(name: Any) -> Any:
    """Return a name as a JSON value."""
    return name if name is None or type(name) is int else str(name)


def build_frame(table: Table) -> Any:
    """Return the data frame of a table."""
    import pandas

    index = build_index(table.index, table.rows)
    frame = build_columns(table.columns, index)
    if table.labels is not None:
        frame.columns = build_index(table.labels, len(table.columns))
    elif table.column_names is not None:
        frame.columns = _named_again(table.column_names)
    elif table.columns:
        frame.columns = pandas.Index([column.name for column in table.columns])
    return frame


def _named_again(column_names: ColumnNames) -> Any:
    """Return the names as an index that keeps what pandas has computed about them.

    Computing it again takes longer than many a model's prediction. The names are compared first,
    since an earlier receiver of the index may have written to it.
    """
    import pandas

    if column_names.index is None or column_names.index.tolist() != column_names.names:
        column_names.index = pandas.Index(column_names.names)
    return column_names.index.view()


def take_series(series: Any) -> Table:
    """Return a series as a table of one column. Raises UnfaithfulError."""
    index = take_index(series.index)
    return Table("series", [take_column(series.name, series)], len(series), index=index)


def build_series(table: Table) -> Any:
    """Return the series of a table with one column."""
    column = table.columns[0]
    return build_column(column, build_index(table.index, table.rows)).rename(column.name)


def take_index(index: Any) -> Labels | None:
    """Return the labels of the rows; None if they count from 0."""
    pandas = sys.modules["pandas"]
    counts = type(index) is pandas.RangeIndex and index.start == 0 and index.step == 1
    return None if counts and index.name is None else take_labels(index)


def take_labels(index: Any) -> Labels:
    """Return the labels of an axis. Raises UnfaithfulError for unsupported types."""
    pandas = sys.modules["pandas"]
    if type(index) is pandas.RangeIndex:
        return Labels(range_=(index.start, index.stop, index.step), name=index.name)
    levels = [index]
    if type(index) is pandas.MultiIndex:
        levels = [index.get_level_values(place) for place in range(index.nlevels)]
    try:
        columns = [
            take_column(level.name, pandas.Series(level, dtype=level.dtype)) for level in levels
        ]
        for place, level in enumerate(levels):
            if len(levels) > 1 and index.levels[place].dtype != level.dtype:
                columns[place] = _take_level(index, place)
    except UnfaithfulError as error:
        raise UnfaithfulError("a %s: %s" % (class_of(index), error)) from error
    # The frequency of periods is part of their dtype.
    freq = None if columns[0].type.kind == "period" else getattr(index, "freqstr", None)
    return Labels(levels=columns, freq=freq)


def _take_level(index: Any, place: int) -> Column:
    """Return a level of labels; integers with missing labels keep their type and get a mask.

    Pandas would convert those to floats. Labels that are not numbers are taken as pandas returns
    them.
    """
    pandas = sys.modules["pandas"]
    level, codes = index.levels[place], index.codes[place]
    if level.dtype.kind not in "iub" or not len(level):
        labels = index.get_level_values(place)
        return take_column(level.name, pandas.Series(labels, dtype=labels.dtype))
    there = codes >= 0
    column = take_column(level.name, pandas.Series(level.take(codes.clip(0)), dtype=level.dtype))
    type_ = ColumnType(column.type.kind, dtype=column.type.dtype, nullable=True)
    return Column(column.name, type_, [there.tobytes(), *column.buffers[1:]])


def _build_levels(levels: Sequence[Column]) -> Any:
    """Return the index of several levels; integer levels with missing labels stay integers."""
    import numpy
    import pandas

    gaps = {
        place: gaps_of(level)
        for place, level in enumerate(levels)
        if level.type.dtype == level.type.kind in _WHOLE and level.valid is not None
    }
    whole = [
        Column(level.name, level.type, [None, *level.buffers[1:]]) if place in gaps else level
        for place, level in enumerate(levels)
    ]
    index = pandas.MultiIndex.from_arrays(list(map(_build_level, whole)))
    if not gaps:
        return index
    codes = [numpy.array(code) for code in index.codes]
    for place, gap in gaps.items():
        codes[place][gap] = -1
    made = pandas.MultiIndex(levels=index.levels, codes=codes, names=index.names)
    return made.remove_unused_levels()


def _build_level(level: Column) -> Any:
    import pandas

    series = build_column(level, None)
    return pandas.Index(series, dtype=series.dtype, name=level.name)


def build_index(labels: Labels | None, count: int) -> Any:
    """Return the index of an axis's labels."""
    import pandas

    if labels is None:
        return pandas.RangeIndex(count)
    if labels.range is not None:
        return pandas.RangeIndex(*labels.range, name=labels.name)
    if len(labels.levels) > 1:
        return _build_levels(labels.levels)
    built = _build_level(labels.levels[0])
    if labels.freq is not None:
        # This pandas may have another name for the frequency, or the rows do not have it any more.
        with suppress(ValueError):
            built.freq = labels.freq
    return built


def _are_plain(columns: Any) -> bool:
    """Return whether the labels can be built from their texts alone."""
    pandas = sys.modules["pandas"]
    if type(columns) is not pandas.Index or columns.name is not None or not len(columns):
        return False
    texts = list(columns)
    return all(type(text) is str for text in texts) and pandas.Index(texts).dtype == columns.dtype


def take_index_alone(index: Any) -> Table:
    """Return an index that is a value by itself as a table without columns."""
    return Table("index", [], len(index), index=take_labels(index))


def build_index_alone(table: Table) -> Any:
    """Return the index of a table without columns."""
    return build_index(table.index, table.rows)


def take_extension(array: Any) -> Table:
    """Return a pandas extension array as a table of one column."""
    series = sys.modules["pandas"].Series(array)
    return Table("extension_array", [take_column(None, series)], len(series))


def build_extension(table: Table) -> Any:
    """Return the extension array of a table with one column."""
    return build_column(table.columns[0], None).array
