"""A prediction is a table of columns, of the library that is asked for."""

from __future__ import annotations

import datetime
import decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modelenv.base.errors import WrongUseError
from modelenv.batch.node.calling.engine_types import spark_type
from modelenv.batch.node.predictions.columns import types_of
from modelenv.batch.node.predictions.empty import KnownPredictions, with_columns
from modelenv.batch.node.predictions.outcome import BatchOutcome
from modelenv.table.errors import UnfaithfulError
from modelenv.worker import values

pa: Any = pytest.importorskip("pyarrow")
pl: Any = import_module("polars") if find_spec("polars") else None
TWO = np.array([[1.5, -0.0], [np.nan, np.inf]])
PREDICTIONS: dict[str, tuple[Any, dict[str, list[Any]]]] = {
    "numbers": (np.array([1, 2]), {"prediction": [1, 2]}),
    "floats": (np.array([1.5, -2.0], "f4"), {"prediction": [1.5, -2.0]}),
    "truth": (np.array([True, False]), {"prediction": [True, False]}),
    "texts": (np.array(["a", "é"]), {"prediction": ["a", "é"]}),
    "objects": (np.array(["a", None], dtype=object), {"prediction": ["a", None]}),
    "several": (np.array([[1, 2], [3, 4]]), {"prediction_0": [1, 3], "prediction_1": [2, 4]}),
    "by columns": (
        np.asfortranarray([[1, 2], [3, 4]]),
        {"prediction_0": [1, 3], "prediction_1": [2, 4]},
    ),
    "texts of several": (
        np.array([["a", "b"], ["c", "d"]]),
        {"prediction_0": ["a", "c"], "prediction_1": ["b", "d"]},
    ),
    "one": (np.array([[1], [3]]), {"prediction_0": [1, 3]}),
    "series": (pd.Series([1, 2], name="x"), {"prediction": [1, 2]}),
    "frame": (pd.DataFrame({"a": [1, 2], "b": ["x", None]}), {"a": [1, 2], "b": ["x", None]}),
    "arrow": (pa.table({"a": [1, None], "b": ["x", "y"]}), {"a": [1, None], "b": ["x", "y"]}),
    "list": ([1.5, 2.0], {"prediction": [1.5, 2.0]}),
    "lists": ([[1, "a"], [2, "b"]], {"prediction_0": [1, 2], "prediction_1": ["a", "b"]}),
    "records": ([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}], {"a": [1, 2], "b": ["x", "y"]}),
    "arrays": (
        {"p": np.array([0.5, 1.0]), "q": np.array([[1, 2], [3, 4]])},
        {"p": [0.5, 1.0], "q_0": [1, 3], "q_1": [2, 4]},
    ),
}
BATCHES: dict[str, Any] = {
    "pandas": pd.DataFrame({"id": ["r", "s"], "when": pd.to_datetime(["2026-01-31", None])}),
}
BATCHES["arrow"] = pa.Table.from_pandas(BATCHES["pandas"])
if pl is not None:
    of_polars = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    PREDICTIONS["polars"] = (of_polars, {"a": [1, 2], "b": ["x", None]})
    BATCHES["polars"] = pl.from_arrow(BATCHES["arrow"])


def returned(prediction: Any, returns: str, batch: Any = None, *keep: str) -> Any:
    told, buffers = values.to_buffers(prediction)
    return BatchOutcome(returns, keep).of(told, buffers, batch)


def cells(table: Any) -> dict[str, list[Any]]:
    if isinstance(table, pd.DataFrame):
        table = pa.Table.from_pandas(table, preserve_index=False)
    if not isinstance(table, pa.Table):
        table = table.to_arrow()
    return {str(name): values for name, values in table.to_pydict().items()}


@pytest.mark.parametrize("library", BATCHES)
@pytest.mark.parametrize("name", PREDICTIONS)
def test_a_prediction_is_a_table_of_any_library(name: str, library: str) -> None:
    prediction, expected = PREDICTIONS[name]
    assert cells(returned(prediction, library)) == expected
    assert list(types_of(*values.to_buffers(prediction))) == list(expected)


@pytest.mark.parametrize("library", BATCHES)
def test_it_is_like_its_batch_and_keeps_columns_of_it(library: str) -> None:
    batch = BATCHES[library]
    found = returned(np.array([1, 2]), "like", batch, "id", "when")
    assert type(found) is type(batch)
    kept = {name: cells(batch)[name] for name in ("id", "when")}
    assert cells(found) == {**kept, "prediction": [1, 2]}


def test_floats_keep_what_is_odd_in_them() -> None:
    for library in BATCHES:
        table = cells(returned(TWO, library))
        gap = table["prediction_0"][1]
        assert gap is None or np.isnan(gap)
        assert (table["prediction_1"][1], np.signbit(table["prediction_1"][0])) == (np.inf, True)
    assert returned(TWO, "arrow")["prediction_0"].null_count == 0
    assert np.array_equal(returned(TWO, "numpy"), TWO, equal_nan=True)


