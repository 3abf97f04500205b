"""A project says defaults for the command in its own files, and a model folder says none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from modelenv.cli.commands import COMMANDS
from modelenv.cli.group import modelenv as group
from modelenv.cli.shared.defaults.places import find_defaults
from modelenv.cli.shared.defaults.reading import COMMON, defaults_of


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a repository, in which one works."""
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    monkeypatch.chdir(root)
    for name in ("PIP_INDEX_URL", "PIP_FIND_LINKS", "MODELENV_INDEX_STRATEGY", "MODELENV_IMAGE"):
        monkeypatch.delenv(name, raising=False)
    return root


def defaults(name: str) -> Any:
    return defaults_of(group, name, tuple(COMMANDS)).get(name, {})


def refusal(text: str, name: str = "verify", file: str = "modelenv.toml") -> str:
    Path(file).write_text(text)
    with pytest.raises(Exception, match="no-config") as refused:
        defaults(name)
    assert type(refused.value).__name__ == "WrongUseError"
    return str(refused.value)


def run(*words: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "modelenv", *words]
    environment = {**os.environ, **variables}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=cwd, env=environment
    )


def test_both_files_are_read_and_modelenv_toml_wins(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.modelenv]\nseal = "watch"\n'
        '[tool.modelenv.verify]\nenv-manager = "uv"\ntimeout = 30\n'
    )
    (project / "modelenv.toml").write_text('[verify]\ntimeout = 60\nallow-host = ["a.example"]\n')
    assert defaults("verify") == {
        "seal": "watch",
        "env_manager": "uv",
        "timeout": "60",
        "allow_hosts": ["a.example"],
    }
    assert defaults("predict") == {"seal": "watch"}
    assert defaults("inspect") == {}


def test_a_command_below_a_group_has_its_own(project: Path) -> None:
    Path("modelenv.toml").write_text('seal = "watch"\n[fleet.verify]\nfresh = true\nseal = "off"\n')
    told = defaults("fleet")
    assert told["verify"] == {"seal": "off", "fresh": True}


def test_they_are_found_upwards_until_the_repository_ends(project: Path) -> None:
    below = project / "src" / "deep"
    below.mkdir(parents=True)
    (project.parent / "modelenv.toml").write_text('seal = "off"\n')
    assert find_defaults(str(below), "") == ()
    (project / "pyproject.toml").write_text("[tool.modelenv]\n")
    assert find_defaults(str(below), "") == (str(project / "pyproject.toml"),)
    (below / "pyproject.toml").write_text("[tool.other]\n")
    assert find_defaults(str(below), "") == (str(project / "pyproject.toml"),)
    assert find_defaults(str(below), str(project / "src")) == ()


@pytest.mark.parametrize("where", [".", "code", "code/deep"])
def test_a_model_folder_says_nothing(project: Path, where: str) -> None:
    model = project / "models" / "churn"
    (model / "code" / "deep" / ".git").mkdir(parents=True)
    (model / "MLmodel").touch()
    for folder in (model, model / "code", model / "code" / "deep"):
        (folder / "modelenv.toml").write_text('index-url = "https://evil.example"\n')
        (folder / "pyproject.toml").write_text("[tool.modelenv.verify]\nnonsense = 1\n")
    assert find_defaults(str(model / where), "") == ()
    told = run("verify", "--help", cwd=model / where)
    assert (told.returncode, told.stderr) == (0, "")
    assert "evil" not in told.stdout
    (project / "modelenv.toml").write_text('seal = "watch"\n')
    assert find_defaults(str(model / where), "") == (str(project / "modelenv.toml"),)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="files change owner")
def test_above_the_working_folder_a_stranger_says_nothing(project: Path) -> None:
    below = project / "below"
    below.mkdir()
    planted = project / "modelenv.toml"
    planted.write_text('seal = "off"\n')
    os.chown(planted, 12345, -1)
    with pytest.warns(UserWarning, match="belongs to another user"):
        assert find_defaults(str(below), "") == ()
    assert find_defaults(str(project), "") == (str(planted),)


