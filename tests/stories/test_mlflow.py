"""Real MLflow loads, runs and serves what we write. Slow: it needs interpreters that have MLflow.

MODELENV_MLFLOW names them, separated by the system's path separator.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import modelenv
from modelenv.base.settings import find_uv

PYTHONS = [path for path in os.environ.get("MODELENV_MLFLOW", "").split(os.pathsep) if path]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHONS, reason="MODELENV_MLFLOW names no interpreter"),
    pytest.mark.parametrize("python", PYTHONS),
]

TRAIN = """
import sys
import numpy
import modelenv
from scale import factor

class Model:
    def load_context(self, context):
        with open(context.artifacts["words"]) as file:
            self.word = file.read()
    def predict(self, context, model_input, params=None):
        import numpy
        return [self.word + str(factor * each) for each in numpy.asarray(model_input).ravel()]

artifacts = {"words": sys.argv[2]}
example = numpy.array([[1.0], [2.0]])
modelenv.save_model(Model(), sys.argv[1], input_example=example, artifacts=artifacts)
"""
EXPECTED = ["x2.0", "x4.0"]

LOAD = """
import json, sys
import mlflow
import numpy
model = mlflow.pyfunc.load_model(sys.argv[1])
example = model.metadata.load_input_example(sys.argv[1])
print(json.dumps(numpy.asarray(model.predict(example)).tolist()))
"""
PREDICT = """
import sys
import mlflow, numpy
data = numpy.array([[1.0], [2.0]])
mlflow.models.predict(sys.argv[1], input_data=data, env_manager="local", output_path=sys.argv[2])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a model with code and an artifact; what it was made of is gone afterwards."""
    root = tmp_path_factory.mktemp("mlflow")
    project = root / "project"
    project.mkdir()
    (project / "train.py").write_text(TRAIN)
    (project / "scale.py").write_text("factor = 2\n")
    (project / "words.txt").write_text("x")
    command = [sys.executable, "train.py", str(root / "model"), "words.txt"]
    subprocess.run(command, cwd=project, check=True)
    project.rename(root / "gone")
    return root / "model"


def run(python: str, code: str, *arguments: object) -> str:
    command = [python, "-W", "ignore", "-c", code, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout


def test_mlflow_loads_the_folder_and_predicts_the_same(python: str, folder: Path) -> None:
    code = LOAD.replace(
        "model.metadata.load_input_example(sys.argv[1])", "numpy.array([[1.0], [2.0]])"
    )
    assert json.loads(run(python, code, folder).splitlines()[-1]) == EXPECTED


def test_mlflow_loads_a_fitted_model_and_its_example(python: str, tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    datasets = pytest.importorskip("sklearn.datasets")
    linear = pytest.importorskip("sklearn.linear_model")
    theirs = run(python, "import numpy; print(numpy.__version__)")
    if theirs.partition(".")[0] != numpy.__version__.partition(".")[0]:
        pytest.skip("an array pickled by numpy 2 does not load in numpy 1")
    features, target = datasets.load_wine(return_X_y=True)
    model = linear.LogisticRegression(max_iter=5000).fit(features, target)
    folder = tmp_path / "wine_model"
    modelenv.save_model(model, folder, input_example=features[:20:4], prove=False)
    answer = json.loads(run(python, LOAD, folder).splitlines()[-1])
    assert answer == json.loads((folder / "prediction.json").read_text())


def test_mlflows_predict_runs_the_folder(python: str, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "output.json"
    if run(python, "import mlflow.models; print(hasattr(mlflow.models, 'predict'))") == "True\n":
        run(python, PREDICT, folder, output)
    else:  # before 2.10 the command alone had it
        data = tmp_path / "input.json"
        data.write_text(json.dumps({"inputs": [[1.0], [2.0]]}))
        command = mlflow(python, "predict", folder, "-i", str(data), "-o", str(output))
        subprocess.run(command, env=environment(python), check=True, capture_output=True)
    assert json.loads(output.read_text()) == {"predictions": EXPECTED}


def test_mlflow_serves_the_folder(python: str, folder: Path) -> None:
    with served(python, folder) as port:
        body = json.dumps({"inputs": [[1.0], [2.0]]}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}/invocations", body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert json.load(answer) == {"predictions": EXPECTED}


FORBIDS = {
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_ALLOW_MODEL_CODE_EXECUTION": "0",
}


@pytest.mark.parametrize("variable", FORBIDS)
def test_what_forbids_loading_holds_in_every_release(
    variable: str, python: str, folder: Path
) -> None:
    """Older releases know neither variable, and 3.17 one: the loader that travels knows both."""
    command = [python, "-W", "ignore", "-c", LOAD, str(folder)]
    told = {**os.environ, variable: FORBIDS[variable]}
    ended = subprocess.run(command, capture_output=True, text=True, env=told, check=False)
    assert ended.returncode != 0
    assert variable in ended.stderr


SAVED_FOR_MLFLOW = """
import sys
import modelenv
import numpy
def double(data):
    return (data * 2).tolist()
example = numpy.array([[1.0], [2.0]])
indexes = modelenv.Indexes(strategy="unsafe-best-match")
modelenv.save_model(double, sys.argv[1], input_example=example, mlflow=True, indexes=indexes)
"""


@pytest.fixture(scope="module")
def restorable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a model for MLflow's environment managers."""
    place = tmp_path_factory.mktemp("restorable") / "model"
    subprocess.run([sys.executable, "-c", SAVED_FOR_MLFLOW, str(place)], check=True)
    return place


def test_mlflows_uv_restores_a_folder_that_was_saved_for_it(
    python: str, folder: Path, restorable: Path, tmp_path: Path
) -> None:
    known = run(python, "import mlflow.utils.env_manager as it; print(hasattr(it, 'UV'))")
    uv = find_uv(os.environ.get("PATH"))
    if known != "True\n" or uv is None:
        pytest.skip("this release has no such manager, or there is no uv")
    data, output = tmp_path / "input.json", tmp_path / "output.json"
    data.write_text(json.dumps({"inputs": [[1.0], [2.0]]}))
    told = environment(python)
    told["PATH"] = os.pathsep.join((told["PATH"], str(uv.parent)))
    ways = ("--env-manager", "uv", "-i", str(data), "-o", str(output))
    for place, good in ((restorable, True), (folder, False)):
        command = [*mlflow(python, "predict", place), *ways]
        ended = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
        assert (ended.returncode == 0) is good, ended.stderr[-3000:]
        assert good or "No module named 'mlflow'" in ended.stderr + ended.stdout
    assert json.loads(output.read_text()) == {"predictions": [[2.0], [4.0]]}


def environment(python: str) -> dict[str, str]:
    """Have MLflow's own programs found: it starts its server by name."""
    path = os.pathsep.join((str(Path(python).parent), os.environ.get("PATH", "")))
    return {**os.environ, "PATH": path}


def mlflow(python: str, verb: str, folder: Path, *more: str) -> list[str]:
    command = [python, "-W", "ignore", "-m", "mlflow", "models", verb, "-m", str(folder)]
    return [*command, "--env-manager", "local", *more]


@contextmanager
def served(python: str, folder: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = mlflow(python, "serve", folder, "--host", "127.0.0.1", "--port", str(port))
    process = subprocess.Popen(
        command,
        env=environment(python),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        limit = time.monotonic() + 120
        while not answers(port):
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < limit, "the server does not answer"
            time.sleep(0.5)
        yield port
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 15)
        process.wait(30)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
