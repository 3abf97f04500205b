"""Refusals of the command name its own options, and are JSON on request."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

import click
import pytest

import modelenv
from envfiles import TargetExists
from modelenv.base.addresses.known_hosts import UnknownHostError
from modelenv.base.arguments import BadArgumentError
from modelenv.base.errors import UNPROVEN, ModelenvError, NamedOption
from modelenv.base.telling.suggesting import near
from modelenv.cli import main
from modelenv.cli.commands import COMMANDS
from modelenv.cli.group import modelenv as group
from modelenv.cli.shared.refusals import as_options, message, speller
from modelenv.environments.errors import (
    BuildFailedError,
    ManagerMissingError,
    NotReplicableError,
    PythonMissingError,
)
from modelenv.folder.errors import ChangedContentError
from modelenv.seal.seals import SealUnavailableError
from modelenv.worker.errors import NotProvenError
from modelenv.worker.verdict import Verdict
from resolver.errors import ContradictoryLinesError, EditedError, MovedError, TooManyInputsError

from ..conftest import made_once

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "save": modelenv.save_model,
    "verify": modelenv.verify,
    "fix": modelenv.fix,
}
VERDICT = Verdict(status="fails", where="a replica", reason="ValueError: x")


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs the command: its code, and what it printed on either side."""

    def run(*words: str | Path) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, words)))
        told = capsys.readouterr()
        return ended.value.code, told.out, told.err

    return run


def find(*names: str) -> click.Command:
    found: click.Command | None = group
    for name in names:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), name)
    assert found is not None
    return found


# What was meant


@pytest.mark.parametrize("name", [each for each in COMMANDS if each not in ("why", "diff")])
def test_a_command_with_two_letters_changed_places_is_known(name: str, command: Any) -> None:
    wrong = f"{name[:1]}{name[2]}{name[1]}{name[3:]}"
    code, out, err = command(wrong)
    assert (code, out) == (2, "")
    assert f"Did you mean {name}" in err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("requirements", "ad"), "add"),
        (("cache", "pruen"), "prune"),
        (("verfiy", "--json"), "verify"),
    ],
)
def test_a_command_of_a_group_is_known(words: tuple[str, ...], meant: str, command: Any) -> None:
    code, out, err = command(*words)
    assert code == 2
    assert f"Did you mean {meant}?" in out + err


def test_what_is_near_to_nothing_is_not_guessed(command: Any) -> None:
    assert near("xyzzy", COMMANDS) == ""
    assert "Did you mean" not in command("xyzzy")[2]
    assert "--modle" in command("verify", "--modle", "x")[2]
    assert "'--model'" in command("verify", "--modle", "x")[2]


# JSON


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with made_once(tmp_path_factory) as project:
        folder: Path = project.root.parent / "model"
        modelenv.save_model(project.model("return 1"), folder, input_example=1, prove=False)
    return folder


@pytest.fixture
def saved(template: Path, target: Path) -> Path:
    return Path(shutil.copytree(template, target))


def wrong_words(saved: Path) -> dict[str, tuple[tuple[Any, ...], int, str]]:
    """Return what may be wrong: the words, the exit code, the class of the error."""
    absent = saved.parent / "absent"
    return {
        "a folder that is not there": (("verify", "-m", absent), 2, "BadFolderError"),
        "an option that is not there": (("verify", "-m", saved, "--nope"), 2, "NoSuchOption"),
        "a value that is none": (("verify", "-m", saved, "--seal", "x"), 2, "BadParameter"),
        "an option that is missing": (("fix",), 2, "MissingParameter"),
        "a command that is not there": (("verfy",), 2, "UsageError"),
        "a time that is none": (("minimize", "-m", saved, "--timeout", "0"), 2, "BadArgumentError"),
        "a requirement that is none": (
            ("requirements", "add", "-m", saved, "a ==== 1"), 2, "InvalidFile",
        ),
        "requirements that contradict": (
            ("requirements", "add", "-m", saved, "own-a==1", "own-a==2", "--no-index"),
            2, "ContradictoryLinesError",
        ),
        "a requirement that cannot be had": (
            ("requirements", "add", "-m", saved, "no-such-thing", "--no-index"), 1, "ConflictError",
        ),
        "a line that is no target": (("lock", "-m", saved, "--target", "x"), 2, "WrongUseError"),
        "nothing to trace": (("trace",), 2, "UsageError"),
        "an error's line that is a path": (("diagnose", absent), 2, "WrongUseError"),
        "what nothing knows": (("why", "-m", saved, "nobody"), 2, "WrongUseError"),
        "one of two folders": (("diff", saved, absent), 2, ""),
        "a function that is not there": (
            ("save", "json:nope", "-o", saved.parent / "new"), 2, "WrongUseError",
        ),
        "a folder that is there": (("save", "json:dumps", "-o", saved), 2, "TargetExists"),
        "a function that raises": (
            ("save", "sys:exit", "-o", saved.parent / "new"), 1, "UserCodeError",
        ),
    }  # fmt: skip


