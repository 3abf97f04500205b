"""Inspect each model: what its folder says, and whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.text import few
from ...run.inspect import Inspection, inspect_model
from ..results.causes import alike
from ..state.outcome import ModelOutcome
from ..work.unit import FleetUnit, Stopped, UnitSizes
from .pinned import UNKNOWN, key_of
from .refused import or_refused


@dataclass(frozen=True, slots=True)
class InspectTask:
    """Nothing of a model is loaded or run."""

    @property
    def name(self) -> str:
        """The word of its command."""
        return "inspect"

    @property
    def writes(self) -> bool:
        """Nothing is changed."""
        return False

    @property
    def sizes(self) -> UnitSizes:
        """Nothing is shared."""
        return UnitSizes()

    def said(self) -> Mapping[str, Any]:
        """Return nothing: there is nothing to ask for."""
        return {}

    def pins(self, folder: Path) -> str:  # noqa: ARG002  # nothing is shared
        """Return the same for all."""
        return UNKNOWN

    def run(self, unit: FleetUnit, stopped: Stopped) -> Iterator[ModelOutcome]:
        """Yield what each folder says."""
        for model in unit.models:
            if stopped():
                return
            yield or_refused(model, UNKNOWN, _inspected)


def _inspected(model: Path) -> ModelOutcome:
    found = inspect_model(model)
    lacking = (*found.missing, *found.unreadable)
    said = found.to_json()
    foreign = found.mlmodel is None
    return ModelOutcome(
        path=str(model),
        status="incomplete" if lacking else "not for Python" if foreign else "whole",
        good=not lacking,
        cause=alike(lacking[0].replace(f"{model}/", "")) if lacking else "",
        reason=few(lacking, 3) if lacking else _in_short(found),
        pins=key_of(found.environment, closed=found.closed) if found.environment else UNKNOWN,
        result={**said, "pickles": len(said["pickles"]), "globals": said["globals"][:50]},
    )


def _in_short(found: Inspection) -> str:
    """Say in a line what it is: its flavors, its Python, how its pins were proven."""
    proof = found.mlmodel.proof["status"] if found.mlmodel is not None else ""
    floating = f", {len(found.floating)} floating" if found.floating else ""
    parts = (", ".join(found.flavors), f"Python {found.python}{floating}" if found.python else "")
    return "; ".join(filter(None, (*parts, proof)))
