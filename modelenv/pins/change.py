"""Change a pinned set and move nothing that need not move, by one of two policies.

:func:`repin` is for one run, and for a mend: an override replaces every requirement on its name,
whoever stated it, so what is pinned already is not asked whether it agrees. Only what the new lines
themselves require may move other pins, and then everything is resolved again.

:func:`reresolve` is for an edit of a folder: what is pinned and the new lines have to agree, and of
what only follows from them as many versions are kept as can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..base.arguments import Requirements
from ..base.errors import WrongUseError
from ..base.siblings import envfiles, resolver
from .package_sources import PIP_CONFIGURATION, PackageSources
from .pin_set import PinnedVersion, PinSet, pinned_versions
from .requested_change import RequestedChange
from .user_hashes import UserHashes
from .variables import as_written

Index = Literal["auto", "never"]
Sources = Sequence[resolver.Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What the resolver is asked, while the pins that are to be kept change."""

    installed: resolver.Installed
    sources: PackageSources
    constraints: resolver.Lines
    provided: frozenset[str]
    """The names that conda installs: they are not asked for."""
    whole: resolver.Lines | None = None
    """All the roots there are; None: `traced` and `extra` are."""
    traced: tuple[PinnedVersion, ...] = ()
    extra: resolver.Lines | None = None
    besides: resolver.RequirementSet | None = None
    """What is said of hashes and builds besides."""
    index: Index = "auto"
    tolerant: bool = True
    """Whether an index that does not answer is passed over."""

    def answer(
        self, kept: Iterable[str] = (), sources: Sources | None = None
    ) -> resolver.Resolution:
        """Resolve with the `kept` pins as constraints. Raises the resolver's errors."""
        merged = resolver.merge(
            self.traced,
            pip_requirements=self.whole,
            extra_pip_requirements=self.extra,
            constraints=self.constraints | resolver.Lines.of(kept, "constraints", constraint=True),
            provided=sorted(self.provided),
            target=self.installed.target,
        )
        if self.besides is not None:
            merged = replace(merged, hashed=self.besides.hashed, built=self.besides.built)
        return self.sources.resolve(
            merged, self.installed, sources=sources, index=self.index, tolerant=self.tolerant
        )

    def keep_agreeing(
        self, preferred: Mapping[str, str]
    ) -> tuple[resolver.Resolution, Mapping[str, str]]:
        """Keep the preferred pins, by name, that clash with nothing; return which they were.

        Where it cannot be told which clash, none is kept. Raises ConflictError where there is no
        answer without them either.
        """
        kept = preferred
        while True:
            try:
                return self.answer(kept.values()), kept
            except resolver.ConflictError as error:
                if not kept:
                    raise
                clashing = kept.keys() & error.names
            kept = {name: pin for name, pin in kept.items() if clashing and name not in clashing}

    def keep_most(self, preferred: Mapping[str, str]) -> resolver.Resolution:
        """Keep the preferred pins, by name; where they clash as many of them as can be.

        Each is tried in the order of their names. Raises the resolver's errors where there is no
        answer without them either.
        """
        try:
            return self.answer(preferred.values())
        except resolver.ConflictError:
            if not preferred:
                raise
        # One set of sources for many questions: what was fetched for one is there for the next.
        target = self.installed.target
        sources = self.sources.configured(target) if self.index == "auto" else ()
        best = self.answer((), sources)
        found = {pin.name: f"{pin.name}=={pin.version}" for pin in best.pins}
        kept = {name: pin for name, pin in preferred.items() if found.get(name) == pin}
        for name in sorted(preferred.keys() - kept.keys()):
            try:
                best = self.answer((*kept.values(), preferred[name]), sources)
            except (resolver.ConflictError, resolver.UndecidedError):
                continue
            kept[name] = preferred[name]
        return best if len(kept) == len(preferred) else self.answer(kept.values(), sources)


@dataclass(frozen=True, slots=True)
class Repinned:
    """A pinned set, and what is different in it."""

    lines: tuple[str, ...]
    """The pins, sorted by name."""
    changes: Mapping[str, str]
    """In words, by the name: ``numpy==2.4.6 -> numpy==1.26.4``, ``added pandas==3.1.1``."""
    parents: Mapping[str, tuple[str, ...]]
    """Of what was added, by its name, the pins that require it."""
    behind: Mapping[str, envfiles.Entry] = field(default_factory=dict)
    """What the new lines say of hashes and builds, by the pins."""


