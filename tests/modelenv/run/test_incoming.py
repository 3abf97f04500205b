"""A file of rows is read here, in the types of the example, whatever the example travels as."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
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

from ..conftest import made_once

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
    prove = travels == "json"
    modelenv.save_model(project.model(BODY), target, input_example=example, prove=prove)
    described = ModelFolder.open(target).mlmodel.input
    assert Path(described["file"]).suffix == {"pickle": ".pkl"}.get(travels, f".{travels}")
    more = {"json": "", "buffers": ",1", "pickle": ",a"}[travels]
    text = CSV.replace("n\n", "n,x\n" if more else "n\n", 1).replace("7", f"7{more}")
    record = {**RECORDS["dataframe_records"][0], **({"x": None} if more else {})}
    dtypes = list(map(str, example.dtypes))
    for name, document in (("a.csv", text), ("a.json", json.dumps([record]))):
        assert given(target, name, document, tmp_path) == [dtypes, ["NA"], [2]]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of frames, which is only read."""
    with made_once(tmp_path_factory) as project:
        folder: Path = project.root.parent / "model"
        modelenv.save_model(project.model(BODY), folder, input_example=EXAMPLE, prove=False)
    return folder


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
    for like in ({"type": "none"}, {"type": "mlflow", "schema": {}}):
        (tmp_path / "a.csv").write_text(CSV)
        guessed = {"type": "csv", "file": str(tmp_path / "a.csv"), "like": like}
        incoming = read_rows(guessed, tmp_path)
        assert incoming.described == guessed
        assert "the types are guessed" in incoming.notes[0]


def incoming_for(example: Any, name: str, text: str, folder: Path) -> Any:
    """Return the value that the rows become for a model with that example, of whatever form."""
    (folder / name).write_text(text)
    like = values.write(example, str(folder / "example"))
    kind = {"csv": "csv", "json": "payload"}[name.rpartition(".")[2]]
    described = {"type": kind, "file": str(folder / name), "like": like}
    return values.read(read_rows(described, folder).described)


def test_rows_for_a_list_of_dictionaries_are_one_with_its_types(tmp_path: Path) -> None:
    example = [{"zip": "02134", "n": 1, "x": 0.5, "on": True}]
    expected = [{"zip": "01", "n": 7, "x": 3.0, "on": False}]
    csv = "n,zip,x,on\n7,01,3,false\n"
    records = json.dumps({"dataframe_records": expected})
    split = {"columns": list(expected[0]), "data": [list(expected[0].values())]}
    for name, text in (
        ("a.csv", csv),
        ("a.json", records),
        ("b.json", json.dumps({"dataframe_split": split})),
        ("c.json", json.dumps(expected)),
    ):
        found = incoming_for(example, name, text, tmp_path)
        assert found == expected
        assert list(map(type, found[0].values())) == [str, int, float, bool]
    with pytest.raises(WrongUseError, match=r"column 'n', row 0 \(line 2\): 'x' is no number"):
        incoming_for(example, "a.csv", csv.replace("7", "x"), tmp_path)
    with pytest.raises(WrongUseError, match="column 'zip': is missing"):
        incoming_for(example, "a.csv", "n,x,on\n1,2,true\n", tmp_path)


def test_a_list_of_dictionaries_stays_one_in_a_saved_model(
    project, target: Path, tmp_path: Path
) -> None:
    for x in (0.5, np.nan):
        example = [{"zip": "02134", "x": x}]
        model = project.model("return [[row['zip'], row['x']] for row in data]")
        modelenv.save_model(model, target, input_example=example, prove=False, overwrite=True)
        assert given(target, "a.csv", "zip,x\n01,2\n", tmp_path) == [["01", 2.0]]


UNTOLD = [
    [[1, 2], [3, 4]],
    [{"a": 1}, {"b": 1}],
    [{"a": [1]}],
    [{"a": 1}, {"a": "x"}],
    {"a": [1]},
    "text",
    {1, 2},
    [np.zeros(2), np.zeros(2)],
    Path("x"),
]


