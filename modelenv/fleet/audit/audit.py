"""Auditing a fleet: advisories against its pins, the models that share them, newer versions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...audit.pip_audit import PipAuditAnswer, ask_pip_audit, find_pip_audit
from ...audit.standings import ToldPin, told_pins
from ...base import arguments
from ...base.doors import door
from ...base.indexes import AS_CONFIGURED, Indexes
from ...base.settings import Settings
from ...base.text import counted
from ...folder.model_folder import ModelFolder
from ...wheels.advisories.databases import KnownAdvisories, read_databases
from ...wheels.advisories.pinned_versions import (
    KnownVersion,
    VulnerablePin,
    merged,
    unasked,
    undecided,
    vulnerable,
)
from ..fleets import AS_USUAL, FleetOptions, gone_through
from ..places.find import Words
from ..results.report import FleetReport
from ..state.outcome import ModelOutcome
from ..tasks.pins import pinned_by
from ..tasks.reading import ReadingTask
from ..tasks.refused import REFUSALS, in_a_line
from .newer import NewerPins, newer_pins
from .report import FleetAudit, PinGroup

_EXAMPLES = 5


@door
def audit_fleet(
    models: Words,
    *,
    advisories: str | Path | Iterable[str | Path] = (),
    pip_audit: bool = False,
    index: bool = False,
    newer: bool = False,
    indexes: Indexes = AS_CONFIGURED,
    fleet: FleetOptions = AS_USUAL,
) -> FleetAudit:
    """Look up advisories against the versions that many models pin; no model is run.

    `advisories` are files in the format of OSV, folders or zips of them; by default no network is
    used. With `pip_audit` that program is run, which sends all names and versions to a service on
    the network. With `index` the `indexes` are asked for the current status of the pins: yanked
    versions and archived projects. With `newer` each pin set is resolved again with `indexes`.
    `models`, `fleet` and the errors are those of :func:`~modelenv.verify_fleet`; raises
    PipAuditMissingError and PipAuditFailedError too.
    """
    places = arguments.paths("advisories", advisories)
    settings = Settings.from_environment()
    program = find_pip_audit(settings) if pip_audit else None
    report = gone_through(ReadingTask("audit", pinned_by), models, fleet)
    known = _Known.of(report)
    found: list[VulnerablePin] = []
    asked: list[str] = []
    read = KnownAdvisories()
    if places:
        fleet.report("advisories: reading them")
        read = read_databases(places, {pin.name for pin in known.models_of})
        found += vulnerable(known.models_of, read)
        back = f", {read.withdrawn} withdrawn" if read.withdrawn else ""
        noun = "advisory" if read.read == 1 else "advisories"
        asked.append(f"{read.read} {noun}{back}")
    answer = PipAuditAnswer()
    if program is not None:
        fleet.report("pip-audit: asking it, which asks a service on the network")
        answer = ask_pip_audit(program, known.models_of.keys(), settings)
        found += answer.found
        asked.append("pip-audit")
    told, unanswered = known.told(indexes, fleet) if index else (None, ())
    counted_findings = tuple(known.with_models(each) for each in merged(found))
    return FleetAudit(
        report=report,
        vulnerable=counted_findings,
        affected=known.affected({each.pin for each in counted_findings}),
        groups=known.groups(),
        asked=tuple(asked),
        undecided=(
            *map(str, undecided(known.models_of, read)),
            *(unasked(known.models_of, read) if program is None else ()),
            *answer.skipped,
        ),
        unreadable=tuple(read.unreadable),
        told=told,
        unanswered=unanswered,
        newer=known.newer(indexes, fleet) if newer else None,
    )


@dataclass(slots=True)
class _PinSet:
    """One pin set, with the number of its models and examples of them."""

    about: ModelOutcome
    pins: frozenset[KnownVersion]
    models: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    """The pin sets of a fleet, each once for all its models."""

    sets: dict[str, _PinSet] = field(default_factory=dict)
    models_of: dict[KnownVersion, list[_PinSet]] = field(default_factory=dict)
    """The pin sets that contain a version."""

    @classmethod
    def of(cls, report: FleetReport) -> _Known:
        known = cls()
        for outcome in report.outcomes():
            if outcome.is_final:
                known.add(outcome)
        return known

    def add(self, outcome: ModelOutcome) -> None:
        """Count a model."""
        group = self.sets.get(outcome.pins)
        if group is None:
            versions = outcome.result["versions"].items()
            pins = frozenset(KnownVersion(*each) for each in versions if each[1])
            group = self.sets[outcome.pins] = _PinSet(outcome, pins)
            for pin in pins:
                self.models_of.setdefault(pin, []).append(group)
        group.models += 1
        if len(group.examples) < _EXAMPLES:
            group.examples.append(outcome.path)

    def with_models(self, found: VulnerablePin) -> VulnerablePin:
        """Return a finding with the models that have its version."""
        groups = self.models_of[found.pin]
        examples = [each for group in groups for each in group.examples]
        count = sum(group.models for group in groups)
        return replace(found, models=count, examples=tuple(sorted(examples)[:_EXAMPLES]))

    def affected(self, pins: Collection[KnownVersion]) -> int:
        """Return the number of models that have one of some versions."""
        return sum(group.models for group in self.sets.values() if not group.pins.isdisjoint(pins))

    def groups(self) -> tuple[PinGroup, ...]:
        """Return the pin sets, those with the most models first."""
        found = sorted(self.sets.items(), key=lambda each: (-each[1].models, each[0]))
        return tuple(
            PinGroup(
                key=key,
                python=group.about.result["python"],
                models=group.models,
                versions=len(group.pins),
                floating=tuple(group.about.result["floating"]),
                elsewhere=tuple(group.about.result["elsewhere"]),
                whole=bool(group.about.result["whole"]),
                examples=tuple(group.examples),
            )
            for key, group in found
        )

    def told(
        self, indexes: Indexes, fleet: FleetOptions
    ) -> tuple[tuple[ToldPin, ...], tuple[str, ...]]:
        """Return the current remarks of indexes on the pins, and why some could not be asked."""
        fleet.report(f"pins: asking the indexes about {counted(len(self.sets), 'set')}")

        def asked(each: tuple[str, _PinSet]) -> tuple[ToldPin, ...] | str:
            key, group = each
            try:
                return told_pins(ModelFolder.at(group.about.path), group.pins, indexes)
            except REFUSALS as error:
                return f"pin set {key}: its index does not tell: {in_a_line(str(error))}"

        with ThreadPoolExecutor(fleet.run().jobs) as pool:
            answers = tuple(pool.map(asked, sorted(self.sets.items())))
        failed = tuple(each for each in answers if isinstance(each, str))
        said = {one.pin: one for each in answers if not isinstance(each, str) for one in each}
        counts = {pin: sum(each.models for each in self.models_of[pin]) for pin in said}
        return tuple(replace(said[pin], models=counts[pin]) for pin in sorted(said)), failed

    def newer(self, indexes: Indexes, fleet: FleetOptions) -> tuple[NewerPins, ...]:
        """Resolve each pin set as of today."""
        fleet.report(f"pins: resolving {counted(len(self.sets), 'set')}")

        def resolved(each: tuple[str, _PinSet]) -> NewerPins:
            key, group = each
            about = group.about
            return newer_pins(key, Path(about.path), about.result["versions"], indexes)

        with ThreadPoolExecutor(fleet.run().jobs) as pool:
            return tuple(pool.map(resolved, sorted(self.sets.items())))
