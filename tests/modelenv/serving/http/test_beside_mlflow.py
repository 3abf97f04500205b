"""The same requests to MLflow's server and to ours, with one model. Slow: it installs MLflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .real_servers import ROOT, environment, running, save
from .test_scoring import JSON, REQUESTS, SPLIT, check_error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .real_servers import Server
    from .standins import Answer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="workers are reached by Unix sockets"),
]

MLFLOW = "mlflow==3.17.2"


def split(**more: Any) -> bytes:
    return json.dumps({"dataframe_split": SPLIT, **more}).encode()


# What the two answer where it differs: the statuses of theirs and of ours, and why ours is right.
BETTER = {
    "instances (rows)": (400, 200, "the example tells how columns without names are called"),
    "params unknown": (200, 400, "a parameter that nobody knows is not dropped"),
    "no content type": (500, 415, "the fault is the client's"),
    "float for a long": (200, 400, "2.5 is not cut to 2"),
    "too large": (400, 413, "a body is bounded"),
}
MORE: dict[str, tuple[str, str, bytes, str | None, int, Any]] = {
    "params wrong type": ("POST", "/invocations", split(params={"k": "x"}), JSON, 400, "'k'"),
    "huge": (
        "POST",
        "/invocations",
        json.dumps({"dataframe_split": {**SPLIT, "data": [[1.0, 2]] * 400_000}}).encode(),
        JSON,
        200,
        [{"sum": 3.0, "k": 7}] * 400_000,
    ),
}
ALL = {**REQUESTS, **MORE}
LARGEST = 20_000_000


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment that both stand in."""
    folder = tmp_path_factory.mktemp("venv")
    ours = ("-e", f"{ROOT}[serve]")
    return environment(folder, MLFLOW, "pandas", "pyarrow", "scikit-learn", *ours)


@pytest.fixture(scope="module")
def servers(
    python: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    """Start MLflow's server and ours, with one model."""
    folder = tmp_path_factory.mktemp("beside")
    model = save(python, folder)
    variables = {**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}"}
    local = ("-m", str(model), "--env-manager", "local")
    theirs = (python.with_name("mlflow"), "models", "serve", *local, "-p")
    ours = (python, "-m", "modelenv", "serve", *local, "--max-body", str(LARGEST), "--port")
    with (
        running(theirs, folder / "mlflow.log", env=variables) as mlflow,
        running(ours, folder / "modelenv.log") as modelenv,
    ):
        yield mlflow, modelenv


def _answers(servers: tuple[Server, Server], case: str) -> tuple[Answer, Answer]:
    method, path, body, kind, _, _ = ALL[case]
    if case == "too large":
        body = b" " * (LARGEST + 1)
    headers = {} if kind is None else {"content-type": kind}
    theirs, ours = (server.ask(method, path, body, headers) for server in servers)
    return theirs, ours


@pytest.mark.parametrize("case", ALL)
def test_ours_is_the_same_or_better_in_a_named_way(
    servers: tuple[Server, Server], case: str
) -> None:
    theirs, ours = _answers(servers, case)
    _, path, _, _, status, expected = ALL[case]
    assert (theirs.status, ours.status) == BETTER.get(case, (status, status, ""))[:2]
    if ours.status != 200:
        check_error(ours, expected if case != "too large" else f"{LARGEST:,}")
        return
    if path != "/invocations":
        return
    assert ours.json == {"predictions": expected}
    if theirs.status == 200:
        said = json.loads(theirs.body)
        assert _without_nan(said) == ours.json


def _without_nan(value: Any) -> Any:
    """Return what MLflow says with null for NaN, which is no JSON."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return None if value != value else value  # noqa: PLR0124  # nan


def test_what_theirs_labels_as_json_and_is_none(servers: tuple[Server, Server]) -> None:
    theirs, ours = servers
    for path in ("/ping", "/version"):
        said, told = theirs.ask("GET", path), ours.ask("GET", path)
        assert said.headers["content-type"] == "application/json"
        with pytest.raises(json.JSONDecodeError):
            json.loads(said.body)
        if told.headers["content-type"] == "application/json":
            assert told.json
    nan = b'{"dataframe_split": {"columns": ["a", "b"], "data": [[NaN, 2]]}}'
    said, told = (each.ask("POST", "/invocations", nan, {"content-type": JSON}) for each in servers)
    assert b"NaN" in said.body
    assert told.json == {"predictions": [{"sum": None, "k": 7}]}


def test_an_exception_of_the_model_shows_no_path(servers: tuple[Server, Server]) -> None:
    raises = b'{"dataframe_split": {"columns": ["a", "b"], "data": [[-1.0, 2]]}}'
    said, told = (
        each.ask("POST", "/invocations", raises, {"content-type": JSON}) for each in servers
    )
    assert (said.status, told.status) == (400, 500)
    assert b"site-packages" in said.body
    check_error(told, "ValueError")
    assert "/" not in told.json["message"]


CLIENT = """
import json, sys
import pandas
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
client = ScoringServerClient("127.0.0.1", int(sys.argv[1]))
client.ping()
frame = pandas.DataFrame({"a": [1.0], "b": [2]})
told = client.invoke(frame, params={"k": 3}).get_predictions()
print(json.dumps([client.get_version(), told.to_dict("records")]))
"""


def test_the_client_of_mlflow_reads_our_answers(
    python: Path, servers: tuple[Server, Server]
) -> None:
    command = [str(python), "-c", CLIENT, str(servers[1].port)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    version, predictions = json.loads(told.stdout.splitlines()[-1])
    assert version[:1].isdigit()
    assert predictions == [{"sum": 3.0, "k": 3}]
