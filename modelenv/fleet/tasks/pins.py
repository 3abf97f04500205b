"""Read what each model pins: what an audit is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.siblings import envfiles
from ...folder.documents.names import LOCK
from ...folder.model_folder import ModelFolder
from ...pins.pin_set import PinSet
from ..state.outcome import ModelOutcome
from ..work.unit import FleetUnit, Stopped, UnitSizes
from .pinned import UNKNOWN, key_of
from .refused import or_refused


@dataclass(frozen=True, slots=True)
class PinsTask:
    """Nothing of a model is loaded or run, and nothing is resolved."""

    @property
    def name(self) -> str:
        """The word of its command."""
        return "audit"

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

    def pins(self, folder: Path) -> str:  # noqa: ARG002  # it is what is to be found out
        """Return the same for all."""
        return UNKNOWN

    def run(self, unit: FleetUnit, stopped: Stopped) -> Iterator[ModelOutcome]:
        """Yield what each model pins."""
        for model in unit.models:
            if stopped():
                return
            yield or_refused(model, UNKNOWN, _read)


def _read(model: Path) -> ModelOutcome:
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
    """Return the versions in a model's lock; nothing where none is there."""
    if not (model / LOCK).is_file():
        return {}
    lock = envfiles.read_folder(model).lock
    return {} if lock is None else {each.name: each.version for each in lock.packages}


def _elsewhere(pins: PinSet) -> list[str]:
    """Return what is installed without a line of pip's that names its version."""
    return [*pins.spec.conda_dependencies, *pins.spec.unnamed]
