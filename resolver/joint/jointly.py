"""Resolution for several targets: from the requirements of each to one answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ..errors import AlikeTargetsError
from ..explain.build_resolution import build_resolution
from ..explain.effort import TimeLimit
from ..explain.explain import explain
from ..explain.unbuilt import find_unbuilt
from ..search.decide import Refusal, decide
from ..solving import make_universe
from .fewest import fewest_versions
from .joint_resolution import JointPin, JointResolution
from .markers import marks, parting_marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from packaging.version import Version

    from ..explain.errors import ConflictError
    from ..installed.environment import Installed
    from ..requirements.merge import PinLike, RequirementSet
    from ..search.graph import Node
    from ..search.resolution import Pin, Resolution
    from ..search.universe import Prefer, Universe
    from ..settings import IndexSettings
    from ..sources.protocol import Source
    from ..target import Target


@dataclass(frozen=True, slots=True)
class TargetQuestion:
    """The question for one target: the target of `installed`."""

    requirements: RequirementSet
    """The requirements, made by `merge` for this target."""

    installed: Installed
    """The installed distributions; `Installed((), target)` if there are none."""

    sources: Sequence[Source] = ()
    """Sources that are asked before the index, suited to this target."""

    preferences: Sequence[PinLike] = ()
    """Which versions are tried first here, whatever is preferred for all targets."""

    @property
    def target(self) -> Target:
        """Return the target."""
        return self.installed.target


def resolve_jointly(
    questions: Mapping[str, TargetQuestion],
    *,
    index: Literal["auto", "offline", "never"] = "auto",
    prefer: Prefer = "installed",
    preferences: Iterable[PinLike] = (),
    settings: IndexSettings | None = None,
    as_of: str | date | datetime | None = None,
    timeout: float = 1_800.0,
) -> JointResolution:
    """Choose for several targets at once, with as few versions of a name as possible.

    `questions` are by the targets' names, which the answer uses. A name has one version for all of
    them unless none fits all; then markers separate the targets. Each target's own answer is sound
    for it, and there is one for all wherever there is one for each. The order of preference is that
    of `resolve`; `preferences` count for every target, and the order of the targets does not
    matter. Raises the errors of `resolve` for the first target that has no answer, and
    `AlikeTargetsError` if targets need different versions and no marker tells them apart.

    >>> from resolver import Installed, Target, merge
    >>> here = Target.current()
    >>> wanted = merge([], pip_requirements=["packaging"], target=here)
    >>> question = TargetQuestion(wanted, Installed.current())
    >>> found = resolve_jointly({"here": question}, index="never")
    >>> [pin.name for pin in found.pins], found.pins[0].targets
    (['packaging'], ('here',))
    """
    limit, everywhere = TimeLimit(timeout), tuple(preferences)
    in_order = sorted(questions, key=lambda each: (marks(questions[each].target), each))
    universes = [
        make_universe(
            questions[each].requirements,
            questions[each].installed,
            sources=questions[each].sources,
            index=index,
            prefer=prefer,
            preferences=(*everywhere, *questions[each].preferences),
            settings=settings,
            as_of=as_of,
            spend=limit.spend,
            wheels_first=True,
        )
        for each in in_order
    ]
    try:
        with limit:
            alone = [_alone(*each) for each in zip(in_order, universes, strict=True)]
            found = fewest_versions(universes, alone)
        answers = dict(zip(in_order, map(_answer, in_order, found, universes), strict=True))
    finally:
        for universe in universes:
            universe.close()
    targets = {name: each.target for name, each in questions.items()}
    return joined({name: answers[name] for name in questions}, targets)


def _alone(target: str, universe: Universe) -> Mapping[str, Node]:
    """Return a target's choice by itself. Raises `ConflictError`, `UndecidedError`."""
    choice = decide(universe)
    if isinstance(choice, Refusal):
        raise _named(explain(universe, choice), target)
    return choice


def _answer(target: str, choice: Mapping[str, Node], universe: Universe) -> Resolution:
    """Return the answer of one target. Raises `UnbuiltError`."""
    answer = build_resolution(choice, universe)
    unbuilt = find_unbuilt(answer, choice, universe)
    if unbuilt is not None:
        raise _named(unbuilt, target)
    return answer


def _named(error: ConflictError, target: str) -> ConflictError:
    error.target = target
    return error


def joined(answers: Mapping[str, Resolution], targets: Mapping[str, Target]) -> JointResolution:
    """Join the answers of each target. Raises `AlikeTargetsError`."""
    found: dict[tuple[str, Version, str], dict[str, Pin]] = {}
    for target, answer in answers.items():
        for pin in answer.pins:
            found.setdefault((pin.name, pin.version, pin.url or ""), {})[target] = pin
    pins = tuple(
        JointPin(name, version, url or None, _marker(name, pins, targets), pins)
        for (name, version, url), pins in sorted(found.items())
    )
    together = JointResolution(pins, dict(answers))
    return replace(together, notes=tuple(_notes(together)))


def _marker(name: str, pins: Mapping[str, Pin], targets: Mapping[str, Target]) -> str:
    inside = [targets[each] for each in pins]
    outside = [target for each, target in targets.items() if each not in pins]
    try:
        return parting_marker(inside, outside)
    except AlikeTargetsError as error:
        alike = tuple(
            each
            for each, target in targets.items()
            if error.markers.items() <= dict(target.markers).items()
        )
        raise AlikeTargetsError(error.markers, alike, name) from None


def _notes(answer: JointResolution) -> Iterator[str]:
    for name in answer.forked:
        each = (f"{pin.version} ({', '.join(pin.targets)})" for pin in answer.versions(name))
        yield f"{name} has several versions, as no one was found for all: {', '.join(each)}"
