"""What rules a candidate out whoever asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from .graph import is_exact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.requirements import Requirement

    from .candidates import Candidate
    from .rules import RequirementSet
    from .target import Target


class Exclusions:
    """Tell why the target and the user's constraints rule a candidate out."""

    def __init__(self, requirements: RequirementSet, target: Target) -> None:
        self._python = target.python_version
        self._limits: dict[str, SpecifierSet] = {}
        for line in requirements.constraints:
            asked = line.requirement
            self._limits[asked.name] = self.limit(asked.name) & asked.specifier
        self._exact = _exact_pins(requirements)
        self._suits: dict[SpecifierSet, bool] = {}

    def limit(self, name: str) -> SpecifierSet:
        """Return what the user's constraints admit of a name."""
        return self._limits.get(name, SpecifierSet())

    def reason(self, candidate: Candidate) -> str:
        """Say why a candidate is ruled out; empty when it is not."""
        version = candidate.version
        limit = self._limits.get(candidate.name)
        if candidate.unusable:
            return candidate.unusable
        if limit is not None and not limit.contains(version, prereleases=True):
            return f"a constraint says {limit}"
        if not self.suits(candidate.requires_python):
            return f"it is for Python {candidate.requires_python}"
        if candidate.yanked and not any(
            pin.contains(version, prereleases=True) for pin in self._exact.get(candidate.name, ())
        ):
            return "it was withdrawn (yanked)"
        return ""

    def suits(self, requires_python: SpecifierSet) -> bool:
        """Tell whether the target's Python is among those that metadata is for."""
        known = self._suits.get(requires_python)
        if known is None:
            known = requires_python.contains(self._python, prereleases=True)
            self._suits[requires_python] = known
        return known


def _exact_pins(requirements: RequirementSet) -> dict[str, list[SpecifierSet]]:
    """Gather the user's exact pins, which admit a yanked version."""
    pins: dict[str, list[SpecifierSet]] = {}
    for requirement in _by_the_user(requirements):
        if is_exact(requirement.specifier):
            pins.setdefault(requirement.name, []).append(requirement.specifier)
    return pins


def _by_the_user(requirements: RequirementSet) -> Iterable[Requirement]:
    yield from (root.requirement for root in requirements.roots)
    yield from (line.requirement for line in requirements.constraints)
    yield from (line.requirement for line in requirements.overrides)