def test_a_command_line_wins_and_a_variable_too(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'index-url = "https://a.example"\nindex-strategy = "first-index"\nenv-manager = "uv"\n'
    Path("modelenv.toml").write_text(text)
    assert set(defaults("verify")) == {"index_url", "strategy", "env_manager"}
    monkeypatch.setenv("PIP_INDEX_URL", "https://b.example")
    monkeypatch.setenv("MODELENV_INDEX_STRATEGY", "unsafe-best-match")
    assert set(defaults("verify")) == {"env_manager"}
    command = group.get_command(click.Context(group), "verify")
    assert command is not None
    words = ["-m", ".", "--env-manager", "virtualenv"]
    context = command.make_context("verify", words, default_map=defaults("verify"))
    assert context.params["env_manager"] == "virtualenv"
    context = command.make_context("verify", ["-m", "."], default_map=defaults("verify"))
    assert context.params["env_manager"] == "uv"


def test_that_no_index_is_asked_may_be_the_default_of_all(project: Path) -> None:
    Path("modelenv.toml").write_text("no-index = true\n")
    assert defaults("verify") == defaults("lock") == {"no_index": True}
    assert defaults("inspect") == {}


def test_paths_are_those_of_the_file_s_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "below").mkdir()
    text = 'find-links = ["wheels", "https://a.example/x"]\n[save]\npip-requirements = "r.txt"\n'
    Path("modelenv.toml").write_text(text)
    monkeypatch.chdir(project / "below")
    told = defaults("save")
    assert told["find_links"] == [str(project / "wheels"), "https://a.example/x"]
    assert told["pip_requirements"] == str(project / "r.txt")


def test_what_nobody_takes_is_refused_with_file_and_key(project: Path) -> None:
    said = refusal('[verify]\nenv_manger = "uv"\n')
    place = str(project / "modelenv.toml")
    assert said.startswith(f"{place}: verify.env_manger: this is no option of verify.")
    assert "Did you mean env-manager?" in said
    assert "Did you mean verify?" in refusal("[verfy]\ntimeout = 1\n")
    assert "Did you mean timeout?" in refusal("timeuot = 1\n")
    assert "fleet.verify.nope" in refusal("[fleet.verify]\nnope = 1\n", "fleet")
    assert "verify.json" in refusal("[verify]\njson = true\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('timeout = "soon"', "'soon' is not a valid float"),
        ('seal = "iron"', "'iron' is not one of"),
        ('memory-limit = "much"', "'much' is no size"),
        ("timeout = true", "it must be one text or number, not True"),
        ("index = 1", "it must be true or false, not 1"),
        ('allow-host = "a"', "it must be a list of texts, not 'a'"),
    ],
)
def test_a_value_of_another_type_is_refused(line: str, said: str, project: Path) -> None:
    told = refusal(f"[tool.modelenv.verify]\n{line}\n", file="pyproject.toml")
    key = line.partition(" ")[0]
    assert told.startswith(f"{project / 'pyproject.toml'}: tool.modelenv.verify.{key}: {said}")


def test_the_command_uses_them_and_may_be_told_not_to(project: Path) -> None:
    Path("modelenv.toml").write_text('[verify]\nenv-manager = "virtualenv"\n')
    assert "[default: virtualenv]" in " ".join(run("verify", "-h", cwd=project).stdout.split())
    plain = run("--no-config", "verify", "-h", cwd=project)
    assert "[default: auto]" in plain.stdout
    Path("modelenv.toml").write_text("env-manager = [\n")
    broken = run("verify", "-m", ".", cwd=project)
    assert (broken.returncode, broken.stdout) == (2, "")
    assert f"{project / 'modelenv.toml'}:" in broken.stderr
    assert run("--no-config", "verify", "-h", cwd=project).returncode == 0


def test_the_page_shows_what_is_taken(project: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "commands.md").read_text("utf-8")
    Path("pyproject.toml").write_text(page.partition("```toml\n")[2].partition("```")[0])
    wheels = str(project / "wheels")
    assert defaults("verify") == {
        "env_manager": "uv", "find_links": [wheels], "timeout": "120", "index": True,
    }  # fmt: skip
    assert defaults("fleet")["verify"]["jobs"] == "8"
    named = page.partition("Keys are the long names")[2].partition("`--json`")[0]
    assert {key for key in COMMON if f"`{key}`" in named} == set(COMMON)


def test_common_options_are_those_of_several_commands() -> None:
    context = click.Context(group)
    commands = [group.get_command(context, name) for name in COMMANDS]
    for key in COMMON:
        having = [
            each
            for each in commands
            if each is not None and any(f"--{key}" in option.opts for option in each.params)
        ]
        assert len(having) > 2, key


def test_nothing_is_loaded_where_no_file_is(project: Path) -> None:
    script = (
        "import contextlib, sys; from modelenv.cli import main\n"
        "with contextlib.suppress(SystemExit): main(['cache', '--help'])\n"
        "print(*sys.modules)"
    )
    words = [sys.executable, "-c", script]
    told = subprocess.run(words, capture_output=True, text=True, check=True, cwd=project)
    loaded = set(told.stdout.splitlines()[-1].split())
    assert not loaded & {"tomllib", "tomli", "envfiles", "modelenv.base.settings"}
