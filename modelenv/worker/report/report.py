"""The report of a worker."""

from __future__ import annotations

from dataclasses import dataclass

from .events import FINAL, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFailure:
    """The failure that ended a run early: a reported exception, or the worker's death."""

    stage: str
    type: str = ""
    """The exception's type; empty if the worker died without a report."""
    message: str = ""
    missing: tuple[str, ...] = ()
    """Names of modules that were not found, the outermost error's first."""
    detail: str = ""
    """The traceback, or the end of what was printed."""
    example: int | None = None
    """The number of the example it was predicting on, from 0; None if there was only one."""

    def __str__(self) -> str:
        """Return the exception's last line."""
        return ": ".join(filter(None, (self.type, self.message)))


@dataclass(frozen=True, slots=True)
class Report:
    """The valid events that a worker has reported."""

    events: tuple[Event, ...] = ()
    nonsense: str = ""
    """The fault of the first invalid event; nothing after it was read."""

    def last(self, event: str) -> Event | None:
        """Return the last event of a kind, or None."""
        return next((e for e in reversed(self.events) if e["event"] == event), None)

    @property
    def stage(self) -> str:
        """The stage of the worker at its last report."""
        last = self.last("stage")
        return str(last["name"]) if last else "start"

    @property
    def failure(self) -> WorkerFailure | None:
        """The exception that ended the run, or the report's fault; None if there is neither."""
        if self.nonsense:
            message = f"it reported nonsense: {self.nonsense}"
            return WorkerFailure(stage=self.stage, message=message)
        error = self.last("error")
        if error is None:
            return None
        return WorkerFailure(
            stage=error["stage"],
            type=error["type"],
            message=error["message"],
            missing=tuple(error["missing"]),
            detail=error["traceback"],
            example=error.get("example"),
        )

    @property
    def done(self) -> bool:
        """Whether the run completed."""
        return not self.nonsense and self.last("done") is not None

    @property
    def is_final(self) -> bool:
        """Whether no further event can change the outcome."""
        return bool(self.nonsense) or any(self.last(kind) is not None for kind in FINAL)
