"""Tables with the same columns come again and again: none is another for what came before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas
import pytest

from .conftest import Asked

NAMES = ["a", "b", "c"]
EXAMPLE = pandas.DataFrame([[1.0, 2.0, 3.0]], columns=NAMES)
BODY = {"dataframe_split": {"columns": NAMES, "data": [[1.5, 2.5, 3.5]]}}


def spoil_labels(frame: Any) -> None:
    """Write into the labels where they stand, which pandas means to allow nobody."""
    frame.columns.array._readonly = False
    frame.columns.array[0] = "spoilt"


def spoil_name(frame: Any) -> None:
    """Give the labels a name."""
    frame.columns.name = "spoilt"


def spoil_values(frame: Any) -> None:
    """Write into the values, and into the index."""
    frame.iloc[0, 0] = -1.0
    frame.index = ["spoilt"]


def rename(frame: Any) -> None:
    """Call all columns otherwise."""
    frame.columns = ["x", "y", "z"]


def insert(frame: Any) -> None:
    """Add a column, and take one away."""
    frame.insert(0, "spoilt", 0)
    del frame["c"]


@pytest.mark.parametrize("spoil", [spoil_labels, spoil_name, spoil_values, rename, insert])
def test_what_a_model_does_to_its_input_does_not_reach_the_next(
    asked: Callable[..., Asked], spoil: Callable[[Any], None]
) -> None:
    expected = pandas.DataFrame([[1.5, 2.5, 3.5]], columns=NAMES)

    def answer(frame: Any) -> Any:
        pandas.testing.assert_frame_equal(frame, expected)
        assert [label in frame for label in (*NAMES, "spoilt")] == [True, True, True, False]
        spoil(frame)
        return [1]

    model = asked(answer, EXAMPLE)
    assert [model.predicted(BODY) for _ in range(3)] == [[1]] * 3


def test_names_that_are_no_texts(asked: Callable[..., Asked]) -> None:
    example = pandas.DataFrame([[1.0, 2.0]], columns=[1, 2])
    body = {"dataframe_split": {"columns": [1, 2], "data": [[1.5, 2.5]]}}
    model = asked(lambda frame: [str(frame.columns.dtype)], example)
    assert [model.predicted(body) for _ in range(2)] == [["int64"]] * 2
