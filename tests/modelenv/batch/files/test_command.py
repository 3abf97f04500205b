"""``modelenv predict`` on files, with a model in an environment of its own."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import modelenv
from modelenv.cli import main
from tests.modelenv.conftest import made_once

BODY = """
if (data["x"] == 13).any():
    raise ValueError("13 is refused")
return data["x"] * 2 + data["y"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A model that takes a frame of two columns, and refuses 13."""
    with made_once(tmp_path_factory) as project:
        target = tmp_path_factory.mktemp("model") / "model"
        example = pd.DataFrame({"x": [1.5], "y": [2]})
        modelenv.save_model(project.model(BODY), target, input_example=example, prove=False)
        yield target


def table(rows: int, start: int = 0) -> pa.Table:
    """Return rows that the model takes, with a column more."""
    count = range(start, start + rows)
    x = [each + 0.5 for each in count]
    return pa.table({"id": [str(each) for each in count], "y": list(count), "x": x})


def test_it_predicts_on_a_file(folder: Path, tmp_path: Path, capsys: Any) -> None:
    source, output = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(table(1000), source, row_group_size=300)
    words = ["predict", "-m", str(folder), "-i", str(source), "-o", str(output), "--keep", "id"]
    main([*words, "--batch-rows", "400", "--json", "--progress", "plain"])
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (told["rows"], told["parts"], told["restarts"], told["resumed"]) == (1000, 3, 0, 0)
    assert "predicting: 0 of 1,000 rows (0 %)" in err
    found = pq.read_table(output)
    assert found.schema == pa.schema({"id": pa.string(), "prediction": pa.float64()})
    assert found["prediction"].to_pylist() == [each * 3 + 1.0 for each in range(1000)]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "--overwrite replaces it once the new one is whole" in capsys.readouterr().err


def test_rows_that_are_refused_are_named(folder: Path, tmp_path: Path, capsys: Any) -> None:
    source = tmp_path / "in.csv"
    source.write_text("y,x\n1,2\n1,13\n1,4\n")
    words = ["predict", "-m", str(folder), "-i", str(source), "-o", str(tmp_path / "out.csv")]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--engine", "local"])
    assert ended.value.code == 1
    assert "in.csv, row 1: ValueError: 13 is refused" in capsys.readouterr().err
    main([*words, "--on-error", "skip", "--restart"])
    assert (tmp_path / "out.csv").read_text() == "prediction\n5.0\n9.0\n"
    told = json.loads((tmp_path / "out.csv.refused.jsonl").read_text())
    assert told == {"error": "ValueError: 13 is refused", "file": str(source), "row": 1}


@pytest.mark.slow
def test_one_input_is_predicted_on_as_before(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("y,x\n1,2\n1,3\n")
    output = tmp_path / "out.csv"
    output.write_text("what was there")
    main(["predict", "-m", str(folder), "-i", str(source), "-o", str(output)])
    assert output.read_text() == '""\n5.0\n7.0\n'


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "out.parquet"], "name it by -i"),
        (["-i", "in.csv", "--keep", "x"], "name the file to write, as -o out.parquet"),
        (["-i", "-", "-o", "out.parquet"], "name it by -i"),
        (["-i", "in.csv", "-o", "out.txt", "--limit", "1"], "its name may end in .parquet"),
        (["-i", "in.csv", "-t", "pickle", "-o", "out.npy"], "pickle cannot be read part by part"),
        (["-i", "in.csv", "-o", "no/out.npy"], "there is no folder"),
        (["-i", "in.csv", "-o", "out.npy", "--address", "x"], "an address needs the engine"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(
    folder: Path, tmp_path: Path, capsys: Any, monkeypatch: Any, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("x,y\n1,2\n")
    with pytest.raises(SystemExit) as ended:
        main(["predict", "-m", str(folder), *words])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.csv", "temporary"]


def test_of_no_row_there_is_an_empty_table(folder: Path, tmp_path: Path) -> None:
    pq.write_table(table(1).slice(0, 0), tmp_path / "in.parquet")
    done = modelenv.predict_files(
        folder, tmp_path / "in.parquet", tmp_path / "out.parquet", keep="id"
    )
    assert (done.rows, done.parts) == (0, 0)
    schema = pq.read_schema(tmp_path / "out.parquet")
    assert schema == pa.schema({"id": pa.string(), "prediction": pa.float64()})


def command(folder: Path, source: Path, output: Path, *more: str) -> list[str]:
    """Return the words of a run over files, in a process of its own."""
    words = [sys.executable, "-m", "modelenv", "predict", "-m", str(folder)]
    return [*words, "-i", str(source), "-o", str(output), "--keep", "id", *more]


@pytest.mark.slow
def test_it_may_be_killed_at_any_time(folder: Path, tmp_path: Path) -> None:
    names = ("in.parquet", "whole.parquet", "out.parquet")
    source, whole, output = (tmp_path / name for name in names)
    rows = 200_000
    pq.write_table(table(rows, 100), source, row_group_size=30_000)
    more = ["--batch-rows", "2000", "--workers", "2"]
    began = time.monotonic()
    subprocess.run(command(folder, source, whole, *more), check=True, capture_output=True)
    seconds = time.monotonic() - began
    chance = random.Random(7)
    kills = 0
    while kills < 30:
        run = subprocess.Popen(command(folder, source, output, *more), stdout=subprocess.DEVNULL)
        try:
            assert run.wait(chance.random() * seconds) == 0
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
            kills += 1
        if output.exists():  # it is there whole or not at all; the next run begins anew
            assert output.read_bytes() == whole.read_bytes()
            output.unlink()
    words = command(folder, source, output, *more, "--json")
    ended = subprocess.run(words, check=True, capture_output=True)
    assert json.loads(ended.stdout)["rows"] == rows
    assert output.read_bytes() == whole.read_bytes()
    left = sorted(each.name for each in tmp_path.iterdir())
    assert left == ["in.parquet", "out.parquet", "temporary", "whole.parquet"]


PEAK = """
import resource, sys
from modelenv.cli import main
main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
"""


@pytest.mark.slow
def test_ten_times_the_rows_take_no_more_memory(tmp_path: Path, project: Any) -> None:
    names = [f"x{place}" for place in range(30)]
    example = pd.DataFrame(np.zeros((2, 30)), columns=names)
    folder = tmp_path / "model"
    modelenv.save_model(
        project.model("return data.sum(axis=1)"), folder, input_example=example, prove=False
    )
    chance = np.random.default_rng(0)
    peaks = {}
    for rows in (100_000, 1_000_000):
        source, output = tmp_path / f"{rows}.parquet", tmp_path / f"{rows}-out.parquet"
        with pq.ParquetWriter(source, pa.schema({name: pa.float64() for name in names})) as writer:
            for _ in range(rows // 100_000):
                block = chance.random((100_000, 30))
                writer.write_table(pa.table({n: block[:, p] for p, n in enumerate(names)}))
        words = ["predict", "-m", str(folder), "-i", str(source), "-o", str(output)]
        ended = subprocess.run(
            [sys.executable, "-c", PEAK, *words], check=True, capture_output=True, text=True
        )
        peaks[rows] = int(ended.stderr.split()[-1])
        assert pq.read_metadata(output).num_rows == rows
    assert peaks[1_000_000] < peaks[100_000] + 60, peaks  # MB; the file has 240
