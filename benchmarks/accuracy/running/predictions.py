"""Predict with a pickled model in some interpreter, and say what came of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PREDICT_IN = Path(__file__).resolve().parent / "predict_in.py"
SECONDS = 120
"""How long a prediction may take."""

_FOREIGN = ("PYTHON", "PIP_", "UV_", "CONDA", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A prediction, or the stage that failed and the error."""

    prediction: object = None
    loaded: tuple[str, ...] = ()
    """The files of the modules that the predicting process loaded; its children's are not there."""
    stage: str | None = None
    error: str = ""
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        return self.stage is not None


def predict_in(python: Path, model: Path, example: Path, path: Sequence[Path] = ()) -> Outcome:
    """Return what the model predicts in that interpreter, `path` being first on its `sys.path`."""
    arguments = ["--model", str(model), "--example", str(example)]
    arguments += [argument for entry in path for argument in ("--path", str(entry))]
    return ask(python, PREDICT_IN, arguments)


def ask(
    python: Path,
    script: Path,
    arguments: Sequence[str],
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Outcome:
    """Return the answer of a script that predicts, run by that interpreter in an empty folder."""
    started = time.perf_counter()
    with TemporaryDirectory() as elsewhere:
        output = Path(elsewhere, "prediction.json")
        command = [str(python), "-I", str(script), *arguments, "--output", str(output)]
        everything = {**plain_environment(os.environ), **variables}
        try:
            done = run(command, Path(elsewhere), everything, SECONDS)
        except subprocess.TimeoutExpired:
            return Outcome(stage="predict", error=f"no answer in {SECONDS} s")
        seconds = time.perf_counter() - started
        if not output.exists():
            return Outcome(stage="start", error=_last_line(done), seconds=seconds)
        answer = json.loads(output.read_text("utf-8"))
    return Outcome(
        **answer.get("failed", {}),
        prediction=answer.get("prediction"),
        loaded=tuple(answer.get("loaded", ())),
        seconds=seconds,
    )


def run(
    command: Sequence[str], folder: Path, variables: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; where that takes too long, end its children too.

    Raises `subprocess.TimeoutExpired`.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, complained = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, said, complained)


def plain_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without those that steer interpreters and installers."""
    return {key: value for key, value in variables.items() if not key.startswith(_FOREIGN)}


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    said = done.stderr.strip().splitlines()
    return f"exit {done.returncode}: {said[-1] if said else 'nothing said'}"
