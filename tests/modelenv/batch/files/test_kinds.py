"""Input and output: kinds of files, types of columns, row groups of any size."""

from __future__ import annotations

import datetime
import decimal
import gzip
import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyarrow import feather, ipc

from modelenv.base.errors import WrongUseError
from modelenv.batch.files.columns import ModelColumns
from modelenv.batch.files.run_files import OtherColumnsError, RowsRefusedError
from modelenv.batch.files.slices.layout import SliceLayout
from modelenv.batch.files.slices.typed import typed_table
from modelenv.batch.files.whole import NoSuchFormError
from modelenv.table.column_type import ColumnType
from modelenv.table.errors import RowsError
from modelenv.table.incoming.cells import convert

from .running import ONE, Model, predicted

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 250


def table(rows: int = ROWS, start: int = 0) -> pa.Table:
    """Return a table of all sorts of columns."""
    count = range(start, start + rows)
    day = datetime.date(2024, 2, 28)
    return pa.table(
        {
            "x": pa.array([each / 7 for each in count]),
            "id": pa.array(list(count), pa.int32()),
            "name": [None if each % 5 == 0 else f"né {each}" for each in count],
            "day": [day + datetime.timedelta(each) for each in count],
            "at": pa.array([each * 10**9 + 1 for each in count], pa.timestamp("ns", "Europe/Rome")),
            "kind": pa.array(["abc"[each % 3] for each in count]).dictionary_encode(),
            "price": pa.array(
                [decimal.Decimal(each) / 100 for each in count], pa.decimal128(12, 2)
            ),
            "tags": [[each, None] if each % 2 else None for each in count],
            "more": [{"a": each, "b": str(each)} for each in count],
        }
    )


def written(file: Path, content: pa.Table, **options: Any) -> Path:
    """Write a table as what the file's name says."""
    if file.suffix == ".parquet":
        pq.write_table(content, file, **options)
    elif file.suffix == ".feather":
        feather.write_feather(content, file, compression="lz4", chunksize=70)
    else:
        opened = ipc.new_stream if file.suffix == ".arrows" else ipc.new_file
        with opened(str(file), content.schema) as writer:
            writer.write_table(content, max_chunksize=60)
    return file


def read(file: Path) -> pa.Table:
    """Read what was written."""
    if file.suffix == ".parquet":
        return pq.read_table(file)
    if file.suffix == ".arrows":
        with pa.memory_map(str(file)) as source:
            return ipc.open_stream(source).read_all()
    with pa.memory_map(str(file)) as source:
        return ipc.open_file(source).read_all()


@pytest.mark.parametrize("given", ["in.parquet", "in.arrow", "in.arrows", "in.feather"])
@pytest.mark.parametrize("made", ["out.parquet", "out.arrow", "out.arrows"])
def test_columns_keep_their_types(tmp_path: Path, given: str, made: str) -> None:
    content = table()
    source = written(tmp_path / given, content)
    model = Model(workers=2)
    done = predicted(source, tmp_path / made, model, keep=("all",), batch_rows=99, takes=ONE)
    found = read(tmp_path / made)
    assert (done.rows, done.parts) == (ROWS, 3)
    assert [each.column_names for each in model.batches] == [["x"]] * 3  # the others are kept alone
    assert found.column_names == [*content.column_names, "prediction"]
    assert found.select(content.column_names).cast(content.schema) == content
    assert found.schema.field("price").type == pa.decimal128(12, 2)
    assert pa.types.is_dictionary(found.schema.field("kind").type)
    assert found["prediction"].to_pylist() == [each / 7 * 2 for each in range(ROWS)]


@pytest.mark.parametrize("groups", [1, 7, 99, 100, 101, 500])
@pytest.mark.parametrize("batch_rows", [100, 300])
def test_row_groups_of_any_size(tmp_path: Path, groups: int, batch_rows: int) -> None:
    rows = ROWS
    source = written(tmp_path / "in.parquet", table(rows), row_group_size=groups)
    model = Model()
    predicted(source, tmp_path / "out.npy", model, batch_rows=batch_rows, takes=ONE)
    whole, rest = divmod(rows, batch_rows)
    sizes = [each.num_rows for each in model.batches]
    assert sizes == [batch_rows] * whole + [rest]
    assert np.load(tmp_path / "out.npy").tolist() == [each / 7 * 2 for each in range(rows)]


