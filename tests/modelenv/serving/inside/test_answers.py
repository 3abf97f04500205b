"""Predictions as answers, and the error where there is none."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import json
import math
import uuid
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modelenv.serving.errors import model_failed
from modelenv.serving.inside.answers import predictions
from modelenv.table.errors import UnfaithfulError

NAN, INF = math.nan, math.inf
Pair = collections.namedtuple("Pair", "left right")  # noqa: PYI024  # models return such


@dataclasses.dataclass
class Score:
    value: float
    words: list[str]


class Colour(str, enum.Enum):
    RED = "red"


class Size(enum.IntEnum):
    BIG = 3


class Shape(enum.Enum):
    ROUND = (1, 2)


class Celsius(float):
    def __str__(self) -> str:
        return "warm"


KEYS_TWICE = {"1": "a", "1-1": "b", "None": 1, "None-3": 2}
PREDICTIONS: dict[str, tuple[Any, Any]] = {
    "a number": (np.float64(0.5), 0.5),
    "no number": (NAN, None),
    "numbers": ([1, 2.5, NAN, INF, -INF], [1, 2.5, None, None, None]),
    "an array": (np.array([[1.5, NAN], [INF, 2]]), [[1.5, None], [None, 2.0]]),
    "an array of single precision": (np.array([0.5, INF], "f4"), [0.5, None]),
    "an array of half precision": (np.array([65504, NAN], "f2"), [65504.0, None]),
    "large numbers": (np.array([2**64 - 1], "u8"), [2**64 - 1]),
    "truth": (np.array([True, False]), [True, False]),
    "an array of no dimension": (np.array(3), 3),
    "an array of nothing": (np.zeros((0, 3)), []),
    "texts": (np.array(["a", "ü"]), ["a", "ü"]),
    "objects": (np.array([None, "a", 1.5, pd.NA], dtype=object), [None, "a", 1.5, None]),
    "days": (np.array(["2026-01-31", "NaT"], "M8[D]"), ["2026-01-31", None]),
    "durations": (np.array([90, "NaT"], "m8[s]"), ["0 days 00:01:30", None]),
    "a frame": (
        pd.DataFrame({"a": [1.5, NAN], "b": [1, 2], "c": ["x", None]}),
        [{"a": 1.5, "b": 1, "c": "x"}, {"a": None, "b": 2, "c": None}],
    ),
    "a frame with infinity": (pd.DataFrame({"a": [INF]}), [{"a": None}]),
    "a frame of no rows": (pd.DataFrame({"a": pd.Series([], dtype="f8")}), []),
    "a frame of no columns": (pd.DataFrame(index=[1, 2]), [{}, {}]),
    "a frame with numbers for names": (pd.DataFrame([[1, 2]]), [{"0": 1, "1": 2}]),
    "a frame of objects": (
        pd.DataFrame({"a": pd.Series([[1, np.nan], {"b": np.float32(0.5)}], dtype=object)}),
        [{"a": [1, None]}, {"a": {"b": 0.5}}],
    ),
    "a frame of categories": (
        pd.DataFrame({"a": pd.Categorical(["x", None])}),
        [{"a": "x"}, {"a": None}],
    ),
    "masked numbers": (pd.Series([1, None], dtype="Int64"), [1, None]),
    "a series": (pd.Series([0.5, NAN], name="y"), [0.5, None]),
    "times": (pd.Series(pd.to_datetime(["2026-01-31 09:30", None])), ["2026-01-31T09:30:00", None]),
    "an index": (pd.Index([1, 2]), [1, 2]),
    "a dictionary": ({"p": np.array([0.5]), 3: NAN}, {"p": [0.5], "3": None}),
    "dictionaries": ([{"sum": np.int64(3), "k": 7}], [{"sum": 3, "k": 7}]),
    "a pair": (Pair(1, "x"), [1, "x"]),
    "a dataclass": (Score(0.5, ["a"]), {"value": 0.5, "words": ["a"]}),
    "an enumeration": ([Colour.RED, Size.BIG], ["red", 3]),
    "a class of numbers": (Celsius(3.5), 3.5),
    "a day": (datetime.date(2026, 1, 31), "2026-01-31"),
    "a duration": (datetime.timedelta(days=1, seconds=1.5), "1 days 00:00:01.500000"),
    "a decimal": (decimal.Decimal("1.50"), "1.50"),
    "names that come twice": (
        pd.DataFrame([[1, 2, 3, 4]], columns=["a", "a", 1, "1"]),
        [{"a": 1, "a-1": 2, "1": 3, "1-3": 4}],
    ),
    "names that come twice, and those that others would get": (
        pd.DataFrame([[1, 2, 3]], columns=["a", "a", "a-1"]),
        [{"a": 1, "a-1-1": 2, "a-1": 3}],
    ),
    "keys that come twice": ({1: "a", "1": "b", None: 1, "None": 2}, KEYS_TWICE),
    "keys that come twice below": ([{True: 1, "True": 2}], [{"True": 1, "True-1": 2}]),
    "a frame with infinity among categories": (
        pd.DataFrame({"a": pd.Categorical([1.5, INF]), "b": [1, 2]}),
        [{"a": 1.5, "b": 1}, {"a": None, "b": 2}],
    ),
    "months": (pd.Series(pd.period_range("2026-01", periods=2, freq="M")), ["2026-01", "2026-02"]),
    "an index of months": (pd.period_range("2026-01", periods=1, freq="M"), ["2026-01"]),
    "intervals": (pd.cut(pd.Series([1, 3, NAN]), [0, 2, 4]), ["(0, 2]", "(2, 4]", None]),
    "sparse numbers": (
        pd.DataFrame({"a": pd.arrays.SparseArray([0, 1]), "b": ["x", None]}),
        [{"a": 0, "b": "x"}, {"a": 1, "b": None}],
    ),
    "a frame in a cell": (pd.Series([pd.DataFrame({"a": [1]}), None]), [[{"a": 1}], None]),
    "a frame of one's own class": (type("Own", (pd.DataFrame,), {})({"a": [1]}), [{"a": 1}]),
    "a series with a label as columns": (pd.Series({"columns": pd.Period("2026")}), ["2026"]),
    "a range": (range(2), [0, 1]),
    "a queue": ({"last": collections.deque([1.5])}, {"last": [1.5]}),
    "an id": (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    "a fraction": ([fractions.Fraction(1, 3)], ["1/3"]),
    "an enumeration of no numbers": ([Shape.ROUND], [[1, 2]]),
    "times of day": (
        [datetime.time(1, 2), datetime.time(1, 2, 3, 4)],
        ["01:02:00", "01:02:03.000004"],
    ),
    "fields": (
        np.array([(1, 0.5, "2026-01-31")], dtype=[("a", "i8"), ("b", "f4"), ("t", "M8[ns]")]),
        [[1, 0.5, "2026-01-31T00:00:00"]],
    ),
    "fields of two dimensions": (np.zeros((2, 1), dtype=[("a", "i8")]), [[[0]], [[0]]]),
    "masked times": (
        np.ma.array(np.array([0, 0], "M8[s]"), mask=[False, True]),
        ["1970-01-01T00:00:00", None],
    ),
    "bytes": (b"hi", "aGk="),
    "none": (None, None),
    "a text": ('ü\n"', 'ü\n"'),
}


@pytest.mark.parametrize("name", PREDICTIONS)
def test_every_prediction_is_json(name: str) -> None:
    value, expected = PREDICTIONS[name]
    text = predictions(value)

    def never(word: str) -> None:
        raise AssertionError(word)

    assert json.loads(text, parse_constant=never) == {"predictions": expected}


def test_a_sparse_matrix_is_its_rows() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    assert json.loads(predictions(sparse.csr_matrix(np.eye(2)))) == {
        "predictions": [[1, 0], [0, 1]]
    }


NANOSECONDS = np.array([1_234_567_891, "NaT"], "m8[ns]")
MOMENTS = np.array(["2026-01-31T09:30:00.123456789", "NaT"], "M8[ns]")
ZONED = pd.Series(MOMENTS).dt.tz_localize("Europe/Berlin")
NUMBERS = [decimal.Decimal("12345678901234567890.12"), decimal.Decimal("1E+999"), None]
NO_NUMBERS = [decimal.Decimal(text) for text in ("NaN", "sNaN", "-Infinity")]
ALIKE: dict[str, tuple[list[Any], list[Any]]] = {
    "durations": (
        [
            *(NANOSECONDS, list(NANOSECONDS), pd.Series(NANOSECONDS), list(pd.Series(NANOSECONDS))),
            *(pd.Index(NANOSECONDS), pd.Series(NANOSECONDS).astype(object)),
        ],
        ["0 days 00:00:01.234567891", None],
    ),
    "times": (
        [MOMENTS, list(MOMENTS), pd.Series(MOMENTS), list(pd.Series(MOMENTS)), pd.Index(MOMENTS)],
        ["2026-01-31T09:30:00.123456789", None],
    ),
    "times with a zone": (
        [ZONED, list(ZONED), ZONED.astype(object), pd.Index(ZONED)],
        ["2026-01-31T08:30:00.123456789Z", None],
    ),
    "times of Python with a zone": (
        [
            [
                datetime.datetime(
                    2026, 1, 31, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=1))
                )
            ],
            pd.Series(["2026-01-31T01:00+01:00"], dtype="datetime64[s, UTC+01:00]"),
        ],
        ["2026-01-31T00:00:00Z"],
    ),
    "hours": (
        [np.array([30], "m8[h]"), [np.timedelta64(30, "h")], [datetime.timedelta(hours=30)]],
        ["1 days 06:00:00"],
    ),
    "days": ([np.array(["2026-01"], "M8[M]"), [datetime.date(2026, 1, 1)]], ["2026-01-01"]),
    "decimals": (
        [NUMBERS, np.array(NUMBERS), pd.Series(NUMBERS), pd.Series([*NUMBERS, 1])[:3]],
        ["12345678901234567890.12", "1E+999", None],
    ),
    "decimals that are no numbers": (
        [NO_NUMBERS, pd.Series(NO_NUMBERS), np.array(NO_NUMBERS)],
        [None, None, None],
    ),
}


@pytest.mark.parametrize("name", ALIKE)
def test_a_value_is_written_alike_whatever_holds_it(name: str) -> None:
    held, expected = ALIKE[name]
    for value in held:
        assert json.loads(predictions(value)) == {"predictions": expected}, type(value)


@pytest.mark.parametrize("form", ["pyarrow", "polars"])
def test_tables_of_other_libraries_are_rows(form: str) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    lists = [[1, 2], None]
    table = pyarrow.table({"a": [1, None], "t": pyarrow.array([1, 2], "timestamp[ns]"), "l": lists})
    value = table
    if form == "polars":
        value = pytest.importorskip("polars").from_arrow(table)
    times = ["1970-01-01T00:00:00.000000001", "1970-01-01T00:00:00.000000002"]
    expected = [
        dict(zip("atl", row, strict=True)) for row in zip([1, None], times, lists, strict=True)
    ]
    assert json.loads(predictions(value)) == {"predictions": expected}
    column = value["l"]
    assert json.loads(predictions([column, table["a"]])) == {"predictions": [lists, [1, None]]}
    of_pandas = table.select(["l"]).to_pandas(types_mapper=pd.ArrowDtype)
    assert json.loads(predictions(of_pandas["l"])) == {"predictions": lists}


def test_months_are_no_duration() -> None:
    with pytest.raises(UnfaithfulError, match="unit 'M'"):
        predictions(np.array([3], "m8[M]"))


class Own:
    pass


@pytest.mark.parametrize(
    "value",
    [Own(), (each for each in "ab"), [{"a": Own()}], 1j, Own, np.ones(1, "g"), np.ones(1, "c8")],
)
def test_what_no_json_can_be_made_of_is_named(value: Any) -> None:
    with pytest.raises(UnfaithfulError, match=r"has no form in JSON"):
        predictions(value)


def test_what_holds_itself_is_no_answer() -> None:
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(UnfaithfulError, match="nested deeper"):
        predictions(ring)


BODY = {"inputs": [1, 2]}


@pytest.mark.parametrize(
    ("error", "type_", "message"),
    [
        (ValueError("no such thing"), "ValueError", "no such thing"),
        (KeyError("a"), "KeyError", "'a'"),
        (SystemExit(3), "SystemExit", "3"),
        (KeyboardInterrupt(), "KeyboardInterrupt", ""),
        (GeneratorExit(), "GeneratorExit", ""),
    ],
)
def test_what_a_model_raises_is_told(
    asked: Any, error: Exception, type_: str, message: str
) -> None:
    def fail(data: Any) -> None:
        raise error

    model = asked(fail, [1])
    told, data = model.send(BODY)
    assert (told["failed"], told["type"], told["message"]) == ("predict", type_, message)
    assert "last" not in told
    assert not data
    frames = [line for line in told["traceback"].splitlines() if line.lstrip().startswith("File")]
    assert "modelenv/serving" not in frames[0]
    assert "in fail" in frames[-1]


def test_an_error_of_a_model_is_never_taken_for_a_refusal(asked: Any) -> None:
    """A request is refused for what it holds alone, and not for what the model makes of it."""

    def fail(data: Any) -> None:
        raise OverflowError

    told, _ = asked(fail, [1]).send(BODY)
    assert (told["failed"], told["type"]) == ("predict", "OverflowError")


def test_the_answer_for_want_of_memory_is_the_last(asked: Any) -> None:
    def fail(data: Any) -> None:
        raise MemoryError

    told, _ = asked(fail, [1]).send(BODY)
    assert (told["failed"], told["type"], told["last"]) == ("predict", "MemoryError", True)


def test_a_message_that_cannot_be_read_is_none(asked: Any) -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def fail(data: Any) -> None:
        raise Silent

    told, _ = asked(fail, [1]).send(BODY)
    assert told["message"] == "(its message cannot be read: RuntimeError)"


def test_a_prediction_that_is_no_answer_fails_as_such(asked: Any) -> None:
    told, _ = asked(lambda data: Own(), [1]).send(BODY)
    assert told["failed"] == "output"
    assert told["message"].endswith("test_answers.Own has no form in JSON")
    assert model_failed(told).message.startswith("the prediction has no form in JSON: a value of ")
    raised = model_failed({"failed": "predict", "type": "KeyError", "message": "'/secret'"})
    assert raised.message == "the model raised KeyError"


def test_an_answer_bears_the_number_of_its_request_and_its_cost(asked: Any) -> None:
    told, _ = asked(lambda data: 1, [1]).send(BODY, n=7)
    assert told["n"] == 7
    assert 0 <= told["cost"] < 10
