"""Inspecting each model: the content of its folder, and whether it is complete."""

from __future__ import annotations

from pathlib import Path

from ...base.text import few
from ...run.inspect import Inspection, inspect_model
from ..results.causes import alike
from ..state.outcome import ModelOutcome
from .pinned import UNKNOWN, key_of


def inspected(model: Path) -> ModelOutcome:
    """Return the outcome of reading a model's folder."""
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
    """Return a line with its flavors, its Python, and the proof of its pins."""
    proof = found.mlmodel.proof["status"] if found.mlmodel is not None else ""
    floating = f", {len(found.floating)} floating" if found.floating else ""
    parts = (", ".join(found.flavors), f"Python {found.python}{floating}" if found.python else "")
    return "; ".join(filter(None, (*parts, proof)))
