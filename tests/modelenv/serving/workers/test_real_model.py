"""A model of scikit-learn, served sealed: it predicts, and reaches nothing else."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import modelenv
from modelenv.base.settings import Settings
from modelenv.environments.interpreter import Python
from modelenv.environments.managers import opened
from modelenv.folder.model_folder import ModelFolder
from modelenv.seal.choose import SealRequest, this_machine
from modelenv.seal.seals import Wanted
from modelenv.serving.workers.process import ProcessLimits, ServingJob, start

pytestmark = pytest.mark.slow


class Curious:
    """A fitted pipeline that looks around before it predicts."""

    def __init__(self, fitted: Any, home: str, port: int) -> None:
        self.fitted = fitted
        self.home = home
        self.port = port

    def predict(self, data: Any) -> Any:
        import pandas

        found = []
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            found.append("the network")
        except OSError:
            pass
        try:
            with open(self.home, encoding="utf-8") as file:  # noqa: PTH123  # it travels
                found.append(file.read())
        except OSError:
            pass
        score = self.fitted.predict_proba(data)[:, 1]
        return pandas.DataFrame({"score": score, "found": ", ".join(found)})


@pytest.mark.parametrize("seal", ["landlock", "namespaces"])
def test_it_predicts_and_reaches_nothing(seal: Wanted, tmp_path: Path) -> None:
    machine = this_machine()
    if {"namespaces": machine.namespaces, "landlock": machine.why_no_landlock}[seal]:
        pytest.skip(f"this machine has no {seal}")
    data = pd.DataFrame(
        {"age": range(40), "income": [0.5, 1.5] * 20, "town": ["a", "b", "c", "d"] * 10}
    )
    columns = make_column_transformer(
        (StandardScaler(), ["age", "income"]), (OneHotEncoder(handle_unknown="ignore"), ["town"])
    )
    fitted = make_pipeline(columns, LogisticRegression()).fit(data, data["age"] > 20)
    home = tmp_path / "secret"
    home.write_text("a secret")
    with socket.create_server(("127.0.0.1", 0)) as peer:
        model = Curious(fitted, str(home), peer.getsockname()[1])
        folder = tmp_path / "model"
        modelenv.save_model(model, folder, input_example=data.head(2), prove=False)
        expected = fitted.predict_proba(data)[:, 1].tolist()
        assert _scores(folder, seal, data) == (expected, {""})
        allowed: dict[str, Any] = {"allow_hosts": ["127.0.0.1"], "allow_paths": [str(home)]}
        assert _scores(folder, seal, data, **allowed) == (expected, {"the network, a secret"})


def _scores(folder: Path, seal: Wanted, data: Any, **allowed: Any) -> tuple[list[float], set[str]]:
    """Return the scores of rows, and what the model found of the machine."""
    body = json.dumps({"dataframe_split": data.to_dict(orient="split")}).encode()

    async def ask() -> Any:
        python = Python.current()
        installed = python.installed()
        wanted = ModelFolder.open(folder).wanted(python, installed)
        request = SealRequest.read(seal, **allowed)
        with opened(wanted, installed, Settings.from_environment(), "replica", seal=request) as it:
            job = ServingJob.of(ModelFolder.open(folder))
            process = await start(job, it.interpreter, ProcessLimits(start=120))
            try:
                return await process.channel.ask({"content": "json"}, [body])
            finally:
                await process.end()

    told, answer = asyncio.run(ask())
    assert told.get("ok") == "json", told
    rows = json.loads(answer)["predictions"]
    return [row["score"] for row in rows], {row["found"] for row in rows}
