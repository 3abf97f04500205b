"""A file of rows is read here, in the types of the example, whatever the example travels as."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.environments.interpreter import Python
from modelenv.environments.spec import BuiltFrom, ReadyEnvironment
from modelenv.folder.model_folder import ModelFolder
from modelenv.run.incoming import describe_file, read_rows
from modelenv.run.isolated import RunOptions
from modelenv.run.predict import check_crossing, predict_described
from modelenv.worker import values
from modelenv.worker.process import Interpreter

EXAMPLE = pd.DataFrame(
    {
        "zip": ["01234", "10115"],
        "tier": pd.Categorical(["gold", "silver"], categories=["gold", "silver", "bronze"]),
        "n": np.array([1, 2], "i4"),
    }
)
CSV = "zip,tier,n\nNA,bronze,7\n"
RECORDS = {"dataframe_records": [{"zip": "NA", "tier": "bronze", "n": 7}]}
BODY = "return [list(map(str, data.dtypes)), data['zip'].tolist(), data['tier'].cat.codes.tolist()]"


def given(folder: Path, name: str, text: str, tmp_path: Path) -> Any:
    (tmp_path / name).write_text(text)
    model = ModelFolder.open(folder)
    described = describe_file(tmp_path / name, model)
    output, _ = predict_described(model, described, tmp_path, RunOptions())
    return values.read(output)


@pytest.mark.parametrize("travels", ["json", "buffers", "pickle"])
def test_csv_and_json_give_what_the_example_had(
    travels: str, project, target: Path, tmp_path: Path
) -> None:
    cells: dict[str, list[Any]] = {"buffers": [np.inf, 1.0], "pickle": [Path("a"), Path("b")]}
    further = {"x": cells[travels]} if travels in cells else {}
    example = EXAMPLE.assign(**further)
    modelenv.save_model(project.model(BODY), target, input_example=example)
    described = ModelFolder.open(target).mlmodel.input
    assert Path(described["file"]).suffix == {"pickle": ".pkl"}.get(travels, f".{travels}")
    more = {"json": "", "buffers": ",1", "pickle": ",a"}[travels]
    text = CSV.replace("n\n", "n,x\n" if more else "n\n", 1).replace("7", f"7{more}")
    record = {**RECORDS["dataframe_records"][0], **({"x": None} if more else {})}
    dtypes = list(map(str, example.dtypes))
    for name, document in (("a.csv", text), ("a.json", json.dumps([record]))):
        assert given(target, name, document, tmp_path) == [dtypes, ["NA"], [2]]


@pytest.fixture
def saved(project, target: Path) -> Path:
    modelenv.save_model(project.model(BODY), target, input_example=EXAMPLE, prove=False)
    return target


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", CSV.replace("7", "x"), "a.csv: column 'n', row 0 (line 2): 'x' is no number"),
        ("a.csv", CSV.replace("bronze", "tin"), "'tin' is none of the column's categories"),
        ("a.json", json.dumps({"inputs": {"n": [1]}}), "a.json: column 'zip': is missing"),
        ("a.json", "{", "a.json: it is no JSON"),
    ],
)
def test_rows_that_are_no_input_are_refused_before_anything_runs(
    name: str, text: str, told: str, saved: Path, tmp_path: Path
) -> None:
    with pytest.raises(WrongUseError) as caught:
        given(saved, name, text, tmp_path)
    assert told in str(caught.value)


def test_a_column_that_the_example_lacks_is_left_out_with_a_warning(
    saved: Path, tmp_path: Path
) -> None:
    with pytest.warns(UserWarning, match=r"a.csv: left out, .* no such column: 'more'"):
        given(saved, "a.csv", CSV.replace("n\n", "n,more\n", 1).replace("7", "7,1"), tmp_path)


def test_what_is_not_of_rows_is_left_to_the_model_s_environment(tmp_path: Path) -> None:
    for kind in ("npy", "pickle"):
        described = {"type": kind, "file": str(tmp_path / "a")}
        assert read_rows(described, tmp_path).described == described
    (tmp_path / "a.csv").write_text(CSV)
    plain = {"type": "csv", "file": str(tmp_path / "a.csv"), "like": {"type": "json_object"}}
    assert read_rows(plain, tmp_path).described == plain


def test_frames_of_any_numbers_go_to_a_model_and_come_back(project, target: Path) -> None:
    modelenv.save_model(project.model("return data"), target, input_example=EXAMPLE, prove=False)
    frame = pd.DataFrame(
        {"a": [np.inf, None], "b": np.array([0.5, 1], "f2"), "c": [[1], {"k": (2,)}]}, index=[7, 9]
    )
    pd.testing.assert_frame_equal(modelenv.predict(target, frame), frame)
    array = np.asfortranarray([[np.inf, 1], [2, 3]])
    back = modelenv.predict(target, array)
    np.testing.assert_array_equal(back, array)
    assert back.flags.f_contiguous


def environment(built: BuiltFrom | None) -> ReadyEnvironment:
    interpreter = Interpreter(executable=Python.current().executable)
    return ReadyEnvironment(interpreter=interpreter, label="one of its own", built=built)


def test_no_pickle_of_a_library_goes_to_other_versions_of_it(tmp_path: Path) -> None:
    there = BuiltFrom(sources=None, wheels=(), when="then", sources_now=())
    elsewhere, here = environment(there), environment(None)
    frame = pd.DataFrame({"a": [1, 2], "b": [1, np.ma.masked_array([1])]})
    odd = values.write(frame, str(tmp_path / "odd"))
    with pytest.raises(WrongUseError) as caught:
        check_crossing(odd, "prediction", elsewhere)
    assert "column 'b', row 1: a value of numpy.ma" in str(caught.value)
    assert "one of its own" in str(caught.value)
    check_crossing(odd, "prediction", here)
    # What the standard library pickles has no versions, and a file of the user's is the user's.
    check_crossing(values.write(Path("x"), str(tmp_path / "path")), "input", elsewhere)
    check_crossing({"type": "pickle", "file": odd["file"]}, "input", elsewhere)
