"""A folder whose files name one that is not there: every command that reads it says which line."""

from __future__ import annotations

from pathlib import Path

import pytest

import modelenv
from modelenv.cli import main

LINE = "the requirements file 'other.txt' is not there"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Save a model whose requirements.txt then leads to no file in its second line."""
    folder = tmp_path / "model"
    modelenv.save_model(len, folder, input_example=[1], prove=False)
    (folder / "requirements.txt").write_text("six==1.16.0\n-r other.txt\n")
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[object, str]:
    """Run the command; return its exit code and all that it prints."""
    with pytest.raises(SystemExit) as ended:
        main(list(map(str, words)))
    told = capsys.readouterr()
    return ended.value.code, told.out + told.err


@pytest.mark.parametrize(
    "words",
    [
        ("requirements", "list", "-m"),
        ("lock", "-m"),
        ("verify", "-m"),
        ("diagnose", "-m"),
        ("minimize", "-m"),
        ("diff",),
    ],
)
def test_a_command_names_the_line_and_the_file(
    folder: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    code, told = run(capsys, *words, folder)
    assert code == 2
    assert f"requirements.txt:2: {LINE}" in told
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_what_else_is_in_the_folder_is_told_all_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["inspect", "-m", str(folder)])
    told = capsys.readouterr().out
    assert f"cannot be read: requirements.txt:2: {LINE}" in told
    assert "requirements unknown" in told


def test_of_two_folders_the_one_that_has_the_line_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = tmp_path / "sound"
    modelenv.save_model(len, sound, input_example=[1], prove=False)
    for words in ((folder, sound), (sound, folder)):
        code, told = run(capsys, "diff", *words)
        assert code == 2
        assert f"{folder / 'requirements.txt'}:2: {LINE}" in told


def test_migrating_notes_it_and_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run(capsys, "migrate-channels", folder)
    assert not code
    assert f"note: requirements.txt:2: {LINE}" in told
    assert told.count(LINE) == 1  # though python_env.yaml leads there too


def test_a_requirements_file_that_is_gone_is_named_by_the_line_that_leads_to_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("requirements.txt", "conda.yaml"):  # each of which could stand in for the other
        (folder / name).unlink()
    code, told = run(capsys, "verify", "-m", folder)
    assert code == 2
    assert "python_env.yaml:" in told
    assert "the requirements file 'requirements.txt' is not there" in told
