"""Run the model once in a fresh interpreter and record what it touches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..base.settings import Settings
from ..base.siblings import tracer
from ..environments.interpreter import Python
from ..folder.example import modules_of
from ..folder.mlmodel import NOTHING
from ..worker import process
from ..worker.errors import RunFailedError
from ..worker.job import Ended, Job, Material
from ..worker.process import Interpreter, check_run

WHERE = "a fresh interpreter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What one traced run showed."""

    trace: tracer.Trace
    python: Python
    prediction: Mapping[str, Any]
    """The description of the recorded prediction, with the absolute path of its file."""
    deterministic: bool
    """Whether a second prediction equalled the first."""
    named: tuple[str, ...]
    """The modules whose globals the model's pickle names."""
    exemplified: tuple[str, ...]
    """The modules whose values the input example is made of."""


def capture_here(
    material: Material,
    output: Path,
    python: Python,
    settings: Settings,
    *,
    timeout: float,
    meanwhile: Callable[[], None],
) -> Captured:
    """Capture `material` in a fresh process of this interpreter, `python`, with its path.

    The prediction is written to `output` with a suffix. `meanwhile` is called while the fresh
    process runs. Raises RunFailedError with the stage that failed.
    """
    job = material.job(path=python.path, repeat=True, output=output)
    interpreter = Interpreter(
        executable=python.executable, environment=settings.environment, folder=Path.cwd()
    )
    return _capture(material, job, interpreter, lambda _: python, timeout, meanwhile)


def capture_there(
    material: Material,
    output: Path,
    executable: Path,
    settings: Settings,
    *,
    timeout: float,
) -> Captured:
    """Capture `material` in another interpreter, which need not have anything of ours installed.

    The interpreter describes itself. Raises RunFailedError with the stage that failed.
    """
    job = material.job(repeat=True, output=output, describe=True)
    environment = {
        name: value
        for name, value in settings.environment.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    interpreter = Interpreter(executable=executable, environment=environment, folder=Path.cwd())
    return _capture(material, job, interpreter, _described, timeout, lambda: None)


def _described(ended: Ended) -> Python:
    event = ended.report.last("interpreter")
    if event is None:
        raise RunFailedError(WHERE, "start", f"it {ended.death}", ended.output, saving=True)
    return Python.reported(event)


def _capture(
    material: Material,
    job: Job,
    interpreter: Interpreter,
    python: Callable[[Ended], Python],
    timeout: float,
    meanwhile: Callable[[], None],
) -> Captured:
    with process.scratch() as folder:
        with process.start(job, interpreter, folder, probe=tracer.probe_folder()) as worker:
            named = named_by(material.model)
            meanwhile()
            ended = worker.wait(timeout)
        described = python(ended)
        check_run(ended, WHERE, saving=True)
        again = ended.report.last("again") or {"equal": "exactly"}
        output = ended.report.last("output") or NOTHING
        prediction = {key: value for key, value in output.items() if key != "event"}
        return Captured(
            trace=_without(tracer.read_spool(folder / "spool.jsonl"), folder, material),
            python=described,
            prediction=prediction,
            deterministic=again["equal"] != "no",
            named=named,
            exemplified=modules_of(material.input),
        )


def _without(trace: tracer.Trace, scratch: Path, material: Material) -> tracer.Trace:
    """Return the trace without the files of the run itself: job, model and example."""
    folder = material.model.parent
    ours = [str(scratch), str(material.model)]
    if folder in material.loader.parents:  # it is being written, and the example stands in it
        ours.append(str(folder))
    elif "file" in material.input:
        ours.append(material.input["file"])
    kept = (touch for touch in trace.touches if not touch.name.startswith(tuple(ours)))
    return replace(trace, touches=tuple(kept))


def named_by(model: Path) -> tuple[str, ...]:
    """Return the modules whose globals a model's pickle names; a script names none."""
    return tracer.scan_modules(model) if model.suffix != ".py" else ()
