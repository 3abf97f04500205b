"""The independent check of an answer, from the requirements and the metadata alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from .graph import admits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from packaging.requirements import Requirement

    from ..sources.protocol import Candidate
    from .graph import Node
    from .universe import Universe


def check(choice: Mapping[str, Node], universe: Universe) -> tuple[str, ...]:
    """Return every fault of an answer; none when it is sound.

    Every candidate exists and may be chosen, every requirement that the roots lead to is met, and
    there is nothing else in it.
    """
    return tuple(_forbidden(choice, universe)) or tuple(_unmet(choice, universe))


def _forbidden(choice: Mapping[str, Node], universe: Universe) -> Iterator[str]:
    for key, node in choice.items():
        candidate = node.candidate
        base = choice.get(candidate.name)
        if candidate not in candidate.source.candidates(candidate.name):
            yield f"{candidate} does not exist"
        if base is None or base.candidate is not candidate:
            yield f"{key} is not tied to the choice for {candidate.name}"
        if reason := universe.exclusion(candidate):
            yield f"{candidate} may not be chosen: {reason}"


def _unmet(choice: Mapping[str, Node], universe: Universe) -> Iterator[str]:
    reached: set[str] = set()
    asked: list[tuple[Requirement, Candidate | None]] = [
        (requirement, None)
        for root in universe.requirements.roots
        for requirement in universe.overrides.over([root.requirement])
    ]
    while asked:
        requirement, parent = asked.pop()
        name = canonicalize_name(requirement.name)
        node = choice.get(name)
        if node is None:
            yield f"{_demand(parent, requirement)}, which is missing"
            continue
        candidate = node.candidate
        is_met = admits(requirement, candidate)
        if not is_met and candidate is not universe.tolerated(requirement, parent):
            yield f"{_demand(parent, requirement)}, not {candidate.version}"
        for extra in ("", *map(canonicalize_name, requirement.extras)):
            key = f"{name}[{extra}]" if extra else name
            if key not in choice:
                yield f"{_demand(parent, requirement)}, and {key} is missing"
            elif key not in reached:
                reached.add(key)
                metadata = candidate.source.metadata(candidate)
                stated = universe.overrides.over(metadata.needs(universe.target, extra))
                asked += [(each, candidate) for each in stated]
    yield from (f"nothing requires {key}" for key in choice if key not in reached)


def _demand(parent: Candidate | None, requirement: Requirement) -> str:
    return f"{parent or 'a root'} requires {requirement}"
