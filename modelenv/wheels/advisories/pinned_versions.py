"""Compare pinned versions with advisories."""

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
    """A distribution at a version, or a package of another ecosystem inside a wheel."""

    name: str
    """Its name, normalised (PEP 503) if it is a distribution."""
    version: str
    ecosystem: str = PYPI

    def __str__(self) -> str:
        """Return ``numpy==1.26.4``, or for another ecosystem its name, version and ecosystem."""
        if self.ecosystem == PYPI:
            return f"{self.name}=={self.version}"
        return f"{self.name} {self.version} ({self.ecosystem})"

    @property
    def key(self) -> str:
        """The lookup key."""
        return key_of(self.ecosystem, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class VulnerablePin:
    """A pinned version that an advisory affects."""

    pin: KnownVersion
    ids: tuple[str, ...]
    """The identifiers of one vulnerability: those of several databases, and its CVE."""
    severity: str = ""
    summary: str = ""
    fixed: tuple[str, ...] = ()
    """The versions above the pinned one at which it is fixed."""
    said_by: str = "advisories"
    within: tuple[str, ...] = ()
    """The distributions whose wheels contain it; empty if it is a pin itself."""
    models: int = 0
    examples: tuple[str, ...] = ()

    @property
    def gravity(self) -> int:
        """The rank of its severity; -1 if none is stated."""
        return WORDS.index(self.severity) if self.severity in WORDS else -1

    def __str__(self) -> str:
        """Return the pin, the identifiers, the severity, the summary and the fixed versions."""
        severity = f" ({self.severity})" if self.severity else ""
        mended = f"; mended in {', '.join(self.fixed)}" if self.fixed else ""
        summary = f": {self.summary}" if self.summary else ""
        within = f" in {few(self.within)}" if self.within else ""
        return f"{self.pin}{within}: {', '.join(self.ids)}{severity}{summary}{mended}"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-serialisable data."""
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


@dataclass(frozen=True, slots=True)
class UndecidedPin:
    """A pinned version that cannot be compared with an advisory."""

    pin: KnownVersion
    ids: tuple[str, ...]
    """The advisory's identifier, then its aliases."""
    reason: str

    def __str__(self) -> str:
        """Return the pin, the identifier and the reason on one line."""
        return f"{self.pin}: {self.ids[0]} cannot be compared with it: {self.reason}"


def vulnerable(
    pins: Iterable[KnownVersion], advisories: KnownAdvisories
) -> tuple[VulnerablePin, ...]:
    """Return the affected pins; advisories that share an identifier count as one."""
    found: list[VulnerablePin] = []
    for pin in sorted(pins):
        concerned = [
            advisory
            for advisory in advisories.found.get(pin.key, ())
            if any(each.key == pin.key and each.has(pin.version) for each in advisory.affected)
        ]
        found += (_joined(pin, group) for group in _groups(concerned))
    return tuple(found)


def undecided(pins: Iterable[KnownVersion], advisories: KnownAdvisories) -> Iterator[UndecidedPin]:
    """Yield pins that an advisory may affect, where their versions cannot be compared."""
    for pin in sorted(pins):
        for advisory in advisories.found.get(pin.key, ()):
            mine = [each for each in advisory.affected if each.key == pin.key]
            unread = [reason for each in mine for reason in each.unread]
            if unread and not any(each.has(pin.version) for each in mine):
                yield UndecidedPin(pin, (advisory.id, *advisory.aliases), unread[0])


def unasked(pins: Iterable[KnownVersion], advisories: KnownAdvisories) -> Iterator[str]:
    """Yield a sentence on pins of which the only advisories, reports of programs, say nothing."""
    of_python = sorted({each for each in pins if each.ecosystem == PYPI})
    released = ((each.key, each.version.partition("+")[0]) for each in of_python)
    names = [*advisories.unasked(released)]
    if names:
        yield f"the report says nothing of {few(names)} as pinned here: audit these pins too"


def merged(findings: Iterable[VulnerablePin]) -> tuple[VulnerablePin, ...]:
    """Return the findings of several sources, each vulnerability once, the gravest first."""
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
    """Return the advisories in groups that share an identifier: one group per vulnerability."""
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