@pytest.mark.parametrize("what", wrong_words(Path("model")))
def test_who_asked_for_json_gets_one_document(what: str, saved: Path, command: Any) -> None:
    words, code, kind = wrong_words(saved)[what]
    plain = command(*words)
    assert plain[0] == code, plain
    assert plain[1] == ""
    ended, out, err = command(*words, "--json")
    assert (ended, err) == (code, "")
    error = json.loads(out)["error"]
    assert error["exit_code"] == code
    assert error["type"] == kind or not kind
    assert error["message"].splitlines()[0].split(":")[0] in plain[2]


def test_a_run_that_failed_tells_its_stage(saved: Path, command: Any) -> None:
    source = "class Model:\n    def predict(self, data):\n        raise ValueError('no')\n"
    (saved / "code" / "own_model.py").write_text(source)
    (saved / "input.json").write_text("[1]")
    code, out, _ = command("predict", "-m", saved, "-i", saved / "input.json", "--json")
    assert code in (1, 2)
    if code == 1:  # where the command has JSON
        error = json.loads(out)["error"]
        assert (error["type"], error["stage"]) == ("RunFailedError", "predict")


def test_an_interruption_is_a_document_too(
    saved: Path, command: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "own_stop.py").write_text("def build():\n    raise KeyboardInterrupt\n")
    monkeypatch.chdir(tmp_path)
    code, out, _ = command("save", "own_stop:build", "-o", tmp_path / "new", "--json")
    assert (code, json.loads(out)["error"]["message"]) == (130, "interrupted")


def test_what_is_traced_keeps_its_own_words(command: Any) -> None:
    code, out, _ = command("trace", "absent.py", "--json")
    assert (code, out) == (2, "")


# Options in their own spelling

ERRORS: dict[str, tuple[ModelenvError, str, str]] = {
    "a proof": (NotProvenError(VERDICT, 2), "prove=False writes", "--no-prove writes"),
    "a search": (
        NotProvenError(VERDICT, 2, suspects=("a",)),
        "extra_pip_requirements= pins",
        "--requirement pins",
    ),
    "a replica": (NotReplicableError("a", "1", "b"), "give prove=False", "give --no-prove"),
    "a build": (BuildFailedError("uv", "uv", "no"), "prove=False writes", "--no-prove writes"),
    "a Python": (
        PythonMissingError("3.9.1", (), uv=False),
        "env_manager='conda' brings its own. To save one: python= takes",
        "--env-manager conda brings its own. To save one: --python takes",
    ),
    "a manager": (
        ManagerMissingError("conda", ("conda",)),
        "choose another env_manager",
        "choose another --env-manager",
    ),
    "a change": (
        ChangedContentError(Path("a"), ("b",), (), ()),
        "(allow_changed=True)",
        "(--allow-changed)",
    ),
    "a seal": (SealUnavailableError("landlock", "no"), "seal='auto' takes", "--seal auto takes"),
    "an argument": (BadArgumentError("timeout", 0, "more"), "timeout must be", "--timeout must be"),
    "an item": (
        BadArgumentError("constraints[1]", "", "a line"),
        "constraints[1] must be",
        "--constraint[1] must be",
    ),
}


@pytest.mark.parametrize("what", ERRORS)
@pytest.mark.parametrize("name", ["save", "capture", "verify"])
def test_an_error_names_options_as_its_caller_does(what: str, name: str) -> None:
    error, called, typed = ERRORS[what]
    assert called in str(error)
    assert typed in message(error, speller(find(name), group))
    assert str(error) == error.told(str)


OPTIONS = ("allow_changed", "allow_hosts", "allow_paths", "bundle", "carry", "env_manager",
           "extra_pip_requirements", "prove", "python", "seal", "timeout")  # fmt: skip


