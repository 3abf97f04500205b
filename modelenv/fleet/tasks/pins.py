"""Reading the pins of each model for an audit."""

from __future__ import annotations

from pathlib import Path

from ...base.siblings import envfiles
from ...folder.documents.names import LOCK
from ...folder.model_folder import ModelFolder
from ...pins.pin_set import PinSet
from ..state.outcome import ModelOutcome
from .pinned import key_of


def pinned_by(model: Path) -> ModelOutcome:
    """Return the pins of a model, from its lists and its lock."""
    pins = ModelFolder.at(model).pins
    locked = _locked(model)
    versions = {entry.name: entry.version or "" for entry in pins.applicable()}
    known = {**locked, **{name: version for name, version in versions.items() if version}}
    floating = sorted(name for name in versions if name not in known)
    return ModelOutcome(
        path=str(model),
        status="floating" if floating else "pinned",
        good=True,
        pins=f"{key_of(pins.spec, closed=pins.closed)}{'+' if locked else ''}",
        result={
            "python": pins.spec.python,
            "whole": pins.closed or bool(locked),
            "versions": known,
            "floating": floating,
            "elsewhere": _elsewhere(pins),
        },
    )


def _locked(model: Path) -> dict[str, str]:
    """Return the versions in a model's lock; empty if there is none."""
    if not (model / LOCK).is_file():
        return {}
    lock = envfiles.read_folder(model).lock
    if lock is None:
        return {}
    own = lock.own_environment
    packages = lock.locked_for(own) if own else lock.packages
    return {each.name: each.version for each in packages}


def _elsewhere(pins: PinSet) -> list[str]:
    """Return what is installed without a line for pip that pins its version."""
    return [*pins.spec.conda_dependencies, *pins.spec.unnamed]
