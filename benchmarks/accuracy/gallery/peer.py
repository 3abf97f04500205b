"""The same examples, saved by MLflow: its list, and whether that is enough elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ..running.compare import difference
from ..running.environments import BuildError, Environment
from .example import Example
from .making import ExampleError, Workshop, reader_variables, run

INSIDE = Path(__file__).parent / "inside"
LENGTH = 160
"""The most characters of an error that the page has."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a release of MLflow wrote of an example, and what came of it."""

    release: str
    requirements: tuple[str, ...]
    """The lines of its list, without comments; empty where it saved nothing."""
    outcome: str
    """What comes of it where this list is installed: `the model predicts the same`, or how not."""
    refused: str = ""
    """What it said where it refuses the example, and saved the model without; else empty."""


def list_by_mlflow(example: Example, workshop: Workshop, mlflow: str, folder: Path) -> Listed:
    """Save the example by `mlflow`, a requirement, and predict where only its list is installed.

    MLflow is given what it does not find by itself and its user has to: the example's own modules.
    """
    release = mlflow.partition("==")[2]
    here = workshop.environment(example, mlflow)
    variables = {
        **reader_variables(workshop, here),
        "PYTHONPATH": str(INSIDE / "instead"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
    }
    try:
        run(example, [str(here.python), str(example.script)], folder, variables)
    except ExampleError as error:
        return Listed(release, (), f"does not save: {_last(error.said)}")
    model = folder / example.saved
    written = (model / "requirements.txt").read_text("utf-8").splitlines()
    lines = tuple(line for line in written if line and not line.startswith("#"))
    refused = _cut(_text(folder / "refused.txt"))
    expected = _predict(example, workshop, here, folder)
    try:
        options = ("--exclude-newer", example.as_of, *workshop.options)
        there = workshop.builder.environment(lines, options)
    except BuildError as error:
        outcome = f"that cannot be installed: {_last(error.said)}"
        return Listed(release, lines, outcome, refused)
    found = _predict(example, workshop, there, folder)
    if isinstance(found, str):
        return Listed(release, lines, f"the model fails: {found}", refused)
    differs = "" if isinstance(expected, str) else difference(expected["value"], found["value"])
    same = f"predicts something else: {differs}" if differs else "predicts the same"
    return Listed(release, lines, f"the model {same}", refused)


def _predict(
    example: Example, workshop: Workshop, environment: Environment, folder: Path
) -> dict[str, object] | str:
    """Return the prediction of MLflow's folder in an environment, or the error."""
    script = str(INSIDE / "predict_mlflow.py")
    command = [str(environment.python), "-I", script, example.saved, "example.pkl", "answer.json"]
    try:
        run(example, command, folder, reader_variables(workshop, environment))
    except ExampleError as error:
        return _last(error.said)
    answer: dict[str, object] = json.loads((folder / "answer.json").read_text("utf-8"))
    return answer


def _text(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def _last(said: str) -> str:
    """Return the last line of what a command said, cut and with single spaces."""
    return _cut((said.strip().splitlines() or ["no word"])[-1].strip().removeprefix("cause: "))


def _cut(said: str) -> str:
    line = " ".join(said.split())
    return line if len(line) <= LENGTH else f"{line[:LENGTH].rpartition(' ')[0]} …"