@pytest.mark.parametrize("example", UNTOLD, ids=repr)
def test_rows_for_what_is_not_made_of_such_rows_are_refused(example: Any, tmp_path: Path) -> None:
    records = json.dumps({"dataframe_records": [{"a": 1}]})
    for name, text in (("a.csv", "a\n1\n"), ("a.json", records)):
        with pytest.raises(WrongUseError, match=r"is not made of such rows: .* \(-i FILE.pkl\)"):
            incoming_for(example, name, text, tmp_path)


@pytest.mark.parametrize("example", [{1, 2}, Path("x"), range(3)], ids=repr)
def test_json_does_not_stand_for_what_it_cannot_say(example: Any, tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="not made of such rows"):
        incoming_for(example, "a.json", '{"inputs": [1, 2]}', tmp_path)


@pytest.mark.parametrize("form", ["csr_matrix", "csc_matrix", "csr_array", "csc_array"])
@pytest.mark.parametrize("stored", [[0.0, 1.0], [0.0, np.inf]], ids=["json", "buffers"])
def test_rows_become_the_sparse_matrix_of_the_example(
    form: str, stored: list[float], tmp_path: Path
) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    make = getattr(sparse, form)
    example = make(np.array([stored, [2, 0]], "f4"))
    dense = np.array([[0, 3], [0.5, 0], [0, 0]], "f4")
    laid = make(dense)
    parts = {n: getattr(laid, n).tolist() for n in ("data", "indices", "indptr")}
    for name, text in (
        ("a.csv", "a,b\n0,3\n0.5,0\n0,0\n"),
        ("a.json", json.dumps({"inputs": dense.tolist()})),
        ("b.json", json.dumps({**parts, "shape": [3, 2]})),
    ):
        found = incoming_for(example, name, text, tmp_path)
        assert type(found) is type(example)
        assert (found.dtype, found.indices.dtype) == (np.float32, example.indices.dtype)
        np.testing.assert_array_equal(found.toarray(), dense)
    with pytest.raises(WrongUseError, match="'x' is no number"):
        incoming_for(example, "a.csv", "a,b\n0,x\n", tmp_path)


ODD_COLUMNS = [
    pd.Series(pd.period_range("2026", periods=1, freq="M")),
    pd.Series(pd.interval_range(0, 1)),
    pd.Series(pd.arrays.SparseArray([0.0])),
    pd.Series([1j]),
]


@pytest.mark.parametrize("column", ODD_COLUMNS, ids=lambda column: str(column.dtype))
def test_columns_that_no_row_can_say_are_named(column: Any, tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1], "odd": column})
    rows = [("a.csv", "a,odd\n1,2026-01\n"), ("a.json", '[{"a": 1, "odd": "2026-01"}]')]
    lone = [("a.csv", "odd\n2026-01\n"), ("a.json", '["2026-01"]')]
    for example, files in ((frame, rows), (column.rename("odd"), lone)):
        for name, text in files:
            with pytest.raises(WrongUseError, match=r"column 'odd'.*-i FILE.pkl"):
                incoming_for(example, name, text, tmp_path)


