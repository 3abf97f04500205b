"""A command that is used in a wrong way names the thing, its place and the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelenv.cli.group import run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model folder `m`, which is none inside, a file and an empty folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "MLmodel").write_text("flavors: {}\n")
    (tmp_path / "m" / "model.pkl").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04K\x03.")
    (tmp_path / "in.json").write_text('{"instances": [1]}')
    (tmp_path / "train.py").write_text("")
    return tmp_path


def told(words: str, capsys: Any) -> str:
    """Return what a command says to standard error, which ends with 2."""
    with pytest.raises(SystemExit) as ended:
        run(words.split())
    assert ended.value.code == 2
    _, said = capsys.readouterr()
    return str(said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "verify -m m -m empty",
            "'-m' / '--model' is given 2 times, and takes one value: `modelenv",
        ),
        ("predict -m m -i in.json -i in.csv", "'-i' / '--input' is given 2 times, and takes one"),
        ("requirements add -m m -m m six", "'-m' / '--model' is given 2 times"),
        ("verify -m m --env-manager uvv", "Did you mean uv?"),
        ("verify -m m --seal namspaces", "Did you mean namespaces?"),
        ("pack -m m", "Missing option '-o' / '--output'. FILE: The file to write"),
        ("serve", "Missing option '-m' / '--model'. [NAME=]FOLDER: A model folder"),
        ("verify m", "It names the folder, as in `modelenv verify -m FOLDER`"),
        ("fix -m m --writ", "No such option '--writ'. Did you mean '--write'?"),
        ("predict -m in.json -i m", "-i m is a model folder: name that by -m, and its input by -i"),
        (
            "predict -m m -i empty",
            "empty is read and predicted part by part: name the file to write",
        ),
        ("predict -m m -i inn.json", "there is no such file. Did you mean in.json?"),
        ("trace trian.py", "trian.py: there is no such file or folder. Did you mean train.py?"),
        ("trace empty", "a folder without a __main__.py"),
        ("save model.pkl -o out", "the file of a pickled model is named by --model"),
        ("save --model model.pkl -o out", "model.pkl holds no model, but a value of the type int"),
        ("save --model m -o out", "m: it is a folder, not a file"),
        ("capture --model model.pk --input model.pkl -o x", "Did you mean model.pkl?"),
        ("verify -m model.pkl", "`modelenv save --model model.pkl --input FILE -o FOLDER` makes"),
        ("verify -m m/MLmodel", "it is a file of one: give the folder, "),
        ("verify -m m/model.pkl", "it is a file of one: give the folder, "),
        ("verify -m .", "there is no MLmodel file; below it, m has one"),
        ("lock -m empty", "there is no MLmodel file; the folder is empty"),
        ("audit -m nowhere", "there is no such folder"),
        ("diagnose nofile.txt", "(what an error says goes in quotes): there is no such file"),
    ],
)
def test_a_wrong_use_is_told_with_the_way_out(
    words: str, said: str, here: Path, capsys: Any
) -> None:
    assert said in told(words, capsys)


@pytest.mark.parametrize("words", ["export -m m --to x", "verify -m m --nope"])
def test_no_option_is_guessed_that_is_like_it_by_its_dashes_alone(
    words: str, here: Path, capsys: Any
) -> None:
    assert "Did you mean" not in told(words, capsys)


@pytest.mark.parametrize(
    "words",
    [
        "verify -m m --allow-host a --allow-host b -v -v",
        "verify -m m --timeout 3 --env-manager uv --timeout 4 --env-manager auto",
    ],
)
def test_several_values_and_what_an_alias_sets_first_may_be_repeated(
    words: str, here: Path, capsys: Any
) -> None:
    assert "times" not in told(words, capsys)


def test_the_words_of_a_traced_program_are_its_own(here: Path, capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["trace", "train.py", "-o", "a", "-o", "b"])
    assert ended.value.code == 0
