"""Common behaviour of all exports: the command, refusals, and leftovers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner

import modelenv
from envfiles.errors import TargetUnwritable
from modelenv.cli import main
from modelenv.cli.deploy import export as command
from modelenv.export.errors import NotExportedError
from modelenv.export.exporting import FORMS, EnvironmentFormat
from modelenv.export.writing import write_all

PAGE = (Path(__file__).parents[3] / "docs" / "exports.md").read_text("utf-8")


def invoke(*words: object) -> Any:
    return CliRunner().invoke(command.export, [str(each) for each in words])


def test_the_command_has_every_format() -> None:
    assert set(FORMS) == set(get_args(EnvironmentFormat))
    assert {*command._FORMATS} == {*FORMS, "oci-layout"}
    assert all(f"`{each}`" in PAGE for each in FORMS)


def test_the_command_tells_what_a_form_cannot_say(folder: Path, tmp_path: Path) -> None:
    ran = invoke("-m", folder, "--format", "requirements", "-o", tmp_path / "pins.txt")
    assert ran.exit_code == 0
    assert ran.stdout.startswith(f"{tmp_path}/pins.txt: requirements, Python ")
    assert "not said in it: Python " in ran.stdout
    assert "use it: pip install --no-deps -r " in ran.stdout


def test_as_json_it_is_one_document(folder: Path, tmp_path: Path) -> None:
    words = ["-m", folder, "--format", "devcontainer", "-o", tmp_path, "--json"]
    said = json.loads(invoke(*words).stdout)
    assert (said["schema"], said["format"]) == (1, "devcontainer")
    names = ("devcontainer.json", "requirements.txt")
    assert said["files"] == [f"{tmp_path}/.devcontainer/{name}" for name in names]
    assert said["pins"] == ["alpha==1.0", "beta==2.0", "delta==4.0"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "oci-layout"], "needs --base"),
        (["--format", "uv", "--base", "slim"], "--format uv has no --base"),
        (["--format", "pep723", "--no-server", "-n", "x"], "--format pep723 has no --name"),
        (["--base", "slim", "--target", "3.12"], "--format oci-layout has no --target"),
    ],
)
def test_an_option_of_another_format_is_wrong_use(
    folder: Path, tmp_path: Path, words: list[str], said: str, capsys: Any
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["export", "-m", str(folder), "-o", str(tmp_path / "out"), *words])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_what_is_of_one_platform_has_no_target(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotExportedError, match="cyclonedx and requirements can be for another one"):
        modelenv.export_environment(folder, tmp_path / "x.py", to="pep723", target="3.12-win_amd64")


def test_nothing_that_is_there_is_overwritten(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "pins.txt"
    place.write_text("mine")
    with pytest.raises(NotExportedError, match="it exists already"):
        modelenv.export_environment(folder, place, to="requirements")
    modelenv.export_environment(folder, tmp_path, to="devcontainer")
    with pytest.raises(NotExportedError, match=r"devcontainer\.json: it exists already"):
        modelenv.export_environment(folder, tmp_path, to="devcontainer")
    with pytest.raises(NotExportedError, match="there is no folder"):
        modelenv.export_environment(folder, tmp_path / "no" / "pins.txt", to="requirements")
    with pytest.raises(NotExportedError, match=r"pins\.txt is a file, and no folder"):
        modelenv.export_environment(folder, place / "pins.txt", to="requirements")
    assert place.read_text() == "mine"


def test_pins_that_are_later_than_it_is_asked_as_of_are_named(
    folder: Path, tmp_path: Path, indexes: Any, index: Any
) -> None:
    for file in list(index.files):
        index.uploaded[file] = f"{2024 + file.startswith('delta')}-01-01T00:00:00Z"
    asked = replace(indexes, as_of="2024-03-01")
    done = modelenv.export_environment(
        folder, tmp_path / "pins.txt", to="requirements", indexes=asked
    )
    said = "later than 2024-03-02T00:00:00Z its index received delta 4.0 (on 2025-01-01)"
    assert said in done.notes


def test_what_was_written_goes_where_the_rest_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetUnwritable, match="file"):
        write_all({"new/deep/a.txt": "a", "file/b.txt": "b"}, tmp_path)
    assert [each.name for each in tmp_path.iterdir() if each.name != "temporary"] == ["file"]


def test_the_model_is_left_as_it_was(folder: Path, tmp_path: Path, snapshot: Any) -> None:
    before = snapshot(folder)
    for to in ("requirements", "pep723", "ray-runtime-env", "devcontainer"):
        is_folder = FORMS[to].is_folder
        modelenv.export_environment(folder, tmp_path / ("" if is_folder else to), to=to)
    assert snapshot(folder) == before


def test_it_is_one_short_line_at_a_prompt(folder: Path, tmp_path: Path) -> None:
    done = modelenv.export_environment(folder, tmp_path / "pins.txt", to="requirements")
    assert repr(done).startswith("<Exported: ")
    assert len(repr(done)) <= 100
