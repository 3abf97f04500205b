"""The signature of a model, in MLflow's terms."""

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
from modelenv.folder.documents.names import NOTHING
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
    frame = pd.DataFrame({"a": [0.5], "n": np.array([1], "i4"), "s": ["x"], "d": TIMES[:1]})
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


TIMES = pd.Series(np.array(["2026-01-01", "2026-01-02"], "M8[ns]"))


@pytest.mark.parametrize(
    "column",
    [
        pd.Categorical(["x", "y"]),
        pd.Categorical(TIMES),
        pd.array([1, None], dtype="Int64"),
        pd.array([1, 2], dtype="Int64"),
        pd.array([True, None], dtype="boolean"),
        pd.array(["x", "y"], dtype="string"),
        *(np.array([1, 2], dtype) for dtype in ("i1", "i2", "u1", "u4", "u8", "f2", "c16")),
        TIMES.astype("M8[s]"),
        TIMES.dt.tz_localize("Asia/Tokyo"),
        pd.Series([1, "a"], dtype=object),
        pd.Series([1, 2], dtype=object),
        pd.Series([[1, None], [2, 3]], dtype=object),
        pd.Series([{1}, {2}], dtype=object),
    ],
    ids=lambda column: str(column.dtype),
)
def test_what_mlflow_would_convert_leaves_the_inputs_out(column: Any, tmp_path: Path) -> None:
    signature = signed(pd.DataFrame({"a": [0.5, 1], "odd": column}), [1], tmp_path)
    assert schemas(signature) == (None, [{"type": "long"}])
    assert signature.notes == (
        "signature: without inputs, as MLflow would convert or refuse these columns before the"
        " model has them: odd",
    )


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (np.array([True, False]), {"type": "boolean"}),
        (np.array([1, 2], "i4"), {"type": "integer"}),
        (np.array([1, 2], "f4"), {"type": "float"}),
        (TIMES, {"type": "datetime"}),
        (pd.Series(["a", "b"], dtype=object), {"type": "string"}),
        (pd.Series([b"a", b"b"], dtype=object), {"type": "binary"}),
        (pd.Series([["a"], []], dtype=object), {"type": "array", "items": {"type": "string"}}),
    ],
    ids=lambda value: str(getattr(value, "dtype", "")),
)
def test_what_mlflow_hands_on_as_it_is_stands_in_the_inputs(
    column: Any, told: dict[str, Any], tmp_path: Path
) -> None:
    inputs, _ = schemas(signed(pd.DataFrame({"c": column}), [1], tmp_path))
    assert inputs == [{**told, "name": "c"}]


def test_names_that_mlflow_does_not_keep_leave_the_inputs_out_and_are_said(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [0.5]})
    for odd in (frame.rename_axis(columns="q"), PAIRS, frame.set_axis([pd.Timestamp(0)], axis=1)):
        signature = signed(odd, [1], tmp_path)
        assert schemas(signature)[0] is None
        assert "names of the columns" in signature.notes[0]
    numbered = schemas(signed(pd.DataFrame(np.zeros((1, 2))), [1], tmp_path))[0]
    assert [each["name"] for each in numbered] == [0, 1]


def test_a_prediction_that_nothing_is_inferred_of_is_said(tmp_path: Path) -> None:
    signature = signed(np.zeros(1), pd.DataFrame({"p": pd.Categorical(TIMES)}), tmp_path)
    assert schemas(signature)[1] is None
    assert "without outputs" in signature.notes[0]


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
