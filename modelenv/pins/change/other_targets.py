"""The choice of a locked set's versions on other interpreters and platforms.

Pins stay as far as they are available there. The others get the nearest versions, as few different
ones as possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...base.siblings import envfiles, resolver
from ..lock_entries import is_reference
from ..package_sources import PackageSources
from ..pin_set import PinnedVersion, is_floating, pinned_versions
from ..reasons import Reasons
from .locking import LockedPins, LockQuestion, placed
from .nearest import Availability

_SPECIFIERS = r"(?:\s*(?:~=|===?|!=|<=|>=|<|>)\s*[^\s,;()]+,?)+"

_SOURCE_ONLY = " is there as a source distribution only: who installs it has to build it"

Answers = Mapping[str, resolver.Resolution]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTargets:
    """Pins that are locked for their own target, and the other targets to lock them for."""

    question: LockQuestion
    """The question of their own target."""
    own: LockedPins
    """Its answer."""
    targets: Mapping[str, resolver.Target]
    """The others, by their names."""
    excluded: tuple[str, ...] = ()
    """Required distributions that the model does without, on other targets too."""
    alone: tuple[tuple[PinnedVersion, Path], ...] = ()
    """Pins that exist only as a wheel here: an index's projects of these names are others."""

    def answers(self) -> Answers:
        """Return what each of the other targets installs, by their names.

        Raises the resolver's errors, UnknownHostError.
        """
        asked, known = self._asked(), Availability(self.targets, self._sources_of)
        wished = self._wished(asked, known)
        found: dict[str, resolver.Resolution] = {}
        for name, target in self.targets.items():
            self.question.sources.report(f"resolving for {name}")
            first = [each.at(name) for each in wished if name in each.versions]
            try:
                found[name] = self._alone(target, asked, first)
            except resolver.ConflictError as error:
                raise replace(error, advice=(*error.advice, *self._ways(name, error))) from error
        moved = self._moved(found)
        names = {name for name, _ in moved}
        shared = len(names) < len(moved)
        answers = self._together(asked, found, known) if shared else found
        return {name: _telling(answers, name, wished) for name in answers}

    def _asked(self) -> tuple[envfiles.Entry, ...]:
        """Return the root lines.

        In a closed list these include pins that no other pin leads to, whatever their reasons say.
        """
        pins = self.question.pins
        if not pins.closed:
            return pins.roots
        apart = {each.name for each in self.references}
        roots = tuple(each for each in pins.roots if each.name not in apart)
        known = apart | {each.name for each in roots}
        reached = self._alone(self.question.target, roots, [*self._pinned.values()])
        known |= {each.name for each in reached.pins}
        astray = (each for each in pins.entries if each.name not in known and pins.applies(each))
        return (*roots, *astray)

    @property
    def references(self) -> tuple[envfiles.Entry, ...]:
        """The lines of a closed list that name a place: they stay so on every target.

        Their requirements on other targets are not asked for; their proven dependencies are pinned.
        """
        pins = self.question.pins
        return tuple(filter(is_reference, pins.entries)) if pins.closed else ()

    def _ways(self, target: str, error: resolver.ConflictError) -> Iterator[str]:
        """Yield the ways out that no requirement is: a wheel for that target, or none of it."""
        for pin, file in self.alone:
            if pin.name in error.names:
                place = f"{file.parent.name}/{file.name}"
                yield f"{pin.name} travels as {place}: a wheel of it for {target} beside that does."
        yield f"All that is for {target}: the lock may do without that one."

    @property
    def _travelling(self) -> resolver.Lines:
        """The versions of the wheels that travel: no advice is to do without these."""
        lines = [
            resolver.Line(
                Requirement(f"{pin.name}=={pin.version}"),
                resolver.Origin("wheels", f"{file.parent.name}/{file.name}"),
                firm=True,
            )
            for pin, file in self.alone
        ]
        return resolver.Lines(constraints=tuple(lines))

    @property
    def _dropped(self) -> tuple[str, ...]:
        """Names that no index is asked for: it may have another project of that name."""
        return (*self.excluded, *(each.name for each in self.references))

    def _alone(
        self,
        target: resolver.Target,
        asked: Sequence[envfiles.Entry],
        first: Sequence[PinnedVersion],
    ) -> resolver.Resolution:
        """Resolve for one target; a pin with a proven wheel has to have one there."""
        merged, nothing = self._merged(target, asked), resolver.Installed((), target)
        given = self.question.given
        try:
            return self._by_wheels.resolve(merged, nothing, sources=given, preferences=first)
        except resolver.ConflictError:
            sources = self.question.sources
            return sources.resolve(merged, nothing, sources=given, preferences=first)

    def _together(
        self, asked: Sequence[envfiles.Entry], found: Answers, known: Availability
    ) -> Answers:
        """Resolve together what moved, if one version of it may fit several targets.

        Pins at their proven versions stay. Without an answer each target gets its own.
        """
        sources, given = self._by_wheels, self.question.given
        options = sources.admitted().options.options
        chosen: dict[str, set[Version]] = {}
        for each, version in self._moved(found):
            chosen.setdefault(each, set()).add(version)
        questions = {}
        for name, target in self.targets.items():
            kept = self._kept(found[name])
            stays = [f"{each.name}=={each.version}" for each in kept]
            questions[name] = resolver.TargetQuestion(
                replace(self._merged(target, asked, stays), options=options),
                resolver.Installed((), target),
                (*sources.wheel_folder(target), *(given or ())),
                [
                    PinnedVersion(each.name, known.widest(name, each.name, chosen[each.name]))
                    for each in found[name].pins
                    if each.name in chosen and each not in kept
                ],
            )
        try:
            with sources.concealing():
                return resolver.resolve_jointly(
                    questions,
                    index="auto" if given is None else "never",
                    settings=sources.settings,
                ).answers
        except resolver.ResolverError:  # each has an answer, some by what was built for it
            return found

    def _wished(self, asked: Sequence[envfiles.Entry], known: Availability) -> tuple[Wish, ...]:
        """Return which versions are to be tried first, of each name that is pinned."""
        lines = {each.name: each for each in asked}
        wishes = []
        for each in self._pinned.values():
            asked_for = each.name, each.version, _bounds(lines.get(each.name))
            wishes.append(Wish(each, known.wished(*asked_for), known.nearest(*asked_for)))
        return tuple(wishes)

    def _sources_of(self, target: resolver.Target) -> Sequence[resolver.Source]:
        sources, given = self._by_wheels, self.question.given
        beside = sources.configured(target) if given is None else given
        return (*sources.wheel_folder(target), *beside)

    def _merged(
        self, target: resolver.Target, asked: Sequence[envfiles.Entry], kept: Iterable[str] = ()
    ) -> resolver.RequirementSet:
        """Merge what lines ask for on a target; single versions may be others there."""
        question, pins = self.question, self.question.pins
        read = question.sources.read(list(map(_line, asked)), layer="requirements.txt")
        lines = tuple(placed(each, question.places) for each in read.requirements)
        constraints = question.sources.read(
            pins.spec.constraints, layer="constraints", constraint=True
        )
        merged = resolver.merge(
            (),
            pip_requirements=replace(read, requirements=lines),
            constraints=constraints
            | resolver.Lines.of(kept, "constraints", constraint=True)
            | self._travelling,
            exclude=self._dropped,
            provided=pins.provided_by_conda(),
            target=target,
        )
        return replace(merged, dropped=())  # that a line is for other targets is no news of each

    @property
    def _by_wheels(self) -> PackageSources:
        """The sources; of names with a proven wheel only wheels count."""
        assert self.own.lock is not None
        names = sorted({each.name for each in self.own.lock.packages if _has_wheel(each)})
        lines = [f"--only-binary {','.join(names)}"] if names else []
        sources = self.question.sources
        return sources.with_options_of(sources.read(lines, layer="options"))

    @property
    def _pinned(self) -> Mapping[str, PinnedVersion]:
        """The pins of its own target, then those of lines that do not apply there."""
        pins = (*self.question.pins.entries, *self.own.entries)
        return {each.name: each for each in pinned_versions(pins)}

    def of_answer(self, answer: resolver.Resolution) -> Iterator[str]:
        """Yield the notes of an answer that are new and are not on its files."""
        known = (*(f": {each} drops: " for each in self._dropped), _SOURCE_ONLY)
        yield from (note for note in answer.notes if not any(each in note for each in known))

    def notes(self, answers: Answers) -> Iterator[str]:
        """Yield the platforms on which a newer system may have the proven version.

        Their names mean the oldest system. Another platform has that version for the same Python.
        """
        if self.references:
            names = ", ".join(each.name for each in self.references)
            yield f"{names}: taken from the same place everywhere, whatever it requires elsewhere"
        kept = {self.question.target.markers["python_version"]: {*self._pinned}}
        for name, answer in answers.items():
            python = self.targets[name].markers["python_version"]
            kept.setdefault(python, set()).update(each.name for each in self._kept(answer))
        tags = {}
        for name, answer in answers.items():
            target, moved = self.targets[name], {each for each, _ in self._moved({name: answer})}
            if moved & self._pinned.keys() & kept[target.markers["python_version"]]:
                tags[name.partition("-")[2]] = target.wheel_tags()[0].rpartition("-")[2]
        for platform, tag in tags.items():
            if platform != tag:
                yield f"{platform} stands for {tag}: where all systems are newer, name such a one"

    def _kept(self, answer: resolver.Resolution) -> tuple[resolver.Pin, ...]:
        """Return the pins of a target that are as they were proven."""
        pinned = {name: each.version for name, each in self._pinned.items()}
        return tuple(each for each in answer.pins if pinned.get(each.name) == each.version)

    def _moved(self, found: Answers) -> frozenset[tuple[str, Version]]:
        """Return the names and versions of some target that were not proven."""
        return frozenset(
            (pin.name, pin.version)
            for answer in found.values()
            for pin in {*answer.pins}.difference(self._kept(answer))
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """The version of a pin to try first on each target."""

    pin: PinnedVersion
    versions: Mapping[str, Version]
    nearest: Mapping[str, Version]
    """The version that each target would get alone."""

    def at(self, target: str) -> PinnedVersion:
        """Return it for one target."""
        return PinnedVersion(self.pin.name, self.versions[target])

    def iter_told(self, answers: Answers, target: str) -> Iterator[str]:
        """Yield a note if a target shares a version with another although it has a nearer one."""
        chosen = {
            each: pin.version for each in answers if (pin := answers[each].get(self.pin.name))
        }
        version, alone = chosen.pop(target, None), self.nearest.get(target)
        if version in (None, alone, self.pin.version) or alone in (None, self.pin.version):
            return
        if version in chosen.values():
            yield (
                f"{self.pin.name} {version} and not {alone}, which is nearer to {self.pin.version}:"
                " as few versions as can be, and one that suits the rest"
            )


def _telling(answers: Answers, target: str, wishes: Sequence[Wish]) -> resolver.Resolution:
    """Return the answer of a target with notes on its versions."""
    told = (note for each in wishes for note in each.iter_told(answers, target))
    answer = answers[target]
    return replace(answer, notes=(*answer.notes, *told))


def _has_wheel(locked: envfiles.Locked) -> bool:
    return any(each.is_wheel for each in locked.artifacts)


def _line(entry: envfiles.Entry) -> str:
    """Return a line for other targets: instead of a single version the user's own bounds.

    >>> _line(envfiles.Entry("numpy==2.4.6", "imported by the model; via lines.txt:3: numpy<3"))
    'numpy<3'
    >>> _line(envfiles.Entry("a==1", "via mine[0]: a<2; os_name != 'nt', mine[1]: a"))
    'a<2'
    >>> _line(envfiles.Entry("a==1", "via mine[0]: a<2; os_name != 'nt'"))
    'a<2; os_name != "nt"'
    """
    if is_reference(entry) or is_floating(entry):
        return entry.requirement
    asked = Requirement(entry.requirement)
    asked.specifier = _bounds(entry)
    asked.marker = asked.marker or _condition(entry)
    return str(asked)


def _bounds(entry: envfiles.Entry | None) -> SpecifierSet:
    """Return the bounds of the user's lines in the reasons of a pin.

    >>> comment = "asked for (A_b[x]>=1,<3); via lines.txt:3: a.b != 2.5"
    >>> str(_bounds(envfiles.Entry("a-b==2", comment)))
    '!=2.5,<3,>=1'
    """
    if entry is None or is_reference(entry):
        return SpecifierSet()
    name = r"[-_.]+".join(map(re.escape, entry.name.split("-")))
    said = rf"(?<![\w.-]){name}(?:\[[^\]]*\])?\s*\(?({_SPECIFIERS})"
    found = re.findall(said, entry.comment, re.IGNORECASE)
    return SpecifierSet(",".join(each.rstrip(",") for each in found))


def _condition(entry: envfiles.Entry) -> Marker | None:
    """Return the marker of the user's line, if one with a marker is all that asks for a pin.

    Several lines are alternatives by target: a name that some of them require anywhere is required.
    """
    reasons = Reasons.read(entry.comment)
    if reasons.own or len(reasons.lines) != 1:
        return None
    line = reasons.lines[0].partition(": ")[2]
    try:
        asked = Requirement(line)
    except InvalidRequirement:
        return None
    return asked.marker if canonicalize_name(asked.name) == entry.name else None
