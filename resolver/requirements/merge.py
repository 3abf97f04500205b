"""The merge of traced requirements with the user's lines. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..errors import InvalidLine, RequirementsError, TooManyInputsError
from .hashes import allowed_hashes, check_hashes
from .lines import Line, Lines, Origin
from .normalise import TRACED, Root, applicable, one_root_per_name, plain, root_order
from .overrides import Overrides

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.version import Version

    from ..target import Target
    from .lines import OptionLike

    Given: TypeAlias = Iterable[str] | Lines | None

__all__ = ["TRACED", "PinLike", "RequirementSet", "Root", "merge"]


class PinLike(Protocol):
    """A name at a version: a `Distribution`, a `Pin`, or anything else that has both."""

    @property
    def name(self) -> str:
        """Return the name, in any spelling."""

    @property
    def version(self) -> Version:
        """Return the version."""


@runtime_checkable
class PlacedPin(PinLike, Protocol):
    """A pin that a file states; others are what the trace ran with."""

    @property
    def place(self) -> str:
        """Return the file, as "requirements.txt"."""


class ProjectLike(Protocol):
    """A project whose code travels separately: an editable install."""

    @property
    def name(self) -> str:
        """Return the name, in any spelling."""

    def needs(self, target: Target, extra: str = "") -> tuple[Requirement, ...]:
        """Return the requirements that apply on `target` while `extra` is requested."""


@dataclass(frozen=True, slots=True)
class RequirementSet:
    """The requirements to resolve, sorted by name."""

    roots: tuple[Root, ...]
    """The roots, with overrides and exclusions applied."""

    constraints: tuple[Line, ...] = ()
    dropped: tuple[Line, ...] = ()
    """Lines whose marker is false for the target."""

    replaced: tuple[Root, ...] = ()
    """Traced pins that a user's line, or a user's whole list, replaced."""

    overrides: tuple[Root, ...] = ()
    """Requirements that replace every other one on their name."""

    excluded: tuple[Line, ...] = ()
    """Names on which every requirement is dropped, whoever states it."""

    provided: tuple[str, ...] = ()
    """Names that are provided in another way, and are not requested."""

    options: tuple[OptionLike, ...] = ()
    """Options of the user's lines that tell pip where to find files."""

    hashed: tuple[Line, ...] = ()
    """Lines with digests for the files of their name: each narrows, none adds a root."""

    built: tuple[Line, ...] = ()
    """Lines with settings for the build backend of their name."""

    def __repr__(self) -> str:
        """Return the number of roots, in brackets."""
        return f"<RequirementSet of {len(self.roots)} roots>"

    @property
    def hashes(self) -> dict[str, frozenset[str]]:
        """Return the digests that files may have, by name."""
        return allowed_hashes(self.hashed)

    @property
    def settings(self) -> dict[str, tuple[str, ...]]:
        """Return the settings of build backends, by name, as "KEY=VALUE"."""
        told: dict[str, dict[str, None]] = {}
        for line in self.built:
            told.setdefault(line.requirement.name, {}).update(dict.fromkeys(line.settings))
        return {name: tuple(sorted(settings)) for name, settings in told.items()}

    @property
    def everywhere(self) -> Overrides:
        """Return a requirement after overrides and exclusions, wherever it is stated."""
        dropped = [line.requirement.name for line in self.excluded]
        return Overrides((each.requirement for each in self.overrides), (*dropped, *self.provided))


def merge(
    traced: Iterable[PinLike],
    *,
    pip_requirements: Given = None,
    extra_pip_requirements: Given = None,
    conda_env: Given = None,
    constraints: Given = None,
    overrides: Given = None,
    exclude: Given = None,
    projects: Iterable[ProjectLike] = (),
    provided: Iterable[str] = (),
    target: Target,
) -> RequirementSet:
    """Merge traced requirements with the user's lines: requirement strings (PEP 508), or values.

    `pip_requirements` replaces the traced requirements, and so does `conda_env`, the pip section of
    a conda file. `extra_pip_requirements` is added to them and wins on the same name. `constraints`
    narrow and never add. `overrides` replace every requirement on their names, and `exclude` drops
    them, also those that distributions state. `projects` were traced with their requirements and
    are `provided`, like the names that conda installs: nothing requests them. The order of lines
    does not matter. Raises `RequirementsError`, `TooManyInputsError`, `ContradictoryLinesError`,
    and `WrongTargetError` if a list is for other environments than `target`.

    >>> from resolver import Target
    >>> merge([], pip_requirements=["NumPy<2"], target=Target.current()).roots[0].name
    'numpy'
    """
    _check_one(pip_requirements, extra_pip_requirements, conda_env)
    projects = list(projects)
    pins = [_traced_root(each) for each in traced]
    listed = Lines.of(pip_requirements, "pip_requirements")
    in_conda = Lines.of(conda_env, "conda_env")
    added = Lines.of(extra_pip_requirements, "extra_pip_requirements")
    narrowed = Lines.of(constraints, "constraints", constraint=True)
    replacing = Lines.of(overrides, "overrides")
    layers = (listed, in_conda, added)
    for each in (*layers, narrowed, replacing):
        each.check(target)
    wanted, dropped = applicable([each for one in layers for each in one.requirements], target)
    limits, idle = applicable(_constraints(*layers, narrowed, replacing), target)
    said, void = applicable(replacing.requirements, target)

    lines = one_root_per_name(wanted, {pin.name: pin.traced for pin in pins})
    if pip_requirements is not None or conda_env is not None:
        roots, replaced = lines, pins
    else:
        roots, replaced = _added(_and_declared(pins, projects, target), lines)
    replaced_names = {line.requirement.name for line in said}
    counting = [line for line in wanted if line.requirement.name not in replaced_names] + said
    hashed = tuple(line for line in (*counting, *limits) if line.hashes)
    check_hashes(hashed, {root.name for root in roots})
    there = {canonicalize_name(name) for name in (*(p.name for p in projects), *provided)}
    merged = RequirementSet(
        roots=(),
        constraints=tuple(limits),
        dropped=(*dropped, *idle, *void),
        replaced=tuple(sorted(replaced, key=root_order)),
        overrides=tuple(one_root_per_name(said, {})),
        excluded=_excluded(exclude),
        provided=tuple(sorted(there)),
        options=tuple(option for each in (*layers, narrowed, replacing) for option in each.options),
        hashed=hashed,
        built=tuple(line for line in counting if line.settings),
    )
    return _with_roots(merged, roots)


