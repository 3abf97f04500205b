"""The two ways to upgrade: to the newest of all, or only away from advisories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from ...base.siblings import resolver
from ...environments.spec import Report
from ...folder.model_folder import ModelFolder
from ...pins.package_sources import PackageSources
from ..culprits.facts import ReleaseFacts
from ..newest.aim import Aim
from ..newest.blame import Blaming
from ..newest.limits import SetLimits
from ..newest.outcome import Stop, Upgrade
from ..newest.search import NewestSearch
from ..newest.sets import NewestSets
from ..trials.pins import TrialPins
from ..trials.trials import Trials
from ..trials.tried import Tried
from .advised import AdvisedPins, Mending
from .search import MendingSearch


@dataclass(frozen=True, slots=True)
class WayTaken:
    """The result of a way: the best set that was reached, and what stopped it."""

    best: Tried | None
    """The trial of the best set; None: no set is good."""
    resolution: resolver.Resolution | None = None
    """The resolution of its pins, with their dependencies."""
    stops: tuple[Stop, ...] = ()
    notes: tuple[str, ...] = ()


class Way(Protocol):
    """A way to upgrade a model."""

    @property
    def is_open(self) -> bool:
        """Return whether there is anything to try."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the reader before anything is tried."""

    def taken(self, trials: Trials) -> WayTaken:
        """Upgrade as far as possible. Raises the errors of trials and of the resolver."""


@dataclass(frozen=True)
class NewestWay:
    """The way to the newest of all, or of the requested names."""

    model: ModelFolder
    before: TrialPins
    sources: PackageSources
    pythons: Sequence[str]
    asked: tuple[str, ...]
    most: int
    report: Report

    @cached_property
    def aim(self) -> Aim:
        """The aim of the upgrade. Raises WrongUseError."""
        return Aim.of(self.model, self.before, self.asked)

    @cached_property
    def sets(self) -> NewestSets:
        """The candidate sets."""
        return _sets(self.aim, self.sources, self.pythons)

    @property
    def is_open(self) -> bool:
        """Return whether there is a newer set. Raises ConflictError if there is none at all."""
        newest = self.sets.within(SetLimits())
        if newest is None and self.sets.conflict is not None:
            raise self.sets.conflict
        return newest is None or bool(newest.changes_from(self.before))

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes: that no newer set exists, and the limits that hold names back."""
        held = () if self.is_open else ("it has the newest versions already",)
        return (*held, *self.aim.notes)

    def taken(self, trials: Trials) -> WayTaken:
        """Go back from the newest set to one with the same prediction."""
        blaming = Blaming.of(self.model, self.before)
        search = NewestSearch(self.before, self.sets, trials, blaming, self.most, self.report)
        found = search.run()
        best = found.tried if found.good else None
        resolution = None if best is None else self.sets.edges[best.pins]
        return WayTaken(best, resolution, search.stopped(found), self.notes)


@dataclass(frozen=True)
class MendingWay:
    """The way away from advisories alone."""

    model: ModelFolder
    before: TrialPins
    sources: PackageSources
    pythons: Sequence[str]
    places: tuple[Path, ...]
    most: int
    report: Report

    @cached_property
    def advised(self) -> AdvisedPins:
        """The set before, with its advisories. Raises WrongUseError."""
        return AdvisedPins.read(self.before, self.places)

    @cached_property
    def mendings(self) -> dict[str, Mending | None]:
        """The mending release for each name that advisories concern; None: there is none."""
        facts, python = ReleaseFacts(self.sources), self.pythons[0]
        names = dict.fromkeys(each.pin.name for each in self.advised.found)
        return {name: self.advised.mending(name, facts.final(name, python)) for name in names}

    @property
    def is_open(self) -> bool:
        """Return whether any advisory can be mended."""
        return any(self.mendings.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes: names that no release mends, and questions that stay open."""
        nothing = () if self.advised.found else ("nothing is known against its pins",)
        unmended = (f"no release mends {name}" for name, each in self.mendings.items() if not each)
        return (*nothing, *unmended, *self.advised.undecided)

    def taken(self, trials: Trials) -> WayTaken:
        """Apply the fixes that keep the prediction."""

        def sets_for(lines: tuple[str, ...]) -> NewestSets:
            return _sets(Aim.of(self.model, self.before, lines), self.sources, self.pythons)

        search = MendingSearch(sets_for, trials, self.most, self.report)
        best = search.run([each for each in self.mendings.values() if each is not None])
        refused = (f"{name} stays: {said}" for name, said in search.refused.items())
        notes = (*self.notes, *refused)
        if best is None or search.sets is None:
            return WayTaken(None, notes=notes)
        return WayTaken(best, search.sets.edges[best.pins], notes=notes)


def told_of(
    old: Path,
    place: Path,
    before: TrialPins,
    found: WayTaken,
    tried: tuple[Tried, ...],
    relative: float,
    places: tuple[Path, ...],
) -> Upgrade:
    """Return the outcome of a way, with the advisories of both sets."""
    after = before if found.best is None else found.best.pins
    known, left = (AdvisedPins.read(each, places).found for each in (before, after))
    return Upgrade(
        old=old,
        path=place,
        before=before,
        after=after,
        best=found.best,
        tried=tried,
        relative=relative,
        stops=found.stops,
        vulnerable=known,
        left=left,
        notes=found.notes,
    )


def _sets(aim: Aim, sources: PackageSources, pythons: Sequence[str]) -> NewestSets:
    return NewestSets(aim.roots, aim.constraints, sources, pythons, aim.preferred, sources.report)