def test_columns_of_polars_that_no_row_can_say_are_named(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    for cell in ([1, 2], {"a": 1}, datetime.time(1)):
        example = polars.DataFrame({"a": [1], "odd": [cell]})
        for name, text in (("a.csv", "a,odd\n1,x\n"), ("a.json", '[{"a": 1, "odd": "x"}]')):
            with pytest.raises(WrongUseError, match=r"column 'odd'.*-i FILE.pkl"):
                incoming_for(example, name, text, tmp_path)


LONG = ["12345678901234567890.12", "1.10"]


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_decimal_numbers_keep_their_digits_or_are_refused(library: str, tmp_path: Path) -> None:
    numbers = list(map(Decimal, LONG))
    if library == "polars":
        polars = pytest.importorskip("polars")
        example = polars.DataFrame({"d": numbers}, schema={"d": polars.Decimal(38, 2)})
        example = example.with_columns(o=polars.lit(0.5))
    else:
        example = pd.DataFrame({"d": numbers, "o": 0.5})
    if library == "pyarrow":
        pyarrow = pytest.importorskip("pyarrow")
        example["d"] = example["d"].astype(pd.ArrowDtype(pyarrow.decimal128(38, 2)))
    csv = "d,o\n" + "".join(f"{each},0.5\n" for each in LONG)
    document = '[{"d": ' + ', "o": 0.5}, {"d": '.join(LONG) + ', "o": 0.5}]'
    for name, text in (("a.csv", csv), ("a.json", document)):
        found = incoming_for(example, name, text, tmp_path)
        assert list(map(str, found["d"])) == LONG
        assert list(found["o"]) == [0.5, 0.5]
        if library != "pandas":
            for wrong, said in (("2.555", "3 decimal places"), ("1" * 37, "37 digits before")):
                with pytest.raises(WrongUseError, match=rf"column 'd', row 1.*{said}"):
                    incoming_for(example, name, text.replace("1.10", wrong), tmp_path)
            zeros = incoming_for(example, name, text.replace("1.10", "0.000"), tmp_path)
            assert list(zeros["d"])[1] == 0


def test_mixed_objects_beside_decimal_numbers_are_plain(tmp_path: Path) -> None:
    example = pd.DataFrame({"d": [Decimal("1.5")], "o": [[0.5, "a"]]})
    found = incoming_for(example, "a.json", '[{"d": 1.10, "o": [0.25, {"k": 2.5}]}]', tmp_path)
    assert found["o"][0] == [0.25, {"k": 2.5}]
    assert {type(found["o"][0][0]), type(found["o"][0][1]["k"])} == {float}


def test_an_index_that_no_row_can_say_is_not_counted_instead(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1]}, index=pd.period_range("2026", periods=1, freq="M"))
    with pytest.raises(WrongUseError, match="the index of the model's example is missing"):
        incoming_for(frame, "a.json", '[{"a": 1}]', tmp_path)


def test_numbers_are_no_names_of_an_array_s_columns(tmp_path: Path) -> None:
    for text in ("1,2\n3,4\n", "0.5\n1\n", "-1e3, 7\n1,2\n"):
        with pytest.raises(WrongUseError, match="its first line has to hold names, and holds"):
            incoming_for(np.zeros((1, 2)), "a.csv", text, tmp_path)
    np.testing.assert_array_equal(
        incoming_for(np.zeros((1, 2)), "a.csv", "a,1\n3,4\n", tmp_path), [[3, 4]]
    )


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


def test_categories_that_are_times_are_shown_as_such(tmp_path: Path) -> None:
    for unit in ("s", "ns"):
        times = pd.Series(np.array(["2026-01-31"], f"M8[{unit}]"))
        example = pd.DataFrame({"day": pd.Categorical(times)})
        with pytest.raises(WrongUseError, match=r"none of the column's categories: '2026-01-31"):
            incoming_for(example, "a.csv", "day\n2026-02-01\n", tmp_path)


@pytest.mark.parametrize(
    "index", [pd.RangeIndex(5, 7), pd.Index([5, 9]), pd.Index(["p", "q"]), pd.RangeIndex(0, 4, 2)]
)
def test_an_index_without_a_name_stands_first_in_csv(index: Any, tmp_path: Path) -> None:
    example = pd.DataFrame({"a": [1, 2]}, index=index)
    text = example.to_csv()
    assert text.startswith(",a")
    found = incoming_for(example, "a.csv", text, tmp_path)
    assert list(found.index) == list(index)
    assert list(found["a"]) == [1, 2]


def test_a_list_of_values_of_one_type_may_be_longer_than_the_example_s(tmp_path: Path) -> None:
    example = [np.zeros(2, "f4"), np.zeros(2, "f4")]
    found = incoming_for(example, "a.json", '{"inputs": [[1, 2], [3], [4, 5]]}', tmp_path)
    assert [each.tolist() for each in found] == [[1, 2], [3], [4, 5]]
    assert {each.dtype for each in found} == {np.dtype("f4")}
    with pytest.raises(WrongUseError, match="that has 2 items, this input 1"):
        incoming_for([np.zeros(2), pd.Series([1])], "a.json", '{"inputs": [[1]]}', tmp_path)