def _check_one(pip: Given, extra: Given, conda: Given) -> None:
    inputs = {"pip_requirements": pip, "extra_pip_requirements": extra, "conda_env": conda}
    named = tuple(name for name, value in inputs.items() if value is not None)
    if len(named) > 1:
        raise TooManyInputsError(named)


def _with_roots(merged: RequirementSet, roots: Iterable[Root]) -> RequirementSet:
    """Apply overrides, exclusions and provided names to the roots."""
    overridden = {each.name: each for each in merged.overrides}
    final: list[Root] = []
    for name, group in groupby(sorted(roots, key=root_order), key=lambda root: root.name):
        same = list(group)
        override = overridden.get(name)
        if override is not None and len(same) > 1:  # a URL and a specifier: both are replaced
            same = [_with_extras(same[0], same[1].requirement.extras)]
        for root in same:
            also = (*root.also, *(override.origins if override else ()))
            final += [
                replace(root, requirement=requirement, also=also)
                for requirement in merged.everywhere.over([root.requirement])
            ]
    return replace(merged, roots=tuple(sorted(final, key=root_order)))


def _traced_root(ran: PinLike) -> Root:
    requirement = Requirement(f"{canonicalize_name(ran.name)}=={ran.version}")
    place = ran.place if isinstance(ran, PlacedPin) else ""
    return Root(requirement, Origin(TRACED, place, str(requirement)), ran.version)


def _and_declared(
    pins: Iterable[Root], projects: Iterable[ProjectLike], target: Target
) -> list[Root]:
    """Add the requirements of projects to the traced pins; on the same name the pin stays."""
    roots = {pin.name: pin for pin in pins}
    for project in projects:
        for need in map(plain, project.needs(target)):
            known = roots.get(need.name)
            if known is None:
                said = Origin(TRACED, text=f"{project.name} requires {need}")
                roots[need.name] = Root(need, said, None)
                continue
            united = _with_extras(known, need.extras)
            if known.traced is None:
                united.requirement.specifier &= need.specifier
            roots[need.name] = united
    return list(roots.values())


def _added(pins: list[Root], lines: list[Root]) -> tuple[list[Root], list[Root]]:
    """Add the user's roots to the traced pins; on one name the user's line replaces the pin."""
    told = {root.name for root in lines if _says_a_version(root.requirement)}
    silent = {root.name: root for root in lines if root.name not in told}
    traced = {pin.name for pin in pins}
    roots = [root for root in lines if root.name not in silent or root.name not in traced]
    for pin in pins:
        line = silent.get(pin.name)
        if line is not None:
            # A line without a version keeps the traced one, and adds its extras.
            united = _with_extras(pin, line.requirement.extras)
            roots.append(replace(united, origin=line.origin, also=line.also))
        elif pin.name not in told:
            roots.append(pin)
    return roots, [pin for pin in pins if pin.name in told]


def _excluded(names: Given) -> tuple[Line, ...]:
    lines = Lines.of(names, "exclude").requirements
    faults = [
        InvalidLine(
            str(line.origin), "exclude drops a name, whatever its version: give the name alone"
        )
        for line in lines
        if str(line.requirement) != line.requirement.name
    ]
    if faults:
        raise RequirementsError(tuple(faults))
    alone = (Line(plain(line.requirement), line.origin) for line in lines)
    by_name = {line.requirement.name: line for line in alone}
    return tuple(by_name[name] for name in sorted(by_name))


def _constraints(*inputs: Lines) -> list[Line]:
    return [line for each in inputs for line in each.constraints]


def _says_a_version(requirement: Requirement) -> bool:
    return bool(requirement.url) or len(requirement.specifier) > 0


def _with_extras(root: Root, extras: Iterable[str]) -> Root:
    requirement = plain(root.requirement)
    requirement.extras |= set(extras)
    return replace(root, requirement=requirement)
