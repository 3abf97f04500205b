"""Files of rows become the example's types, read by whatever library is here."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modelenv.table import values
from modelenv.table.errors import RowsError
from modelenv.table.files import read_binary, read_text
from modelenv.table.incoming.document import read_table

EXAMPLE = pd.DataFrame(
    {
        "zip": ["01234"],
        "tier": pd.Categorical(["gold"], categories=["gold", "silver"]),
        "n": np.array([1], "i4"),
        "m": pd.array([1], dtype="Int64"),
        "ok": [True],
        "day": pd.to_datetime(["2026-01-01"]),
        "at": pd.to_datetime(["2026-01-01"]).tz_localize("Europe/Amsterdam"),
    }
)
ROWS = pd.DataFrame(
    {
        "zip": ["00501", "NA"],
        "tier": pd.Categorical(["silver", None], categories=["gold", "silver"]),
        "n": np.array([3, -4], "i4"),
        "m": pd.array([None, 2], dtype="Int64"),
        "ok": [False, True],
        "day": pd.to_datetime(["2026-02-03", None]),
        "at": pd.to_datetime(["2026-07-01T12:00", None]).tz_localize("Europe/Amsterdam"),
    }
)


def typed(rows: Any, example: pd.DataFrame = EXAMPLE) -> pd.DataFrame:
    assert rows is not None
    told, buffers, notes = read_table(rows, values.take(example)[0])
    assert not notes
    frame: pd.DataFrame = values.build(told, iter(buffers))
    return frame


def csv(folder: Path, text: str) -> Any:
    (folder / "rows.csv").write_text(text, "utf-8")
    return read_text(folder / "rows.csv")


@pytest.mark.parametrize("index", [True, False])
def test_csv_as_pandas_writes_it(index: bool, tmp_path: Path) -> None:
    rows = csv(tmp_path, ROWS.to_csv(index=index))
    pd.testing.assert_frame_equal(typed(rows), ROWS)


def test_an_index_is_a_column_of_its_name_in_csv_or_the_first_without_one(tmp_path: Path) -> None:
    days = pd.DatetimeIndex(["2026-01-01", "2026-01-02"])
    pairs = pd.MultiIndex.from_tuples([("01", 1), ("02", 2)], names=["id", None])
    for index in (days, days.rename("day"), pd.Index(["01", "02"]), pairs):
        frame = pd.DataFrame({"y": [1.0, 2.0]}, index=index)
        back = typed(csv(tmp_path, frame.to_csv()), frame)
        pd.testing.assert_frame_equal(back, frame)
    one = pd.DataFrame({"y": [1.0]}, index=pd.Index(["01"], name="id"))
    assert typed(csv(tmp_path, "y,id\n3,7\n"), one).index.tolist() == ["7"]


def test_what_other_programs_write_in_csv(tmp_path: Path) -> None:
    example = EXAMPLE[["zip", "n", "ok", "tier"]]
    text = '\ufeffok,zip,tier,n\r\nTRUE,"0,1",gold,3.0\r\n\r\n0,,,-1\r\n'
    frame = typed(csv(tmp_path, text), example)
    assert frame["ok"].tolist() == [True, False]
    assert frame["zip"].tolist() == ["0,1", ""]
    assert frame["n"].tolist() == [3, -1]
    assert frame["tier"].cat.codes.tolist() == [0, -1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("n\n1\n2.5\n", "column 'n', row 1 (line 3): 2.5 is no whole number (int32)"),
        ("n\n1\n\nx\n", "column 'n', row 1 (line 4): 'x' is no number"),
        ("n\n1_0\n", "column 'n', row 0 (line 2): '1_0' is no number"),
        ("n\n1\nNA\n", "column 'n', row 1 (line 3): a value is missing, which int32 cannot say"),
        ("n,n2\n1\n", "row 0 (line 2): it has 1 cells, and the first line names 2"),
        ("m\n1\n", "column 'n': is missing; there are 'm'"),
        ("n;m\n1;2\n", "column 'n': is missing; there are 'n;m'"),
        ("", "it is empty"),
    ],
    ids=repr,
)
def test_what_is_wrong_in_csv_is_told_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(RowsError) as caught:
        read_table(csv(tmp_path, text), values.take(EXAMPLE[["n"]])[0])
    assert told in str(caught.value)


def test_csv_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes("n\nä\n".encode("latin-1"))
    with pytest.raises(RowsError, match="no text in UTF-8"):
        read_text(tmp_path / "rows.csv")


def test_csv_for_an_array_needs_no_pandas(tmp_path: Path) -> None:
    told, _ = values.take(np.zeros((2, 2), "f4"))
    for text in ("a,b\n1,\n3,4\n", ",a,b\n0,1,\n1,3,4\n"):
        described, buffers, _ = read_table(csv(tmp_path, text), told)
        array = values.build(described, iter(buffers))
        np.testing.assert_array_equal(array, np.array([[1, np.nan], [3, 4]], "f4"))


@pytest.mark.parametrize("name", ["rows.parquet", "rows.arrow", "rows.arrows", "rows.feather"])
def test_parquet_and_arrow_by_pyarrow(name: str, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    file, table = tmp_path / name, pyarrow.Table.from_pandas(ROWS)
    if name.endswith("parquet"):
        ROWS.to_parquet(file, engine="pyarrow")
    elif name.endswith("feather"):
        pytest.importorskip("pyarrow.feather").write_feather(table, str(file))
    else:
        make = pyarrow.ipc.new_stream if name.endswith("s") else pyarrow.ipc.new_file
        with make(str(file), table.schema) as writer:
            writer.write_table(table)
    rows = read_binary(file, "parquet" if name.endswith("parquet") else "arrow")
    pd.testing.assert_frame_equal(typed(rows), ROWS)


def test_an_index_in_parquet_is_found(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    for name in (None, "day"):
        days = pd.DatetimeIndex(["2026-01-01T00:00:00.123456789"], name=name)
        frame = pd.DataFrame({"y": [1.0]}, index=days)
        frame.to_parquet(tmp_path / "rows.parquet")
        back = typed(read_binary(tmp_path / "rows.parquet", "parquet"), frame)
        pd.testing.assert_frame_equal(back, frame)


def test_a_wider_or_narrower_column_of_parquet_is_checked(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    pd.DataFrame({"n": np.array([1, 2], "u1")}).to_parquet(tmp_path / "a.parquet")
    assert typed(read_binary(tmp_path / "a.parquet", "parquet"), EXAMPLE[["n"]])["n"].dtype == "i4"
    pd.DataFrame({"n": [1.0, 2.5]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(RowsError, match=r"column 'n', row 1: 2.5 is no whole number"):
        typed(read_binary(tmp_path / "a.parquet", "parquet"), EXAMPLE[["n"]])
    (tmp_path / "a.parquet").write_bytes(b"PAR1 cut off")
    with pytest.raises(RowsError, match=r"a.parquet cannot be read"):
        read_binary(tmp_path / "a.parquet", "parquet")


def test_a_frame_of_polars_is_made_of_any_rows(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    example = polars.DataFrame(
        {
            "zip": ["01234"],
            "day": [datetime.date(2026, 1, 1)],
            "at": [pd.Timestamp("2026-01-01").to_pydatetime()],
            "n": polars.Series([1], dtype=polars.Int32),
            "tier": polars.Series(["gold"], dtype=polars.Enum(["gold", "silver"])),
        }
    )
    text = "zip,day,at,n,tier\n00501,2026-02-03,2026-02-03T10:00:00,7,silver\n"
    told, buffers, _ = read_table(csv(tmp_path, text), values.take(example)[0])
    back = values.build(told, iter(buffers))
    assert back.schema == example.schema
    day, at = datetime.date(2026, 2, 3), pd.Timestamp("2026-02-03T10:00").to_pydatetime()
    assert back.rows() == [("00501", day, at, 7, "silver")]
