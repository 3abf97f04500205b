"""Files that projects use of this repository: the hook, the action, our workflow."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import modelenv
from modelenv.cli.commands import COMMANDS

ROOT = Path(__file__).parent.parent.parent
needs_git_and_bash = pytest.mark.skipif(
    not (shutil.which("git") and shutil.which("bash")), reason="needs git and bash"
)
ACTION = ROOT / ".github" / "actions" / "verify"


def read(path: str):
    return yaml.safe_load((ROOT / path).read_text("utf-8"))


def test_the_workflow_runs_on_every_supported_python() -> None:
    matrix = read(".github/workflows/ci.yml")["jobs"]["run"]["strategy"]["matrix"]
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert matrix["python"] == re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)


@needs_git_and_bash
def test_the_slow_workflow_runs_the_parts_that_can_be_run(tmp_path: Path) -> None:
    (step,) = (
        each
        for each in read(".github/workflows/slow.yml")["jobs"]["choose"]["steps"]
        if each.get("id") == "choose"
    )
    output = tmp_path / "output"
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("bash", "cut", "env", "python3"):  # and no browser
        place = sys.executable if name == "python3" else shutil.which(name)
        (programs / name).symlink_to(str(place))
    variables = {"GITHUB_OUTPUT": str(output), "PARTS": "pages ray core", "PATH": str(programs)}
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", step["run"]],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert output.read_text("utf-8") == 'parts=["ray", "core"]\n'
    assert "pages     cannot run here: there is no chromium" in ended.stderr


def test_the_hook_is_a_command_of_ours() -> None:
    (hook,) = read(".pre-commit-hooks.yaml")
    program, command = hook["entry"].split()
    assert program == "modelenv"
    assert command in COMMANDS


def test_the_action_hands_its_script_what_the_script_reads() -> None:
    action = yaml.safe_load((ACTION / "action.yml").read_text("utf-8"))
    (step,) = [each for each in action["runs"]["steps"] if each.get("id") == "verify"]
    script = (ACTION / "report.sh").read_text("utf-8")
    assert set(step["env"]) == set(re.findall(r"\$\{?(MODELS|ARGUMENTS|BASE)\b", script))
    named = set(re.findall(r"inputs\.(\w+)", (ACTION / "action.yml").read_text("utf-8")))
    assert named == set(action["inputs"])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a saved model, of which another pin was committed before."""
    git(tmp_path, "init", "--quiet")
    modelenv.save_model(
        len, tmp_path / "model", input_example="four", extra_pip_requirements=["idna"]
    )
    (tmp_path / "model" / "requirements.txt").write_text("idna==3.4\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "-m", "one")
    modelenv.save_model(
        len,
        tmp_path / "model",
        input_example="four",
        extra_pip_requirements=["idna"],
        overwrite=True,
    )
    return tmp_path


def git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@needs_git_and_bash
def test_the_report_has_each_verdict_and_what_changed(project: Path) -> None:
    code, report = reported(project, "model\nmissing\n")
    assert code == 1, report
    first, second = report.split("### `missing`")
    assert "It gives its recorded prediction." in first
    assert re.search(r"^~ idna 3\.4 -> ", first, re.MULTILINE)
    assert "**It was not verified.**" in second
    assert "there is no such folder" in second
    assert "It is new" not in second
    assert git(project, "worktree", "list").count("\n") == 1


@needs_git_and_bash
def test_a_prediction_that_differs_is_told_from_a_folder_that_is_none(project: Path) -> None:
    (project / "model" / "prediction.json").write_text("5")
    code, report = reported(project, "model")
    assert (code, "**It does not give its recorded prediction.**" in report) == (1, True), report


@needs_git_and_bash
def test_a_report_of_no_model_is_a_failure(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    code, report = reported(tmp_path, "\n")
    assert code == 1
    assert "**No model is named**" in report


def reported(project: Path, models: str) -> tuple[int, str]:
    """Run the action's script; return its exit code and its report."""
    head = subprocess.run(
        ["git", "-C", str(project), "rev-parse", "--verify", "--quiet", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    )
    done = subprocess.run(
        [ACTION / "report.sh", project / "report.md"],
        cwd=project,
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(project),
            "MODELS": models,
            "ARGUMENTS": "--env-manager 'replica'",
            "BASE": head.stdout.strip(),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, (project / "report.md").read_text("utf-8")


@needs_git_and_bash
@pytest.mark.slow
def test_the_hook_verifies_in_an_environment_that_pre_commit_makes(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tools = tmp_path_factory.mktemp("tools")
    subprocess.run([sys.executable, "-m", "venv", tools], check=True)
    subprocess.run([tools / "bin" / "pip", "install", "--quiet", "pre-commit==4.7.0"], check=True)
    git(project, "add", "--all")
    done = subprocess.run(
        [tools / "bin" / "pre-commit", "try-repo", ROOT, "modelenv-verify", "--all-files", "-v"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the prediction equals the recorded one" in done.stdout
