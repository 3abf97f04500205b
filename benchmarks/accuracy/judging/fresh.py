"""Build a fresh environment from what a tool wrote, and predict there with what it carried."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..running import compare
from ..running.environments import Builder, BuildError, Environment, content_key
from ..running.predictions import PREDICT_IN, ask
from ..tools.tool import INSIDE, Captured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..authors.source import Source

SCRIPT = INSIDE / "predict_carried.py"

JUDGES = (Path(__file__), Path(compare.__file__), PREDICT_IN)
"""Where these change, what was found before does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What happened in the fresh environment."""

    environment: Environment | None = None
    """None where it could not be built."""
    stage: str | None = None
    """Where it stopped: `build`, `start`, `load the model`, `load the example`, `predict`,
    `compare`; None where the prediction is reproduced."""
    error: str = ""
    loaded: tuple[str, ...] = ()


def try_once(source: Source, builder: Builder, captured: Captured, folder: Path) -> Found:
    """Return what became of the model elsewhere, as tried now or earlier."""
    key = content_key(*(file.read_text("utf-8") for file in JUDGES))
    record = folder / f"found-{key}.json"
    if record.exists():
        said = json.loads(record.read_text("utf-8"))
        place = said["environment"] and Path(said["environment"]["folder"])
        if place is None or place.exists():
            environment = Environment(place) if place else None
            return Found(**{**said, "environment": environment, "loaded": tuple(said["loaded"])})
    found = _try_out(source, builder, captured, folder)
    record.write_text(json.dumps(asdict(found), default=str), "utf-8")
    return found


def _try_out(source: Source, builder: Builder, captured: Captured, folder: Path) -> Found:
    """Try it, the author's folders hidden."""
    with TemporaryDirectory(dir=builder.cache, prefix="elsewhere-") as elsewhere:
        arguments = _carry(source, captured, folder, Path(elsewhere))
        with _hidden(source, builder):
            try:
                environment = _build(source, builder, folder / captured.requirements)
            except BuildError as error:
                return Found(stage="build", error=_reason(error))
            return _predict(source, environment, arguments)


def _carry(source: Source, captured: Captured, folder: Path, elsewhere: Path) -> list[str]:
    """Put elsewhere what the tool carried; return the script's arguments."""
    if captured.loader == "pickle":  # by hand: the case's pickle, and the first-party modules
        model, path = source.model, ["--path", str(source.copy_code(elsewhere / "code"))]
    else:
        model, path = shutil.copytree(folder / "model", elsewhere / "model"), []
    return ["--loader", captured.loader, "--model", str(model), *path]


def _build(source: Source, builder: Builder, requirements: Path) -> Environment:
    """Build it as the author's colleague would, who has the same private index."""
    index = ["--find-links", str(source.wheel_folder)] if source.has_index else []
    return builder.environment(["-r", str(requirements)], index, folder=requirements.parent)


def _predict(source: Source, environment: Environment, arguments: Sequence[str]) -> Found:
    variables = {"MLFLOW_DISABLE_TELEMETRY": "true"}
    example = ["--example", str(source.example)]
    outcome = ask(environment.python, SCRIPT, [*arguments, *example], variables)
    stage, error = outcome.stage, outcome.error
    if stage is None:
        differs = source.difference(outcome.prediction)
        stage, error = ("compare", differs) if differs else (None, "")
    return Found(environment=environment, stage=stage, error=error, loaded=outcome.loaded)


def restore(builder: Builder) -> None:
    """Bring back what a run that was killed had hidden."""
    away = _away(builder)
    if not away.exists():
        return
    builder.wheel_folder.mkdir(exist_ok=True)
    for wheel in away.iterdir():  # one by one: somebody may have built some meanwhile
        if not (builder.wheel_folder / wheel.name).exists():
            wheel.rename(builder.wheel_folder / wheel.name)
    shutil.rmtree(away)


@contextmanager
def _hidden(source: Source, builder: Builder) -> Iterator[None]:
    """Hide, besides the development folder, the wheels that the author installed from files."""
    with source.hidden():
        builder.wheel_folder.mkdir(exist_ok=True)  # which no case has made if none has a project
        builder.wheel_folder.rename(_away(builder))
        try:
            yield
        finally:
            restore(builder)


def _away(builder: Builder) -> Path:
    return builder.wheel_folder.with_name("hidden-wheels")


def _reason(error: BuildError) -> str:
    """Return the sentence of an installer's message that says why."""
    lines = [line.strip() for line in error.said.splitlines() if line.strip()]
    return " ".join(lines[:4])[:300]
