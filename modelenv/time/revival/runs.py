"""The runs of a draft other than its mending: its inputs, its prediction, the proof."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from ...base.files.scratch import scratch_folder
from ...folder.documents.trace_file import FILE as TRACE
from ...folder.example import PREDICTION
from ...folder.mlmodel import relative
from ...run.isolated import RunOptions, checked, environment_for, run_isolated
from ...run.verify import judged
from ...save.observe.capture import capture_in
from ...save.write_folder import trace_of
from ...worker.job import Material
from ...worker.values import RECORDED
from ...worker.verdict import Repeatability, Verdict
from .draft import Draft
from .rows import Features

_OTHER_SEED = "1"
"""Of the hashes of texts, for the process that is to predict the same as the first."""


def features_of(draft: Draft, how: RunOptions) -> Features:
    """Return what the fitted model says of its inputs, asked in its own environment."""
    folder = draft.folder
    with scratch_folder() as scratch:
        nothing, output = scratch / "nothing.json", scratch / "features"
        nothing.write_text("null", "utf-8")
        job = folder.job({"type": "json_object", "file": str(nothing)}, output=output)
        with draft.features_loader() as loader:
            asking = replace(job, loader=loader, forms=("plain", *RECORDED))
            ended, _ = run_isolated(folder, asking, how)
        said = ended.report.last("output")
        if ended.failure is not None or said is None or said["type"] != "json_object":
            return Features()
        return Features.of(json.loads(output.with_suffix(".json").read_bytes()))


def record(draft: Draft, how: RunOptions) -> Mapping[str, Any]:
    """Run it traced; write the trace and the prediction, and return the description of that."""
    folder = draft.folder
    job = folder.job(folder.example)
    material = Material(**{each.name: getattr(job, each.name) for each in fields(Material)})
    with environment_for(checked(folder, how), how) as place:
        captured = capture_in(
            material, draft.path / PREDICTION, place.interpreter, timeout=how.timeout
        )
        trace = trace_of(captured, captured.python.installed(), draft.path)
    (draft.path / TRACE).write_text(trace.to_json(), "utf-8")
    return relative(captured.prediction)


def prove(draft: Draft, how: RunOptions, *, anew: bool) -> tuple[Verdict, Repeatability]:
    """Run the folder as it will stand, and compare with the recorded prediction.

    If that was recorded `anew`, this is the second process that predicts it, and what the two
    do not agree on is not compared from now on.
    """
    folder = draft.folder
    known = folder.mlmodel.repeatability
    if folder.example["type"] == "none":
        ended, place = run_isolated(folder, folder.job(folder.example), how)
        return judged(ended, place, known), known
    job = folder.comparing_job(known.skipped)
    ended, place = run_isolated(folder, replace(job, hash_seed=_OTHER_SEED) if anew else job, how)
    if anew:
        known = Repeatability.of(ended)
    return judged(ended, place, known), known
