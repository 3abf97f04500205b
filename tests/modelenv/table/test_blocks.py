"""A frame is the same whether its columns come in one piece or one by one."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelenv.table import values
from modelenv.table.column_type import ColumnType
from modelenv.table.libraries.frames import build_frame, take_frame
from modelenv.table.libraries.pandas_columns import build_column
from modelenv.table.table import Column, Table

from .frames import frames


def one_by_one(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame built again of columns that are built alone."""
    table = take_frame(frame)
    columns = {place: build_column(each, frame.index) for place, each in enumerate(table.columns)}
    built = pd.DataFrame(columns, index=frame.index)
    built.columns = frame.columns
    return built


def check_same(frame: pd.DataFrame) -> None:
    built = values.build(*_taken(frame))
    expected = one_by_one(frame)
    pd.testing.assert_frame_equal(built, expected, check_exact=True, check_freq=False)
    assert list(built.dtypes) == list(expected.dtypes)
    assert type(built.index) is type(frame.index)
    assert built.columns.dtype == frame.columns.dtype
    assert list(built.columns) == list(frame.columns)


def _taken(frame: pd.DataFrame) -> Any:
    told, buffers = values.take(frame)
    return told, iter(buffers)


@settings(max_examples=150, deadline=None)
@given(frames())
def test_any_frame(frame: pd.DataFrame) -> None:
    check_same(frame)


NUMBERS = ("float64", "float64", "float32", "int64", "int64", "bool", "uint8", "float16")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from((*NUMBERS, "Int64", "str", "object")), min_size=1, max_size=12),
    st.integers(0, 3),
    st.randoms(use_true_random=False),
)
def test_frames_of_mostly_numbers(dtypes: list[str], rows: int, random: Any) -> None:
    made = {
        place: pd.Series([random.randint(0, 1) for _ in range(rows)]).astype(dtype)
        for place, dtype in enumerate(dtypes)
    }
    check_same(pd.DataFrame(made, index=pd.RangeIndex(rows)))


def test_labels_that_are_no_texts_and_come_twice() -> None:
    for columns in ([("a", 1), ("a", 2), ("b", 1)], [3, 1, 3], ["x", "x", "y"]):
        frame = pd.DataFrame([[0.5, 1.5, 2], [np.nan, 3.5, 4]])
        frame.columns = (
            pd.MultiIndex.from_tuples(columns)
            if isinstance(columns[0], tuple)
            else pd.Index(columns)
        )
        check_same(frame)


def test_many_columns_of_other_types_are_put_in_without_a_word() -> None:
    wide = {f"n{place}": [0.5] for place in range(60)}
    texts = {f"t{place}": ["a"] for place in range(120)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_same(pd.DataFrame({**wide, **dict(list(texts.items())[:50])}))
        check_same(pd.DataFrame({**wide, **texts}))


def test_what_is_missing_is_nan() -> None:
    type_ = ColumnType("float64", dtype="float64")
    columns = [Column.pack(name, type_, [1.5, None]) for name in "ab"]
    built = build_frame(Table("dataframe", columns, 2))
    pd.testing.assert_frame_equal(built, pd.DataFrame({"a": [1.5, np.nan], "b": [1.5, np.nan]}))


def test_the_model_may_write_to_it() -> None:
    type_ = ColumnType("float64", dtype="float64")
    columns = [Column.pack(name, type_, [1.5, 2.5]) for name in "ab"]
    before = [bytes(column.values) for column in columns]
    built = build_frame(Table("dataframe", columns, 2))
    built.iloc[0, 0] = 7.0
    built["b"] += 1
    assert [bytes(column.values) for column in columns] == before
    assert built.to_numpy().tolist() == [[7.0, 2.5], [2.5, 3.5]]


@pytest.mark.parametrize("cells", [[1.5], [1.5, 2.5, 3.5]])
def test_columns_of_different_lengths_are_no_table(cells: list[float]) -> None:
    type_ = ColumnType("float64", dtype="float64")
    columns = [Column.pack("a", type_, [1.5, 2.5]), Column.pack("b", type_, cells)]
    with pytest.raises(ValueError, match="different numbers of rows"):
        build_frame(Table("dataframe", columns, 2))
