"""The result of an audit of a fleet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...audit.standings import ToldPin
from ...base.text import brief, counted, few
from ...wheels.advisories.pinned_versions import KnownVersion, VulnerablePin
from ..results.report import FleetReport
from ..state.outcome import ModelOutcome
from .newer import NewerPins

_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PinGroup:
    """Models with the same pins."""

    key: str
    python: str
    models: int
    versions: int
    """The number of pinned distributions."""
    floating: tuple[str, ...]
    """The names with open versions, which cannot be checked."""
    elsewhere: tuple[str, ...]
    """Packages of conda and lines without a name, which are not checked."""
    whole: bool
    """Whether it is a complete closure; else the dependencies of its pins are unknown."""
    examples: tuple[str, ...]

    def __str__(self) -> str:
        """Return it in one line."""
        floating = f", {len(self.floating)} floating" if self.floating else ""
        pinned = f"Python {self.python}, {counted(self.versions, 'version')}{floating}"
        return f"pin set {self.key}: {pinned}: {counted(self.models, 'model')}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "key": self.key,
            "python": self.python,
            "models": self.models,
            "versions": self.versions,
            "floating": list(self.floating),
            "elsewhere": list(self.elsewhere),
            "whole": self.whole,
            "examples": list(self.examples),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetAudit:
    """The findings on the versions that a fleet pins."""

    report: FleetReport
    """The report on reading the pins of each model."""
    vulnerable: tuple[VulnerablePin, ...]
    """Each pinned version with an advisory, the most severe first."""
    affected: int
    """The number of models with such a version."""
    groups: tuple[PinGroup, ...]
    """The pin sets, those with the most models first."""
    asked: tuple[str, ...]
    """The sources that were asked, in words; empty: none, so there can be no findings."""
    undecided: tuple[str, ...] = ()
    """Sentences on advisories that cannot be compared with a pinned version."""
    unreadable: tuple[str, ...] = ()
    """Advisories that could not be read."""
    told: tuple[ToldPin, ...] | None = None
    """The current remarks of indexes on pins; None: they were not asked."""
    unanswered: tuple[str, ...] = ()
    """Sentences on pin sets for which no index could be asked."""
    newer: tuple[NewerPins, ...] | None = None
    """The pin sets as they would be chosen today; None: not requested."""

    @property
    def good(self) -> bool:
        """Whether there are no findings, and every model could be read."""
        said = (self.vulnerable, self.undecided, self.unreadable, self.unanswered)
        harmful = any(each.is_harmful for each in self.told or ())
        return self.report.good and not (any(said) or harmful)

    def __bool__(self) -> bool:
        """Return whether all is good: ``assert modelenv.audit_fleet(...)``."""
        return self.good

    def outcomes(self) -> Iterator[ModelOutcome]:
        """Yield the outcome of each model, in the order of their folders, read one at a time."""
        by_pin: dict[KnownVersion, list[VulnerablePin]] = {}
        for each in self.vulnerable:
            by_pin.setdefault(each.pin, []).append(each)
        for outcome in self.report.outcomes():
            yield self._judged(outcome, by_pin)

    def _judged(
        self, outcome: ModelOutcome, by_pin: Mapping[KnownVersion, list[VulnerablePin]]
    ) -> ModelOutcome:
        versions = outcome.result.get("versions") if outcome.is_final else None
        if not isinstance(versions, Mapping):
            return outcome
        found = [
            each
            for name, version in versions.items()
            for each in by_pin.get(KnownVersion(name, version), ())
        ]
        if not found:
            return replace(outcome, status="nothing known" if self.asked else outcome.status)
        found.sort(key=lambda each: (-each.gravity, each.pin))
        return replace(
            outcome,
            status="affected",
            good=False,
            cause=f"{found[0].pin}: {found[0].ids[0]}",
            reason=few([f"{each.pin}: {each.ids[0]}" for each in found]),
            result={
                **outcome.result,
                "vulnerable": [f"{each.pin} {each.ids[0]}" for each in found],
            },
        )

    def __str__(self) -> str:
        """Return a summary: the findings, and how many models they affect."""
        return "\n".join(
            [self._head, *self._iter_vulnerable(), *self._iter_groups(), *self._iter_rest()]
        )

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    @property
    def _head(self) -> str:
        fleet = f"{counted(self.report.total, 'model')} with {counted(len(self.groups), 'pin set')}"
        if not self.asked:
            return f"{fleet}; no advisories were named, so nothing is known against any"
        versions = counted(len({each.pin for each in self.vulnerable}), "version")
        known = f"{self.affected} affected, by {versions}" if self.vulnerable else "nothing known"
        return f"{fleet}: {known} ({', '.join(self.asked)})"

    def _iter_vulnerable(self) -> Iterator[str]:
        for each in self.vulnerable[:_MOST_SHOWN]:
            yield f"  {each}"
            more = each.models - len(each.examples)
            models = ", ".join(each.examples) + (f" and {more} more" if more else "")
            yield f"    {counted(each.models, 'model')}: {models}"
        if len(self.vulnerable) > _MOST_SHOWN:
            yield f"  {len(self.vulnerable) - _MOST_SHOWN} more (--json names them)"

    def _iter_groups(self) -> Iterator[str]:
        yield from map(str, self.groups[:_MOST_SHOWN])
        if len(self.groups) > _MOST_SHOWN:
            more = counted(len(self.groups) - _MOST_SHOWN, "further pin set")
            yield f"{more} (--json names them)"
        yield from self.unsaid
        yield from (f"index: {each}" for each in (self.told or ())[:_MOST_SHOWN])
        if len(self.told or ()) > _MOST_SHOWN:
            yield f"index: {len(self.told or ()) - _MOST_SHOWN} more (--json names them)"
        yield from map(str, self.newer or ())

    @property
    def unsaid(self) -> Iterator[str]:
        """Sentences on models of whose environment a part cannot be judged."""
        floating = sum(each.models for each in self.groups if each.floating)
        if floating:
            leave = "leaves" if floating == 1 else "leave"
            named = few(sorted({name for each in self.groups for name in each.floating}))
            yield (
                f"{counted(floating, 'model')} {leave} versions open, so advisories on them are"
                f" unknown: {named}; `modelenv fleet lock` pins them"
            )
        partly = sum(each.models for each in self.groups if not each.whole)
        if partly:
            pin = "pins" if partly == 1 else "pin"
            yield (
                f"{counted(partly, 'model')} {pin} no whole environment: of what the pins require"
                " besides nothing is said; `modelenv fleet lock` pins it"
            )
        elsewhere = sum(each.models for each in self.groups if each.elsewhere)
        if elsewhere:
            have = "has" if elsewhere == 1 else "have"
            what = "what conda installs, or lines without a name and version"
            yield f"{counted(elsewhere, 'model')} {have} {what}: nothing is said of those"

    def _iter_rest(self) -> Iterator[str]:
        for what, said in (
            ("undecided", self.undecided),
            ("unreadable", self.unreadable),
            ("unanswered", self.unanswered),
        ):
            yield from (f"{what}: {each}" for each in said[:_MOST_SHOWN])
            if len(said) > _MOST_SHOWN:
                yield f"{what}: {len(said) - _MOST_SHOWN} more (--json names them)"
        for cause in self.report.causes:
            yield f"{cause} ({', '.join(cause.examples)})"
        yield from (f"not a model: {each}" for each in self.report.skipped[:_MOST_SHOWN])

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, without the models themselves, which `outcomes` yields."""
        return {
            **self.report.to_json(),
            "good": self.good,
            "asked": list(self.asked),
            "affected": self.affected,
            "vulnerable": [each.to_json() for each in self.vulnerable],
            "pin_groups": [each.to_json() for each in self.groups],
            "undecided": list(self.undecided),
            "unreadable": list(self.unreadable),
            "index": None if self.told is None else [each.to_json() for each in self.told],
            "unanswered": list(self.unanswered),
            "newer": None if self.newer is None else [each.to_json() for each in self.newer],
        }
