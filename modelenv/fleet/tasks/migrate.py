"""Moving each model from one conda channel to another, or reporting what would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...base.text import few
from ...edit.migrate_channels import Migrated, iter_migrated
from ..results.causes import alike
from ..state.outcome import ModelOutcome
from ..work.unit import FleetUnit, Stopped, UnitSizes
from .pinned import UNKNOWN
from .refused import or_refused

_NOTHING = "no conda file"


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateTask:
    """The old channel and the new one."""

    old: str = "defaults"
    new: str = "conda-forge"
    write: bool = False
    """Whether the files are changed; else changes are only reported."""

    @property
    def name(self) -> str:
        """The name of its command."""
        return "migrate"

    @property
    def writes(self) -> bool:
        """Whether files are changed."""
        return self.write

    @property
    def sizes(self) -> UnitSizes:
        """Units have the default sizes."""
        return UnitSizes()

    def said(self) -> Mapping[str, Any]:
        """Return all options."""
        return asdict(self)

    def pins(self, folder: Path) -> str:  # noqa: ARG002  # nothing is shared
        """Return the same key for all models."""
        return UNKNOWN

    def run(self, unit: FleetUnit, stopped: Stopped) -> Iterator[ModelOutcome]:
        """Yield the result for each model's conda file."""
        for model in unit.models:
            if stopped():
                return
            yield or_refused(model, UNKNOWN, self._migrated)

    def _migrated(self, model: Path) -> ModelOutcome:
        found = tuple(iter_migrated(model, old=self.old, new=self.new, dry_run=not self.write))
        grave = next((each for each in found if each.status == "faulty"), None)
        first = grave or next((each for each in found if each.status != "unchanged"), None)
        told = first or next(iter(found), None)
        if told is None:
            return ModelOutcome(path=str(model), status=_NOTHING, good=True)
        return ModelOutcome(
            path=str(model),
            status=told.status,
            good=grave is None,
            cause=alike(told.reason.replace(f"{model}/", "")),
            reason=told.reason or _what(told),
            result={"files": [each.to_json() for each in found]},
        )


def _what(told: Migrated) -> str:
    """Return the spellings of the channel that were found."""
    return few(told.found) if told.status != "unchanged" else few(told.notes)
