"""Reasons that exclude a candidate, whatever requires it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from ..requirements.per_name_options import RELEASES, ByName
from ..requirements.references import without_credentials
from ..sources.protocol import Dated, Misstating
from .graph import admits, is_exact
from .hash_rules import Hashes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.requirements import Requirement

    from ..requirements.merge import RequirementSet
    from ..sources.protocol import Candidate, Source
    from ..target import Target

_UNDATED = "its index does not say when it received it, so only a pin (==) takes it"


class Exclusions:
    """The reasons of the target and of the user's lines against a candidate."""

    def __init__(self, requirements: RequirementSet, target: Target) -> None:
        self._python = target.python_version
        self._limits: dict[str, SpecifierSet] = {}
        self._urls: dict[str, list[Requirement]] = {}
        for line in requirements.constraints:
            asked = line.requirement
            self._limits[asked.name] = self.limit(asked.name) & asked.specifier
            if asked.url:
                self._urls.setdefault(asked.name, []).append(asked)
        self.hashes = Hashes(requirements.hashed)
        """The admitted files, if the user's lines state digests."""
        self._releases = ByName.of_options(requirements.options, RELEASES)
        self._exact = _exact_pins(requirements)
        # By identity: there are few objects, and hashing a specifier is slow.
        self._suits: dict[int, tuple[SpecifierSet, bool]] = {}

    def limit(self, name: str) -> SpecifierSet:
        """Return the versions of a name that the user's constraints admit."""
        return self._limits.get(name, SpecifierSet())

    def reason(self, candidate: Candidate) -> str:
        """Return why a candidate is excluded; empty if it is not."""
        return (
            candidate.unusable
            or self._line_reason(candidate)
            or (
                ""
                if self.suits(candidate.requires_python)
                else f"it is for Python {candidate.requires_python}"
            )
            or self._yanked_reason(candidate)
            or (_UNDATED if candidate.undated and not self._is_pinned(candidate) else "")
        )

    def of_metadata(self, candidate: Candidate) -> str:
        """Return why its own metadata excludes a candidate; empty if it does not.

        No pip since 24.1 installs a distribution with an invalid requirement that applies, so such
        a candidate has to be pinned.
        """
        metadata = candidate.source.metadata(candidate)
        if not self.suits(metadata.requires_python):
            return f"it is for Python {metadata.requires_python}"
        lines = metadata.misstated if isinstance(metadata, Misstating) else {}
        if lines and not self._is_pinned(candidate):
            return f"it requires {next(iter(lines))!r}, which is valid no more: only a pin takes it"
        return ""

    def age(self, candidate: Candidate, sources: Iterable[Source]) -> str:
        """Return why an installed version is too new for the requested moment.

        It has no upload time itself, so the sources' time of that version counts; one that no
        source has is admitted. Empty: it is admitted.
        """
        name, version = candidate.name, candidate.version
        for source in sources:
            if not isinstance(source, Dated) or source.as_of is None:
                continue
            if when := source.later(name).get(version):
                return f"it was uploaded on {when[:10]}, which is later"
            same = (each for each in source.candidates(name) if each.version == version)
            if any(each.undated for each in same) and not self._is_pinned(candidate):
                return _UNDATED
        return ""

    def _line_reason(self, candidate: Candidate) -> str:
        """Return the user's line against it: a constraint, an option or a hash."""
        name, version = candidate.name, candidate.version
        limit = self._limits.get(name)
        if limit is not None and not limit.contains(version, prereleases=True):
            return f"a constraint says {limit}"
        for asked in self._urls.get(name, ()):
            if not admits(asked, candidate):
                return f"a constraint says {without_credentials(asked.url or '')}"
        if self._is_excluded_prerelease(candidate):
            return "it is a pre-release (--only-final)"
        named = self.hashes.admit(candidate)
        return "" if named else "none of its files has a hash that the requirements name"

    def _is_excluded_prerelease(self, candidate: Candidate) -> bool:
        # An installed version was seen to run, even if it is a pre-release.
        return (
            candidate.version.is_prerelease
            and candidate.source.label != "installed"
            and self._releases.of(candidate.name) == "--only-final"
        )

    def _yanked_reason(self, candidate: Candidate) -> str:
        is_withdrawn = candidate.yanked and not self._is_pinned(candidate)
        return "it was withdrawn (yanked)" if is_withdrawn else ""

    def _is_pinned(self, candidate: Candidate) -> bool:
        """Return whether a line of the user's names this very version."""
        pins = self._exact.get(candidate.name, ())
        return any(pin.contains(candidate.version, prereleases=True) for pin in pins)

    def suits(self, requires_python: SpecifierSet) -> bool:
        """Return whether metadata admits the target's Python."""
        known = self._suits.get(id(requires_python))
        if known is None:
            suits = requires_python.contains(self._python, prereleases=True)
            known = self._suits[id(requires_python)] = requires_python, suits
        return known[1]


def _exact_pins(requirements: RequirementSet) -> dict[str, list[SpecifierSet]]:
    """Return the user's exact pins, which admit a version that is yanked, or of unknown age."""
    pins: dict[str, list[SpecifierSet]] = {}
    for requirement in _by_the_user(requirements):
        if is_exact(requirement.specifier):
            pins.setdefault(requirement.name, []).append(requirement.specifier)
    return pins


def _by_the_user(requirements: RequirementSet) -> Iterable[Requirement]:
    yield from (root.requirement for root in requirements.roots)
    yield from (line.requirement for line in requirements.constraints)
    yield from (line.requirement for line in requirements.overrides)
