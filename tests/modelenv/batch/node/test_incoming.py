"""A batch becomes the model's input: all values of a column at once say what each says alone."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from modelenv.batch.node.incoming import BatchInput
from modelenv.run.incoming import like_of
from modelenv.table import values
from modelenv.table.errors import RowsError
from modelenv.table.incoming.cells import convert
from modelenv.table.incoming.records import types_of_records
from modelenv.table.incoming.rows import ColumnCells
from modelenv.table.libraries import native
from modelenv.worker.comparing.compare import compare

from ...table.frames import frames

pa: Any = pytest.importorskip("pyarrow")
pl: Any = import_module("polars") if find_spec("polars") else None
NUMBERS = ["int8", "uint8", "int16", "int32", "int64", "uint64", "float16", "float32", "float64"]


def described(example: Any) -> dict[str, Any]:
    return dict(values.take(example)[0])


def made(batch: Any, example: Any, *beside: str) -> Any:
    told, buffers = BatchInput(like_of(described(example)), beside).read(batch)
    return values.build(dict(told), iter(buffers))


def same(one: Any, other: Any) -> bool:
    return bool(compare(one, other)["equal"] == "exactly")


WIDE = pd.DataFrame(np.arange(12.0).reshape(4, 3), columns=["a", "b", "c"])
WIDE.iloc[1, 1], WIDE.iloc[2, 1], WIDE.iloc[3, 2] = np.nan, np.inf, -0.0
BATCHES = {
    "pandas": WIDE,
    "arrow": pa.Table.from_pandas(WIDE, preserve_index=False),
    "batch": pa.RecordBatch.from_pandas(WIDE, preserve_index=False),
    "chunks": pa.concat_tables([pa.Table.from_pandas(WIDE[:2]), pa.Table.from_pandas(WIDE[2:])]),
    "numpy": WIDE.to_numpy(),
    "rows of columns": np.asfortranarray(WIDE.to_numpy()),
}


if pl is not None:
    BATCHES["polars"] = pl.from_pandas(WIDE, nan_to_null=False)
EXAMPLES = {name: batch[:1] for name, batch in BATCHES.items() if name not in ("batch", "chunks")}


@pytest.mark.parametrize("kind", BATCHES)
@pytest.mark.parametrize("of", EXAMPLES)
def test_a_batch_of_any_library_is_what_the_example_is_of(kind: str, of: str) -> None:
    example = EXAMPLES[of]
    found = made(BATCHES[kind], example)
    assert type(found) is type(example)
    assert np.array_equal(np.asarray(found, dtype=float), WIDE.to_numpy(), equal_nan=True)
    assert np.signbit(np.asarray(found, dtype=float)[3, 2])


def test_columns_are_taken_by_name_and_others_are_left_out() -> None:
    batch = WIDE.assign(id=range(4))[["c", "id", "a", "b"]]
    incoming = BatchInput(like_of(described(WIDE)))
    told, _ = incoming.read(batch)
    assert told["columns"] == ["a", "b", "c"]
    assert incoming.notes == ["left out, as the model's example has no such column: 'id'"]
    kept = BatchInput(like_of(described(WIDE)), ["id", "a"])
    assert kept.read(batch)[0]["columns"] == ["a", "b", "c"]
    assert kept.notes == []


def test_columns_that_the_model_does_not_take_may_hold_anything() -> None:
    batch = pa.table({"a": [1.0], "b": [2.0], "c": [3.0], "lists": [[1, 2]]})
    assert same(made(batch, WIDE), pd.DataFrame({"a": [1.0], "b": [2.0], "c": [3.0]}))


def test_a_frame_keeps_its_index() -> None:
    batch = WIDE.set_index(pd.Index(["w", "x", "y", "z"], name="key"))
    assert same(made(batch, WIDE), batch)
    assert same(made(WIDE[::2], WIDE), WIDE[::2])


@settings(max_examples=25)
@given(frames())
def test_a_frame_like_the_example_is_given_as_it_is(frame: pd.DataFrame) -> None:
    assert same(made(frame, frame), frame)


def test_a_frame_of_objects_keeps_what_the_example_has_not() -> None:
    example = pd.DataFrame({"a": pd.Series(["x"], dtype=object)})
    for cells in (["y", None], ["y", float("nan")], ["y", 1]):
        batch = pd.DataFrame({"a": pd.Series(cells, dtype=object)})
        assert same(made(batch, example), batch)


KINDS: dict[str, Any] = {
    "texts": ["a", None, "", "é\U0001f600"],
    "bytes": [b"a", None, b""],
    "booleans": [True, None, False],
    "integers": [1, None, -(2**62)],
    "floats": [1.5, None, float("inf"), -0.0],
    "dates": pa.array([0, None, 20000], pa.date32()),
    "times": pa.array([0, None, 10**15], pa.timestamp("us")),
    "zones": pa.array([0, None, 10**15], pa.timestamp("ns", tz="Europe/Amsterdam")),
    "durations": pa.array([1, None, 10**6], pa.duration("ms")),
    "categories": pa.array(["a", None, "b", "a"]).dictionary_encode(),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("first", [0, 1])
def test_gaps_and_slices_of_arrow_are_those_of_pandas(kind: str, first: int) -> None:
    whole = pa.table({"x": KINDS[kind]})
    example, batch = whole.to_pandas(), whole.slice(first)
    found = made(batch, example)
    expected = batch.to_pandas()
    assert found["x"].dtype == expected["x"].dtype
    assert found["x"].isna().tolist() == expected["x"].isna().tolist()
    assert found["x"].dropna().tolist() == expected["x"].dropna().tolist()
    if pl is not None:
        of_polars = made(pl.from_arrow(whole).slice(first), example)
        assert of_polars["x"].dropna().tolist() == expected["x"].dropna().tolist()


@given(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS), st.data())
def test_all_numbers_at_once_are_what_each_is_alone(
    kind: str, wanted: str, data: st.DataObject
) -> None:
    cells = data.draw(st.lists(numbers(kind), max_size=3))
    column = values.take_table(pd.Series(np.array(cells, dtype=kind)))
    wanted_type = values.take_table(pd.Series(np.array([], dtype=wanted)))
    assert column is not None
    assert wanted_type is not None
    (one,), type_ = column.columns, wanted_type.columns[0].type
    typed = ColumnCells(lambda: one, len(cells))
    assert outcome(typed, type_) == outcome(one.cells(), type_)


def numbers(kind: str) -> st.SearchStrategy[Any]:
    if kind.startswith("float"):
        width: Any = int(kind[5:])
        return st.floats(width=width) | st.integers(-3, 3).map(float)
    limits = np.iinfo(kind)
    return st.integers(int(limits.min), int(limits.max)) | st.integers(0, 3)


def outcome(cells: Any, type_: Any) -> Any:
    try:
        column = convert("x", cells, type_)
    except RowsError as error:
        return str(error)
    return [bytes(buffer or b"") for buffer in column.buffers]


def test_a_value_that_is_no_category_is_named() -> None:
    example = pd.DataFrame({"x": pd.Categorical(["a", "b"])})
    for batch in (
        pa.table({"x": ["b", "c"]}),
        pa.table({"x": pa.array(["b", "c"]).dictionary_encode()}),
    ):
        with pytest.raises(RowsError, match=r"column 'x', row 1: 'c' is none of the .* categories"):
            made(batch, example)
    assert made(pa.table({"x": ["b", None]}), example)["x"].cat.codes.tolist() == [1, -1]


def test_what_is_no_table_is_given_as_it_is() -> None:
    for value in ([{"a": 1}], {"x": np.arange(3)}, ["text"], np.zeros((2, 2, 2)), 5):
        assert same(made(value, value), value)


def test_a_table_is_a_list_of_dictionaries_where_the_example_is_one() -> None:
    rows = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    like = {**described(rows), "records": types_of_records(rows)}
    told, buffers = BatchInput(like).read(pa.Table.from_pylist(rows))
    assert values.build(dict(told), iter(buffers)) == rows


def test_a_model_that_says_nothing_of_its_input_gets_a_frame_of_pandas() -> None:
    incoming = BatchInput({"type": "none"})
    table = pa.table({"a": [1, None], "b": ["x", None], "c": [1.5, 2.5]})
    told, buffers = incoming.read(table)
    found = values.build(dict(told), iter(buffers))
    assert [str(each) for each in found.dtypes][::2] == ["Int64", "float64"]
    assert found["b"].isna().tolist() == [False, True]
    assert "the types are guessed" in incoming.notes[0]


def test_rows_are_counted_and_cut() -> None:
    for batch in BATCHES.values():
        assert native.count_of(batch) == 4
        assert np.array_equal(np.asarray(native.sliced(batch, 1, 3))[:, 0], [3.0, 6.0])
    assert native.count_of(5) is None
    assert not native.is_sliced({"a": 1})


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "bsr", "dia", "lil", "dok"])
def test_rows_of_a_sparse_matrix_are_one_of_its_form(form: str) -> None:
    batch = scipy.sparse.csr_matrix(np.arange(12.0).reshape(6, 2)).asformat(form)
    assert (native.count_of(batch), native.is_sliced(batch)) == (6, True)
    half = native.sliced(batch, 1, 3)
    assert type(half) is type(batch)
    assert half.toarray().tolist() == [[2.0, 3.0], [4.0, 5.0]]


def test_rows_of_a_dictionary_are_those_of_its_arrays() -> None:
    batch = {"a": np.arange(4), "b": np.ones((4, 2))}
    assert (native.count_of(batch), native.is_sliced(batch)) == (4, True)
    half = native.sliced(batch, 1, 3)
    assert (half["a"].tolist(), half["b"].shape) == ([1, 2], (2, 2))
    assert native.count_of({"a": np.ones(3), "b": np.ones(2)}) is None
    assert native.count_of({}) is None