def test_pieces_begin_at_row_groups(tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    content = table(400)
    with pq.ParquetWriter(source, content.schema) as writer:
        for start in range(0, 400, 10):
            writer.write_table(content.slice(start, 10))
            writer.write_table(content.slice(0, 0))
    model = Model()  # a piece has 4 batches of 7 rows or more: three row groups
    predicted(source, tmp_path / "out.npy", model, batch_rows=7, takes=ONE)
    assert [each.num_rows for each in model.batches] == ([7] * 4 + [2]) * 13 + [7, 3]
    assert np.load(tmp_path / "out.npy").tolist() == [each / 7 * 2 for each in range(400)]


@pytest.mark.parametrize("rows", [0, 5])
def test_files_without_rows(tmp_path: Path, rows: int) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    written(folder / "a.parquet", table(0))
    written(folder / "b.parquet", table(rows))
    written(folder / "c.parquet", table(0))
    (folder / "_SUCCESS").touch()
    predicted(folder, tmp_path / "out.parquet", keep=("id",), takes=ONE)
    found = read(tmp_path / "out.parquet")
    assert found.num_rows == rows
    assert found.schema.field("id").type == pa.int32()


def test_a_folder_and_a_pattern_are_read_in_order(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"in/day={number}").mkdir(parents=True)
        written(tmp_path / f"in/day={number}/a.parquet", table(10, number * 10))
    for given in ("in", "in/*/*.parquet", "in/**/*.parquet"):
        predicted(tmp_path / given, tmp_path / "out.npy", takes=ONE, overwrite=True)
        assert np.load(tmp_path / "out.npy").tolist() == [each / 7 * 2 for each in range(30)]


def test_columns_may_come_in_any_order_and_must_be_there(tmp_path: Path) -> None:
    content = table(10)
    written(tmp_path / "a.parquet", content)
    turned = content.select(content.column_names[::-1])
    written(tmp_path / "b.parquet", turned)
    given = tmp_path / "*.parquet"
    predicted(given, tmp_path / "out.arrow", keep=("id", "name"))  # a model that takes any column
    assert read(tmp_path / "out.arrow")["id"].to_pylist() == list(range(10)) * 2
    written(tmp_path / "b.parquet", turned.drop_columns(["x"]))
    with pytest.raises(WrongUseError, match=r"b.parquet has no column 'x', and .*a.parquet has"):
        predicted(given, tmp_path / "other.arrow")
    wide = turned.set_column(turned.column_names.index("id"), "id", turned["id"].cast(pa.int64()))
    written(tmp_path / "b.parquet", wide)
    predicted(given, tmp_path / "other.arrow", takes=ONE)  # what is not kept may be another type
    with pytest.raises(WrongUseError, match=r"column 'id'.* is int64 in .*b.parquet and int32 in"):
        predicted(given, tmp_path / "third.arrow", keep=("id",), takes=ONE)


def test_a_kept_column_has_to_be_there_and_to_have_a_name_of_its_own(tmp_path: Path) -> None:
    source = written(tmp_path / "a.parquet", pa.table({"x": [1.0], "prediction": [2]}))
    with pytest.raises(WrongUseError, match=r"no column 'z' to keep; it has x, prediction"):
        predicted(source, tmp_path / "out.arrow", keep=("z",))
    with pytest.raises(RowsRefusedError, match=r"two columns would be called 'prediction'"):
        predicted(source, tmp_path / "out.arrow", keep=("all",))


def test_csv_is_read_in_the_types_of_the_example(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    text = 'x,id,when,text,more\n1,7,2024-02-28 12:00:00,"a ""b""\n01",007\n2,,,,NA\n'
    file.write_text(text, "utf-8-sig")
    types = {
        "x": ("float64", "float64"),
        "id": ({"kind": "int64"}, "int64"),
        "when": ({"kind": "datetime", "unit": "us"}, "datetime64[us]"),
        "text": ("string", "str"),
    }
    model = Model()
    takes = ModelColumns(types, named=True)
    done = predicted(file, tmp_path / "out.parquet", model, keep=("all",), takes=takes)
    given, found = model.batches[0], read(tmp_path / "out.parquet")
    assert done.left_out == ()
    assert given.schema.types == [pa.float64(), pa.int64(), pa.timestamp("us"), pa.string()]
    assert found.to_pylist()[0]["text"] == 'a "b"\n01'
    assert found["more"].to_pylist() == ["007", "NA"]  # as it stands there: nobody tells its type
    assert (found["id"].to_pylist(), found["when"].null_count) == ([7, None], 1)
    predicted(file, tmp_path / "again.parquet", takes=takes)
    assert predicted(file, tmp_path / "third.parquet", takes=takes).left_out == ("more",)


@pytest.mark.parametrize("kind", ["float64", "float32", "int64", "uint8"])
@pytest.mark.parametrize(
    "text",
    [
        *("1", "-1", "+1", " 1", "1.0", "1e3", "0.1", "1e-400", "1e400", "9007199254740993", "300"),
        *("0x10", "1_0", "inf", "-Infinity", "nan", "NA", "", "<NA>", "x", "1,0", "१", "1.7e308"),
        *("0.1000000000000000055511151231257827021181583404541015625", "-0.0", "5e-324"),
    ],
)
def test_numbers_are_read_as_those_of_one_input(kind: str, text: str) -> None:
    type_ = ColumnType(kind, nullable=True)
    layout = SliceLayout("", 1, types={"x": (type_.to_json(), kind)})
    try:
        due: Any = convert("x", [text], type_, text=True).cells()
    except RowsError as error:
        due = str(error)
    try:
        found: Any = typed_table(["x"], [[text]], layout, text=True)["x"].to_pylist()
    except RowsError as error:
        found = str(error)
    assert repr(found) == repr(due)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x\n1\ntwo\n", r"in.csv, row 1 \(line 3\): column 'x': 'two' is no number"),
        (
            "x,y\n1,2\n\n3\n",
            r"in.csv, row 1 \(line 4\): it has 1 cells, and the first line names 2",
        ),
    ],
)
def test_a_row_of_csv_that_is_none_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "in.csv").write_text(text)
    with pytest.raises(RowsRefusedError, match=said) as raised:
        predicted(tmp_path / "in.csv", tmp_path / "out.parquet", takes=ONE)
    assert raised.value.row == 1
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize("packed", [False, True])
def test_json_lines_keep_what_stands_there(tmp_path: Path, packed: bool) -> None:
    rows = [{"id": each, "x": each / 2, "tags": ["a"], "late": None} for each in range(250)]
    text = "\n\n".join(map(json.dumps, rows)).encode()
    file = tmp_path / ("in.jsonl.gz" if packed else "in.jsonl")
    file.write_bytes(gzip.compress(text) if packed else text)
    predicted(file, tmp_path / "out.jsonl", keep=("id", "tags"), batch_rows=100, takes=ONE)
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert found[7] == {"id": 7, "tags": ["a"], "prediction": 7.0}
    assert [each["prediction"] for each in found] == [float(each) for each in range(250)]


