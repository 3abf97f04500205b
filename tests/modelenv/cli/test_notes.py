"""Notes come as plain lines, and what JSON cannot hold goes into CSV."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import modelenv
from modelenv.cli import main

from ..conftest import made_once


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs the command: its code, and what it printed on either side."""

    def run(*words: str | Path) -> tuple[Any, str, str]:
        code: Any = 0
        try:
            main(list(map(str, words)))
        except SystemExit as ended:
            code = ended.code
        told = capfd.readouterr()
        return code, told.out, told.err

    return run


@pytest.mark.filterwarnings("default")  # as it is for a command
def test_what_is_left_out_of_rows_is_a_plain_line(
    command: Any, project: Any, target: Path, tmp_path: Path
) -> None:
    model = project.model("return data['n'].tolist()")
    modelenv.save_model(model, target, input_example=pd.DataFrame({"n": [1]}), prove=False)
    (tmp_path / "a.csv").write_text("n,more\n7,1\n")
    code, out, err = command("predict", "-m", target, "-i", tmp_path / "a.csv")
    assert (code, out) == (0, '{"predictions": [7]}\n')
    lines = [line for line in err.splitlines() if "more" in line]
    assert len(lines) == 1
    assert lines[0].startswith("modelenv: note: a.csv: left out, ")
    assert "Warning" not in err
    assert ".py:" not in err


FRAMES = ["data.assign(y=1 / data['x'], t=['a', None])", "(1 / data['x']).rename('y')"]
ARRAYS = [
    ("1 / data['x'].to_numpy()", [[1.0], [np.inf]]),
    ("1 / data[['x', 'x']].to_numpy().T", [[1.0, np.inf]] * 2),
    ("__import__('numpy').asfortranarray([[1.0, 2.5], [3, 4]])", [[1.0, 2.5], [3, 4]]),
]
NO_TABLES = ["{'a': 1}", "[1, 2]", "__import__('numpy').zeros((1, 1, 1))"]
MADE = [*FRAMES, *(made for made, _ in ARRAYS), *NO_TABLES]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that returns the one of MADE that its input has the number of."""
    with made_once(tmp_path_factory) as project:
        folder: Path = project.root.parent / "model"
        cases = ", ".join(f"lambda data: {made}" for made in MADE)
        model = project.model(f"return ({cases})[int(data['made'][0])](data[['x']])")
        example = pd.DataFrame({"x": [1.0, 0.0], "made": [0, 0]})
        modelenv.save_model(model, folder, input_example=example, prove=False)
    return folder


@pytest.fixture
def predict(saved: Path, command: Any, tmp_path: Path) -> Any:
    """Return a function that predicts what was made so."""

    def run(made: str, *words: str | Path) -> tuple[Any, str, str]:
        number = MADE.index(made)
        (tmp_path / "in.csv").write_text(f"x,made\n1.0,{number}\n0.0,{number}\n")
        found: tuple[Any, str, str] = command(
            "predict", "-m", saved, "-i", tmp_path / "in.csv", *words
        )
        return found

    return run


@pytest.mark.parametrize("made", FRAMES)
def test_infinity_goes_into_csv_and_the_refusal_of_json_says_so(
    made: str, predict: Any, tmp_path: Path
) -> None:
    code, _, err = predict(made)
    assert code == 2
    assert "inf has no form in JSON" in err
    assert "-o FILE.csv" in err
    code, out, _ = predict(made, "-o", tmp_path / "out.csv")
    assert (code, out) == (0, "")
    assert list(pd.read_csv(tmp_path / "out.csv")["y"]) == [1.0, np.inf]


@pytest.mark.parametrize(("made", "expected"), ARRAYS)
def test_arrays_go_into_csv(made: str, expected: Any, predict: Any, tmp_path: Path) -> None:
    assert predict(made, "-o", tmp_path / "out.csv")[0] == 0
    text = (tmp_path / "out.csv").read_text()
    np.testing.assert_array_equal(pd.read_csv(io.StringIO(text)).to_numpy(), expected)


@pytest.mark.parametrize("made", NO_TABLES)
def test_what_is_no_table_is_not_written_as_csv(made: str, predict: Any, tmp_path: Path) -> None:
    code, _, err = predict(made, "-o", tmp_path / "out.csv")
    assert code == 2
    assert "CSV holds frames, series, and arrays" in err
    assert not (tmp_path / "out.csv").exists()
    assert predict(made, "--json", "-o", tmp_path / "out.csv")[0] == 2


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("words", [("inspect",), ("requirements", "list")])
def test_what_a_killed_process_left_is_named_by_who_reads_and_removed_by_who_writes(
    command: Any, project: Any, target: Path, words: tuple[str, ...]
) -> None:
    modelenv.save_model(project.model("return 1"), target, input_example=[1], prove=False)
    beside = target.with_name(f".{target.name}.0123abcd.partial")
    within = target / ".conda.yaml.0123abcd.partial"
    beside.mkdir()
    within.touch()
    place = ("-m",)
    code, out, err = command(*words, *place, target)
    assert code == 0
    for left in (beside, within):
        assert f"{left} was left by a process that was killed" in err
        assert left.name not in out
        assert left.exists()
    assert command("requirements", "add", "-m", target, "pip", "--no-index")[0] == 0
    assert not beside.exists()
    assert not within.exists()
