"""The whole story for several targets: from what each asks for to one answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ..errors import AlikeTargetsError
from ..solving import resolve
from .joint_resolution import JointPin, JointResolution
from .markers import parting_marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from packaging.version import Version

    from ..installed.environment import Installed
    from ..requirements.merge import PinLike, RequirementSet
    from ..search.resolution import Pin, Resolution
    from ..settings import IndexSettings
    from ..sources.protocol import Source
    from ..target import Target


@dataclass(frozen=True, slots=True)
class TargetQuestion:
    """What is asked for one target, which is that of `installed`."""

    requirements: RequirementSet
    """As `merge` made them for this target."""

    installed: Installed
    """What is there already; `Installed((), target)` where nothing is."""

    sources: Sequence[Source] = ()
    """What is asked before the index, as it suits this target."""

    @property
    def target(self) -> Target:
        """Return the target."""
        return self.installed.target


def resolve_jointly(
    questions: Mapping[str, TargetQuestion],
    *,
    index: Literal["auto", "offline", "never"] = "auto",
    prefer: Literal["installed", "newest"] = "installed",
    preferences: Iterable[PinLike] = (),
    settings: IndexSettings | None = None,
    as_of: str | date | datetime | None = None,
    timeout: float = 1_800.0,
) -> JointResolution:
    """Choose for several targets at once, with as few versions of a name as can be.

    `questions` are by the targets' names, which the answer uses. A name has one version for all of
    them unless none fits all; then markers part the targets. Each target's own answer is sound for
    it, and there is one for all wherever there is one for each. Which versions are tried first is
    said as in `resolve`; `preferences` count for every target, and the order of the targets counts
    for nothing. Raises what `resolve` does, of the first target that has no answer, and
    `AlikeTargetsError`, where targets need different versions and no marker tells them apart.

    >>> from resolver import Installed, Target, merge
    >>> here = Target.current()
    >>> wanted = merge([], pip_requirements=["packaging"], target=here)
    >>> question = TargetQuestion(wanted, Installed.current())
    >>> found = resolve_jointly({"here": question}, index="never")
    >>> [pin.name for pin in found.pins], found.pins[0].targets
    (['packaging'], ('here',))
    """
    chosen: dict[str, Pin | PinLike] = {each.name: each for each in preferences}
    answers: dict[str, Resolution] = {}
    for name, question in questions.items():
        answers[name] = resolve(
            question.requirements,
            question.installed,
            sources=question.sources,
            index=index,
            prefer=prefer,
            preferences=chosen.values(),
            settings=settings,
            as_of=as_of,
            timeout=timeout,
        )
        chosen |= {pin.name: pin for pin in answers[name].pins if pin.name not in chosen}
    return joined(answers, {name: each.target for name, each in questions.items()})


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
        yield f"no one {name} was found for all: {', '.join(each)}"
