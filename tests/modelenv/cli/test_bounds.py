"""The command refuses what cannot be before it works, and counts in good English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.text import be, counted
from modelenv.cli import main


@pytest.fixture
def wrong_use(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs the command, which has to be wrong use, and what it says."""

    def run(*words: str | Path) -> str:
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, words)))
        told = capsys.readouterr()
        assert (ended.value.code, told.out) == (2, "")
        return told.err

    return run


@pytest.fixture
def folder(project: Any, target: Path) -> Path:
    """A saved model that leaves a mark where it predicts."""
    mark = target.parent / "ran"
    modelenv.save_model(
        project.model(f"open({str(mark)!r}, 'w').close(); return 1"),
        target,
        input_example=1,
        prove=False,
    )
    mark.unlink()
    return target


@pytest.mark.parametrize("days", ["-1", "nan"])
def test_no_environment_is_pruned_before_its_last_use(days: str, wrong_use: Any) -> None:
    said = wrong_use("cache", "prune", "--days", days)
    assert "--days must be a number of days, 0 or more, not " in said


@pytest.mark.parametrize("steps", ["0", "-3"])
def test_fix_takes_one_step_at_least(steps: str, folder: Path, wrong_use: Any) -> None:
    said = wrong_use("fix", "-m", folder, "--steps", steps)
    assert f"steps must be a whole number above 0, not {steps}" in said


def test_a_time_limit_is_above_zero(folder: Path, wrong_use: Any) -> None:
    for name in ("verify", "predict", "fix", "minimize", "diagnose"):
        said = wrong_use(name, "-m", folder, "--timeout", "0")
        assert "timeout must be a number of seconds above 0, not 0.0" in said


def test_where_no_output_can_be_written_nothing_is_predicted(folder: Path, wrong_use: Any) -> None:
    absent = folder.parent / "absent"
    said = wrong_use("predict", "-m", folder, "-o", absent / "answers.json")
    assert f"there is no folder {absent}" in said
    assert f"{folder} is a folder" in wrong_use("predict", "-m", folder, "-o", folder)
    assert not (folder.parent / "ran").exists()


def test_an_empty_path_is_not_the_working_directory(wrong_use: Any) -> None:
    assert "the path is empty" in wrong_use("verify", "-m", "")
    assert "the path is empty" in wrong_use("save", "train:build", "-o", "")


def test_a_trace_is_written_to_no_folder(tmp_path: Path, wrong_use: Any) -> None:
    assert "is a folder" in wrong_use("trace", "-o", tmp_path, "-c", "1")


@pytest.mark.parametrize("name", ["new.json", "new"])
def test_an_input_that_is_not_there_is_told_so(name: str, folder: Path, wrong_use: Any) -> None:
    said = wrong_use("predict", "-m", folder, "-i", folder.parent / name)
    assert f"the input {folder.parent / name}: there is no such file" in said


def test_a_folder_is_no_log(folder: Path, wrong_use: Any) -> None:
    assert "name it with -m" in wrong_use("diagnose", folder)
    said = wrong_use("diagnose", "-m", folder.parent)
    assert "not a model folder that modelenv can read: there is no MLmodel file" in said


def test_a_folder_that_is_there_is_kept_and_the_way_out_named(project: Any, target: Path) -> None:
    model = project.model("return 1")
    modelenv.save_model(model, target, input_example=1)
    with pytest.raises(Exception, match=r"exists already: .* overwrite=True"):
        modelenv.save_model(model, target, input_example=1)


@pytest.mark.parametrize(("number", "said"), [(0, "0 pins"), (1, "1 pin"), (2, "2 pins")])
def test_one_is_no_plural(number: int, said: str) -> None:
    assert counted(number, "pin") == said
    assert be(number) == ("is" if number == 1 else "are")


def test_reports_of_one_are_in_the_singular(own_site: Any, project: Any, target: Path) -> None:
    own_site.install("engine")
    modelenv.save_model(project.model("import engine; return 1"), target, input_example=1)
    assert ", 1 pin:" in str(modelenv.inspect_model(target))
    assert str(modelenv.minimize(target)) == "1 pin is needed (1 prediction)"
    edited = modelenv.update_requirements(target, constraints=["engine<2"])
    assert ": 1 requirement, its proof stands" in str(edited)
