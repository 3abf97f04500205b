"""A run that ends in the middle goes on where it was, and its output is that of a whole run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread, main_thread
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modelenv.base.errors import WrongUseError
from modelenv.base.siblings import envfiles
from modelenv.batch.files.journal import OtherRunError, OutputStandsError
from modelenv.batch.files.local import run_here
from modelenv.batch.files.run_files import FilesRequest, run_files

from .running import ONE, Model, Refused, Stopped, double, predicted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from modelenv.batch.files.slices.layout import Done, Piece, SliceLayout

ROWS = 100
ENDS = ("parquet", "csv", "jsonl", "npy")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of 100 rows in groups of 30."""
    file = tmp_path / "in.parquet"
    content = {"id": list(range(ROWS)), "x": [float(each) for each in range(ROWS)]}
    pq.write_table(pa.table(content), file, row_group_size=30)
    return file


def stopped(source: Path, output: Path, at: int, **options: Any) -> None:
    """End a run at its batch number `at`."""
    with pytest.raises(Stopped):
        predicted(source, output, Model(dies_at=at), **options)


@pytest.mark.parametrize(
    ("end", "at"),
    [
        *((end, 3) for end in ENDS),
        ("parquet", 0),
        ("csv", 9),
        *(pytest.param(end, at, marks=pytest.mark.slow) for end in ENDS for at in (0, 9)),
    ],
)
def test_it_goes_on_where_it_was(source: Path, tmp_path: Path, end: str, at: int) -> None:
    options: dict[str, Any] = {"batch_rows": 10, "takes": ONE}
    predicted(source, tmp_path / "whole.csv", keep=("x",), **options)
    given = {"csv": tmp_path / "whole.csv"}.get(end, source)
    predicted(given, tmp_path / f"whole.{end}" if end != "csv" else tmp_path / "w.csv", **options)
    output = tmp_path / f"out.{end}"
    stopped(given, output, at, **options)
    assert not output.exists()
    model = Model()
    done = predicted(given, output, model, **options)
    assert (done.resumed, len(model.batches), done.parts) == (10 * at, 10 - at, 10)
    whole = tmp_path / (f"whole.{end}" if end != "csv" else "w.csv")
    assert output.read_bytes() == whole.read_bytes()
    assert not (tmp_path / f"out.{end}.parts").exists()


def _of_decimals(table: Any) -> Any:
    return pa.table({"prediction": [Decimal(int(each) ** 3) for each in table["x"].to_pylist()]})


def _with_gaps(table: Any) -> Any:
    texts = [None if each < 50 else "late" for each in table["x"].to_pylist()]
    return pa.table({"prediction": texts})


def _of_categories(table: Any) -> Any:
    texts = pa.array([f"{each:.0f}" for each in table["x"].to_pylist()])
    return pa.table({"prediction": texts.dictionary_encode()})


@pytest.mark.parametrize("predict", [double, _of_decimals, _with_gaps, _of_categories])
@pytest.mark.parametrize("batch_rows", [50, ROWS])
def test_parts_of_which_nobody_was_told_are_gone_on_with(
    source: Path, tmp_path: Path, predict: Callable[[Any], Any], batch_rows: int
) -> None:
    request = FilesRequest(
        input=source, output=tmp_path / "out.parquet", batch_rows=batch_rows, takes=ONE
    )

    def written(layout: SliceLayout, pieces: Sequence[Piece]) -> Iterator[Done]:
        list(Model(predict).run(layout, pieces))
        raise Stopped
        yield

    with pytest.raises(Stopped):
        run_files(request, written)
    assert run_files(request, Model(predict).run).resumed == ROWS
    whole = tmp_path / "whole.parquet"
    predicted(source, whole, Model(predict), batch_rows=batch_rows, takes=ONE)
    assert pq.read_table(tmp_path / "out.parquet").equals(pq.read_table(whole))
    assert pq.read_schema(tmp_path / "out.parquet") == pq.read_schema(whole)


