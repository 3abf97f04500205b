"""Pinned versions, and what is known against them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ...base.text import few
from .advisory import Advisory
from .databases import KnownAdvisories
from .ecosystems import PYPI, key_of, read_version
from .severity import WORDS


@dataclass(frozen=True, slots=True, order=True)
class KnownVersion:
    """A distribution at a version, or a package of another ecosystem that a wheel holds."""

    name: str
    """Of a distribution normalised (PEP 503)."""
    version: str
    ecosystem: str = PYPI

    def __str__(self) -> str:
        """Return it as a requirement: ``numpy==1.26.4``; of others with their ecosystem."""
        if self.ecosystem == PYPI:
            return f"{self.name}=={self.version}"
        return f"{self.name} {self.version} ({self.ecosystem})"

    @property
    def key(self) -> str:
        """The lookup key."""
        return key_of(self.ecosystem, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class VulnerablePin:
    """A pinned version that an advisory names."""

    pin: KnownVersion
    ids: tuple[str, ...]
    """The names of one thing: those of several databases, and its CVE."""
    severity: str = ""
    summary: str = ""
    fixed: tuple[str, ...] = ()
    """The versions above it at which that is said to be mended."""
    said_by: str = "advisories"
    within: tuple[str, ...] = ()
    """The distributions that hold it, where it is no pin but a package in their wheels."""
    models: int = 0
    examples: tuple[str, ...] = ()

    @property
    def gravity(self) -> int:
        """The rank of its severity; -1 where none is stated."""
        return WORDS.index(self.severity) if self.severity in WORDS else -1

    def __str__(self) -> str:
        """Return it in one line."""
        severity = f" ({self.severity})" if self.severity else ""
        mended = f"; mended in {', '.join(self.fixed)}" if self.fixed else ""
        summary = f": {self.summary}" if self.summary else ""
        within = f" in {few(self.within)}" if self.within else ""
        return f"{self.pin}{within}: {', '.join(self.ids)}{severity}{summary}{mended}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "name": self.pin.name,
            "version": self.pin.version,
            "ecosystem": self.pin.ecosystem,
            "within": list(self.within),
            "ids": list(self.ids),
            "severity": self.severity or None,
            "summary": self.summary,
            "fixed": list(self.fixed),
            "said_by": self.said_by,
            "models": self.models,
            "examples": list(self.examples),
        }


def vulnerable(
    pins: Iterable[KnownVersion], advisories: KnownAdvisories
) -> tuple[VulnerablePin, ...]:
    """Return the pins that advisories name; those that speak of one thing are one."""
    found: list[VulnerablePin] = []
    for pin in sorted(pins):
        concerned = [
            advisory
            for advisory in advisories.found.get(pin.key, ())
            if any(each.key == pin.key and each.has(pin.version) for each in advisory.affected)
        ]
        found += (_joined(pin, group) for group in _groups(concerned))
    return tuple(found)


def undecided(pins: Iterable[KnownVersion], advisories: KnownAdvisories) -> Iterator[str]:
    """Yield the pins for which an advisory cannot be decided, with the reason."""
    for pin in sorted(pins):
        for advisory in advisories.found.get(pin.key, ()):
            mine = [each for each in advisory.affected if each.key == pin.key]
            unread = [reason for each in mine for reason in each.unread]
            if unread and not any(each.has(pin.version) for each in mine):
                yield f"{pin}: {advisory.id} cannot be compared with it: {unread[0]}"


def merged(findings: Iterable[VulnerablePin]) -> tuple[VulnerablePin, ...]:
    """Return what several said of the pins, each thing once, the gravest first."""
    by_pin: dict[KnownVersion, list[VulnerablePin]] = {}
    for each in findings:
        group = by_pin.setdefault(each.pin, [])
        same = next((other for other in group if {*other.ids} & {*each.ids}), None)
        if same is None:
            group.append(each)
        else:
            group[group.index(same)] = replace(
                same,
                ids=tuple(dict.fromkeys((*same.ids, *each.ids))),
                severity=same.severity or each.severity,
                fixed=same.fixed or each.fixed,
                said_by=f"{same.said_by}, {each.said_by}",
            )
    everything = (each for group in by_pin.values() for each in group)
    return tuple(sorted(everything, key=lambda each: (-each.gravity, each.pin, each.ids)))


def _groups(advisories: Sequence[Advisory]) -> list[list[Advisory]]:
    """Return the advisories in groups that share a name: each speaks of one thing."""
    groups: list[list[Advisory]] = []
    for advisory in advisories:
        mine = [group for group in groups if any(each.names & advisory.names for each in group)]
        joined = [each for group in mine for each in group]
        groups = [group for group in groups if group not in mine]
        groups.append([*joined, advisory])
    return groups


def _joined(pin: KnownVersion, group: Sequence[Advisory]) -> VulnerablePin:
    names = [name for each in group for name in (each.id, *each.aliases)]
    words = {each.severity for each in group}
    fixes = {
        fix
        for each in group
        for affected in each.affected
        if affected.key == pin.key
        for fix in affected.fixes(pin.version)
    }
    return VulnerablePin(
        pin=pin,
        ids=tuple(dict.fromkeys(names)),
        severity=next((word for word in reversed(WORDS) if word in words), ""),
        summary=next((each.summary for each in group if each.summary), ""),
        fixed=tuple(sorted(fixes, key=partial(read_version, pin.ecosystem))),
    )
