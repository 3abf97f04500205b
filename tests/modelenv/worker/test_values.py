"""Values are read back equal and of the same type, as JSON where possible."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import json
import pickle
import uuid
import zoneinfo
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from modelenv.worker import values
from modelenv.worker.comparing.compare import compare


class Point(NamedTuple):
    """A prediction that is a tuple with names."""

    x: float
    y: Any


@dataclasses.dataclass(frozen=True)
class Scored:
    """A prediction of a class of its own."""

    scores: Any
    label: str


class Colour(enum.Enum):
    """One of a class whose values are more than fields."""

    RED = 1


@dataclasses.dataclass
class Loud:
    """One whose end does something: it is not made of what somebody else wrote."""

    number: int

    def __del__(self) -> None:
        """Do it."""


# Values of pyarrow's, where it is.
OF_ARROW: list[object] = []
NESTED: list[object] = []
if find_spec("pyarrow"):
    import pyarrow

    OF_ARROW += [
        pyarrow.table({"a": [1, None], "b": ["x", "y"]}),
        pyarrow.Table.from_pandas(pd.DataFrame({"t": pd.to_datetime(["2024"])}, index=["r"])),
        pyarrow.record_batch({"a": [1.5]}),
        pyarrow.chunked_array([[1], [2]]),
        pyarrow.array([decimal.Decimal("1.50"), None]),
    ]
    NESTED += [
        pd.Series([[1]], dtype=pd.ArrowDtype(pyarrow.list_(pyarrow.int8()))),
        pyarrow.array([[1], []]),
    ]

JSON = [
    np.float64(1.5),
    np.bool_(True),
    [np.float64(1.5)],
    (1, 2),
    [(1, 2)],
    b"bytes",
    np.str_("text"),
    {"a": np.ones(2), "b": [np.int8(1), "x"]},
    (np.ones(1), {"deep": (b"x", None)}),
    scipy.sparse.csr_matrix(np.eye(3)),
    scipy.sparse.csc_array(np.array([[0, 1.5]])),
    np.array([1.5, -0.0, np.nan]),
    np.array([[1, 2], [3, 4]], dtype="int8"),
    np.array([2**64 - 1], dtype="uint64"),
    np.array([0.1, 65504.0], dtype="float16"),
    np.array([0.1, np.nan], dtype=">f4"),
    np.array([True, False]),
    np.array(["a", "ümläut", "\ud800", ""]),
    np.array(3.25),
    np.array(np.nan),
    np.array(7),
    np.zeros((0, 3)),
    np.zeros((2, 0), dtype="int32"),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan], "c": ["x", None], "d": [True, False]}),
    pd.DataFrame({"a": pd.Series([1, 2], dtype="uint8"), "b": pd.Series([1, 2], dtype="float32")}),
    pd.DataFrame({"a": pd.Series([], dtype="int64"), "b": pd.Series([], dtype="float64")}),
    pd.DataFrame({"s": pd.Series(["a", "b"], dtype=object)}),
    pd.Series([1.0, np.nan], name="price"),
    pd.Series([1, 2, 3]),
    pd.Series(["a", "b"], name="word"),
    pd.DataFrame({"a": pd.Categorical(["x", "y"], categories=["y", "x"])}),
    pd.DataFrame({"a": pd.Categorical(["x", None], ordered=True)}),
    pd.DataFrame({"a": pd.to_datetime(["2024-01-01", None])}),
    pd.DataFrame({"a": pd.to_datetime(["2024-01-01T00:00:00.5"]).tz_localize("Asia/Tokyo")}),
    pd.DataFrame({"a": pd.to_timedelta(["-1 days +02:00:00", None])}),
    pd.DataFrame({"a": pd.Series([1, None], dtype="Int64")}),
    pd.DataFrame({"a": pd.Series([True, None], dtype="boolean")}),
    pd.DataFrame({"a": pd.Series(["x", None], dtype="string")}),
    pd.DataFrame({"a": [datetime.date(2024, 1, 1), None], "b": [decimal.Decimal("1.50"), None]}),
    pd.DataFrame({"a": [1, 2]}, index=[1, 2]),
    pd.DataFrame({"a": [1, 2]}, index=["x", "y"]),
    pd.DataFrame({"a": [1, 2]}, index=pd.RangeIndex(2, name="id")),
    pd.DataFrame({"a": [1, 2]}, index=pd.date_range("2024-01-01", periods=2, name="day")),
    pd.DataFrame({"a": [1, 2]}, index=pd.MultiIndex.from_tuples([("x", 1), ("y", 2)])),
    pd.DataFrame({"a": [1]}).rename_axis(columns="variable"),
    pd.DataFrame([[1]], columns=pd.CategoricalIndex(["a"])),
    pd.DataFrame({1: [1]}),
    pd.DataFrame([[1, 2]]),
    pd.DataFrame([[1, 2]], columns=["a", "a"]),
    None,
    True,
    10**30,
    0.1,
    "text \x00 \ud800",
    [],
    {},
    {"a": [1, 2.5, None, {"b": "c"}], "": [[]]},
]

BUFFERS = [
    np.array([np.inf]),
    np.array([1j]),
    np.array([b"bytes"]),
    np.array([{"a": 1}, None], dtype=object),
    np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    np.array(["2024-01-01", "NaT"], dtype="datetime64[D]"),
    np.zeros(2, dtype="V3"),
    pd.DataFrame({"a": [np.inf]}),
    pd.DataFrame({"a": [1 + 2j]}),
    pd.DataFrame({"a": pd.Series([0.5, np.inf], dtype="float16")}),
    pd.DataFrame(index=pd.RangeIndex(3)),
    pd.DataFrame({"a": [[1], [2]]}).map(tuple),
    pd.DataFrame({"a": pd.Series([None, np.nan], dtype=object)}),
    pd.DataFrame({"a": [np.array([0.5, 1.5]), None]}),
    pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
    pd.DataFrame([[1]], columns=pd.to_datetime(["2024-01-01"])),
    pd.Series([1], name=3),
    pd.Series([1], index=pd.RangeIndex(1, name="id")),
    pd.Timestamp("2024-01-01"),
    [pd.Timestamp("2024-01-01", tz="Europe/Amsterdam"), pd.NaT, pd.NA],
    {1, 2},
    frozenset(),
    {"a": {1: 2}},
    float("nan"),
    [float("inf")],
    {"scores": np.array([np.inf]), "words": ("a", b"b")},
    10**5000,
    bytearray(b"x"),
    1j,
    datetime.date(2024, 1, 1),
    datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc),
    datetime.timedelta(days=-1, microseconds=3),
    decimal.Decimal("1.50"),
    datetime.time(23, 59, 59, 5),
    datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo("Europe/Rome")),
    uuid.UUID(int=7),
    fractions.Fraction(1, 3),
    range(3),
    collections.OrderedDict(b=1, a=2),
    collections.Counter("aab"),
    collections.deque([1, 2], 2),
    Point(1, 2.5),
    [Point(1, "a"), Point(2, "b")],
    Scored(np.array([0.5, np.inf]), "words"),
    {"deep": [Scored(1.5, "a"), {"of": Point(np.float32(1), None)}]},
    np.ma.masked_array([1, 2], mask=[True, False]),
    np.ma.masked_array([1.5, np.nan], fill_value=0.0),
    np.ma.masked_array([[1, 2]], mask=[[False, True]], hard_mask=True),
    {"empty": np.zeros((0, 3)), "then": np.array([np.inf])},
    *[
        getattr(scipy.sparse, f"{form}_{kind}")(np.array([[0, 1.5], [0, 0], [-2, 0]]))
        for form in ("bsr", "coo", "dia", "lil", "dok")
        for kind in ("matrix", "array")
    ],
    pd.DataFrame({"a": pd.period_range("2024-01", periods=2, freq="M")}),
    pd.DataFrame({"a": [1, 2]}, index=pd.period_range("2024", periods=2, freq="Y")),
    pd.Series(pd.PeriodIndex(["2024-01-01 03", "NaT"], freq="2h")),
    pd.Series(pd.interval_range(0.0, 3.0, closed="left")),
    pd.Series(pd.arrays.IntervalArray.from_tuples([(0, 1), None])),
    pd.Series(pd.interval_range(pd.Timestamp("2024", tz="Asia/Tokyo"), periods=2)),
    pd.cut(pd.Series([1.0, 2.0, np.nan]), 3),
    pd.DataFrame([[1]], columns=pd.interval_range(0, 1)),
    pd.DataFrame.sparse.from_spmatrix(scipy.sparse.eye(3)),
    pd.Series(pd.arrays.SparseArray([np.nan, 0.0, 1.0], fill_value=0.0)),
    [pd.Period("2024-01", "D"), pd.Interval(0, 1.5, closed="both")],
    pd.DataFrame({"a": [1j, 2.0], "b": np.array([1j, np.nan], dtype="complex64")}),
    pd.Index([1, 2], name="id"),
    pd.RangeIndex(1, 7, 2),
    pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None]),
    pd.date_range("2024-01-01", periods=3, freq="D", tz="UTC"),
    pd.CategoricalIndex(["a", "b"]),
    pd.Categorical(["a", None], ordered=True),
    pd.array([1, None], dtype="Int64"),
    *OF_ARROW,
]

PICKLED = [
    np.array([1, 2], dtype="longdouble"),
    pd.DataFrame({"a": [Path("x")], "b": [1]}),
    *NESTED,
    Path("x"),
    [Path("x"), np.ones(1)],
    Loud(1),
    Colour.RED,
]


def kind(value: object) -> str:
    return str(getattr(value, "dtype", type(value).__name__))


def there_and_back(value: object, folder: Path) -> tuple[dict[str, Any], Any]:
    described = values.write(value, str(folder / "value"))
    told = json.loads(json.dumps(described))
    return described, values.read(told)


@pytest.mark.parametrize("value", JSON, ids=kind)
def test_what_json_can_say_is_json_and_comes_back(value: object, tmp_path: Path) -> None:
    described, back = there_and_back(value, tmp_path)
    assert described["type"] != "pickle"
    assert described["file"] == str(tmp_path / "value.json")
    assert compare(value, back)["equal"] == "exactly"


@pytest.mark.parametrize("value", BUFFERS, ids=kind)
def test_what_json_would_bend_goes_as_buffers_and_comes_back(value: object, tmp_path: Path) -> None:
    described, back = there_and_back(value, tmp_path)
    assert (described["encoding"], described["file"]) == ("buffers", f"{tmp_path}/value.buffers")
    assert described["reason"]
    assert type(back) is type(value)
    assert compare(value, back)["equal"] == "exactly"


@pytest.mark.parametrize("value", PICKLED, ids=kind)
def test_what_has_no_description_is_pickled_and_comes_back(value: object, tmp_path: Path) -> None:
    described, back = there_and_back(value, tmp_path)
    assert (described["type"], described["file"]) == ("pickle", str(tmp_path / "value.pkl"))
    assert described["reason"]
    assert type(back) is type(value)
    assert compare(value, back)["equal"] == "exactly"


def test_a_pickled_frame_is_described_but_for_what_cannot_be(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"a": [1, 2], "b": [Path("x"), Path("y")], "c": pd.Categorical(["u", "v"])}
    )
    described, _ = there_and_back(frame, tmp_path)
    assert "column 'b', row 0: a value of pathlib" in described["reason"]
    assert described["like"]["columns"] == ["a", "b", "c"]
    assert described["like"]["types"][2]["categories"] == ["u", "v"]


def test_the_layout_is_the_one_of_an_mlflow_input_example(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    described, _ = there_and_back(frame, tmp_path)
    assert (described["type"], described["pandas_orient"]) == ("dataframe", "split")
    text = (tmp_path / "value.json").read_text()
    assert json.loads(text) == {"columns": ["a", "b"], "data": [[1, "x"], [2, "y"]]}


def test_minus_zero_keeps_its_sign(tmp_path: Path) -> None:
    _, back = there_and_back(np.array([-0.0]), tmp_path)
    assert np.signbit(back[0])


def test_a_frame_loses_neither_the_type_of_its_columns_nor_names(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series([1], dtype="int16")}).rename_axis("id")
    _, back = there_and_back(frame, tmp_path)
    pd.testing.assert_frame_equal(back, frame)


def test_a_dump_of_the_caller_s_is_used_where_json_does_not_do(tmp_path: Path) -> None:
    calls = []

    def dump(value: object, file: Any, protocol: int) -> None:
        calls.append(value)
        pickle.dump(value, file, protocol)

    values.write([1], str(tmp_path / "a"), dump)
    values.write(Path("x"), str(tmp_path / "b"), dump)
    assert calls == [Path("x")]


def test_arrays_and_tables_are_read_from_files_of_the_user_s(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(3))
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    array = values.read({"type": "npy", "file": str(tmp_path / "a.npy")})
    frame = values.read({"type": "csv", "file": str(tmp_path / "a.csv")})
    assert array.tolist() == [0, 1, 2]
    assert frame.to_dict("list") == {"x": [1], "y": [2]}


def test_an_array_file_with_pickled_objects_is_not_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        values.read({"type": "npy", "file": str(tmp_path / "a.npy")})


def test_a_value_that_holds_itself_is_pickled(tmp_path: Path) -> None:
    loop: list[Any] = []
    loop.append(loop)
    described, back = there_and_back(loop, tmp_path)
    assert described["type"] == "pickle"
    assert back[0] is back


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)
dtypes = st.sampled_from(["?", "i1", "u8", ">i4", "f2", "f4", "f8", "c16", "U3", "M8[s]"])
shapes = st.lists(st.integers(0, 3), max_size=3)
cells = st.sampled_from([0, 1, 2, 7, 100])


@st.composite
def arrays(draw: st.DrawFn) -> Any:
    shape, dtype = draw(shapes), np.dtype(draw(dtypes))
    count = int(np.prod(shape))
    array = np.array(draw(st.lists(cells, min_size=count, max_size=count))).astype(dtype)
    if dtype.kind == "f" and count:
        array[draw(st.integers(0, count - 1))] = draw(st.sampled_from([np.nan, np.inf, -0.0, 0.1]))
    return array.reshape(shape)


columns = st.sampled_from(
    [
        [1, 2],
        [0.5, np.nan],
        [np.inf, 1.0],
        ["a", None],
        ["a", "b"],
        [True, False],
        [True, None],
        [None, None],
        [1, "a"],
        pd.Categorical(["x", "y"]),
        pd.to_datetime(["2024-01-01", None]),
        pd.array([1, None], dtype="Int8"),
        np.array([1, 2], dtype="f4"),
    ]
)
indexes = st.sampled_from([None, None, [0, 1], [1, 0], ["a", "b"], pd.RangeIndex(0, 4, 2)])
frames = st.builds(
    pd.DataFrame,
    st.dictionaries(st.sampled_from(["a", "b", "c", 1, ""]), columns, max_size=3),
    index=indexes,
)
series = st.builds(pd.Series, columns, index=indexes, name=st.sampled_from([None, "a", 1, ("a",)]))


@given(value=plain | arrays() | frames | series)
def test_whatever_is_written_comes_back_equal_and_of_the_same_type(
    value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """ "Faithful means: read back, it is equal and of the same type." """
    folder = tmp_path_factory.getbasetemp() / "faithful"
    folder.mkdir(exist_ok=True)
    _, back = there_and_back(value, folder)
    assert type(back) is type(value)
    assert compare(value, back)["equal"] == "exactly"
    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(back, value, check_exact=True)
    elif isinstance(value, pd.Series):
        pd.testing.assert_series_equal(back, value, check_exact=True)
    elif isinstance(value, np.ndarray):
        np.testing.assert_array_equal(back, value)
        assert getattr(back, "dtype", None) == value.dtype
    else:
        assert repr(back) == repr(value)


@pytest.mark.parametrize("kind", ["list", "struct", "array"])
def test_a_polars_column_that_has_no_type_is_pickled(kind: str, tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    columns = {
        "list": polars.Series("a", [[1], [2, 3]]),
        "struct": polars.Series("a", [{"x": 1}]),
        "array": polars.Series("a", [[1, 2]], dtype=polars.Array(polars.Int64, 2)),
    }
    for value in (columns[kind], columns[kind].to_frame()):
        described = values.write(value, str(tmp_path / "value"))
        assert described["type"] == "pickle"
        assert compare(value, values.read(described))["equal"] == "exactly"


MANY = np.zeros((600, 500))


@pytest.mark.parametrize(
    ("value", "encoding"),
    [
        (MANY, "buffers"),
        (pd.DataFrame(MANY), "buffers"),
        ({"a": [MANY], "b": 1}, "buffers"),
        ((MANY[:300], MANY[300:]), "buffers"),
        (MANY[:300], None),
        (pd.Series(MANY[0]), None),
        ([0.5] * 300_000, None),
        ({"a": 1}, None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_prediction_of_many_cells_is_recorded_as_buffers(
    value: Any, encoding: str | None, tmp_path: Path
) -> None:
    told = values.write(value, str(tmp_path / "prediction"), forms=values.RECORDED)
    assert told.get("encoding") == encoding
    assert compare(value, values.read(told))["equal"] == "exactly"
    assert told.get("reason") == (encoding and "its JSON would be long: it has 300000 cells")
