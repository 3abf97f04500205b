"""Models in a tracking store and a registry of real MLflow. Slow, as ``test_mlflow`` is."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

PYTHONS = [path for path in os.environ.get("MODELENV_MLFLOW", "").split(os.pathsep) if path]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHONS, reason="MODELENV_MLFLOW names no interpreter"),
]

LOG = """
import json, os, sys
import mlflow, numpy
import modelenv
from sklearn.linear_model import LinearRegression

features = numpy.arange(6.0).reshape(6, 1)
mlflow.set_experiment("kilns")
with mlflow.start_run() as run:
    model = LinearRegression().fit(features, features.ravel() * 2)
    logged = mlflow.sklearn.log_model(
        model, "theirs", input_example=features[:2], registered_model_name="kiln"
    )
    modelenv.save_model(model, "ours", input_example=features[:2])
    mlflow.log_artifacts("ours", "ours")
client = mlflow.MlflowClient()
uris = {
    "run": f"runs:/{run.info.run_id}/ours",
    "artifact": f"{run.info.artifact_uri}/ours",
    "logged": logged.model_uri,
    "version": "models:/kiln/1",
}
if hasattr(client, "set_registered_model_alias"):
    client.set_registered_model_alias("kiln", "best", 1)
    uris["alias"] = "models:/kiln@best"
print(json.dumps(uris))
"""


@pytest.fixture(scope="module", params=PYTHONS)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, dict[str, str]]:
    """Log models with one release of MLflow: its interpreter, the folder, and the models' URIs."""
    place = tmp_path_factory.mktemp("store")
    said = run(request.param, place, "-W", "ignore", "-c", LOG)
    assert said.returncode == 0, said.stderr
    return request.param, place, json.loads(said.stdout.splitlines()[-1])


def run(python: str, place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an interpreter with a tracking store and a registry in a database of its own."""
    uri = f"sqlite:///{place / 'mlflow.db'}"
    environment = {**os.environ, "MLFLOW_TRACKING_URI": uri, "TMPDIR": str(place)}
    environment.pop("MLFLOW_REGISTRY_URI", None)
    return subprocess.run(
        [python, *arguments],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("kind", ["run", "artifact", "logged", "version", "alias"])
def test_a_model_is_read_by_its_uri(kind: str, store: tuple[str, Path, dict[str, str]]) -> None:
    python, place, uris = store
    if kind not in uris:
        pytest.skip("this release has no aliases")
    (place / "input.json").write_text('{"inputs": [[10.0], [20.0]]}')
    for words in (("inspect",), ("predict", "-i", "input.json"), ("verify",)):
        said = run(python, place, "-m", "modelenv", *words, "-m", uris[kind])
        assert said.returncode == 0, said.stderr
        if words[0] == "predict":
            found = json.loads(said.stdout)["predictions"]
            assert [round(each) for each in found] == [20, 40]
    assert not [*place.glob("modelenv-run-*")]


LOAD = """
import sys
import modelenv
print(round(float(modelenv.load_model(sys.argv[1], suppress_warnings=True).predict([[4.0]])[0])))
"""


@pytest.mark.parametrize("kind", ["run", "version"])
def test_a_model_is_loaded_by_its_uri(kind: str, store: tuple[str, Path, dict[str, str]]) -> None:
    python, place, uris = store
    said = run(python, place, "-c", LOAD, uris[kind])
    assert said.stdout == "8\n", said.stderr
    assert not [*place.glob("modelenv-run-*")]


def test_what_is_not_there_and_what_would_change_it_are_refused(
    store: tuple[str, Path, dict[str, str]],
) -> None:
    python, place, uris = store
    said = run(python, place, "-m", "modelenv", "inspect", "-m", "models:/nobody/1")
    assert said.returncode == 1
    assert "MLflow could not download models:/nobody/1: " in said.stderr
    said = run(python, place, "-m", "modelenv", "lock", "-m", uris["run"])
    assert said.returncode == 2
    command = said.stderr.partition("`mlflow ")[2].partition("`")[0].replace("DIR", "fetched")
    told = run(python, place, "-m", "mlflow", *command.split())
    assert told.returncode == 0, told.stderr
    assert (place / "fetched/ours/MLmodel").is_file()
