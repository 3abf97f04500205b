"""The command says what it does and ends with the code that it promises."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import modelenv
from modelenv.cli import main
from modelenv.cli.commands import COMMANDS
from modelenv.cli.shared.answering import exit_code
from modelenv.folder.errors import BadFolderError, NotAModelError, NotPicklableError
from resolver import ConflictError
from resolver.errors import RequirementsError, SourceError


class Ended(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs the command here."""

    def run(*arguments: str | Path) -> Ended:
        code: Any = 0
        try:
            main(list(map(str, arguments)))
        except SystemExit as ended:
            code = ended.code
        told = capsys.readouterr()
        return Ended(code or 0, told.out, told.err)

    return run


TRAIN = """
class Model:
    def predict(self, data):
        return [each + 1 for each in data]

def build():
    return Model(), [1, 2]

def failing():
    class Failing(Model):
        def predict(self, data):
            raise ValueError("not so")
    return Failing(), [1]

def alone():
    return Model()

def interrupted():
    raise KeyboardInterrupt
"""


@pytest.fixture
def train(project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder with a training script of its own."""
    project.write("own_train.py", TRAIN)
    monkeypatch.chdir(project.root)


@pytest.fixture
def saved(train: None, command, target: Path) -> Path:
    ended = command("save", "own_train:build", "-o", target)
    assert ended.code == 0, ended.err
    return target


def test_the_help_shows_every_command(command) -> None:
    ended = command("--help")
    assert (ended.code, ended.err) == (0, "")
    for name, (_, text) in COMMANDS.items():
        assert name in ended.out
        assert text in ended.out
    assert "Exit codes: 0 fine" in ended.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_that_begins_with_its_line(name: str, command) -> None:
    ended = command(name, "--help")
    assert ended.code == 0
    assert ended.out.startswith(f"Usage: modelenv {name} ")
    assert COMMANDS[name][1].rstrip(".") in " ".join(ended.out.split())
    reports = any(word in ended.out for word in ("--json", "Commands:", "json|text"))
    assert reports or name == "completion"  # a shell reads what that prints


@pytest.mark.parametrize("name", ["cache", "fleet", "requirements"])
def test_a_group_without_a_command_shows_its_help_alone(name: str, command) -> None:
    shown = command(name)
    assert shown.code == 2
    assert shown.err.startswith(f"Usage: modelenv {name} [OPTIONS] COMMAND")
    assert "Error" not in shown.err


def test_the_version_is_told(command) -> None:
    assert command("--version").out == f"modelenv {modelenv.__version__}\n"


def test_a_model_is_saved_verified_inspected_and_asked(saved: Path, command) -> None:
    verified = command("verify", "-m", saved)
    assert (verified.code, verified.err) == (0, "")
    assert "reproduces" in verified.out
    inspected = command("inspect", "-m", saved)
    assert (inspected.code, "proof: reproduces" in inspected.out) == (0, True)
    predicted = command("predict", "-m", saved)
    assert predicted.json == {"predictions": [2, 3]}


def test_every_report_is_json_when_asked(saved: Path, command, tmp_path: Path) -> None:
    again = command("save", "own_train:build", "-o", saved, "--overwrite", "--json").json
    assert (again["path"], again["proof"]["status"]) == (str(saved), "reproduces")
    assert command("verify", "-m", saved, "--json").json["status"] == "reproduces"
    assert command("inspect", "-m", saved, "--json").json["pins"] == []
    predicted = command("predict", "-m", saved, "--json").json
    assert predicted["predictions"] == [2, 3]
    assert predicted["seconds"] > 0
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(len))
    (tmp_path / "input.pkl").write_bytes(pickle.dumps([1, 2, 3]))
    given = ["--model", tmp_path / "model.pkl", "--input", tmp_path / "input.pkl"]
    captured = command("capture", *given, "-o", tmp_path / "captured", "--json").json
    assert (captured["pins"], captured["proof"]["status"]) == ([], "reproduces")


def test_input_comes_from_a_file_or_from_standard_input(
    saved: Path, command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new.json").write_text('{"instances": [10]}')
    assert command("predict", "-m", saved, "-i", tmp_path / "new.json").json == {
        "predictions": [11]
    }
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"[20, 30]")))
    assert command("predict", "-m", saved, "-i", "-").json == {"predictions": [21, 31]}


def test_the_prediction_goes_where_it_is_told_to(saved: Path, command, tmp_path: Path) -> None:
    ended = command("predict", "-m", saved, "-o", tmp_path / "answer.json")
    assert (ended.code, ended.out) == (0, "")
    assert json.loads((tmp_path / "answer.json").read_text()) == {"predictions": [2, 3]}


def test_requirements_are_given_as_options(train: None, command, target: Path) -> None:
    ended = command(
        "save", "own_train:build", "-o", target,
        "--requirement", "packaging", "-c", "packaging>=1", "--json",
    )  # fmt: skip
    assert [pin["requirement"].partition("==")[0] for pin in ended.json["pins"]] == ["packaging"]


def test_an_answer_that_is_no_is_1(saved: Path, command, target: Path) -> None:
    other = target.with_name("other")
    failing = command("save", "own_train:failing", "-o", other)
    assert (failing.code, failing.out) == (1, "")
    assert "predicting on the input example failed" in failing.err
    (saved / "prediction.json").write_text("[0, 0]")
    differing = command("verify", "-m", saved)
    assert differing.code == 1
    assert "prediction[0]: 0 became 2" in differing.out
    (saved / "code" / "own_train.py").write_text("import gone_with_the_wind")
    dead = command("verify", "-m", saved)
    assert (dead.code, "gone_with_the_wind" in dead.err) == (1, True)
    asked = command("predict", "-m", saved)
    assert (asked.code, asked.out) == (1, "")
    assert "Nothing was written" not in asked.err
    assert set(target.parent.iterdir()) == {target, other.with_name("other.kept")}


def test_wrong_use_is_2(saved: Path, command, target: Path, tmp_path: Path) -> None:
    new = target.with_name("new")
    (tmp_path / "bad.json").write_text('{"instances": [1], "inputs": [1]}')
    (tmp_path / "no.json").write_text("[1, 2")
    for arguments, named in [
        ((), None),
        (("nonsense",), "nonsense"),
        (("verify",), "as in `modelenv verify -m FOLDER`"),
        (("why", saved), "as in `modelenv why -m FOLDER`"),
        (("why", "-m", saved, "own_trian"), "Did you mean own_train?"),
        (("verify", "-m", tmp_path / "absent"), "there is no such folder"),
        (("inspect", "-m", tmp_path), "there is no MLmodel file"),
        (("save", "own_train", "-o", new), "MODULE:FUNCTION"),
        (("save", "no_such_module:build", "-o", new), "no_such_module"),
        (("save", "own_train:absent", "-o", new), "absent"),
        (("save", "own_train:alone", "-o", new), "as a pair"),
        (("save", "own_train:build", "-o", saved), "exists already"),
        (("save", "own_train:build", "-o", new, "--requirement", "?"), "?"),
        (("predict", "-m", saved, "-i", tmp_path / "absent.json"), "there is no such file"),
        (("predict", "-m", saved, "-i", tmp_path / "bad.json"), "exactly one of"),
        (("predict", "-m", saved, "-i", tmp_path / "no.json"), "no.json"),
        (("capture", "--model", tmp_path / "a", "--input", "b", "-o", new), "no such file"),
    ]:
        if arguments:
            ended = command(*arguments)
            assert (ended.code, ended.out) == (2, ""), (arguments, ended)
            assert named in ended.err
            assert "Traceback" not in ended.err
    # What is no pair was made all the same.
    assert set(target.parent.iterdir()) == {target, new.with_name("new.kept")}


def test_an_interruption_is_130(train: None, command, target: Path) -> None:
    ended = command("save", "own_train:interrupted", "-o", target)
    assert (ended.code, ended.err.splitlines()[-1]) == (130, "interrupted")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotPicklableError("model", TypeError()), 1),
        (ConflictError(()), 1),
        (NotAModelError(3), 2),
        (BadFolderError(Path(), ""), 2),
        (RequirementsError(()), 2),
        (SourceError("index", "down"), 3),
        (RuntimeError(), 3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_knows_its_code(error: Exception, code: int) -> None:
    assert exit_code(error) == code


def test_a_traceback_is_shown_when_asked(train: None, command, target: Path) -> None:
    done = command("--debug", "save", "own_train:failing", "-o", target)
    assert done.code == 1
    assert "Traceback (most recent call last):" in done.err


def test_as_a_program_it_keeps_results_and_the_rest_apart(saved: Path) -> None:
    home = str(Path(modelenv.__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": home}
    base = [sys.executable, "-m", "modelenv", "predict", "-m", str(saved)]
    good = subprocess.run(base, env=environment, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout) == {"predictions": [2, 3]}
    bad = subprocess.run(
        [*base, "-i", "absent.json"], env=environment, capture_output=True, text=True, check=False
    )
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.startswith("modelenv: ")


def test_an_account_with_signs_of_any_kind_can_be_printed(
    train: None, project, command, target: Path
) -> None:
    project.write("own_odd.py", "def build(): return (lambda data: data), '\\ud800 ü'\n")
    ended = command("save", "own_odd:build", "-o", target.with_name("mödel"))
    assert ended.code == 0
    asked = command("predict", "-m", target.with_name("mödel"))
    assert asked.json == {"predictions": "\ud800 ü"}


def test_a_conda_file_and_a_python_may_be_named(train, command, target, tmp_path: Path) -> None:
    conda_yaml = "name: mine\ndependencies:\n- libgomp\n- pip: [packaging]\n"
    (tmp_path / "conda.yaml").write_text(conda_yaml)
    conda = ("--conda-env", tmp_path / "conda.yaml")
    ended = command("save", "own_train:build", "-o", target, *conda, "--python", sys.executable)
    assert ended.code == 0, ended.err
    assert (target / "conda.yaml").read_text() == conda_yaml
    assert "lack what conda installs: libgomp" in ended.out
    ended = command("save", "own_train:build", "-o", tmp_path / "other", "--python", "/nowhere")
    assert (ended.code, "is no interpreter that runs" in ended.err) == (2, True)


def test_a_captured_model_keeps_the_conda_file(command, target: Path, tmp_path: Path) -> None:
    (tmp_path / "conda.yaml").write_text("name: mine\ndependencies:\n- libgomp\n")
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(len))
    (tmp_path / "input.pkl").write_bytes(pickle.dumps([1]))
    files = ("--model", tmp_path / "model.pkl", "--input", tmp_path / "input.pkl")
    ended = command("capture", *files, "-o", target, "--conda-env", tmp_path / "conda.yaml")
    assert ended.code == 0, ended.err
    assert "libgomp" in (target / "conda.yaml").read_text()
    assert "libgomp" in (target / "requirements.txt").read_text()
