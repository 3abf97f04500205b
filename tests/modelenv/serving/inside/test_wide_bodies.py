"""Bodies of many names: what they take grows with them, and not with their square."""

from __future__ import annotations

import json
import time
from typing import Any

import pandas as pd
import pytest

FRAME = pd.DataFrame({"a": [0.5], "b": [1]})
MANY = 20_000


def tensors(twice: bool) -> bytes:
    names = [f"t{place}" for place in range(MANY - 1)] + ["t0" if twice else "last"]
    told = {"shape": [1], "datatype": "INT8", "data": [1]}
    return json.dumps({"inputs": [{"name": name, **told} for name in names]}).encode()


def test_many_tensors_are_read_at_once(asked: Any) -> None:
    model = asked(len)
    began = time.process_time()
    assert model.send(tensors(twice=False), "tensors")[0].get("ok") == "tensors"
    assert model.refused(tensors(twice=True), "tensors") == (
        "column 't0': there are two tensors of this name"
    )
    assert time.process_time() - began < 10


@pytest.mark.parametrize("key", ["dataframe_records", "instances"])
def test_records_of_ever_new_keys_are_refused(asked: Any, key: str) -> None:
    model = asked(len, FRAME)
    began = time.process_time()
    text = model.refused({key: [{str(place): 1} for place in range(MANY)]})
    assert text == "its 20000 records have 20000 keys, and most of them lack most keys"
    assert time.process_time() - began < 5


def test_many_columns_that_the_model_has_not_are_left_out(asked: Any) -> None:
    wide = pd.DataFrame([[0.5] * 2_000]).add_prefix("x")
    model = asked(len, wide)
    names = [*wide.columns, *map(str, range(MANY))]
    began = time.process_time()
    told, _ = model.send({"dataframe_split": {"columns": names, "data": [[1.0] * len(names)]}})
    assert told["notes"] == [
        "left out, as the model's example has no such column:"
        " '0', '1', '2', '3', '4', '5', '6', '7', …"
    ]
    assert time.process_time() - began < 5


def test_records_of_some_keys_each_are_taken(asked: Any) -> None:
    model = asked(lambda data: data.shape[0])
    rows = [{str(place % 50): 1, "a": 2} for place in range(500)]
    assert model.predicted({"dataframe_records": rows}) == 500
