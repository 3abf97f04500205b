"""Locking each model: models with equal pins are resolved once, and each gets its own lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...base.errors import ModelenvError
from ...base.indexes import AS_CONFIGURED, Indexes
from ...base.siblings import envfiles, resolver
from ...base.text import counted, few
from ...edit.lock import lock_by
from ...pins.change.locking import LockedPins, LockQuestion
from ..results.causes import alike
from ..state.outcome import ModelOutcome
from ..work.unit import TOGETHER, FleetUnit, Stopped, UnitSizes
from .pinned import pin_key
from .refused import or_refused


@dataclass(frozen=True, slots=True, kw_only=True)
class LockTask:
    """The target of the locks, and the indexes."""

    target: str | None = None
    hashes: bool = False
    upgrade: bool = False
    indexes: Indexes = AS_CONFIGURED

    @property
    def name(self) -> str:
        """The name of its command."""
        return "lock"

    @property
    def writes(self) -> bool:
        """True: locks are written."""
        return True

    @property
    def sizes(self) -> UnitSizes:
        """All models with equal pins are one unit, so that they are resolved once."""
        return TOGETHER

    def said(self) -> Mapping[str, Any]:
        """Return all options."""
        return asdict(self)

    def pins(self, folder: Path) -> str:
        """Return the key of a model's pin set."""
        return pin_key(folder)

    def run(self, unit: FleetUnit, stopped: Stopped) -> Iterator[ModelOutcome]:
        """Yield the result of locking each model of a unit."""
        shared = SharedAnswers()
        for model in unit.models:
            if stopped():
                return
            yield or_refused(model, unit.pins, lambda model: self._locked(model, unit.pins, shared))

    def _locked(self, model: Path, pins: str, shared: SharedAnswers) -> ModelOutcome:
        locking = lock_by(
            shared.answer,
            model,
            target=self.target,
            hashes=self.hashes,
            upgrade=self.upgrade,
            indexes=self.indexes,
        )
        said = {"file": locking.file, "hashes": locking.hashes, "notes": list(locking.notes)}
        about = {
            **said,
            "resolved": locking.resolved,
            "as_of": locking.as_of,
            "missing": list(locking.missing),
        }
        if locking.lock is None:
            return ModelOutcome(
                path=str(model),
                status="not locked",
                good=False,
                cause=alike(locking.missing[0]) if locking.missing else "",
                reason=few(locking.missing, 3),
                pins=pins,
                result=about,
            )
        files = sum(len(each.artifacts) for each in locking.lock.packages)
        packages = counted(len(locking.lock.packages), "distribution")
        return ModelOutcome(
            path=str(model),
            status="locked",
            good=True,
            reason=f"{locking.file}: {packages}, {counted(files, 'file')}",
            pins=pins,
            result=about,
        )


@dataclass(slots=True)
class SharedAnswers:
    """The answers to lock questions, shared by models with equal questions."""

    _known: list[tuple[LockQuestion, LockedPins | Exception]] = field(default_factory=list)

    def answer(self, question: LockQuestion) -> LockedPins:
        """Answer a question, once for all equal ones; raises what the first raised."""
        if question.sources.wheels.is_dir():  # it has bundled files of its own
            return question.answer()
        for known, found in self._known:
            if _same(known, question):
                return _raised(found)
        try:
            answer: LockedPins | Exception = question.answer()
        except (ModelenvError, envfiles.EnvFilesError, resolver.ResolverError, OSError) as error:
            answer = error
        self._known.append((question, answer))
        return _raised(answer)


def _raised(found: LockedPins | Exception) -> LockedPins:
    if isinstance(found, Exception):
        raise found
    return found


def _same(one: LockQuestion, other: LockQuestion) -> bool:
    """Return whether two questions have one answer: the same pins, from the same sources."""
    return (
        one.pins == other.pins
        and one.target == other.target
        and one.sources.options == other.sources.options
        and one.sources.stated == other.sources.stated
        and one.sources.indexes.as_of == other.sources.indexes.as_of
    )
