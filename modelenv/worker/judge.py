"""Judge how a run ended: by a verdict where it is asked for, by an error where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import RunFailedError
from .job import Ended
from .verdict import Status, Verdict

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
    failure = ended.failure
    if failure is not None:
        when = "" if failure.type else _WHILE.get(failure.stage, "")
        return Verdict(
            status="fails",
            where=where,
            reason=f"{failure}{when}",
            stage=failure.stage,
            missing=failure.missing,
            detail=failure.detail,
            seconds=ended.seconds,
        )
    status, reason = _outcome(ended, deterministic=deterministic)
    return Verdict(status=status, where=where, reason=reason, seconds=ended.seconds)


def _outcome(ended: Ended, *, deterministic: bool) -> tuple[Status, str]:
    """Return the status of a run that came to its end, and the reason for it."""
    compared = ended.report.last("compared")
    if compared is not None:
        return _compared(compared, deterministic=deterministic)
    if ended.report.last("loaded"):
        return "runs", "it loads; there is no input example to predict on"
    if ended.report.last("unrecorded"):
        return "runs", "it predicts; no prediction was recorded to compare with"
    return "fails", "it did not say what came of it"


def _compared(compared: Mapping[str, Any], *, deterministic: bool) -> tuple[Status, str]:
    if compared["equal"] == "exactly":
        return "reproduces", "the prediction equals the recorded one"
    if compared["equal"] == "closely":
        off = f"(off by {compared['largest']:.2g})"
        return "reproduces", f"the prediction is within 1e-6 of the recorded one {off}"
    if not deterministic:
        return "runs", "it predicts; the model is not deterministic, so nothing was compared"
    return "differs", f"{compared['where']}: {compared['what']}"


def check_run(ended: Ended, where: str, *, saving: bool = False) -> None:
    """Raise RunFailedError unless the run came to its end; `saving`: a folder was to be written."""
    failure = ended.failure
    if failure is not None:
        raise RunFailedError(
            where,
            failure.stage,
            str(failure),
            failure.detail,
            saving=saving,
            example=failure.example,
        )
