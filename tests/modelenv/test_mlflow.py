"""Real MLflow loads what we write. Slow: it needs interpreters that have MLflow and scikit-learn.

MODELENV_MLFLOW names them, separated by the system's path separator.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import modelenv
from modelenv.settings import Settings

PYTHONS = [path for path in os.environ.get("MODELENV_MLFLOW", "").split(os.pathsep) if path]
needs_mlflow = pytest.mark.skipif(not PYTHONS, reason="MODELENV_MLFLOW names no interpreter")

LOAD = """
import json, sys
import mlflow
import numpy
model = mlflow.pyfunc.load_model(sys.argv[1])
example = model.metadata.load_input_example(sys.argv[1])
prediction = model.predict(numpy.asarray(example))
print(json.dumps({"mlflow": mlflow.__version__, "prediction": numpy.asarray(prediction).tolist()}))
"""


@pytest.mark.slow
@needs_mlflow
@pytest.mark.parametrize("python", PYTHONS)
def test_mlflow_loads_the_folder_and_predicts_the_same(python: str, tmp_path: Path) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    linear = pytest.importorskip("sklearn.linear_model")
    features, target = datasets.load_wine(return_X_y=True)
    model = linear.LogisticRegression(max_iter=5000).fit(features, target)
    folder = tmp_path / "wine_model"
    modelenv.save_model(model, folder, input_example=features[:20:4], prove=False)

    ended = subprocess.run(
        [python, "-W", "ignore", "-c", LOAD, str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(ended.stdout.splitlines()[-1])
    assert answer["prediction"] == json.loads((folder / "prediction.json").read_text())


SAVE = """
import os, sys
import mlflow, numpy
os.chdir(sys.argv[1])
with open("words.txt", "w") as file:
    file.write("hello")

class Greets(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        with open(context.artifacts["words"]) as file:
            self.words = file.read()
    def predict(self, context, model_input, params=None):
        return [self.words] * len(model_input)

mlflow.pyfunc.save_model(
    "model",
    python_model=Greets(),
    artifacts={"words": "words.txt"},
    input_example=numpy.ones((2, 2)),
    pip_requirements=["mlflow==" + mlflow.__version__, "cloudpickle", "numpy"],
)
"""


@pytest.mark.slow
@needs_mlflow
@pytest.mark.parametrize("python", PYTHONS)
def test_a_folder_of_mlflow_is_inspected_verified_and_predicts(python: str, tmp_path: Path) -> None:
    subprocess.run([python, "-W", "ignore", "-c", SAVE, str(tmp_path)], check=True)
    folder = tmp_path / "model"
    assert "MLflow" in str(modelenv.inspect_model(folder))
    manager = "uv" if Settings.from_environment().uv else "virtualenv"
    assert modelenv.predict(folder, env_manager=manager) == ["hello", "hello"]
    assert modelenv.verify(folder).status == "runs"
