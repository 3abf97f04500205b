"""What a prediction becomes, and what is told where there is none."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

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


class Celsius(float):
    def __str__(self) -> str:
        return "warm"


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
    "a decimal": (decimal.Decimal("1.5"), 1.5),
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


class Own:
    pass


@pytest.mark.parametrize("value", [Own(), (each for each in "ab"), [{"a": Own()}], 1j, Own])
def test_what_no_json_can_be_made_of_is_named(value: Any) -> None:
    with pytest.raises(UnfaithfulError, match=r"no JSON can be made"):
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
    assert told["message"].endswith("test_answers.Own no JSON can be made")


def test_an_answer_bears_the_number_of_its_request_and_its_cost(asked: Any) -> None:
    told, _ = asked(lambda data: 1, [1]).send(BODY, n=7)
    assert told["n"] == 7
    assert 0 <= told["cost"] < 10
