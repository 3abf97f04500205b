"""What can go wrong with a batch."""

from __future__ import annotations

from dataclasses import dataclass

from ...base.errors import ModelenvError


@dataclass(eq=False)
class BatchFailedError(ModelenvError):
    """The model, or what brings a batch to it and back, raised an exception."""

    stage: str
    """What was being done: input, predict or output."""
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
    """How it ended: ``was killed by SIGKILL``."""
    printed: str = ""
    """The end of what it printed."""
    late: bool = False
    """Whether it was ended, as it took too long."""

    def __str__(self) -> str:
        text = f"the model's process {self.how}"
        return f"{text}\n\n{self.printed.rstrip()}" if self.printed.strip() else text


@dataclass(eq=False)
class BatchError(ModelenvError):
    """A batch has no prediction."""

    number: int | None
    """Which batch it was, from 0; None: nobody counts."""
    cause: BatchFailedError | WorkerEndedError | None
    """What the model raised, or how its process ended; None: the batch is no input of it."""
    reason: str
    row: int | None = None
    """Which row of the batch it was, from 0; None: it is not known, or no row in particular."""
    before: int | None = None
    """How many rows the batches before it have; None: nobody counts."""
    others: bool = False
    """Whether another row of it, which was tried alone, failed of the same."""
    last: bool = False
    """Whether so many processes ended in a row that no other is started."""
    named: str = ""
    """What that row is called by the columns that are kept beside its prediction: ``id 4321``."""

    @property
    def row_of_all(self) -> int | None:
        """Which row of all batches it was, from 0; None: it is not known."""
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
