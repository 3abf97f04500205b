"""What conda provides: the distributions that its packages stand for, and the pins for these.

Everybody who asks what conda brings asks here: who merges requirements (nothing asks for it again),
who proves without conda and who edits a folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base.siblings import envfiles, resolver

if TYPE_CHECKING:
    from packaging.requirements import Requirement


@dataclass(frozen=True, slots=True)
class Provided:
    """What conda's dependencies are to pip; much of it is no distribution at all."""

    requirements: tuple[Requirement, ...] = ()
    """One for each package, with the versions that pip can say: "torch==2.1.*"."""

    @classmethod
    def by(cls, dependencies: Iterable[str]) -> Provided:
        """Read conda's dependencies, in its own words.

        >>> Provided.by(["conda-forge::pytorch=2.1", "libgomp"]).names == {"torch", "libgomp"}
        True
        """
        from packaging.requirements import Requirement

        lines = map(envfiles.conda_as_pip, dependencies)
        return cls(tuple(Requirement(line) for line in lines if line))

    @property
    def names(self) -> frozenset[str]:
        """The names of what conda installs, as pip knows them."""
        return frozenset(requirement.name for requirement in self.requirements)

    def stand_ins(
        self,
        resolution: resolver.Resolution,
        installed: resolver.Installed,
        known: resolver.Installed,
    ) -> resolver.Resolution:
        """Return the distributions that conda brings, pinned as pip would.

        They stand in for its packages wherever somebody builds without conda. A package counts as
        a distribution where it is among the `known` ones, and brings what it requires; what is in
        `resolution` stays as it is pinned there. Raises the resolver's errors where it clashes.
        """
        brought = [each for each in self.requirements if each.name != "pip"]
        lines = [str(each) for each in brought if known.get(each.name)]
        if not lines:
            return resolver.Resolution(())
        pins = [str(pin.requirement) for pin in resolution.pins]
        merged = resolver.merge((), conda_env=[*pins, *lines], target=installed.target)
        found = resolver.resolve(merged, installed, preferences=known)
        return resolver.Resolution(
            pins=tuple(pin for pin in found.pins if resolution.get(pin.name) is None),
            notes=tuple(note for note in found.notes if note not in resolution.notes),
        )
