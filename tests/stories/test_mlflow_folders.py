"""Our commands work on the folders that real MLflow writes. Slow, as ``test_mlflow`` is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import modelenv

PYTHONS = [path for path in os.environ.get("MODELENV_MLFLOW", "").split(os.pathsep) if path]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHONS, reason="MODELENV_MLFLOW names no interpreter"),
]

SAVE = Path(__file__).with_name("save_with_mlflow.py")
MESSAGES = [{"role": "user", "content": "hello"}]
INPUT = {"statsmodels": [[1], [38]], "agent": {"input": MESSAGES}}
TEXT = {"text": "HELLO", "type": "output_text", "annotations": []}
SAID = {"type": "message", "id": "1", "content": [TEXT], "role": "assistant"}
EXPECTED = {
    "agent": {"object": "response", "output": [SAID]},
    "lightgbm": [0, 1],
    "pyfunc": ["HELLO", "HELLO"],
    "script": [7, 7],
    "sklearn": [0, 1],
    "statsmodels": pytest.approx([1.03846, 39.46154], abs=1e-4),
    "xgboost": [0, 1],
}


@pytest.fixture(scope="module", params=PYTHONS)
def folders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have one release of MLflow save its models."""
    root = tmp_path_factory.mktemp("folders")
    subprocess.run([request.param, "-W", "ignore", str(SAVE), str(root)], check=True)
    return root


@pytest.fixture(params=sorted(EXPECTED))
def folder(folders: Path, request: pytest.FixtureRequest) -> Path:
    """One of them."""
    path: Path = folders / request.param
    if not path.exists():
        pytest.skip("this release has no such models")
    return path


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-m", "modelenv", *arguments]
    return subprocess.run(whole, capture_output=True, text=True, check=False)


def predicted(folder: Path, scratch: Path, *options: str) -> object:
    data = scratch / "input.json"
    data.write_text(json.dumps({"inputs": INPUT.get(folder.name, [[1, 2], [38, 39]])}))
    answer = command("predict", "-m", str(folder), "-i", str(data), *options)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)["predictions"]


def test_it_is_verified_and_predicts(folder: Path, tmp_path: Path) -> None:
    verdict = modelenv.verify(folder)
    assert verdict.status == "runs", verdict.detail
    assert predicted(folder, tmp_path) == EXPECTED[folder.name]


def test_what_its_lines_require_is_there_whatever_is_overridden(
    folder: Path, tmp_path: Path
) -> None:
    before = (folder / "requirements.txt").read_bytes()
    override = ("--pip-requirements-override", "tabulate")
    assert predicted(folder, tmp_path, *override) == EXPECTED[folder.name]
    assert (folder / "requirements.txt").read_bytes() == before


def test_it_is_inspected_compared_and_locked(folder: Path) -> None:
    assert "by MLflow" in command("inspect", "-m", str(folder)).stdout
    assert command("diff", str(folder), str(folder)).returncode == 0
    assert command("lock", "-m", str(folder)).returncode == 0
    assert (folder / "pylock.toml").is_file()


def test_its_requirements_are_listed_and_edited(folder: Path, tmp_path: Path) -> None:
    assert "mlflow" in command("requirements", "list", "-m", str(folder)).stdout
    lines = (folder / "requirements.txt").read_text().splitlines()
    edited = command("requirements", "add", "-m", str(folder), "colorama")
    assert edited.returncode == 0, edited.stderr
    after = (folder / "requirements.txt").read_text().splitlines()
    assert [line for line in after if not line.startswith("colorama==")] == lines
    assert len(after) == len(lines) + 1
    assert "colorama" in (folder / "conda.yaml").read_text()
    assert predicted(folder, tmp_path) == EXPECTED[folder.name]


def test_nothing_is_unpickled_to_be_told_of(folders: Path, tmp_path: Path) -> None:
    file = folders / "pyfunc" / "python_model.pkl"
    names = modelenv.inspect_model(folders / "pyfunc").globals
    assert any(name.startswith("mlflow.pyfunc") or "cloudpickle" in name for name in names)
    content = file.read_bytes()
    file.write_bytes(f"cpathlib\nPath.touch\n(V{tmp_path / 'called'}\ntR.".encode())
    try:
        for arguments in (("inspect", "-m"), ("requirements", "list", "-m"), ("lock", "-m")):
            command(*arguments, str(folders / "pyfunc"))
        assert not (tmp_path / "called").exists()
    finally:
        file.write_bytes(content)


def test_what_an_agent_imports_and_its_list_leaves_out_is_told(folders: Path) -> None:
    agent = folders / "agent"
    if not agent.exists():
        pytest.skip("this release has no agents")
    assert "pyyaml" not in (agent / "requirements.txt").read_text().lower()
    assert "imported by its own code: mlflow, yaml" in command("inspect", "-m", str(agent)).stdout
    answer = command("why", "-m", str(agent), "yaml").stdout
    assert "the model -> pyyaml (agent.py:7 imports yaml)" in answer


def test_an_edit_leaves_the_keys_of_mlmodel(folders: Path) -> None:
    before = (folders / "sklearn" / "MLmodel").read_bytes()
    assert (
        command("requirements", "add", "-m", str(folders / "sklearn"), "colorama").returncode == 0
    )
    assert (folders / "sklearn" / "MLmodel").read_bytes() == before


def test_it_is_revived_without_what_only_mlflow_needs(folders: Path, tmp_path: Path) -> None:
    answer = command("revive", "-m", str(folders / "sklearn"), "-o", str(tmp_path / "new"))
    assert answer.returncode == 0, answer.stderr
    names = (tmp_path / "new" / "requirements.txt").read_text()
    assert "\nscikit-learn==" in names
    assert "\nmlflow==" not in names
