"""The contents of a model's page, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..base.siblings import envfiles
from ..base.text import brief, counted, in_bytes
from ..run.inspect import Inspection
from .distributions import DistributionRow
from .import_tree import ImportTree
from .needs import NeedsGraph
from .touched import TouchedThing


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """A distribution that was imported but is not needed."""

    name: str
    asked_by: str
    """The first place that tried to import it: ``sklearn/utils/fixes.py:19``."""
    size: int | None
    """Its size in bytes, if it is installed here."""


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file of the folder."""

    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReport:
    """A model's needs with their reasons, its proof, and how it differs from this environment."""

    path: Path
    inspection: Inspection
    needs: NeedsGraph
    distributions: tuple[DistributionRow, ...]
    left_out: tuple[LeftOutRow, ...]
    imports: ImportTree
    touched: tuple[TouchedThing, ...]
    files: tuple[FolderFile, ...]
    difference: envfiles.Difference | None
    """How this interpreter differs from the pins; None if the environment cannot be read."""
    unknown: tuple[str, ...]
    """Open questions and blind spots of the trace, one sentence each."""

    @property
    def installed_bytes(self) -> int:
        """The total size, in bytes, of the distributions installed here at their pinned version."""
        return sum(each.size or 0 for each in self.distributions)

    def __str__(self) -> str:
        """Return a summary of a few lines: counts and sizes."""
        count = counted(len(self.distributions), "distribution")
        size = in_bytes(self.installed_bytes)
        lines = [f"{self.path}: {count}, {size} of them here, {len(self.left_out)} left out"]
        if self.imports.modules:
            modules = counted(len(self.imports.modules), "module")
            lines.append(f"imports: {self.imports.seconds:.1f} s, {modules}")
        if (behind := sum(bool(each.steps) for each in self.distributions)) > 0:
            lines.append(f"behind the newest version: {counted(behind, 'distribution')}")
        return "\n".join((*lines, *self.unknown))

    def __repr__(self) -> str:
        """Return the first line of the summary, shortened."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON-serialisable data."""
        return {
            "schema": 1,
            "path": str(self.path),
            "inspection": self.inspection.to_json(),
            "needs": self.needs.to_json(),
            "distributions": [each.to_json() for each in self.distributions],
            "left_out": [asdict(each) for each in self.left_out],
            "imports": self.imports.to_json(),
            "touched": [each.to_json() for each in self.touched],
            "files": [asdict(each) for each in self.files],
            "difference": None if self.difference is None else self.difference.to_json(),
            "unknown": list(self.unknown),
        }


def left_out_rows(left_out: Mapping[str, str], sizes: Mapping[str, int]) -> tuple[LeftOutRow, ...]:
    """Return the distributions left out, by name; `sizes` maps those installed here to bytes."""
    return tuple(LeftOutRow(name, by, sizes.get(name)) for name, by in sorted(left_out.items()))
