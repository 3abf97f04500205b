"""Auditing a model: advisories against its pins, and against the contents of their wheels."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..base import arguments
from ..base.doors import door
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.settings import Settings
from ..base.text import few
from ..environments.interpreter import Python
from ..environments.spec import Report, silent
from ..folder.model_folder import ModelFolder
from ..wheels.advisories.databases import KnownAdvisories, read_databases
from ..wheels.advisories.pinned_versions import (
    KnownVersion,
    UndecidedPin,
    VulnerablePin,
    merged,
    unasked,
    undecided,
    vulnerable,
)
from .errors import PIP_AUDIT
from .outcome import Audit
from .parts import WheelParts
from .pins import AuditedPins
from .pip_audit import PipAuditAnswer, ask_pip_audit, find_pip_audit
from .standings import ToldPin, told_pins


@door
def audit_model(
    folder: str | os.PathLike[str],
    *,
    advisories: str | Path | Iterable[str | Path] = (),
    pip_audit: bool | None = None,
    index: bool = False,
    ignore: str | Iterable[str] = (),
    python: str | os.PathLike[str] | None = None,
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
) -> Audit:
    """Look up advisories against a model's pins; nothing of the model is loaded or run.

    `advisories` are files in the format of OSV, folders or zips of them, or reports in JSON of
    pip-audit, ``uv audit`` or ``modelenv audit``; then no network is used.
    Without them, or with `pip_audit`, the program pip-audit is run, which sends names and versions
    to a service on the network, except those of wheels that travel with the model. The contents of
    wheels are checked against `advisories` as well, if a bill of materials in them names these and
    they are installed for the interpreter `python`; None: this one. With `index` the `indexes` are
    asked for the current status of the pins. Findings with one of the ids in `ignore` do not count.
    Raises WrongUseError, InvalidFile, PipAuditMissingError, PipAuditFailedError, and the resolver's
    errors if an index does not answer.

    >>> import modelenv
    >>> audit = modelenv.audit_model("wine_model", advisories="all.zip")  # doctest: +SKIP
    >>> audit.good, audit.vulnerable[0].fixed  # doctest: +SKIP
    (False, ('1.22.0',))
    """
    places = arguments.paths("advisories", advisories)
    ids = arguments.texts("ignore", ignore)
    settings = Settings.from_environment()
    model = ModelFolder.fetched(folder)
    pins = AuditedPins.of(model)
    program = find_pip_audit(settings) if pip_audit or (pip_audit is None and not places) else None
    heard = _Heard(os.fspath(folder), pins, places)
    if places:
        report("advisories: reading them, and what the wheels hold")
        heard.parts = WheelParts.of(pins.places, _interpreter(python).installed())
        heard.advisories = read_databases(places, {each.key for each in heard.versions})
    if program is not None:
        report("pip-audit: asking it, which asks a service on the network")
        heard.answer = ask_pip_audit(program, pins.places.keys() - pins.travelling, settings)
    if index:
        report("asking the index")
        heard.told = told_pins(model, pins.places, indexes)
    return heard.outcome(model.path, ids)


@dataclass(slots=True)
class _Heard:
    """The findings on the versions that a model names, and on the contents of their wheels."""

    folder: str
    """The model's folder as the caller named it."""
    pins: AuditedPins
    places: Sequence[Path]
    parts: WheelParts = field(default_factory=WheelParts)
    advisories: KnownAdvisories = field(default_factory=KnownAdvisories)
    answer: PipAuditAnswer | None = None
    """The answer of pip-audit; None: it was not run."""
    told: tuple[ToldPin, ...] | None = None
    """The remarks of the index on pins; None: it was not asked."""

    @property
    def versions(self) -> set[KnownVersion]:
        """All versions to look up."""
        return {*self.pins.places, *self.parts.within}

    def outcome(self, path: Path, ids: Sequence[str]) -> Audit:
        """Return the result of the audit, with findings of some ids set apart."""
        answer = self.answer or PipAuditAnswer()
        said = merged((*vulnerable(self.versions, self.advisories), *answer.found))
        found = [replace(each, within=self._within(each.pin)) for each in said]
        doubtful = [*undecided(self.versions, self.advisories)]
        doubts = [str(each) for each in doubtful if {*ids}.isdisjoint(each.ids)]
        passed = [each for each in found if not {*ids}.isdisjoint(each.ids)]
        known = [each for each in found if each not in passed]
        own = sorted(map(str, self.pins.travelling - {each.pin for each in found}))
        return Audit(
            path=path,
            pins=len(self.pins.places),
            parts=len(self.parts.within),
            vulnerable=tuple(known),
            ignored=tuple(passed),
            told=self.told,
            asked=tuple(self._iter_asked()),
            ways_out=tuple(_iter_ways(self.folder, known, self.places)),
            undecided=(
                *doubts,
                *(unasked(self.pins.places, self.advisories) if self.answer is None else ()),
                *answer.skipped,
            ),
            unreadable=tuple(self.advisories.unreadable),
            unjudged=(
                *self.pins.unjudged,
                *_iter_unjudged(own, in_wheels=bool(self.places)),
                *self.parts.unjudged,
            ),
            notes=(*_iter_unused(ids, (*found, *doubtful)), *self._iter_uncleared()),
        )

    def _within(self, pin: KnownVersion) -> tuple[str, ...]:
        """Return the locks and wheels with a version; empty if the lists pin it."""
        locks = self.pins.places.get(pin)
        return () if locks == () else (*(locks or ()), *self.parts.within.get(pin, ()))

    def _iter_uncleared(self) -> Iterator[str]:
        if self.answer is None and self.advisories.clears_none:
            yield "a report names only what it found: it may be of other pins than these"

    def _iter_asked(self) -> Iterator[str]:
        if self.places:
            count, withdrawn = self.advisories.read, self.advisories.withdrawn
            noun = "advisory" if count == 1 else "advisories"
            yield f"{count} {noun}" + (f", {withdrawn} withdrawn" if withdrawn else "")
        if self.answer is not None:
            yield PIP_AUDIT


def _interpreter(python: str | os.PathLike[str] | None) -> Python:
    return Python.current() if python is None else Python.at(arguments.path("python", python))


def _iter_ways(
    folder: str, found: Sequence[VulnerablePin], places: Sequence[Path]
) -> Iterator[str]:
    """Yield the commands that fix the findings."""
    model = ["modelenv", "upgrade", "-m", folder]
    pins = [each.pin.name for each in found if not each.within]
    if pins and places:
        options = [word for place in places for word in ("--advisories", str(place))]
        yield shlex.join([*model, "--security", *options])
    holders = {each.partition("==")[0] for one in found for each in one.within if "==" in each}
    named = {*holders} if places else {*holders, *pins}
    if named:
        yield shlex.join([*model, *sorted(named)])


def _iter_unjudged(own: Sequence[str], *, in_wheels: bool) -> Iterator[str]:
    """Yield sentences on pins that no advisory covers, and on wheels that were not checked."""
    if own:
        travel = "a wheel of it travels" if len(own) == 1 else "wheels of them travel"
        yield f"{few(own)}: {travel} with the model, and advisories are about files of an index"
    if not in_wheels:
        yield f"what is in the wheels: {PIP_AUDIT} knows of pins alone, files of OSV's of more"


def _iter_unused(
    ids: Sequence[str], found: Sequence[VulnerablePin | UndecidedPin]
) -> Iterator[str]:
    known = {name for each in found for name in each.ids}
    yield from (
        f"{each} is to be ignored, and nothing has that id" for each in ids if each not in known
    )