def test_text_files_write_what_is_missing_and_what_is_infinite(tmp_path: Path) -> None:
    values = [1.5, float("inf"), float("-inf"), float("nan"), None]
    source = written(
        tmp_path / "in.parquet", pa.table({"x": values, "b": [b"\0", None] * 2 + [b""]})
    )
    for name in ("out.csv", "out.jsonl"):
        predicted(source, tmp_path / name, keep=("b",), takes=ONE)
    assert (tmp_path / "out.csv").read_text() == "b,prediction\nAA==,3.0\n,inf\nAA==,-inf\n,\n,\n"
    found = [json.loads(each) for each in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [each["prediction"] for each in found] == [3.0, "Infinity", "-Infinity", None, None]


def test_arrays_are_read_without_all_of_them(tmp_path: Path) -> None:
    array = np.arange(750.0).reshape(250, 3)
    np.save(tmp_path / "in.npy", array)
    model = Model(lambda batch: pa.table({"a": batch[:, 0], "b": batch.sum(axis=1)}))
    predicted(tmp_path / "in.npy", tmp_path / "out.npy", model, batch_rows=100, limit=210)
    assert [len(each) for each in model.batches] == [100, 100, 10]
    assert np.array_equal(np.load(tmp_path / "out.npy")[:, 1], array.sum(axis=1)[:210])
    with pytest.raises(WrongUseError, match="no named columns"):
        predicted(tmp_path / "in.npy", tmp_path / "kept.npy", keep=("a",))


def test_an_array_has_numbers_of_one_type(tmp_path: Path) -> None:
    source = written(tmp_path / "in.parquet", table(10))
    model = Model(lambda _: pa.table({"p": ["text"] * 10}))
    with pytest.raises(NoSuchFormError, match=r"'p' is string.*\.parquet"):
        predicted(source, tmp_path / "out.npy", model)


@pytest.mark.parametrize("limit", [1, 100, 270, 900])
@pytest.mark.parametrize("end", ["csv", "parquet", "jsonl"])
def test_a_limit_goes_over_files(tmp_path: Path, limit: int, end: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        rows = range(number * 100, number * 100 + 100)
        if end == "parquet":
            written(folder / f"{number}.parquet", pa.table({"x": list(map(float, rows))}))
        elif end == "csv":
            (folder / f"{number}.csv").write_text("x\n" + "".join(f"{each}\n" for each in rows))
        else:
            lines = "".join(f'{{"x": {each}}}\n' for each in rows)
            (folder / f"{number}.jsonl").write_text(lines)
    done = predicted(folder, tmp_path / "out.npy", limit=limit, batch_rows=30, takes=ONE)
    assert done.rows == min(limit, 300)
    expected = [each * 2.0 for each in range(done.rows)]
    assert np.load(tmp_path / "out.npy").tolist() == expected


def test_parts_of_other_columns_name_their_rows(tmp_path: Path) -> None:
    source = written(tmp_path / "in.parquet", table(30))

    def predict(given: Any) -> Any:
        late = given.column(0)[0].as_py() > 2
        return pa.table(
            {"p": pc.cast(given.column(0), pa.int64() if late else pa.float64(), safe=False)}
        )

    with pytest.raises(OtherColumnsError, match=r"rows 20 to 29: .*p: int64.*p: double"):
        predicted(source, tmp_path / "out.parquet", Model(predict), batch_rows=10, takes=ONE)


def test_parts_that_hold_each_other_are_one_table(tmp_path: Path) -> None:
    source = written(tmp_path / "in.parquet", table(3))
    answers = iter(
        [
            {
                "p": pa.nulls(1),
                "d": [decimal.Decimal("1.25")],
                "c": pa.array(["b"]).dictionary_encode(),
            },
            {"p": ["a"], "d": [decimal.Decimal("100.5")], "c": pa.array(["a"]).dictionary_encode()},
            {"p": pa.nulls(1), "d": [None], "c": pa.array(["b"]).dictionary_encode()},
        ]
    )
    model = Model(lambda _: pa.table(next(answers)))
    predicted(source, tmp_path / "out.arrow", model, batch_rows=1, takes=ONE)
    found = read(tmp_path / "out.arrow")
    assert found.schema.types[:2] == [pa.string(), pa.decimal128(5, 2)]
    assert found["c"].to_pylist() == ["b", "a", "b"]
    assert found["d"].to_pylist() == [decimal.Decimal("1.25"), decimal.Decimal("100.50"), None]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent.parquet", "there is no such file"),
        ("absent*.csv", "there is no such file"),
        ("model.pkl", "cannot be read part by part"),
        (".", "files of several kinds"),
    ],
)
def test_an_input_that_is_none_is_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "model.pkl").touch()
    (tmp_path / "a.csv").touch()
    (tmp_path / "b.jsonl").touch()
    with pytest.raises(WrongUseError, match=said):
        predicted(tmp_path / name, tmp_path / "out.parquet")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(WrongUseError, match=r"a\.parquet cannot be read"):
        predicted(tmp_path / "a.parquet", tmp_path / "out.parquet")


def test_without_pyarrow_it_is_said_what_to_install(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(WrongUseError, match=r"needs pyarrow, which is not.*'modelenv\[batch\]'"):
        predicted(tmp_path / "a.csv", tmp_path / "out.csv")
    assert [each.name for each in tmp_path.iterdir() if "out" in each.name] == []
