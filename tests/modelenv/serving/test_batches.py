"""What is joined gives each request the answer that it has alone."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modelenv.serving.inside import answers, batches
from modelenv.serving.inside.requests import Inputs, Request
from modelenv.table.errors import RowsError

FRAME = {
    "type": "dataframe",
    "rows": 1,
    "columns": ["a", "b"],
    "dtypes": ["float64", "int64"],
    "types": ["float64", "int64"],
    "pandas_orient": "split",
}
PARAMS = [{"name": "k", "type": "long", "default": 0, "shape": None}]


class Model:
    """A model that counts how often it is called, and may be of several minds."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.calls = 0

    def predict(self, frame: Any, params: dict[str, Any]) -> Any:
        self.calls += 1
        sums = frame["a"] + frame["b"] + params.get("k", 0)
        if (frame["a"] == 13).any():
            raise ValueError("unlucky")
        if self.kind == "mean":
            return [float(sums.mean())]
        kinds: dict[str, Any] = {"array": sums.to_numpy, "series": lambda: sums}
        kinds |= {"list": sums.tolist, "frame": lambda: pd.DataFrame({"sum": sums})}
        return kinds[self.kind]()


def ask(model: Model, *documents: Any) -> list[tuple[dict[str, Any], Any]]:
    """Return the head and the body of the answer to each."""
    inputs = Inputs(FRAME, PARAMS)

    def written(_: dict[str, Any], __: Request, prediction: Any) -> Any:
        return {"ok": "json"}, [answers.predictions(prediction)]

    def one(head: dict[str, Any], body: memoryview) -> Any:
        try:
            request = inputs.read(head, body)
            return written(head, request, model.predict(request.value(), request.params))
        except RowsError as error:
            return {"refused": error.reason}, []
        except ValueError as error:
            return {"failed": "predict", "message": str(error)}, []

    bodies = [json.dumps(each).encode() for each in documents]
    heads = [{"content": "json", "size": len(body)} for body in bodies]
    joined = memoryview(b"".join(bodies))
    told, raw = batches.answer({"items": heads}, joined, one, inputs.read, model.predict, written)
    data, place, found = b"".join(raw), 0, []
    for head in told["batch"]:
        part = data[place : place + head["size"]]
        found.append((head, json.loads(part)["predictions"] if part else None))
        place += head["size"]
    return found


def rows(*given: tuple[float, int], **params: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"dataframe_split": {"columns": ["a", "b"], "data": given}}
    return {**body, "params": params} if params else body


@pytest.mark.parametrize("kind", ["array", "series", "list", "frame", "mean"])
def test_each_has_the_answer_that_it_has_alone(kind: str) -> None:
    documents = [rows((1, 2)), rows((3, 4), (5, 6)), rows((7, 8), k=2), rows(), rows((9, 9), k=2)]
    alone = [ask(Model(kind), document)[0][1] for document in documents if kind != "mean"]
    model = Model(kind)
    found = [prediction for _, prediction in ask(model, *documents)]
    if kind != "mean":
        assert found == alone
        assert model.calls == 2  # one for each of the params
    else:  # which is of all rows, and so is asked of each by itself
        assert found[:3] == [[3.0], [9.0], [17.0]]


def test_one_that_is_bad_harms_no_other() -> None:
    unlucky, misspelt = rows((13, 1)), {"dataframe_split": {"columns": ["a"], "data": [[1]]}}
    found = ask(Model("array"), rows((1, 1)), unlucky, misspelt, rows((2, 2)))
    assert [prediction for _, prediction in found] == [[2.0], None, None, [4.0]]
    assert found[1][0]["message"] == "unlucky"
    assert "refused" in found[2][0]


def test_arrays_are_joined_by_their_first_axis() -> None:
    assert batches._one_value([np.ones((1, 2)), np.ones((3, 2))]).shape == (4, 2)
    assert batches._one_value([np.ones((1, 2)), np.ones((3, 3))]) is None
    assert batches._one_value([np.ones((1, 2)), np.ones((1, 2), "f4")]) is None
    assert batches._one_value([{"a": 1}, {"a": 2}]) is None
