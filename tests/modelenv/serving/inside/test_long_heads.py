"""However long a client's words are, what is told of them has room in the head of an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from modelenv.serving.inside.served import _cut
from modelenv.worker.frames import MOST_HEAD, PREFIX, Frame

from .conftest import Asked

LONG = "é" * 100_000
FRAME = pd.DataFrame({"a": [1.5], "b": [2]})
SPLIT = {"columns": ["a", "b"], "data": [[1, 2]]}
BODIES: dict[str, Any] = {
    "a key": {LONG: 1},
    "a parameter": {"dataframe_split": SPLIT, "params": {LONG: 1}},
    "a column": {"dataframe_split": {"columns": [LONG, "b"], "data": [[1, 2]]}},
    "a cell": {"dataframe_split": {"columns": ["a", "b"], "data": [[LONG, 2]]}},
    "a number": {"dataframe_records": [{"a": 1, "b": int("9" * 4000)}]},
    "a column that is left out": {"dataframe_records": [{"a": 1, "b": 2, LONG: 3}]},
    "many columns that are left out": {
        "dataframe_records": [{"a": 1, "b": 2, **{f"{n}é" * 100: 3 for n in range(2000)}}]
    },
}


def _length(head: dict[str, Any]) -> int:
    frame = Frame(head)
    length: int = PREFIX.unpack(bytes(frame.parts[0])[: PREFIX.size])[0]
    return length


@pytest.mark.parametrize("case", BODIES)
def test_a_refusal_has_room_whatever_it_quotes(tmp_path: Path, case: str) -> None:
    asked = Asked(tmp_path, lambda data: data["a"], FRAME)
    body = json.dumps(BODIES[case], ensure_ascii=False).encode()
    told, _ = asked.served.answer({"content": "json", "n": 1}, memoryview(body))
    assert _length(told) < 100_000
    assert ("ok" in told) == ("left out" in case)
    items = [{"content": "json", "size": len(body)} for _ in range(3)]
    told, _ = asked.served.answer({"content": "batch", "items": items}, memoryview(body * 3))
    assert len(told["batch"]) == 3
    assert _length(told) < 300_000


@pytest.mark.parametrize(
    "told",
    [
        {"refused": "😀" * 9999, "text": "😀" * 9999, "column": "😀" * 9999, "row": None},
        {"failed": "predict", "message": "😀" * 4000, "traceback": "😀" * 20_000},
        {"ok": "json", "notes": ["😀" * 9999] * 100},
    ],
    ids=lambda told: next(iter(told)),
)
def test_so_has_a_large_batch(told: dict[str, Any]) -> None:
    batch = [dict(told) for _ in range(1000)]
    _cut({"batch": batch})
    assert _length({"batch": batch}) < MOST_HEAD


@pytest.mark.parametrize("name", ["name", "datatype", "parameters"])
def test_so_has_one_of_tensors(tmp_path: Path, name: str) -> None:
    asked = Asked(tmp_path, lambda data: data["a"], FRAME)
    tensor: dict[str, Any] = {"name": "a", "shape": [1], "datatype": "FP64", "data": [1]}
    tensor[name] = {"binary_data_size": LONG} if name == "parameters" else LONG
    body = json.dumps({"inputs": [tensor]}, ensure_ascii=False).encode()
    told, _ = asked.served.answer({"content": "tensors", "n": 1}, memoryview(body))
    assert "refused" in told
    assert _length(told) < 100_000
