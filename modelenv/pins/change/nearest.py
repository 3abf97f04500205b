"""The choice of the nearest version of a name, if the wanted one is unavailable on a target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ...base.siblings import resolver

SourcesOf = Callable[[resolver.Target], Sequence[resolver.Source]]


@dataclass(frozen=True, slots=True)
class Availability:
    """The available versions of names on several targets, by the targets' names."""

    targets: Mapping[str, resolver.Target]
    sources_of: SourcesOf
    """Returns the sources for a target; called once for each."""
    _sources: dict[str, Sequence[resolver.Source]] = field(default_factory=dict, repr=False)
    _versions: dict[tuple[str, str], frozenset[Version]] = field(default_factory=dict, repr=False)

    def on(self, target: str, name: str) -> frozenset[Version]:
        """Return the versions of a normalised name on a target and on all targets like it.

        Those no marker tells apart: a lock has one version for them. One of them that has none at
        all builds what the others have. Raises SourceError.
        """
        markers = self.targets[target].markers
        alike = (each for each, other in self.targets.items() if other.markers == markers)
        having = [found for each in alike if (found := self._alone(each, name))]
        return frozenset.intersection(*having) if having else frozenset()

    def _alone(self, target: str, name: str) -> frozenset[Version]:
        if target not in self._sources:
            self._sources[target] = self.sources_of(self.targets[target])
        if (target, name) not in self._versions:
            known = (each for source in self._sources[target] for each in source.candidates(name))
            usable = frozenset(each.version for each in known if not each.unusable)
            self._versions[target, name] = usable
        return self._versions[target, name]

    def wished(self, name: str, wanted: Version, bounds: SpecifierSet) -> dict[str, Version]:
        """Return the version for each target: the wanted one, else the nearest available one.

        Targets without the wanted version share the nearest one that all of them have, if there is
        one. A target without any version may build the wanted one. Raises SourceError.
        """
        known = {each: self.on(each, name) for each in self.targets}
        lacking = {each: some for each, some in known.items() if some and wanted not in some}
        common = frozenset.intersection(*lacking.values()) if lacking else frozenset()
        shared = nearest(wanted, bounds.filter(common))
        found = {
            each: shared or nearest(wanted, bounds.filter(versions))
            for each, versions in lacking.items()
        }
        kept = dict.fromkeys(known.keys() - lacking.keys(), wanted)
        return {**kept, **{each: version for each, version in found.items() if version}}

    def nearest(self, name: str, wanted: Version, bounds: SpecifierSet) -> dict[str, Version]:
        """Return for each target its own version that is nearest to the wanted one, if any."""
        found = {each: nearest(wanted, bounds.filter(self.on(each, name))) for each in self.targets}
        return {each: version for each, version in found.items() if version}

    def widest(self, target: str, name: str, versions: Iterable[Version]) -> Version:
        """Return the one of some versions that most targets have, the newest of several.

        The target has at least one of them. Raises SourceError.
        """
        here = self.on(target, name)
        usable = [each for each in versions if each in here] or [*versions]
        return max(usable, key=lambda each: (self._count(name, each), each))

    def _count(self, name: str, version: Version) -> int:
        return sum(version in self.on(each, name) for each in self.targets)


def nearest(wanted: Version, known: Iterable[Version]) -> Version | None:
    """Return the nearest of some versions to another; None if there are no versions.

    One of the same release comes first, then of the same major release, then a newer, an older.

    >>> known = [*map(Version, ("1.24.4", "1.25.2", "2.1.0", "2.3.0"))]
    >>> str(nearest(Version("1.26.4"), known)), str(nearest(Version("1.25"), known))
    ('1.25.2', '1.25.2')
    >>> str(nearest(Version("0.9"), known)), str(nearest(Version("3.0"), known))
    ('1.24.4', '2.3.0')
    """
    final = [each for each in known if wanted.is_prerelease or not each.is_prerelease]
    newer = sorted(each for each in final if each >= wanted)
    older = sorted((each for each in final if each < wanted), reverse=True)
    ranked = sorted([*newer, *older], key=lambda each: _distance(wanted, each))
    return next(iter(ranked), None)


def _distance(wanted: Version, other: Version) -> tuple[bool, bool, bool]:
    """Return a rough distance between two versions."""
    same = wanted.public == other.public
    alike = (wanted.epoch, wanted.major) == (other.epoch, other.major)
    return (not same, not alike, other < wanted)
