"""Joined requests get the answers that they would have had alone."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from modelenv.serving.inside import answers, batches
from modelenv.serving.inside.batches import Batches
from modelenv.serving.inside.requests import Inputs, Request
from modelenv.table.errors import RowsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


class Server:
    """A model that is asked several things in one message."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.inputs = Inputs(FRAME, PARAMS)
        self.batches = Batches(self.one, self.inputs.read, model.predict, self.written)

    def written(self, _: dict[str, Any], __: Request, prediction: Any) -> Any:
        return {"ok": "json"}, [answers.predictions(prediction)]

    def one(self, head: dict[str, Any], body: memoryview) -> Any:
        try:
            request = self.inputs.read(head, body)
            prediction = self.model.predict(request.value(), request.params)
            self.batches.saw(prediction)
            return self.written(head, request, prediction)
        except RowsError as error:
            return {"refused": error.reason}, []
        except ValueError as error:
            return {"failed": "predict", "message": str(error)}, []

    def ask(self, *documents: Any) -> list[tuple[dict[str, Any], Any]]:
        """Return the head and the body of the answer to each."""
        bodies = [json.dumps(each).encode() for each in documents]
        heads = [{"content": "json", "size": len(body)} for body in bodies]
        told, raw = self.batches.answer({"items": heads}, memoryview(b"".join(bodies)))
        return list(_parts(told["batch"], b"".join(raw)))


def _parts(heads: list[dict[str, Any]], data: bytes) -> Iterator[tuple[dict[str, Any], Any]]:
    place = 0
    for head in heads:
        part = data[place : place + head["size"]]
        yield head, json.loads(part)["predictions"] if part else None
        place += head["size"]


def ask(model: Model, *documents: Any) -> list[tuple[dict[str, Any], Any]]:
    return Server(model).ask(*documents)


def rows(*given: tuple[float, int], **params: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"dataframe_split": {"columns": ["a", "b"], "data": given}}
    return {**body, "params": params} if params else body


@pytest.mark.parametrize("kind", ["array", "series", "list", "frame"])
def test_each_has_the_answer_that_it_has_alone(kind: str) -> None:
    documents = [rows((1, 2)), rows((3, 4), (5, 6)), rows((7, 8), k=2), rows(), rows((9, 9), k=2)]
    alone = [ask(Model(kind), document)[0][1] for document in documents]
    server = Server(Model(kind))
    for calls in (7, 5, 3, 5, 3):  # of two groups; no rows are asked alone
        server.model.calls = 0
        assert [prediction for _, prediction in server.ask(*documents)] == alone
        assert server.model.calls == calls


def test_what_is_of_all_rows_is_never_joined() -> None:
    server = Server(Model("mean"))
    for _ in range(3):
        server.model.calls = 0
        found = server.ask(rows((1, 2)), rows((3, 4), (5, 6)))
        assert [prediction for _, prediction in found] == [[3.0], [9.0]]
    assert server.model.calls == 2


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


def _unlike(cells: Any) -> Any:
    return np.array([cell if cell == 1 else cell / 2 for cell in cells])


LEAKS: dict[str, Callable[[Any], Any]] = {
    "numbers of what has gaps": lambda x: x["x"].map({1: 10}),
    "objects": lambda x: pd.Series([cell if cell > 1 else None for cell in x["x"]]),
    "truth": lambda x: np.array([True if cell == 1 else cell for cell in x["x"]]),
    "numbers in a list": lambda x: _unlike(x["x"]).tolist(),
    "numbers in dictionaries": lambda x: [{"y": [each]} for each in _unlike(x["x"]).tolist()],
    "numbers in a frame": lambda x: pd.DataFrame({"y": x["x"].where(x["x"] > 1)}),
    "columns of categories": lambda x: pd.get_dummies(x["x"]),
    "an index": lambda x: x.reset_index(),
    "labels of rows": lambda x: [f"row {place}" for place in x.index],
    "how many there are": lambda x: [len(x)] * len(x),
    "a mean": lambda x: x["x"] - x["x"].mean(),
    "rows that are squeezed": lambda x: np.squeeze(x.to_numpy()),
    "what needs two rows": lambda x: x["x"] * 2 if len(x) > 1 else x.iloc[[1]],
    "the name of the index": lambda x: [x.index.name] * len(x),
}
SEEN = [[1, 2], [1, 1], [2, 2], [1, 2], [3, 1], [2, 3], [1, 2]]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("name", LEAKS)
def test_no_answer_has_the_form_of_its_neighbours(asked: Any, name: str, order: int) -> None:
    example = pd.DataFrame({"x": [1, 2]})
    example.index.name = "id"
    model = asked(LEAKS[name], example)

    def bodies(numbers: list[int]) -> list[bytes]:
        return [json.dumps({"instances": [{"x": each}]}).encode() for each in numbers]

    alone = {each: model.send(bodies([each])[0])[1] for each in (1, 2, 3)}
    for numbers in SEEN[::order]:
        found = _batch(model, bodies(numbers))
        assert found == [alone[each] for each in numbers]


def test_what_differs_in_its_last_digits_alone_is_joined(asked: Any) -> None:
    calls: list[int] = []

    def almost(data: Any) -> Any:
        calls.append(len(data))
        return data["x"] * 0.1 * (1 + len(data) * 1e-12)

    model = asked(almost, pd.DataFrame({"x": [1]}))
    body = json.dumps({"instances": [{"x": 1}]}).encode()
    for _ in range(3):
        _batch(model, [body, body])
    assert calls == [2, 1, 1, 2, 1, 1, 2]


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_a_request_that_ends_the_model_harms_no_other(asked: Any, error: BaseException) -> None:
    def fail(data: Any) -> Any:
        if 13 in data["x"].tolist():
            raise error
        return data["x"] * 2

    model = asked(fail, pd.DataFrame({"x": [1]}))
    texts = [json.dumps({"instances": [{"x": each}]}).encode() for each in (1, 13, 2)]
    told, _ = _asked(model, texts)
    assert "last" not in told
    assert [head.get("type") for head in told["batch"]] == [None, type(error).__name__, None]


def test_the_answer_for_want_of_memory_is_the_last(asked: Any) -> None:
    def fail(data: Any) -> Any:
        if len(data) > 1:
            raise MemoryError
        return data["x"] * 2

    model = asked(fail, pd.DataFrame({"x": [1]}))
    told, data = _asked(model, [b'{"instances": [{"x": 1}]}'] * 2)
    assert told["last"]
    assert data == b'{"predictions": [2]}' * 2


def _asked(model: Any, bodies: list[bytes]) -> tuple[Any, bytes]:
    items = [
        {"content": "json", "size": len(body), "n": place} for place, body in enumerate(bodies)
    ]
    told, raw = model.served.answer(
        {"content": "batch", "items": items}, memoryview(b"".join(bodies))
    )
    return told, b"".join(raw)


def _batch(model: Any, bodies: list[bytes]) -> list[bytes]:
    """Return what is answered to bodies that come in one message."""
    told, data = _asked(model, bodies)
    ends = list(itertools.accumulate(head["size"] for head in told["batch"]))
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]