def repin(
    pins: PinSet,
    lines: Requirements | resolver.Lines,
    here: resolver.Installed,
    sources: PackageSources = PIP_CONFIGURATION,
) -> Repinned:
    """Give new `lines` the last word over `pins`, keeping the other pins as far as they allow.

    `here` is what is installed; `sources` say where to find what is not. Raises the resolver's
    errors where the lines cannot be met.
    """
    installed = pins.installed(here)
    old = {each.name: each for each in (_normalised(entry.requirement) for entry in pins.entries)}
    said = sources.read([lines] if isinstance(lines, str) else lines, layer="override")
    merged = resolver.merge((), pip_requirements=said, target=installed.target)
    new_roots = {root.requirement.name: root.requirement for root in merged.roots}
    asked = [str(requirement) for requirement in new_roots.values()]
    question = _Question(
        installed=installed,
        sources=sources.with_options_of(said),
        constraints=sources.read(
            (*pins.spec.constraints, *(str(each.requirement) for each in said.constraints)),
            layer="constraints",
            constraint=True,
        ),
        provided=pins.provided_by_conda() - new_roots.keys(),
        whole=sources.read(asked, layer="override"),
        besides=merged,
    )
    preferred = {
        name: f"{pin.name}{pin.specifier}"
        for name, pin in old.items()
        if _may_stay(pin, new_roots.get(name))
    }
    found, kept = question.keep_agreeing(preferred)
    if kept.keys() != preferred.keys():
        others = (
            str(pin) if pin.url else name for name, pin in old.items() if name not in new_roots
        )
        everything = sources.read([*asked, *others], layer="override")
        found, _ = replace(question, whole=everything).keep_agreeing(kept)
    hashes = UserHashes(lines=merged.hashed, sources=question.sources, target=installed.target)
    found = as_written(hashes.held(found), written_lines(pins, said), sources.environment)
    new = {**old, **{pin.name: _united(pin, old.get(pin.name)) for pin in found.pins}}
    lines = {name: str(new[name]) for name in sorted(new)}
    return Repinned(
        lines=tuple(lines.values()),
        changes=changes_of({name: str(pin) for name, pin in old.items()}, lines),
        parents={
            pin.name: tuple(each for each in pin.via if each in new)
            for pin in found.pins
            if pin.name not in old
        },
        behind={
            lines[pin.name]: envfiles.Entry(
                lines[pin.name], hashes=pin.hashes, settings=pin.settings
            )
            for pin in found.pins
            if pin.hashes or pin.settings
        },
    )


def reresolve(
    pins: PinSet,
    change: RequestedChange,
    here: resolver.Installed,
    sources: PackageSources,
    *,
    index: Index,
) -> resolver.Resolution:
    """Choose the pins after a change, as few of them moved as the lines allow.

    `here` is what is installed; `sources` say where to find what is not. Raises WrongUseError for a
    name that cannot be taken away, and the resolver's errors where nothing satisfies the lines.
    """
    _check_removed(pins, change.remove)
    traced, extra = _standing(pins, change, sources)
    released = pins.names if change.whole else change.remove
    question = _Question(
        installed=pins.installed(here),
        sources=sources.with_options_of(change.lines),
        constraints=sources.read(
            (*pins.spec.constraints, *change.constraints), layer="constraints", constraint=True
        ),
        provided=pins.provided_by_conda(released) - change.by_name.keys(),
        whole=change.lines if change.whole else None,
        traced=traced,
        extra=extra,
        index=index,
        tolerant=False,
    )
    return question.keep_most(_preferred(pins, change))


def _check_removed(pins: PinSet, names: Iterable[str]) -> None:
    roots = {root.name for root in pins.roots}
    for name in names:
        entry = pins.get(name)
        if entry is None:
            raise WrongUseError(f"{name} is not among the requirements: list them to see its name")
        if name not in roots:
            raise WrongUseError(
                f"{name} is there because others require it ({entry.comment}): remove those"
            )


def _preferred(pins: PinSet, change: RequestedChange) -> dict[str, str]:
    """Return what only follows from the roots, at the versions to keep where that can be."""
    if not pins.closed or change.whole:
        return {}
    firm = {root.name for root in pins.roots} | change.by_name.keys()
    following = [entry for entry in pins.entries if entry.name not in firm]
    return {each.name: f"{each.name}=={each.version}" for each in pinned_versions(following)}


def _standing(
    pins: PinSet, change: RequestedChange, sources: PackageSources
) -> tuple[tuple[PinnedVersion, ...], resolver.Lines | None]:
    """Return the roots that stay: at their versions, and the lines that say more than one.

    The lines of the change are among these. Nothing stands beside a whole list.
    """
    if change.whole:
        return (), None
    roots = [each for each in pins.roots if each.name not in change.remove and pins.applies(each)]
    versions = {each.name: each for each in pinned_versions(roots)}
    lines = []
    for root in roots:
        extras = ",".join(sorted(Requirement(root.requirement).extras))
        if root.name in change.by_name:
            lines += [f"{root.name}[{extras}]"] if extras else []
        elif extras or root.name not in versions:
            lines.append(root.requirement)
    standing = sources.read(lines, layer="requirements.txt")
    return tuple(versions.values()), standing | change.lines


def _may_stay(pin: Requirement, asked: Requirement | None) -> bool:
    if asked is None:
        return pin.url is None
    if pin.url is not None or asked.url is not None:
        return False
    versions = [each.version for each in pin.specifier if each.operator in ("==", "===")]
    return all(asked.specifier.contains(version, prereleases=True) for version in versions)


def _normalised(line: str) -> Requirement:
    requirement = Requirement(line)
    requirement.name = canonicalize_name(requirement.name)
    return requirement


def _united(pin: resolver.Pin, old: Requirement | None) -> Requirement:
    """Keep the extras that the folder had asked for, and its marker."""
    requirement = pin.requirement
    if old is not None:
        requirement.extras |= old.extras
        requirement.marker = old.marker
    return requirement


def written_lines(pins: PinSet, lines: resolver.Lines) -> dict[str, str]:
    """Return the lines by their names as they are written, those that are asked for first."""
    written = {entry.name: entry.requirement for entry in pins.entries}
    for line in lines.requirements:
        written[canonicalize_name(line.requirement.name)] = line.written or line.origin.text
    return written


def changes_of(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return in words what is different in the `new` lines, by their names.

    >>> changes_of({"numpy": "numpy==2.4.6"}, {"numpy": "numpy==1.26.4", "idna": "idna==3.10"})
    {'numpy': 'numpy==2.4.6 -> numpy==1.26.4', 'idna': 'added idna==3.10'}
    """
    return {
        name: f"{old[name]} -> {line}" if name in old else f"added {line}"
        for name, line in new.items()
        if old.get(name) != line
    }
