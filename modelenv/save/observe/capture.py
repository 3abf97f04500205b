"""Run the model in a fresh interpreter and record what it uses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ...base.files.scratch import scratch_folder
from ...base.run_variables import HASH_SEED, LAZY_IMPORTS, read_variables
from ...base.settings import Settings
from ...base.siblings import tracer
from ...environments.interpreter import Python
from ...folder.documents.names import NOTHING
from ...folder.example import modules_of
from ...table.crossing import received
from ...table.errors import UnfaithfulError
from ...worker import process
from ...worker.errors import RunFailedError
from ...worker.job import Ended, Job, Material
from ...worker.process import Interpreter, check_run

if TYPE_CHECKING:
    from ...folder.documents.code_by_value import PickledNames

WHERE = "a fresh interpreter"
FILES = ("file", "library", "program")
"""The kinds of touches that are identified by a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """The results of one traced run."""

    trace: tracer.Trace
    python: Python
    prediction: Mapping[str, Any]
    """The description of the recorded prediction, with the absolute path of its file."""
    job: Job
    """The job that ran."""
    interpreter: Interpreter
    """The interpreter that ran the job."""
    variables: Mapping[str, str]
    """Environment variables that were set and that the run read."""
    settings: Mapping[str, str]
    """The settings of its libraries after the run, by how each is made; empty if not known."""
    second_call: str
    """How a second call in the same process differs from the first; empty if it does not."""
    named: PickledNames
    """The globals in the model's pickle."""
    exemplified: tuple[str, ...]
    """The modules that define the types in the input example."""

    @property
    def files(self) -> tuple[str, ...]:
        """The absolute paths of all files that were imported, read, mapped or started."""
        touched = (self.trace.touched(kind) for kind in ("file", "library", "program"))
        return (*self.trace.files, *(name for names in touched for name in names))


def capture_here(
    material: Material,
    output: Path,
    python: Python,
    settings: Settings,
    *,
    timeout: float,
    meanwhile: Callable[[PickledNames, Callable[[], bool]], None],
) -> Captured:
    """Capture `material` in a fresh process of this interpreter, `python`, with its path.

    The prediction is written to `output` plus a suffix. While the process runs, `meanwhile` is
    called with the names in the model's pickle, and with a function that returns whether the
    process has ended. Raises RunFailedError with the stage that failed.
    """
    job = material.job(path=python.path, repeat=True, output=output)
    environment, notes = _eager(settings.environment)
    interpreter = Interpreter(
        executable=python.executable, environment=environment, folder=Path.cwd()
    )
    here = vars(sys.modules["__main__"])
    captured = _capture(material, job, interpreter, lambda _: python, timeout, meanwhile, here)
    trace = captured.trace
    return replace(captured, trace=replace(trace, notes=(*trace.notes, *notes)))


def _eager(environment: Mapping[str, str]) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Return the variables without "make all imports lazy" (PEP 810), and a note if it was set.

    The model may later run without that variable, and then all that its import statements name has
    to be installed.
    """
    said = environment.get(LAZY_IMPORTS, "")
    kept = {name: value for name, value in environment.items() if name != LAZY_IMPORTS}
    if said != "all":
        return kept, ()
    note = (
        f"{LAZY_IMPORTS}=all makes every import lazy, and was left out of the model's run: where it"
        " is not set, all that the model's import statements name has to be installed"
    )
    return kept, (note,)


def capture_there(
    material: Material,
    output: Path,
    executable: Path,
    settings: Settings,
    *,
    timeout: float,
) -> Captured:
    """Capture `material` in another interpreter, which needs nothing of modelenv installed.

    The interpreter reports its own version, path and platform. Raises RunFailedError with the stage
    that failed.
    """
    job = material.job(repeat=True, output=output, describe=True)
    environment = {
        name: value
        for name, value in settings.environment.items()
        if name == HASH_SEED or not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    interpreter = Interpreter(executable=executable, environment=environment, folder=Path.cwd())
    return _capture(material, job, interpreter, _described, timeout, lambda *_: None)


def capture_in(
    material: Material, output: Path, interpreter: Interpreter, *, timeout: float
) -> Captured:
    """Capture `material` in an environment that is ready, sealed as its `interpreter` says.

    Raises RunFailedError with the stage that failed.
    """
    job = material.job(output=output, describe=True)
    return _capture(material, job, interpreter, _described, timeout, lambda *_: None)


def _described(ended: Ended) -> Python:
    event = ended.report.last("interpreter")
    if event is None:
        reason = str(ended.failure or "it did not describe itself")
        raise RunFailedError(WHERE, "start", reason, ended.output, saving=True)
    return Python.reported(event)


def _capture(
    material: Material,
    job: Job,
    interpreter: Interpreter,
    python: Callable[[Ended], Python],
    timeout: float,
    meanwhile: Callable[[PickledNames, Callable[[], bool]], None],
    here: Mapping[str, object] = MappingProxyType({}),
) -> Captured:
    """Capture `material`; `here` are the globals of the script or notebook that saves it."""
    with scratch_folder() as folder:
        with process.start(job, interpreter, folder, probe=tracer.probe_folder()) as worker:
            from ...folder.documents.code_by_value import PickledNames

            named = PickledNames.of(material.model)
            meanwhile(named, lambda: worker.has_ended)
            ended = worker.wait(timeout)
        from ...worker.comparing.answer import difference

        described = python(ended)
        trace = tracer.read_spool(folder / "spool.jsonl")
        check_run(ended, WHERE, saving=True, hints=_hints(ended, here, trace))
        prediction = _written(ended, job)
        mapped = ended.report.last("mapped") or {"libraries": ()}
        environment = interpreter.environment or {}
        return Captured(
            trace=_without(trace, folder, material),
            python=described,
            prediction=prediction,
            job=job,
            interpreter=interpreter,
            variables=read_variables(environment, trace.modules, mapped["libraries"]),
            settings=(ended.report.last("settings") or {"values": {}})["values"],
            second_call=difference(ended.report.last("again")),
            named=named,
            exemplified=modules_of(material.input),
        )


def _hints(ended: Ended, here: Mapping[str, object], trace: tracer.Trace) -> tuple[str, ...]:
    """Return what a failed run may lack that is imported here."""
    if ended.failure is None or ended.failure.missing:
        return ()
    from .here.imports import import_hints

    loaded = {record.name for record in trace.records}
    return tuple(import_hints(str(ended.failure), here, loaded))


def _written(ended: Ended, job: Job) -> Mapping[str, Any]:
    """Return the description of the prediction. Raises RunFailedError if there is none."""
    output = ended.report.last("output")
    if output is None or job.output is None:
        return NOTHING
    try:
        prediction = received.placed(output, job.output)
        if prediction.get("encoding") == "buffers":
            received.read_buffers(Path(prediction["file"]))
    except UnfaithfulError as error:
        raise RunFailedError(WHERE, "output", str(error), saving=True) from error
    return prediction


def _without(trace: tracer.Trace, scratch: Path, material: Material) -> tracer.Trace:
    """Return the trace without the files of the run itself: job, model and example."""
    folder = material.model.parent
    ours = [str(scratch), str(material.model)]
    if folder in material.loader.parents:  # the folder is being written, and holds the example
        ours.append(str(folder))
    elif "file" in material.input:
        ours.append(material.input["file"])
    kept = (touch for touch in trace.touches if not touch.name.startswith(tuple(ours)))
    return replace(trace, touches=tuple(kept))