def test_every_option_that_an_error_names_is_one() -> None:
    """What no command has is spelled as in Python, so a name that has changed would show."""
    spell = speller(find("verify"), group)
    for name in OPTIONS:
        assert spell(NamedOption(name)).startswith("--"), name


def test_a_flag_that_is_left_out_is_said_so() -> None:
    assert speller(find("requirements", "add"), group)(UNPROVEN) == "no --prove"
    assert speller(None, group)(NamedOption("nobody", 3)) == "nobody=3"


def test_a_switch_of_the_same_name_is_not_taken_for_what_it_cannot_say() -> None:
    told = 'resolve with what is at hand (index="never")'
    # The --index of some asks one.
    for command in (find("requirements", "add"), find("audit"), find("verify"), find("lock")):
        said = as_options(told, speller(command, group))
        assert said == "resolve with what is at hand (--no-index)"
        said = as_options('Install c here, or resolve with index="auto".', speller(command, group))
        assert said == "Install c here, or resolve without --no-index."
    other = 'never asked (index="always")'
    assert as_options(other, speller(find("verify"), group)) == other


def test_no_error_speaks_of_what_only_python_has() -> None:
    """Every error that the command can show, with the words that a function's arguments have."""
    spell = speller(group.get_command(click.Context(group), "save"), group)
    places = [
        ("constraints[0]: b<2", "--constraint[0]: b<2"),
        ("overrides[1]: b<2", "--override[1]: b<2"),
        ("exclude[0] must be a name", "--exclude[0] must be a name"),
        ("requirements[3]: numpy= is no line", "requirements[3]: numpy= is no line"),
        ("dependencies[2].pip[0]: no", "dependencies[2].pip[0]: no"),
        ("or pass overwrite=True (--overwrite) to replace it", "or pass --overwrite to replace it"),
        (
            'let them travel with bundle="edited" (--bundle edited)',
            "let them travel with --bundle edited",
        ),
        ("leave strict=True out", "leave --strict out"),
        ("tried unknown=True", "tried unknown=True"),
    ]
    for told, shown in places:
        assert as_options(told, spell) == shown
    both = TooManyInputsError(("pip_requirements", "conda_env"))
    assert message(both, spell).startswith("give at most one of --pip-requirements and --conda-env")


@pytest.mark.parametrize(
    ("error", "command"),
    [
        (MovedError(("a 1 becomes a 2",)), "save"),
        (EditedError(("a.py of a 1",)), "save"),
        (TooManyInputsError(("pip_requirements", "extra_pip_requirements")), "save"),
        (ContradictoryLinesError("b", ("constraints[0]: b<2", "overrides[0]: b>3")), "save"),
        (TargetExists(Path("out"), "exists: or pass overwrite=True (--overwrite)"), "save"),
        (PythonMissingError("3.12", ("PATH",), uv=False), "save"),
        (PythonMissingError("3.5", ("PATH",), uv=True), "save"),
        (ManagerMissingError("uv", ("uv",)), "verify"),
        (BuildFailedError("uv", "uv pip install", "no"), "save"),
        (UnknownHostError("TOKEN", "https://host", "--index-url https://${TOKEN}@host"), "verify"),
        (BadArgumentError("memory", 0, "a number"), "verify"),
        (BadArgumentError("allow_variables[0]", "x", "NAME=HOST"), "fix"),
        (BadArgumentError("code_paths[0]", "", "a path"), "save"),
        (ChangedContentError(Path("out"), ("model.pkl",), (), ()), "predict"),
    ],
)
def test_an_error_names_the_commands_own_options(error: Exception, command: str) -> None:
    own = group.get_command(click.Context(group), command)
    told = message(error, speller(own, group))
    arguments = {
        each for name in ("save", "verify", "fix") for each in signature(FUNCTIONS[name]).parameters
    }
    for name in arguments - {"index", "seal", "model", "path", "python", "report", "timeout"}:
        assert not re.search(rf"(?<![\w-]){name}(\[\d+\]|=)", told), told


def test_what_a_model_says_is_left_alone() -> None:
    verdict = replace(VERDICT, detail='zip(a, b, strict=True)  # constraints[0], bundle="edited"')
    told = message(
        NotProvenError(verdict, 1), speller(group.get_command(click.Context(group), "save"), group)
    )
    assert verdict.detail in told


def test_a_python_that_is_too_old_is_not_to_be_installed() -> None:
    said = str(PythonMissingError("3.5", ("PATH",), uv=True))
    assert "uv python install" not in said
    assert "older than any that models are run with, 3.8 and newer" in said
