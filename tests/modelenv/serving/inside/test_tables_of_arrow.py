"""Columns of Arrow: what each becomes where nothing tells its type, and among objects."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import pandas as pd
import pytest

from modelenv.run.incoming import like_of
from modelenv.table import values
from modelenv.table.crossing import raw
from modelenv.table.errors import RowsError
from modelenv.table.files import rows_of_arrow
from modelenv.table.incoming.document import read_table

pa = pytest.importorskip("pyarrow")

UTC = datetime.timezone.utc
NONE = {"type": "none"}
OBJECTS = values.take(pd.DataFrame({"x": [1, "a"]}))[0]


def read(column: Any, like: Any) -> Any:
    """Return the frame that a model gets of a column, as it crosses."""
    told, buffers, _ = read_table(rows_of_arrow(pa.table({"x": column})), like_of(like))
    told, buffers = raw.from_bytes(b"".join(map(bytes, raw.to_bytes(told, buffers))))
    return values.build(told, iter(buffers))["x"]


@pytest.mark.parametrize(
    ("column", "dtype"),
    [
        (pa.array([1, None], pa.timestamp("ns")), "datetime64[ns]"),
        (pa.array([1], pa.timestamp("s")), "datetime64[s]"),
        (pa.array([1], pa.timestamp("us", "Europe/Berlin")), "datetime64[us, Europe/Berlin]"),
        (pa.array([5, None], pa.duration("ms")), "timedelta64[ms]"),
        (pa.array([2**64 - 1], "uint64"), "uint64"),
        (pa.array([2**53 + 1, None], "int64"), "object"),
        (pa.nulls(2), "object"),
    ],
)
def test_where_nothing_tells_the_type_the_file_does(column: Any, dtype: str) -> None:
    found = read(column, NONE)
    assert str(found.dtype) == dtype
    assert pa.array(found, column.type).equals(column)


def test_times_of_several_forms_are_objects() -> None:
    time, longer = (pa.array([1], pa.timestamp(unit)) for unit in ("s", "ms"))
    rows = rows_of_arrow(pa.table({"x": time, "y": longer}))
    rows.columns = [[*rows.columns[0], *rows.columns[1]]]
    rows.names, rows.count = ["x"], 2
    told, buffers, _ = read_table(rows, NONE)
    assert values.build(told, iter(buffers))["x"].dtype == "object"


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (pa.array([1000], pa.timestamp("ns")), datetime.datetime(1970, 1, 1, 0, 0, 0, 1)),  # noqa: DTZ001
        (pa.array([-1], pa.timestamp("s", "+01:00")),
         datetime.datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (pa.array([5], pa.duration("s")), datetime.timedelta(seconds=5)),
        (pa.array([None], pa.timestamp("s")), None),
        (pa.array([decimal.Decimal("1.10")]), decimal.Decimal("1.10")),
        (pa.array([1], pa.date32()), datetime.date(1970, 1, 2)),
    ],
)  # fmt: skip
def test_objects_are_those_of_python(column: Any, cell: Any) -> None:
    found = read(column, OBJECTS).tolist()[0]
    assert (type(found), found) == (type(cell), cell)


@pytest.mark.parametrize(
    ("column", "example", "text"),
    [
        (pa.array([1], pa.timestamp("ns")), ["a", 1], "1 ns is finer than a microsecond"),
        (pa.array([2**40], pa.timestamp("s")), ["a", 1], "date value out of range"),
        (pa.array([1], pa.timestamp("s")), [1, 2], "1 s is a time, not a number (int64)"),
        (pa.array([1], pa.duration("s")), [True], "1 s is neither true nor false"),
        (pa.array([1], pa.duration("s")), [pd.Timestamp("2026-01-01")], "1 s is a duration, not a"),
        (pa.array([1], pa.timestamp("s")), [pd.Timedelta("1s")], "1 s is a time, not a duration"),
        (pa.array([(1, 2, 3)], pa.month_day_nano_interval()), ["a", 1], "no column holds it: "),
    ],
)
def test_what_is_none_is_refused_in_its_place(column: Any, example: Any, text: str) -> None:
    with pytest.raises(RowsError) as caught:
        read(column, values.take(pd.DataFrame({"x": example}))[0])
    assert str(caught.value).startswith(f"column 'x', row 0: {text}")
