"""What commands show that is a value of no other room: lists, and a report with its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ....base.siblings import envfiles, tracer
    from ....report.model_report import ModelReport


@dataclass(frozen=True, slots=True)
class ListedPins:
    """Requirements with why each is there, and lines that name none."""

    entries: tuple[envfiles.Entry, ...]
    unnamed: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The requirements alone."""
        return (*(entry.requirement for entry in self.entries), *self.unnamed)

    def __str__(self) -> str:
        """Return a line for each."""
        width = max((len(entry.requirement) for entry in self.entries), default=0)
        lines = (f"{entry.requirement:<{width}}  {entry.comment}" for entry in self.entries)
        return "\n".join((*map(str.rstrip, lines), *self.unnamed))


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report on a model, and the page that was written of it."""

    report: ModelReport
    file: Path
    size: str
    """Of the page, with its unit."""

    def __str__(self) -> str:
        """Return the report's own lines, then the file."""
        return f"{self.report}\n{self.file}: {self.size}"


@dataclass(frozen=True, slots=True)
class KeptEnvironments:
    """Environments that were built and kept, or that were removed."""

    lines: tuple[str, ...]
    """A line for each, as a pipe gets it."""
    total: str
    """How many there are, and their size."""


@dataclass(frozen=True, slots=True)
class ExplainedErrors:
    """Errors by their code: the name of the class, and what its section says."""

    sections: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ShownTrace:
    """A trace that is shown as a tree, or as a table of packages."""

    trace: tracer.Trace
    is_tree: bool

    def __str__(self) -> str:
        """Return it as a pipe gets it."""
        return self.trace.tree() if self.is_tree else self.trace.table()
