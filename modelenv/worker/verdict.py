"""What came of predicting again somewhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..seal.leaks import Leak
from ..seal.seals import Seal
from .job import Ended

_WHILE = {
    "start": " while starting",
    "load": " while loading the model",
    "input": " while loading the input",
    "predict": " while predicting",
    "predict again": " while predicting a second time",
    "output": " while recording the prediction",
}

Status = Literal["reproduces", "runs", "differs", "fails"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of one prediction in an isolated environment."""

    status: Status
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
    seal: Seal | None = None
    """What kept the run from the machine; None where nothing ran."""
    leaks: tuple[Leak, ...] = ()
    """What of the machine it used all the same, or failed for."""

    @property
    def place(self) -> str:
        """The environment and its seal, in words: ``a replica, sealed by namespaces``."""
        return self.where if self.seal is None else f"{self.where}, {self.seal}"

    @property
    def good(self) -> bool:
        """Whether the environment is enough."""
        return self.status in ("reproduces", "runs")

    def __str__(self) -> str:
        """Give the verdict in one line."""
        stage = f" ({self.stage})" if self.stage else ""
        return f"{self.status} in {self.place}{stage}: {self.reason}"

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain data."""
        return {"schema": 1, **asdict(self)}


def proof(verdict: Verdict | None) -> dict[str, str]:
    """Return what MLmodel says of a proof; without a verdict nothing was proven."""
    if verdict is None:
        return {"status": "unproven"}
    said = {"status": verdict.status, "where": verdict.where, "reason": verdict.reason}
    if verdict.seal is None:
        return said
    return {**said, "seal": verdict.seal.kind, "left_open": "; ".join(verdict.seal.left_open)}


def judge(ended: Ended, where: str, *, deterministic: bool) -> Verdict:
    """Judge a run that was to compare its prediction with the recorded one."""
    failure = ended.failure
    if failure is not None:
        when = "" if failure.type else _WHILE.get(failure.stage, "")
        return Verdict(
            status="fails",
            where=where,
            reason="; ".join((f"{failure}{when}", *_remedies(ended))),
            stage=failure.stage,
            missing=failure.missing,
            detail=failure.detail,
            seconds=ended.seconds,
            seal=ended.seal,
            leaks=ended.leaks,
        )
    status, reason = _outcome(ended, deterministic=deterministic)
    return Verdict(
        status=status,
        where=where,
        reason=reason,
        seconds=ended.seconds,
        seal=ended.seal,
        leaks=ended.leaks,
    )


def _remedies(ended: Ended) -> list[str]:
    return [leak.remedy for leak in ended.leaks]


def _outcome(ended: Ended, *, deterministic: bool) -> tuple[Status, str]:
    """Return the status of a run that came to its end, and the reason for it."""
    if ended.leaks:
        return "fails", "; ".join(_remedies(ended))
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
