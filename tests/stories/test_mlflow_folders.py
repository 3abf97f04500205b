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

SAVE = '''
import os, sys
import mlflow, numpy
import mlflow.pyfunc, mlflow.sklearn, mlflow.xgboost
import xgboost
from sklearn.linear_model import LogisticRegression

os.chdir(sys.argv[1])
features = numpy.arange(40.0).reshape(20, 2)
kinds = [0] * 10 + [1] * 10
example = features[:2]
model = LogisticRegression(max_iter=1000).fit(features, kinds)
mlflow.sklearn.save_model(model, "sklearn", input_example=example)
model = xgboost.XGBClassifier(n_estimators=2).fit(features, kinds)
mlflow.xgboost.save_model(model, "xgboost", input_example=example)

os.makedirs("own/helper")
with open("own/helper/__init__.py", "w") as file:
    file.write("def loud(text):\\n    return text.upper()\\n")
with open("words.txt", "w") as file:
    file.write("hello")
sys.path.insert(0, "own")

class Greets(mlflow.pyfunc.PythonModel):
    words = "hello"
    def load_context(self, context):
        with open(context.artifacts["words"]) as file:
            self.words = file.read()
    def predict(self, context, model_input, params=None):
        from helper import loud
        return [loud(self.words)] * len(model_input)

code = "code_path" if mlflow.__version__.startswith("2.9") else "code_paths"
mlflow.pyfunc.save_model(
    "pyfunc",
    python_model=Greets(),
    artifacts={"words": "words.txt"},
    input_example=example,
    **{code: ["own/helper"]},
)
if hasattr(mlflow.models, "set_model"):
    with open("script.py", "w") as file:
        file.write("""
import mlflow
class Seven(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [7] * len(model_input)
mlflow.models.set_model(Seven())
""")
    mlflow.pyfunc.save_model("script", python_model="script.py", input_example=example)
'''
EXPECTED = {"sklearn": [0, 1], "xgboost": [0, 1], "pyfunc": ["HELLO", "HELLO"], "script": [7, 7]}


@pytest.fixture(scope="module", params=PYTHONS)
def folders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have one release of MLflow save its models."""
    root = tmp_path_factory.mktemp("folders")
    subprocess.run([request.param, "-W", "ignore", "-c", SAVE, str(root)], check=True)
    return root


@pytest.fixture(params=sorted(EXPECTED))
def folder(folders: Path, request: pytest.FixtureRequest) -> Path:
    """One of them."""
    path: Path = folders / request.param
    if not path.exists():
        pytest.skip("this release has no models from code")
    return path


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-m", "modelenv", *arguments]
    return subprocess.run(whole, capture_output=True, text=True, check=False)


def test_it_is_verified_and_predicts(folder: Path, tmp_path: Path) -> None:
    verdict = modelenv.verify(folder)
    assert verdict.status == "runs", verdict.detail
    data = tmp_path / "input.json"
    data.write_text(json.dumps({"inputs": [[1, 2], [38, 39]]}))
    answer = command("predict", "-m", str(folder), "-i", str(data))
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {"predictions": EXPECTED[folder.name]}


def test_it_is_inspected_compared_and_locked(folder: Path) -> None:
    assert "by MLflow" in command("inspect", "-m", str(folder)).stdout
    assert command("diff", str(folder), str(folder)).returncode == 0
    assert command("lock", "-m", str(folder)).returncode == 0
    assert (folder / "pylock.toml").is_file()


def test_its_requirements_are_listed_and_edited(folder: Path) -> None:
    assert "mlflow==" in command("requirements", "list", "-m", str(folder)).stdout
    edited = command("requirements", "add", "-m", str(folder), "colorama")
    assert edited.returncode == 0, edited.stderr
    assert "colorama" in (folder / "requirements.txt").read_text()
    assert "colorama" in (folder / "conda.yaml").read_text()


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
