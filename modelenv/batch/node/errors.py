"""Errors of batches."""

from __future__ import annotations

from dataclasses import dataclass

from ...base.errors import ModelenvError


@dataclass(eq=False)
class BatchFailedError(ModelenvError):
    """The model, or the conversion of a batch or its prediction, raised an exception."""

    stage: str
    """The stage that failed: input, predict or output."""
    type: str
    """The class of the exception."""
    message: str
    traceback: str = ""

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.type, self.message)))


@dataclass(eq=False)
class WorkerEndedError(ModelenvError):
    """The model's process ended before it answered."""

    how: str
    """The end of the process, as ``was killed by SIGKILL``."""
    printed: str = ""
    """The end of its printed output."""
    late: bool = False
    """Whether it was ended because it took too long."""

    def __str__(self) -> str:
        text = f"the model's process {self.how}"
        return f"{text}\n\n{self.printed.rstrip()}" if self.printed.strip() else text


@dataclass(eq=False)
class BatchError(ModelenvError):
    """A batch has no prediction."""

    number: int | None
    """The number of the batch, from 0; None if batches are not counted."""
    cause: BatchFailedError | WorkerEndedError | None
    """The model's exception, or the end of its process; None if the batch is no valid input."""
    reason: str
    row: int | None = None
    """The row of the batch, from 0; None if unknown, or if it is no particular row."""
    before: int | None = None
    """The number of rows in the batches before it; None if they are not counted."""
    others: bool = False
    """Whether another of its rows, tried alone, failed with the same exception."""
    last: bool = False
    """Whether no other process is started, as too many ended in a row."""
    named: str = ""
    """A name for that row from the kept columns: ``id 4321``; empty if there is none."""

    @property
    def row_of_all(self) -> int | None:
        """The row counted over all batches, from 0; None if unknown."""
        return None if self.row is None or self.before is None else self.before + self.row

    def __str__(self) -> str:
        batch = "the batch" if self.number is None else f"batch {self.number}"
        where = batch
        if self.row is not None:
            place = self.row_of_all
            of_all = f" (row {place} of all)" if place is not None and place != self.row else ""
            where = f"row {self.row} of {batch}{of_all}"
            where += ", and not that row alone" if self.others else ""
        text = ": ".join(filter(None, (self.named, where, self.reason)))
        detail = self.cause.traceback if isinstance(self.cause, BatchFailedError) else ""
        return f"{text}\n\n{detail.rstrip()}" if detail else text
