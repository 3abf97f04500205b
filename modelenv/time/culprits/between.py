"""Sets of pins between two others: one name at a release, and the names that move with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.version import Version

from ...base.siblings import resolver
from ...pins.pin_set import PinnedVersion
from ..trials.pins import TrialPins
from .facts import ReleaseFacts
from .moves import differing
from .sides import target_of, without_version


@dataclass(frozen=True, slots=True)
class SetsBetween:
    """The sets that lie between two sets for one Python."""

    good: TrialPins
    bad: TrialPins
    facts: ReleaseFacts

    def releases(self, name: str) -> list[Version]:
        """Return the releases of a name from the one set to the other, both included.

        Empty for a name that one of them lacks, or has as a reference.
        """
        ends = self.good.versions.get(name), self.bad.versions.get(name)
        if ends[0] is None or ends[1] is None:
            return []
        between = self.facts.between(name, ends[0], ends[1], self.good.python)
        return [ends[0], *between, ends[1]]

    def at(self, name: str, version: Version) -> TrialPins | None:
        """Return the good set with another release of a name, and as little else moved as possible.

        Other moved names stay between the two sets if both have them. None: there is no such
        set. Raises the resolver's errors if an index fails.
        """
        target, read = target_of(self.good.python), self.facts.sources.read
        limits = [f"{name}=={version}", *self._iter_limits(name)]
        lines = {**self.bad.by_name, **self.good.by_name}
        asked = [without_version(Requirement(line)) for line in lines.values()]
        merged = resolver.merge(
            (),
            pip_requirements=read(asked, layer="requirements.txt"),
            constraints=read(limits, layer="constraints", constraint=True),
            target=target,
        )
        kept = {**self.bad.versions, **self.good.versions}
        try:
            found = self.facts.sources.resolve(
                merged,
                resolver.Installed((), target),
                sources=self.facts.sources_for(self.good.python),
                preferences=[PinnedVersion(*each) for each in kept.items()],
                tolerant=False,
            )
        except resolver.ConflictError:
            return None
        lines = {pin.name: str(pin.requirement) for pin in found.pins}
        return TrialPins.of(lines.values(), self.good.python)

    def _iter_limits(self, name: str) -> Iterator[str]:
        """Yield limits that keep the other differing names between their two versions."""
        old, new = self.good.versions, self.bad.versions
        for other in sorted(differing(self.good, self.bad) - {name}):
            if other in old and other in new:
                low, high = sorted((old[other], new[other]))
                yield f"{other}>={low},<={high}"