def test_types_of_pandas_are_those_of_arrow() -> None:
    noon = pd.Timestamp("2026-01-31 12:00", tz="Europe/Amsterdam")
    frame = pd.DataFrame(
        {
            "when": pd.Series([noon, None]).dt.as_unit("us"),
            "long": pd.to_timedelta([1, None], unit="s").as_unit("ms"),
            "kind": pd.Categorical(["b", None], categories=["a", "b"]),
            "many": pd.array([1, None], dtype="Int8"),
            "day": np.array([datetime.date(2026, 1, 31), None], dtype=object),
            "sum": np.array([decimal.Decimal("1.50"), None], dtype=object),
            "raw": np.array([b"x", None], dtype=object),
        }
    )
    found = returned(frame, "arrow")
    types = [str(each) for each in found.schema.types]
    assert types[:4] == [
        "timestamp[us, tz=Europe/Amsterdam]",
        "duration[ms]",
        "dictionary<values=string, indices=int32, ordered=0>",
        "int8",
    ]
    assert types[4:] == ["date32[day]", "decimal128(3, 2)", "binary"]
    expected = pa.Table.from_pandas(frame)
    assert found.to_pydict() == expected.to_pydict()
    pd.testing.assert_frame_equal(returned(frame, "pandas"), frame)


def test_a_frame_of_pandas_has_the_index_of_its_batch() -> None:
    batch = pd.DataFrame({"x": [1, 2]}, index=["r", "s"])
    assert list(returned(np.array([1, 2]), "like", batch).index) == ["r", "s"]
    assert list(returned(np.array([1, 2, 3]), "like", batch).index) == [0, 1, 2]


def test_what_is_no_table_is_said_to_be_none() -> None:
    for value in (5, np.zeros((2, 2, 2)), {"a": np.zeros(2), "b": np.zeros(3)}, {"a": 1}):
        with pytest.raises(UnfaithfulError, match="no table of columns"):
            returned(value, "pandas")
    with pytest.raises(UnfaithfulError, match="2 rows, and its batch 3"):
        returned(np.zeros(2), "like", pd.DataFrame({"x": [1, 2, 3]}), "x")
    with pytest.raises(UnfaithfulError, match="no column 'y'; there are 'x'"):
        returned(np.zeros(1), "like", pd.DataFrame({"x": [1]}), "y")
    with pytest.raises(UnfaithfulError, match="called 'prediction': rename"):
        returned(np.zeros(1), "like", pd.DataFrame({"prediction": [1]}), "prediction")
    with pytest.raises(UnfaithfulError, match="a batch of list is no table"):
        returned(np.zeros(1), "like", [1])
    with pytest.raises(WrongUseError, match="columns are kept in a table"):
        BatchOutcome("prediction", ("x",))


@pytest.mark.parametrize("name", PREDICTIONS)
def test_a_prediction_without_rows_is_like_others(name: str) -> None:
    prediction = values.to_buffers(PREDICTIONS[name][0])
    known = KnownPredictions(None)
    whole = BatchOutcome("arrow").of(*known.seen(prediction), None)
    empty = known.empty()
    assert empty is not None
    table = BatchOutcome("arrow").of(*empty, None)
    assert (table.schema, table.num_rows) == (whole.schema, 0)
    made = BatchOutcome().of(*empty, None)
    assert type(made) is type(PREDICTIONS[name][0])


@pytest.mark.parametrize("name", ["list", "lists", "records", "objects"])
def test_what_has_no_cells_has_the_columns_of_the_others(name: str) -> None:
    prediction = PREDICTIONS[name][0]
    none = prediction[:0]
    whole = values.to_buffers(prediction)
    recorded = with_columns(whole[0], types_of(*whole))
    for known in (KnownPredictions(None), KnownPredictions(recorded)):
        first = known.seen(values.to_buffers(none))
        assert len(BatchOutcome().of(*first, None)) == 0
        known.seen(whole)
        later = known.seen(values.to_buffers(none))
        for library in ("pandas", "arrow"):
            expected = BatchOutcome(library).of(*whole, None)
            table = BatchOutcome(library).of(*later, None)
            assert len(table) == 0
            assert types_in(table) == types_in(expected)


def types_in(table: Any) -> list[Any]:
    """Return the names and types of the columns of a table."""
    return list(table.schema) if hasattr(table, "schema") else [*table.dtypes.items()]


TEXTS: dict[str, Any] = {
    "words": np.array(["a", "é"]),
    "objects": np.array(["a", None], dtype=object),
    "list": ["a", None],
    "lists": [["a", 1], [None, 2]],
    "records": [{"a": "x"}, {"a": None}],
    "arrays": {"a": np.array(["a", "b"], dtype=object)},
    "bytes": [b"a", b"b"],
    "truth": [True, None],
}


@pytest.mark.parametrize("name", TEXTS)
def test_columns_of_texts_say_so(name: str) -> None:
    """A schema can be told of them: of objects an engine knows no type."""
    types = types_of(*values.to_buffers(TEXTS[name]))
    first = next(iter(types.values()))
    assert spark_type(first) == {"bytes": "binary", "truth": "boolean"}.get(name, "string")
    cells = returned(TEXTS[name], "pandas").iloc[:, 0]
    assert cells.dtype == object
