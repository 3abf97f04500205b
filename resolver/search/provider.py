"""The rules of preference, as resolvelib's provider interface."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from resolvelib import (
    AbstractProvider,
    BaseReporter,
    RequirementsConflicted,
    ResolutionImpossible,
    ResolutionTooDeep,
    Resolver,
)
from resolvelib.resolvers import Criterion, RequirementInformation

from .graph import Need, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from .universe import Universe

# pip's number: a name that keeps causing conflicts is decided sooner.
_PROMOTED_AFTER = 5
# resolvelib's own default, 100, is less than a real environment takes.
_ROUNDS = 200_000


class Provider(AbstractProvider[Need, Node, str]):
    """Answers resolvelib's questions from a `Universe`; resolvelib calls by keyword."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        self._conflicts: Counter[str] = Counter()

    def identify(self, requirement_or_candidate: Need | Node) -> str:
        """Return the node of a need or a choice."""
        return requirement_or_candidate.key

    def get_preference(
        self,
        identifier: str,
        resolutions: Mapping[str, Node],
        candidates: Mapping[str, Iterator[Node]],
        information: Mapping[str, Iterator[RequirementInformation[Need, Node]]],
        backtrack_causes: Sequence[RequirementInformation[Need, Node]],
    ) -> tuple[bool | str, ...]:
        """Return the rank of a name: the least choice first; ties are broken by name."""
        del resolutions, candidates, backtrack_causes
        promoted = self._conflicts[identifier] >= _PROMOTED_AFTER
        asked = self._universe.rank([each.requirement for each in information[identifier]])
        return (not promoted, *asked, identifier)

    def narrow_requirement_selection(
        self,
        identifiers: Iterable[str],
        resolutions: Mapping[str, Node],
        candidates: Mapping[str, Iterator[Node]],
        information: Mapping[str, Iterator[RequirementInformation[Need, Node]]],
        backtrack_causes: Sequence[RequirementInformation[Need, Node]],
    ) -> Iterable[str]:
        """Check the causes of the last conflict before anything else."""
        del resolutions, candidates, information
        open_keys = list(identifiers)
        causes = {each.requirement.key for each in backtrack_causes}
        causes |= {each.parent.key for each in backtrack_causes if each.parent is not None}
        troubled = [key for key in open_keys if key in causes]
        self._conflicts.update(troubled)
        return troubled or open_keys

    def find_matches(
        self,
        identifier: str,
        requirements: Mapping[str, Iterator[Need]],
        incompatibilities: Mapping[str, Iterator[Node]],
    ) -> Callable[[], Iterator[Node]]:
        """Return what satisfies every need on a node, lazily: sources are asked when needed."""
        needs = list(requirements[identifier])
        name = identifier.partition("[")[0]
        if name != identifier:
            needs += requirements[name]
        refused = set(incompatibilities[identifier])

        def matches() -> Iterator[Node]:
            return (node for node in self._universe.nodes(identifier, needs) if node not in refused)

        return matches

    def is_satisfied_by(self, requirement: Need, candidate: Node) -> bool:
        """Return whether a choice satisfies a need."""
        return self._universe.accepts(requirement, candidate)

    def get_dependencies(self, candidate: Node) -> Iterable[Need]:
        """Return a choice's needs; one with unusable metadata is refused."""
        needs = self._universe.needs(candidate)
        if needs is None:
            # resolvelib has no other word for "not this one". It must hear which name it is about:
            # without, it jumps back over the choice that led here, and misses what is below it.
            name = candidate.candidate.name
            asked = Need(candidate.key, name, Requirement(name))
            raise RequirementsConflicted(Criterion([], [RequirementInformation(asked, None)], []))
        return needs


def ask_resolvelib(
    universe: Universe, roots: Sequence[Need], max_rounds: int = _ROUNDS
) -> Mapping[str, Node] | tuple[Need, ...] | None:
    """Return resolvelib's choice.

    If it refuses, the needs of its last conflict; if it fails, as cycles can make it do,
    None.
    """
    resolver: Resolver[Need, Node, str] = Resolver(Provider(universe), BaseReporter())
    try:
        return resolver.resolve(roots, max_rounds=max_rounds).mapping
    except ResolutionImpossible as refused:
        return tuple(each.requirement for each in refused.causes)
    except (RecursionError, ResolutionTooDeep):
        return None
