"""Judge how a run ended: by a verdict where it is asked for, by an error where it is not."""

from __future__ import annotations

from typing import Literal

from .errors import RunFailedError
from .job import Ended
from .verdict import Verdict

_WHILE = {
    "start": " while starting",
    "load": " while loading the model",
    "input": " while loading the input",
    "predict": " while predicting",
    "predict again": " while predicting a second time",
    "output": " while recording the prediction",
}


def judge(ended: Ended, where: str, *, deterministic: bool) -> Verdict:
    """Judge a run that was to compare its prediction with the recorded one."""
    failure = ended.report.failure
    kinds = ("compared", "loaded", "unrecorded")
    compared = next(filter(None, map(ended.report.last, kinds)), None)
    if failure is not None or not ended.report.done or compared is None:
        stage = failure.stage if failure is not None else ended.report.stage
        died = f"it {ended.death}{_WHILE.get(stage, '')}"
        reason = str(failure) if failure is not None else died
        return Verdict(
            status="fails",
            where=where,
            reason=reason,
            stage=stage,
            missing=failure.missing if failure is not None else (),
            detail=failure.traceback if failure is not None else ended.output,
            seconds=ended.seconds,
        )
    status: Literal["reproduces", "runs", "differs"]
    if compared["event"] == "loaded":
        status, reason = "runs", "it loads; there is no input example to predict on"
    elif compared["event"] == "unrecorded":
        status, reason = "runs", "it predicts; no prediction was recorded to compare with"
    elif compared["equal"] == "exactly":
        status, reason = "reproduces", "the prediction equals the recorded one"
    elif compared["equal"] == "closely":
        status = "reproduces"
        reason = (
            f"the prediction is within 1e-6 of the recorded one (off by {compared['largest']:.2g})"
        )
    elif not deterministic:
        status, reason = (
            "runs",
            "it predicts; the model is not deterministic, so nothing was compared",
        )
    else:
        status, reason = "differs", f"{compared['where']}: {compared['what']}"
    return Verdict(status=status, where=where, reason=reason, seconds=ended.seconds)


def check_run(ended: Ended, where: str, *, saving: bool = False) -> None:
    """Raise RunFailedError unless the run came to its end; `saving`: a folder was to be written."""
    report = ended.report
    if report.failure is not None:
        reason, detail = str(report.failure), report.failure.traceback
        stage, example = report.failure.stage, report.failure.example
        raise RunFailedError(where, stage, reason, detail, saving=saving, example=example)
    if not report.done:
        raise RunFailedError(where, report.stage, f"it {ended.death}", ended.output, saving=saving)
