"""Candidates of one name in order of preference, and those that a specifier admits."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from ..sources.protocol import Filed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from packaging.specifiers import Specifier, SpecifierSet

    from ..requirements.per_name_options import ByName
    from ..sources.protocol import Candidate
    from .graph import Need

RANKS = range(6)
"""The ranks: preferred wheels, stable ones, preferred sources, stable ones, pre-releases."""
WHEELS = (0, 1, 4)
"""The ranks of candidates that need no build."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The order in which candidates of a name are tried, before versions are compared."""

    preferred: Mapping[str, Version]
    releases: ByName
    """The options for pre-releases, by name."""
    wheels: bool
    """Whether candidates that need a build come after the others; else they rank alike."""

    def rank(self, candidate: Candidate) -> int:
        """Return the place among `RANKS`."""
        first = 2 if self.wheels and not need_not_be_built(candidate) else 0
        if self.preferred.get(candidate.name) == candidate.version:
            return first
        # An installed version was seen to run, even if it is a pre-release.
        waits = candidate.version.is_prerelease and candidate.source.label != "installed"
        if waits and self.releases.of(candidate.name) != "--all-releases":
            return 4 + first // 2
        return 1 + first


def need_not_be_built(candidate: Candidate) -> bool:
    """Return whether a candidate is installed already, or has a wheel."""
    source = candidate.source
    # An isinstance check against a Protocol is much slower than a look at its name.
    if source.label == "installed" or not isinstance(source, Filed):
        return True
    files = source.files(candidate)
    return bool(files) and files[0].file.endswith(".whl")


class CandidateSet:
    """Candidates of one name, best first, with the sets that specifiers admit remembered.

    A set is an integer, a bit for each candidate, the first the lowest: a search asks the same of
    thousands of versions again and again.
    """

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self.candidates = tuple(candidates)
        self.all = (1 << len(self.candidates)) - 1
        """The bits of all."""
        self.met: dict[Need, int] = {}
        """The set that meets a need, by the need's identity, since hashing a specifier is slow."""
        self._masks: dict[SpecifierSet | Specifier, int] = {}

    def pick(self, bits: int) -> Iterator[Candidate]:
        """Yield the candidates of a set, best first."""
        while bits:
            lowest = bits & -bits
            yield self.candidates[lowest.bit_length() - 1]
            bits ^= lowest

    def mask(self, specifiers: SpecifierSet) -> int:
        """Return the candidates that meet a specifier set, pre-releases as well."""
        known = self._masks.get(specifiers)
        if known is None:
            known = self.all
            for each in specifiers:
                known &= self._mask_of(each)
            self._masks[specifiers] = known
        return known

    def _mask_of(self, specifier: Specifier) -> int:
        known = self._masks.get(specifier)
        if known is None:
            span = self._ascending and _span(specifier, self._ascending)
            if span:
                known = self._bits(*span)
                known = self.all ^ known if specifier.operator == "!=" else known
            else:
                known = self._one_by_one(specifier)
            self._masks[specifier] = known
        return known

    def _one_by_one(self, specifier: Specifier) -> int:
        return sum(
            1 << index
            for index, each in enumerate(self.candidates)
            if specifier.contains(each.version, prereleases=True)
        )

    def _bits(self, first: int, end: int) -> int:
        """Return the bits of a range in ascending order, which is that of the bits reversed."""
        count = len(self.candidates)
        return (1 << (count - first)) - (1 << (count - end)) if first < end else 0

    @cached_property
    def _ascending(self) -> Sequence[Version]:
        """The versions, the oldest first; empty if that is not the reversed order."""
        versions = [each.version for each in reversed(self.candidates)]
        in_order = all(a <= b for a, b in pairwise(versions))
        return versions if in_order else ()


def _span(specifier: Specifier, ascending: Sequence[Version]) -> tuple[int, int] | None:
    """Return the range of versions inside a bound ("!=": outside); None for special cases.

    These are `>`, `===`, and a bound that is itself a pre-, a post- or a local release: PEP 440 has
    exceptions for their neighbours.
    """
    operator, text = specifier.operator, specifier.version
    is_prefix = text.endswith(".*")
    bound = _final(text.removesuffix(".*"))
    if bound is None or operator in {">", "==="}:
        return None

    def before(version: Version) -> int:
        return bisect_left(ascending, version)

    # Pre-releases of a bound are below it but excluded; local releases are above but included.
    start, end = before(bound), before(Version(f"{bound}.post0.dev0"))
    if is_prefix:
        return before(Version(f"{bound}.dev0")), before(_next(bound, bound.release))
    if operator == "~=":
        return start, before(_next(bound, bound.release[:-1]))
    if operator == ">=":
        return start, len(ascending)
    if operator == "<":
        return 0, before(Version(f"{bound}.dev0"))
    return (0, end) if operator == "<=" else (start, end)


def _final(text: str) -> Version | None:
    try:
        version = Version(text)
    except InvalidVersion:
        return None
    is_plain = not (version.is_prerelease or version.is_postrelease or version.local)
    return version if is_plain else None


def _next(bound: Version, prefix: tuple[int, ...]) -> Version:
    """Return the first version after all those that begin with a prefix."""
    release = ".".join(map(str, (*prefix[:-1], prefix[-1] + 1)))
    return Version(f"{bound.epoch}!{release}.dev0")
