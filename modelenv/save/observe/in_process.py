"""Capture a model in this process, for one that is too large to be loaded twice."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cloudpickle

from ...base.run_variables import read_variables
from ...base.settings import Settings
from ...base.siblings import tracer
from ...environments.interpreter import Python
from ...folder import loader
from ...folder.artifacts import index
from ...folder.documents.code_by_value import PickledNames
from ...folder.example import modules_of
from ...worker import values
from ...worker.comparing.answer import difference
from ...worker.comparing.compare import compare
from ...worker.errors import RunFailedError
from ...worker.job import Material
from ...worker.process import Interpreter
from ...worker.worker import mapped_libraries
from .capture import Captured

WHERE = "this process"

NOTE = (
    "traced in this process: what the model had imported before was seen only where its pickle"
    " names it or its code ran"
)


LAZY_NOTE = (
    "every import is lazy in this process (PEP 810), so what the example did not use was not seen;"
    " where imports are not lazy, all that its import statements name has to be installed"
)


def capture_in_process(
    model: object,
    examples: Sequence[object],
    material: Material,
    output: Path,
    python: Python,
    settings: Settings,
) -> Captured:
    """Return what two predictions with `model` itself use, and the first prediction.

    Modules imported before the call are seen if their code runs or the pickle names them. What
    loading the pickle would import besides is not seen. Raises RunFailedError.
    """
    stage, place = "load", 0
    try:
        with tracer.trace() as observed:
            context = loader.Context(index(material.model.parent))
            called = loader.Model(model, context)
            stage = "predict"
            predictions = []
            for place, each in enumerate(examples):  # noqa: B007  # told of where it fails
                predictions.append(called.predict(each))
        stage = "output"
        several = material.input["type"] == "examples"
        prediction = predictions if several else predictions[0]
        described = values.write(prediction, str(output), cloudpickle.dump, forms=values.RECORDED)
        stage = "predict again"
        further = _read(material.input)
        with tracer.trace(calls=True) as repeated:
            second = [called.predict(each) for each in further]
        stage = "compare"
        again = compare(predictions, second)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        detail = traceback.format_exc()
        about = place if stage == "predict" else None
        raise RunFailedError(WHERE, stage, reason, detail, saving=True, example=about) from error
    return Captured(
        trace=tracer.Trace.of(
            (*_theirs(observed.trace), *_calls(repeated.trace)),
            (*observed.trace.notes, NOTE, *_lazy_note()),
            observed.trace.touches,
        ),
        python=python,
        prediction=described,
        job=material.job(path=python.path),
        interpreter=Interpreter(
            executable=python.executable, environment=settings.environment, folder=Path.cwd()
        ),
        variables=read_variables(settings.environment, tuple(sys.modules), mapped_libraries()),
        settings={},
        second_call=difference(again),
        named=PickledNames.of(material.model),
        exemplified=modules_of(material.input),
    )


def _lazy_note() -> tuple[str, ...]:
    get: Any = getattr(sys, "get_lazy_imports", lambda: "normal")
    return (LAZY_NOTE,) if get() == "all" else ()


def _theirs(trace: tracer.Trace) -> Iterator[tracer.ImportRecord]:
    """Yield the records without our own modules; imports by those count as the block's own."""
    ours = str(Path(__file__).parent.parent.parent)
    for record in trace.records:
        if record.importer_file is not None and record.importer_file.startswith(ours):
            record = replace(record, importer=None, importer_file=None, line=None)  # noqa: PLW2901
        if record.file is None or not record.file.startswith(ours):
            yield record


def _calls(trace: tracer.Trace) -> Iterator[tracer.ImportRecord]:
    """Yield records of modules that were called although they had been imported before."""
    return (record for record in _theirs(trace) if record.how == "called")


def _read(described: Mapping[str, Any]) -> list[Any]:
    """Return the examples, read again, since the model may have changed the first ones."""
    value = values.read(described)
    return list(value) if described["type"] == "examples" else [value]
