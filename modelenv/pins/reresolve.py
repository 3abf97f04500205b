"""Resolve a saved model's requirements again, and move nothing that need not move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..base.errors import WrongUseError
from ..base.siblings import resolver
from ..folder.model_folder import Stated, provided_by_conda
from .lines import read_lines
from .package_sources import Places, travelling

Index = Literal["auto", "never"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user wants changed."""

    lines: resolver.Lines = field(default_factory=resolver.Lines)
    """What is added, or what is to stand."""
    whole: bool = False
    """Whether the lines take the place of all that stand."""
    remove: tuple[str, ...] = ()
    """Normalised names."""
    constraints: tuple[str, ...] = ()
    """What narrows besides, as it was written."""

    @classmethod
    def of(
        cls,
        add: Iterable[str],
        remove: Iterable[str],
        replace_all: Iterable[str] | None,
        constraints: Iterable[str],
        environment: Mapping[str, str],
    ) -> Asked:
        """Read the user's lines, once, with the variables that they name.

        Raises WrongUseError where they exclude each other, and InvalidFile.
        """
        added, names, limits = _lines(add), tuple(map(_name, _lines(remove))), _lines(constraints)
        whole = None if replace_all is None else _lines(replace_all)
        if whole is not None and (added or names):
            raise WrongUseError("a whole list takes no lines to add or to remove beside it")
        if not (added or names or limits or whole is not None):
            raise WrongUseError("nothing to change: name lines to add or names to remove")
        layer, lines = ("add", added) if whole is None else ("set", whole)
        read = read_lines(lines, layer=layer, environment=environment)
        return cls(read, whole is not None, names, limits)

    @property
    def told(self) -> Mapping[str, resolver.Line]:
        """The lines by their normalised names."""
        return {canonicalize_name(each.requirement.name): each for each in self.lines.requirements}

    @property
    def limits(self) -> tuple[str, ...]:
        """What narrows from now on, `-c` files among the lines included."""
        named = (line.written or str(line.requirement) for line in self.lines.constraints)
        return (*self.constraints, *named)

    @property
    def options(self) -> tuple[str, ...]:
        """How pip finds the files, as the lines say; `--pre` and its like are done with."""
        return tuple(travelling(self.lines))


@dataclass(frozen=True, slots=True)
class _Pinned:
    """A line that stays at its version: what the merge takes for traced."""

    name: str
    version: Version


def reresolve(stated: Stated, asked: Asked, places: Places, *, index: Index) -> resolver.Resolution:
    """Choose the pins after the edit, as few of them moved as the lines allow.

    Raises WrongUseError for a name that cannot be taken away, and the resolver's errors where
    nothing satisfies the lines.
    """
    _check_removed(stated, asked.remove)
    preferred = _preferred(stated, asked)
    installed = stated.installed()
    told = places.and_those_of(asked.lines)

    def resolve(
        kept: Mapping[str, Version], sources: Sequence[resolver.Source] | None = None
    ) -> resolver.Resolution:
        merged = _merge(stated, asked, kept, places, installed.target)
        return told.resolve(merged, installed, sources=sources, index=index, tolerant=False)

    try:
        return resolve(preferred)
    except resolver.ConflictError:
        if not preferred:
            raise
    # One set of sources for many questions: what was fetched for one is there for the next.
    sources = told.configured(installed.target) if index == "auto" else ()
    free = resolve({}, sources)
    kept = {pin.name: pin.version for pin in free.pins if preferred.get(pin.name) == pin.version}
    best = free
    for name in sorted(preferred.keys() - kept.keys()):
        try:
            best = resolve({**kept, name: preferred[name]}, sources)
        except (resolver.ConflictError, resolver.UndecidedError):
            continue
        kept[name] = preferred[name]
    return best if len(kept) == len(preferred) else resolve(kept, sources)


def _check_removed(stated: Stated, names: Iterable[str]) -> None:
    for name in names:
        entry = stated.get(name)
        if entry is None:
            raise WrongUseError(f"{name} is not among the requirements of {stated.folder}")
        if all(root.name != name for root in stated.roots):
            raise WrongUseError(
                f"{name} is there because others require it ({entry.comment}): remove those"
            )


def _preferred(stated: Stated, asked: Asked) -> dict[str, Version]:
    """Return what only follows from the roots, at the versions to keep where that can be."""
    if not stated.closed or asked.whole:
        pinned: Iterable[str] = ()
    else:
        roots = {root.name for root in stated.roots}
        pinned = {entry.name for entry in stated.spec.requirements} - roots - asked.told.keys()
    versions = {name: stated.version(name) for name in pinned}
    return {name: version for name, version in versions.items() if version is not None}


def _merge(
    stated: Stated,
    asked: Asked,
    kept: Mapping[str, Version],
    places: Places,
    target: resolver.Target,
) -> resolver.RequirementSet:
    limits = [
        *stated.spec.constraints,
        *asked.constraints,
        *(f"{name}=={version}" for name, version in kept.items()),
    ]
    told = asked.told
    released = stated.names if asked.whole else asked.remove
    merge = partial(
        resolver.merge,
        constraints=places.read(limits, layer="constraints", constraint=True),
        provided=provided_by_conda(stated.spec, released) - told.keys(),
        target=target,
    )
    if asked.whole:
        return merge((), pip_requirements=asked.lines)
    traced, lines = [], []
    for root in stated.roots:
        if root.name in asked.remove or not stated.applies(root):
            continue
        requirement = Requirement(root.requirement)
        version = stated.version(root.name)
        if version is not None:
            traced.append(_Pinned(root.name, version))
        extras = (
            f"{root.name}[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
        )
        if root.name in told:
            lines += [extras] if extras else []
        elif extras or version is None:
            lines.append(root.requirement)
    standing = places.read(lines, layer="requirements.txt")
    return merge(traced, extra_pip_requirements=standing | asked.lines)


def iter_stays(asked: Asked, resolution: resolver.Resolution) -> Iterator[str]:
    """Say of each name that was taken away and is there all the same who requires it."""
    for name in asked.remove:
        pin = resolution.get(name)
        if pin is not None:
            *others, last = [each for each in pin.via if resolution.get(each)] or [""]
            who = f"{', '.join(others)} and {last} require" if others else f"{last} requires"
            yield f"{name} stays: {who} {name}"


def _lines(lines: Iterable[str]) -> tuple[str, ...]:
    return (lines,) if isinstance(lines, str) else tuple(lines)


def _name(text: str) -> str:
    try:
        return canonicalize_name(Requirement(text).name)
    except InvalidRequirement as error:
        raise WrongUseError(f"{text!r} is not the name of a distribution") from error
