"""Capture a model in this process, for one that is too large to be loaded twice."""

from __future__ import annotations

import traceback
from pathlib import Path

from .capture import Captured, Material
from .errors import RunFailedError
from .isolation import values
from .isolation.compare import compare
from .isolation.python import Python
from .model import loader
from .model.artifacts import index
from .siblings import tracer

WHERE = "this process"

NOTE = (
    "traced in this process: what the model had imported before was seen only where its pickle"
    " names it or its code ran"
)


def capture_in_process(
    model: object, example: object, material: Material, output: Path, python: Python
) -> Captured:
    """Predict twice with `model` itself and record what that touches.

    What was imported before the call is seen where its code runs, and what the pickle names; what
    loading the pickle would import besides is not. Raises RunFailedError.
    """
    stage = "load"
    try:
        with tracer.trace() as observed:
            context = loader.Context(index(material.model.parent))
            called = loader.Model(model, context)
            stage = "predict"
            prediction = called.predict(example)
        stage = "output"
        described = values.write(prediction, str(output))
        stage = "predict again"
        again = compare(prediction, called.predict(values.read(material.input)))
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise RunFailedError(WHERE, stage, reason, traceback.format_exc()) from error
    return Captured(
        trace=tracer.Trace.of(observed.trace.records, (*observed.trace.notes, NOTE)),
        python=python,
        prediction=described,
        deterministic=again["equal"] != "no",
        named=tracer.scan_modules(material.model),
    )
