"""Everything that a page says of a model folder, as values."""

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
    """A distribution that was imported and is not needed."""

    name: str
    asked_by: str
    """The place that probed for it first: ``sklearn/utils/fixes.py:19``."""
    size: int | None
    """Bytes of it where it is installed here."""


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file of the folder."""

    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReport:
    """The needs of a model with reasons, its proof, and its differences from this environment."""

    path: Path
    inspection: Inspection
    needs: NeedsGraph
    distributions: tuple[DistributionRow, ...]
    left_out: tuple[LeftOutRow, ...]
    imports: ImportTree
    touched: tuple[TouchedThing, ...]
    files: tuple[FolderFile, ...]
    difference: envfiles.Difference | None
    """In what this interpreter differs; None where the environment cannot be read."""
    unknown: tuple[str, ...]
    """Questions that stay open, and blind spots of the trace, a sentence each."""

    @property
    def installed_bytes(self) -> int:
        """Bytes of the distributions that are installed here as they are pinned."""
        return sum(each.size or 0 for each in self.distributions)

    def __str__(self) -> str:
        """Return it as a few lines: how much there is of what."""
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
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
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
    """Return what was left out, by name; `sizes` are bytes of what is installed here."""
    return tuple(LeftOutRow(name, by, sizes.get(name)) for name, by in sorted(left_out.items()))
