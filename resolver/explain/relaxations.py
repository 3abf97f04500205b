"""Changes to the requirements that would solve a conflict, each tried before it is proposed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from packaging.requirements import Requirement

from ..errors import ResolverError
from ..requirements.lines import Line
from ..requirements.merge import RequirementSet, Root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from packaging.version import Version

    from ..requirements.lines import Origin
    from ..search.graph import Node
    from ..search.universe import Universe
    from .effort import Effort

    Decide = Callable[[Universe], Mapping[str, Node] | None]

Part = Root | Line
"""An item that a user or the trace put into a `RequirementSet`: a root or a constraint."""

_MOST = 8


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: of a line's version ("relax"), or the line's removal ("drop")."""

    kind: Literal["relax", "drop"]
    part: Part
    gives: Version | None = None
    """The version of the name that is chosen then; None: the name is not in the answer."""

    def apply(self, requirements: RequirementSet) -> RequirementSet:
        """Return the requirements with the change made."""
        others = [each for each in parts_of(requirements) if each is not self.part]
        kept = only(requirements, others)
        if self.kind == "drop" or not isinstance(self.part, Root):
            return kept
        relaxed = replace(self.part, requirement=_any_version(self.part.requirement))
        return replace(kept, roots=(*kept.roots, relaxed), hashed=requirements.hashed)

    def __str__(self) -> str:
        asked = self.part.requirement
        outcome = f"{asked.name} {self.gives}" if self.gives else f"no {asked.name}"
        if isinstance(self.part, Root) and not self.part.by_user:
            return (
                f"let {asked.name} move: with a line of its own, {asked.name}, in "
                f"extra_pip_requirements it becomes {outcome}"
            )
        if self.kind == "relax":
            return f"let {self.part.origin} say {_any_version(asked)}: it becomes {outcome}"
        return f"drop {self.part.origin}: it becomes {outcome}"


def parts_of(requirements: RequirementSet) -> tuple[Part, ...]:
    """Return the parts of a set that can be changed."""
    return (*requirements.roots, *requirements.constraints)


def only(requirements: RequirementSet, parts: Iterable[Part]) -> RequirementSet:
    """Return a set with these parts alone."""
    kept = set(map(id, parts))
    dropped = [part for part in parts_of(requirements) if id(part) not in kept]
    origins = {origin for part in dropped for origin in _origins(part)}
    return replace(
        requirements,
        roots=tuple(each for each in requirements.roots if id(each) in kept),
        constraints=tuple(each for each in requirements.constraints if id(each) in kept),
        hashed=tuple(line for line in requirements.hashed if line.origin not in origins),
    )


def verified(
    universe: Universe, parts: Iterable[Part], decide: Decide, effort: Effort
) -> tuple[Edit, ...]:
    """Return the changes of one of these parts after which everything can be met.

    Changes that could not be tried within the effort are not among them.
    """
    proposals = [edit for part in parts for edit in _proposals(part)][:_MOST]
    tried = (_tried(universe, edit, decide, effort) for edit in proposals)
    found: dict[int, Edit] = {}
    for edit in tried:
        # The smaller change of a line comes first, and suffices.
        if edit is not None:
            found.setdefault(id(edit.part), edit)
    return tuple(found.values())


def _origins(part: Part) -> tuple[Origin, ...]:
    return part.origins if isinstance(part, Root) else (part.origin,)


def _proposals(part: Part) -> Iterator[Edit]:
    if not isinstance(part, Root) and part.firm:
        return
    url = part.requirement.url or ""
    # An index project with the name of a project of this machine belongs to somebody else.
    says_more = not url.startswith("file:") and bool(url or part.requirement.specifier)
    if isinstance(part, Root) and says_more:
        yield Edit("relax", part)
    if not isinstance(part, Root) or part.by_user:
        yield Edit("drop", part)


def _tried(universe: Universe, edit: Edit, decide: Decide, effort: Effort) -> Edit | None:
    try:
        choice = decide(universe.asking(edit.apply(universe.requirements), spend=effort.spend))
    except ResolverError:
        return None  # a change that cannot be tried is not proposed
    if choice is None:
        return None
    node = choice.get(edit.part.requirement.name)
    return replace(edit, gives=node.candidate.version if node else None)


def _any_version(requirement: Requirement) -> Requirement:
    plain = Requirement(requirement.name)
    plain.extras = set(requirement.extras)
    return plain
