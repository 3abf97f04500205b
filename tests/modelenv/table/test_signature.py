"""What a model takes and gives is told in MLflow's words."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import modelenv
from modelenv.base.arguments import BadArgumentError
from modelenv.folder.mlmodel import NOTHING
from modelenv.folder.model_folder import ModelFolder
from modelenv.table.signature import WrittenSignature, check_signature, signature_of
from modelenv.worker import values


def signed(example: Any, prediction: Any, folder: Path) -> WrittenSignature:
    told = [
        values.write(each, str(folder / name)) for each, name in ((example, "a"), (prediction, "b"))
    ]
    return signature_of(True, *told)


def schemas(signature: WrittenSignature) -> tuple[Any, Any]:
    assert signature.told is not None
    assert signature.told["params"] is None
    texts = signature.told["inputs"], signature.told["outputs"]
    return tuple(None if text is None else json.loads(text) for text in texts)  # type: ignore[return-value]


def test_a_frame_has_columns_and_an_array_is_a_tensor(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"a": [0.5], "n": np.array([1], "i2"), "s": ["x"], "d": pd.to_datetime(["2026-01-01"])}
    )
    inputs, outputs = schemas(signed(frame, np.zeros((1, 3), "f4"), tmp_path))
    assert inputs == [
        {"type": "double", "name": "a"},
        {"type": "integer", "name": "n"},
        {"type": "string", "name": "s"},
        {"type": "datetime", "name": "d"},
    ]
    assert outputs == [{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 3]}}]


def test_what_may_be_missing_and_what_may_not_is_said(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [0.5, None], "n": [1, 2]})
    signature = signed(frame, [1.5], tmp_path)
    inputs, outputs = schemas(signature)
    assert inputs[0] == {"type": "double", "name": "a", "required": False}
    assert outputs == [{"type": "double"}]
    assert "refuses a missing value in columns of integers (n)" in signature.notes[0]
    assert "MLflow before 2.10 does not read it" in signature.notes[1]


def test_what_mlflow_would_refuse_of_its_own_example_is_of_any_type(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "tier": pd.Categorical(["x", "y"]),
            "m": pd.array([1, None], dtype="Int64"),
            "at": pd.to_datetime(["2026-01-01"] * 2).tz_localize("Asia/Tokyo"),
            "full": pd.array([1, 2], dtype="Int64"),
        }
    )
    signature = signed(frame, {1, 2}, tmp_path)
    inputs, outputs = schemas(signature)
    assert [each["type"] for each in inputs] == ["any", "any", "any", "long"]
    assert outputs is None
    assert "MLflow before 2.19" in signature.notes[1]


PAIRS = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]))


@pytest.mark.parametrize(
    "example",
    [[1, 2], {"a": 1}, "text", pd.Series([1.5], name="x"), (1, 2), PAIRS, np.zeros(2, ">f4")],
    ids=lambda value: type(value).__name__,
)
def test_what_mlflow_would_not_take_as_it_is_has_no_inputs(example: Any, tmp_path: Path) -> None:
    assert schemas(signed(example, [1], tmp_path)) == (None, [{"type": "long"}])


def test_the_first_example_describes_and_predictions_of_several_are_no_output(
    tmp_path: Path,
) -> None:
    items = [values.write(np.zeros(2), str(tmp_path / name)) for name in "ab"]
    several = {"type": "examples", "items": items}
    recorded = values.write([np.zeros(2), np.zeros(2)], str(tmp_path / "c"))
    inputs, outputs = schemas(signature_of(True, several, recorded))
    assert inputs == [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]
    assert outputs is None


def test_without_an_example_nothing_is_told() -> None:
    assert signature_of(True, NOTHING, NOTHING) == WrittenSignature(None)
    assert signature_of(False, NOTHING, NOTHING) == WrittenSignature(None)


def test_one_of_the_user_s_or_mlflow_s_is_kept() -> None:
    inputs = [{"type": "double", "name": "a"}]
    expected = {"inputs": json.dumps(inputs), "outputs": None, "params": None}
    theirs = SimpleNamespace(to_dict=lambda: expected)
    for given in ({"inputs": inputs}, {"inputs": json.dumps(inputs)}, theirs):
        assert signature_of(given, NOTHING, NOTHING).told == expected


@pytest.mark.parametrize("wrong", [None, "a", 1, {}, {"input": "[]"}, {"inputs": None}])
def test_what_is_no_signature_is_told(wrong: object) -> None:
    with pytest.raises(BadArgumentError, match="signature must be True, False"):
        check_signature(wrong)


def test_a_saved_model_has_one_unless_it_is_not_wanted(project, target: Path) -> None:
    model = project.model("return data['n'].tolist()")
    example = pd.DataFrame({"n": [1, 2]})
    account = modelenv.save_model(model, target, input_example=example, prove=False)
    assert any("columns of integers (n)" in note for note in account.notes)
    assert ModelFolder.open(target).document["signature"] == {
        "inputs": '[{"type": "long", "name": "n"}]',
        "outputs": '[{"type": "long"}]',
        "params": None,
    }
    modelenv.save_model(
        model, target, input_example=example, prove=False, signature=False, overwrite=True
    )
    assert "signature" not in ModelFolder.open(target).document