@pytest.mark.parametrize("pattern", ["", "*", "**/*.*"])
@pytest.mark.parametrize("name", ["out.parquet", "sub/out.arrow", "out.jsonl"])
def test_what_a_run_writes_is_no_input(source: Path, name: str, pattern: str) -> None:
    folder = source.parent / "days"
    (folder / "sub").mkdir(parents=True)
    source.rename(folder / "in.parquet")
    options: dict[str, Any] = {"batch_rows": 10, "takes": ONE, "skip": True}
    given, output = folder / pattern, folder / name
    stopped(given, output, 5, **options)
    assert predicted(given, output, Model(_refusing), **options).resumed == 50
    again = predicted(given, output, overwrite=True, **options)
    assert (again.rows, again.resumed) == (ROWS, 0)


def _refusing(table: Any) -> Any:
    if 77.0 in table["x"].to_pylist():
        raise Refused("77 is refused", table["x"].to_pylist().index(77.0))
    return double(table)


def test_with_several_workers_what_is_done_is_done(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.npy"
    stopped(source, output, 4, batch_rows=5, takes=ONE)
    model = Model(workers=3)
    done = predicted(source, output, model, batch_rows=5, takes=ONE)
    assert done.resumed == 5 * (20 - len(model.batches))
    assert np.load(output).tolist() == [each * 2.0 for each in range(ROWS)]


@pytest.mark.parametrize(
    ("name", "stride"),
    [
        ("out.parquet", 17),
        pytest.param("out.parquet", 1, marks=pytest.mark.slow),
        pytest.param("out.csv", 1, marks=pytest.mark.slow),
        pytest.param("out.npy", 1, marks=pytest.mark.slow),
    ],
)
def test_it_may_be_killed_before_any_step(source: Path, name: str, stride: int) -> None:
    folder = source.parent / "work"
    folder.mkdir()
    source.rename(folder / "in.parquet")
    program = Path(__file__).with_name("killed.py")
    words = [sys.executable, str(program), str(folder), name, str(stride)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    *killed, whole = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(killed) * stride > 16
    assert all(each["killed"] for each in killed)
    assert not whole["killed"]
    before = b"what was there before".hex()
    assert {each["between"] for each in killed} <= {before, whole["after"]}
    assert {each["after"] for each in killed} == {whole["after"]}
    assert {each["refused"] for each in killed} == {whole["refused"]}
    assert json.loads(whole["refused"])["row"] == 17
    for each in killed:
        assert each["left"] == ["in.parquet", name, f"{name}.refused.jsonl"]
    # Each run goes on where the last one was, until the output is in place.
    resumed = [each["again"]["resumed"] for each in killed if each["between"] == before]
    assert resumed == sorted(resumed)
    assert resumed[-1] == ROWS or stride > 1
    assert resumed[-1] > 0


def test_another_run_is_refused_and_may_begin_anew(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.parquet"
    same: dict[str, Any] = {"batch_rows": 10, "takes": ONE, "model": {"files": {"a": "1"}}}
    stopped(source, output, 5, **same)
    others: list[tuple[dict[str, Any], str]] = [
        ({"model": {"files": {"a": "2"}}}, "the model is another"),
        ({"batch_rows": 20}, "batch_rows is another"),
        ({"keep": ("id",)}, "keep is another"),
        ({"skip": True}, "skip is another"),
        ({"limit": 50}, "the rows are cut otherwise"),
    ]
    for other, said in others:
        with pytest.raises(OtherRunError, match=said) as raised:
            predicted(source, output, **{**same, **other})
        assert "restart=True begins anew" in str(raised.value)
    os.utime(source, ns=(1, 1))
    with pytest.raises(OtherRunError, match="the inputs are another"):
        predicted(source, output, **same)
    done = predicted(source, output, **same, restart=True)
    assert (done.resumed, done.rows) == (0, ROWS)


def test_an_output_that_is_there_stays(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.parquet"
    output.write_bytes(b"mine")
    with pytest.raises(OutputStandsError, match=r"out\.parquet exists: overwrite=True replaces it"):
        predicted(source, output, takes=ONE)
    assert not (tmp_path / "out.parquet.parts").exists()
    stopped(source, output, 1, takes=ONE, overwrite=True, batch_rows=10)
    assert output.read_bytes() == b"mine"
    assert predicted(source, output, takes=ONE, overwrite=True, batch_rows=10).resumed == 10
    assert pq.read_table(output).num_rows == ROWS
    link = tmp_path / "link.parquet"
    link.symlink_to(output)
    predicted(source, link, takes=ONE, overwrite=True)
    assert link.is_symlink()
    with pytest.raises(WrongUseError, match="is a file of the input"):
        predicted(source, source, takes=ONE, overwrite=True)


def test_a_folder_that_is_somebody_s_stays(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out.parquet.parts").mkdir()
    (tmp_path / "out.parquet.parts" / "thesis.txt").touch()
    with pytest.raises(WrongUseError, match="is no folder of ours"):
        predicted(source, tmp_path / "out.parquet", takes=ONE, restart=True)
    assert (tmp_path / "out.parquet.parts" / "thesis.txt").exists()


def test_two_runs_do_not_write_one_output(source: Path, tmp_path: Path) -> None:
    with (
        envfiles.locked(tmp_path / "out.parquet.parts", "run", patience=0.0),
        pytest.raises(WrongUseError, match="another run writes"),
    ):
        predicted(source, tmp_path / "out.parquet", takes=ONE)


def test_a_file_that_is_written_to_meanwhile_is_seen(source: Path, tmp_path: Path) -> None:
    def predict(table: Any) -> Any:
        os.utime(source, ns=(1, 1))
        return double(table)

    with pytest.raises(WrongUseError, match=r"in\.parquet was changed while it was read"):
        predicted(source, tmp_path / "out.parquet", Model(predict), takes=ONE)
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize("known", [True, False])
def test_rows_that_are_refused_are_told(source: Path, tmp_path: Path, known: bool) -> None:
    bad = {5.0, 17.0, 18.0, 99.0, *map(float, range(40, 50))}

    def predict(table: Any) -> Any:
        values = table["x"].to_pylist()
        rows = [row for row, each in enumerate(values) if each in bad]
        if rows:
            raise Refused(f"{values[rows[0]]} is odd", rows[0] if known else None)
        return double(table)

    output = tmp_path / "out.npy"
    with pytest.raises(Exception, match="is odd") as raised:
        predicted(source, tmp_path / "no.npy", Model(predict), takes=ONE, batch_rows=10)
    assert getattr(raised.value, "row", None) == (5 if known else None)
    done = predicted(source, output, Model(predict), takes=ONE, batch_rows=10, skip=True)
    assert (done.rows, done.refused) == (ROWS - len(bad), len(bad))
    told = [json.loads(each) for each in Path(str(done.refused_file)).read_text().splitlines()]
    assert [each["row"] for each in told] == sorted(bad)
    assert told[0] == {"file": str(source), "row": 5, "error": "5.0 is odd"}
    assert np.load(output).tolist() == [each * 2.0 for each in range(ROWS) if each not in bad]


def test_who_interrupts_it_waits_for_no_batch(source: Path, tmp_path: Path) -> None:
    asked, ended = Event(), Event()

    def predict(table: Any) -> Any:
        asked.set()
        assert ended.wait(60)
        raise Stopped

    def interrupt() -> None:
        asked.wait()
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)

    def run(layout: SliceLayout, pieces: Sequence[Piece]) -> Iterator[Done]:
        done = run_here(layout, pieces, lambda: nullcontext(predict), 2, (), ended.set)
        Thread(target=interrupt).start()
        return done

    with pytest.raises(KeyboardInterrupt):
        run_files(FilesRequest(input=source, output=tmp_path / "out.npy", takes=ONE), run)
    assert ended.is_set()
