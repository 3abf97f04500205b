"""The result of predicting again in another environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..base.files.scratch import without_scratch
from ..base.text import brief, few, short_exponent
from ..seal.leaks import Leak
from ..seal.seals import Seal
from .comparing.answer import Compared
from .job import Ended

_WHILE = {
    "start": " while starting",
    "load": " while loading the model",
    "input": " while loading the input",
    "predict": " while predicting",
    "predict again": " while predicting a second time",
    "output": " while recording the prediction",
    "compare": " while comparing two predictions",
}

_APART = "two processes in one environment"
_SAID_INSIDE = "the model's own process says so, as no other has its classes or may read pickles"

Status = Literal["reproduces", "runs", "differs", "fails"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeatability:
    """The parts of the recorded prediction that another process in one environment repeats."""

    deterministic: bool = True
    """Whether it repeats all of it."""
    compared: tuple[str, ...] = ()
    """The places that it repeats, if it does not repeat all: ``prediction['score']``."""
    not_compared: tuple[str, ...] = ()
    """The places that it does not repeat."""
    difference: str = ""
    """The first place that it does not repeat, and the difference."""

    @classmethod
    def of(cls, ended: Ended) -> Repeatability:
        """Return the repeatability that a process found when it compared its prediction."""
        if ended.failure is not None:
            return cls(deterministic=False, difference=str(ended.failure))
        if ended.compared is None or ended.compared.parts is None:
            return cls()
        equal, different = ended.compared.parts
        return cls(
            deterministic=False,
            compared=equal,
            not_compared=different,
            difference=ended.compared.difference,
        )

    @property
    def skipped(self) -> tuple[str, ...]:
        """The places to leave out of a comparison; none if nothing would remain to compare."""
        return self.not_compared if self.compared else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of one prediction in an isolated environment."""

    status: Status
    """`runs`: it predicted, and not all could be compared (it is not deterministic)."""
    where: str
    """The environment, in words."""
    reason: str
    """One sentence: how equal the prediction is, or what went wrong."""
    stage: str = ""
    """The stage at which a failing run stopped."""
    missing: tuple[str, ...] = ()
    """Modules that a failing run did not find."""
    detail: str = ""
    """The traceback, or the end of what was printed."""
    not_compared: tuple[str, ...] = ()
    """The places of the prediction that were not compared, if others were."""
    seconds: float = 0.0
    seal: Seal | None = None
    """The seal of the run; None if nothing ran."""
    leaks: tuple[Leak, ...] = ()
    """What the run used outside its seal, or failed for lack of."""
    built: Mapping[str, Any] | None = None
    """The origin of the files of a built environment; None if it was not built."""
    lock: str = ""
    """The name of the lock that was proven; empty if the requirements were."""
    notes: tuple[str, ...] = ()
    """Further remarks, one sentence each."""

    @property
    def place(self) -> str:
        """The environment and its seal: ``a replica, sealed by namespaces``."""
        return self.where if self.seal is None else f"{self.where}, {self.seal}"

    @property
    def good(self) -> bool:
        """Whether the environment is enough: it reproduces, or it runs and nothing differs."""
        return self.status in ("reproduces", "runs")

    @property
    def compares(self) -> bool:
        """Whether the prediction, or a part of it, was compared with the recorded one."""
        return self.status in ("reproduces", "differs") or bool(self.not_compared)

    def __bool__(self) -> bool:
        """Return whether the proof holds, as `good` does: ``assert modelenv.verify(folder)``.

        The prediction has to equal the recorded one. If nothing can be compared (the model is not
        deterministic, or nothing was recorded), it is enough that the model predicts.
        """
        return self.good

    def __str__(self) -> str:
        """Return the verdict in one line."""
        stage = f" ({self.stage})" if self.stage else ""
        return f"{self.status} in {self.place}{stage}: {self.reason}"

    def __repr__(self) -> str:
        """Return the first line of the verdict, shortened."""
        return brief(self)

    def _repr_html_(self) -> str:
        """Return the verdict as HTML for a notebook."""
        from ..base.telling.notebook import as_html

        return as_html("\n".join([str(self), *self.notes]), good=bool(self))

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as JSON-serialisable data."""
        return {"schema": 1, **asdict(self)}


def proof(verdict: Verdict | None) -> dict[str, str]:
    """Return the entry of a proof in MLmodel; without a verdict, that nothing was proven."""
    if verdict is None:
        return {"status": "unproven"}
    said = {"status": verdict.status, "where": verdict.where, "reason": verdict.reason}
    if verdict.seal is None:
        return said
    return {**said, "seal": verdict.seal.kind, "left_open": "; ".join(verdict.seal.left_open)}


def judge(ended: Ended, where: str, repeatability: Repeatability) -> Verdict:
    """Return the verdict on a run that compared its prediction with the recorded one.

    The places that `repeatability` skips were left out of the comparison.
    """
    failure = ended.failure
    if failure is not None:
        when = "" if failure.type else _WHILE.get(failure.stage, "")
        return Verdict(
            status="fails",
            where=where,
            reason="; ".join((without_scratch(f"{failure}{when}"), *ended.remedies)),
            stage=failure.stage,
            missing=failure.missing,
            detail=without_scratch(failure.detail),
            seconds=ended.seconds,
            seal=ended.seal,
            leaks=ended.leaks,
            notes=_left(ended),
        )
    status, reason = _outcome(ended, repeatability)
    return Verdict(
        status=status,
        where=where,
        reason=reason,
        not_compared=repeatability.skipped,
        seconds=ended.seconds,
        seal=ended.seal,
        leaks=ended.leaks,
        notes=_left(ended),
    )


def _left(ended: Ended) -> tuple[str, ...]:
    notes = []
    if not ended.was_supervised:
        notes.append("its starter was killed, so it is unknown which processes it left behind")
    if ended.left:
        still = few(ended.left)
        notes.append(f"processes that it started could not be ended, and still run: {still}")
    return tuple(notes)


def _outcome(ended: Ended, repeatability: Repeatability) -> tuple[Status, str]:
    """Return the status of a run that completed, and the reason for it."""
    if ended.leaks:
        return "fails", "; ".join(ended.remedies)
    if ended.compared is not None:
        return _compared(ended.compared, repeatability)
    if ended.report.last("loaded"):
        return "runs", "it loads; there is no input example to predict on"
    if ended.report.last("unrecorded"):
        return "runs", "it predicts; no prediction was recorded to compare with"
    return "fails", "it did not report its outcome"


def _compared(compared: Compared, repeatability: Repeatability) -> tuple[Status, str]:
    who = f"; {_SAID_INSIDE}" if compared.inside else ""
    if compared.equal == "no":
        if repeatability.deterministic or repeatability.compared:
            return "differs", compared.difference
        nothing = "the model is not deterministic, so nothing was compared"
        return "runs", f"it predicts; {nothing}: {_APART} differ as well"
    close = compared.equal == "closely"
    off = f"(off by {compared.largest:.2g})" if close else ""
    within = f"within {short_exponent(compared.relative)} of"
    if repeatability.skipped:
        same = f"{within} what was recorded {off}" if close else "as recorded"
        equal, left_out = few(repeatability.compared), few(repeatability.not_compared)
        apart = f"not compared: {left_out}, where {_APART} differ as well{who}"
        return "runs", f"{same}: {equal}; {apart}"
    same = f"is {within} the recorded one {off}" if close else "equals the recorded one"
    return "reproduces", f"the prediction {same}{who}"
