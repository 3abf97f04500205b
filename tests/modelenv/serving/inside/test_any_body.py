"""Whatever a body holds, it is an input of the model or is refused: nothing else comes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Asked, forget

WORDS = st.sampled_from(
    [
        *("dataframe_split", "dataframe_records", "instances", "inputs", "params", "columns"),
        *("data", "index", "a", "b", "c", "name", "shape", "datatype", "FP64", "INT64", "BYTES"),
        *("parameters", "binary_data_size", "indices", "indptr", "2026-01-31", "1 days", "NaN", ""),
        *("outputs", "BOOL", "FP16", "content_type", "pd", "id"),
    ]
)
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308, 0.5, float("nan")]),
    WORDS,
    st.text(max_size=3),
)
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
TENSORS = st.lists(
    st.fixed_dictionaries(
        {"name": WORDS, "datatype": WORDS, "shape": VALUES | st.lists(st.integers(0, 3))},
        optional={"data": VALUES, "parameters": VALUES},
    ),
    max_size=3,
)
JSON = st.one_of(
    VALUES,
    st.fixed_dictionaries({"inputs": VALUES}),
    st.fixed_dictionaries({"instances": VALUES}, optional={"params": VALUES}),
    st.fixed_dictionaries({"dataframe_records": st.lists(st.dictionaries(WORDS, ATOMS))}),
    st.fixed_dictionaries(
        {
            "dataframe_split": st.fixed_dictionaries(
                {"data": st.lists(st.lists(ATOMS, max_size=3), max_size=3)},
                optional={"columns": st.lists(ATOMS, max_size=3), "index": VALUES},
            )
        }
    ),
    st.fixed_dictionaries({"inputs": TENSORS}, optional={"outputs": VALUES, "parameters": VALUES}),
)
BODIES = st.one_of(JSON.map(lambda value: json.dumps(value).encode()), st.binary(max_size=40))

FRAME = pd.DataFrame(
    {
        "a": [0.5],
        "b": [1],
        "c": pd.to_datetime(["2026-01-31"]),
        "data": pd.Categorical(["a"]),
    }
)
EXAMPLES: dict[str, Any] = {
    "a frame": FRAME,
    "a frame with an index": FRAME[["a", "b"]].set_index("b"),
    "zones, durations and masks": pd.DataFrame(
        {
            "a": pd.to_datetime(["2026-01-31"]).tz_localize("Europe/Amsterdam"),
            "b": pd.to_timedelta(["1 days"]),
            "c": pd.array([1], dtype="Int8"),
        }
    ),
    "a series": pd.Series(["x"], name="a"),
    "an array": np.zeros((1, 2)),
    "an array of texts": np.array(["a"]),
    "an array of half precision": np.zeros(2, "f2"),
    "a number of numpy's": np.int8(3),
    "arrays": {"a": np.zeros(1), "b": np.zeros((1, 1), "i1")},
    "records": [{"a": 1, "b": "x"}],
    "a list of arrays": [np.zeros(1), np.zeros(1)],
    "a dictionary": {"a": 1},
    "bytes": b"x",
    "a sparse matrix": scipy.sparse.csc_matrix(np.eye(2)),
    "nothing": None,
}
FIELDS: list[dict[str, Any]] = [
    {"name": "a", "type": "long", "default": 1},
    {"name": "b", "type": "double", "shape": [-1]},
]


def check(folder: Path, name: str, count: int) -> None:
    model = Asked(folder, lambda data, **_: 1, EXAMPLES[name], FIELDS)

    @settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))
    @given(BODIES, st.sampled_from(["json", "csv", "tensors"]))
    def send(body: bytes, content: str) -> None:
        told, _ = model.send(body, content)
        assert "ok" in told or ("refused" in told and told["text"]), told

    send()
    forget()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_body_is_an_input_or_is_refused(tmp_path: Path, name: str) -> None:
    check(tmp_path, name, 15)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_very_many_bodies_are(tmp_path: Path, name: str) -> None:
    check(tmp_path, name, 2000)
