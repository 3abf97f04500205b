"""What came of predicting again somewhere else."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from .process import Ended

_WHILE = {
    "start": " while starting",
    "load": " while loading the model",
    "input": " while loading the input",
    "predict": " while predicting",
    "predict again": " while predicting a second time",
    "output": " while recording the prediction",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of one prediction in an isolated environment."""

    status: Literal["reproduces", "runs", "differs", "fails"]
    """`runs`: it predicted, but nothing certain could be compared (it is not deterministic)."""
    where: str
    """The environment, in words."""
    reason: str
    """One sentence: how equal it was, or what went wrong."""
    stage: str = ""
    """Where a failing run stopped."""
    missing: tuple[str, ...] = ()
    """Modules that a failing run did not find."""
    detail: str = ""
    """The traceback, or the end of what was printed."""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether the environment is enough."""
        return self.status in ("reproduces", "runs")

    def __str__(self) -> str:
        """Give the verdict in one line."""
        stage = f" ({self.stage})" if self.stage else ""
        return f"{self.status} in {self.where}{stage}: {self.reason}"

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain data."""
        return {"schema": 1, **asdict(self)}


def proof(verdict: Verdict | None) -> dict[str, str]:
    """Return what MLmodel says of a proof; without a verdict nothing was proven."""
    if verdict is None:
        return {"status": "unproven"}
    return {"status": verdict.status, "where": verdict.where, "reason": verdict.reason}


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
