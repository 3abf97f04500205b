"""The distributions and pins that correspond to conda's packages.

All that need to know what conda installs ask here: merging requirements (which then skips these),
proofs without conda, and edits of a folder.
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
    """Conda's dependencies as pip requirements; many of them are no distributions."""

    requirements: tuple[Requirement, ...] = ()
    """A requirement for each package, with a version specifier that pip accepts: "torch==2.1.*"."""

    @classmethod
    def by(cls, dependencies: Iterable[str]) -> Provided:
        """Read dependencies in conda's syntax.

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
        """Return the distributions that conda installs, pinned as pip would.

        They replace its packages in environments that are built without conda. A package counts as
        a distribution if it is among the `known` ones, and includes its requirements; pins of
        `resolution` are kept and not returned. Raises the resolver's errors on a conflict.
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
