"""What is asked for: the merge of what was traced with what the user says. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .errors import ContradictoryLinesError, TooManyInputsError
from .requirements import Line, Lines, Origin, read

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from .target import Target

TRACED = "traced"


class Traced(Protocol):
    """Be what ran: a `Distribution`, a `Pin`, or anything else with a name and a version."""

    @property
    def name(self) -> str:
        """Return the name, in any spelling."""

    @property
    def version(self) -> Version:
        """Return the version that ran."""


@dataclass(frozen=True, slots=True)
class Root:
    """Hold one requirement to resolve; a name has one, and a second one where it has a URL too."""

    requirement: Requirement
    """Its name is normalised and its marker, which was true, is gone."""

    origin: Origin
    traced: Version | None
    """The version that the trace ran with."""

    also: tuple[Origin, ...] = ()
    """Further lines that are part of this requirement."""

    @property
    def name(self) -> str:
        """Return the normalised name."""
        return self.requirement.name

    @property
    def by_user(self) -> bool:
        """Tell a user's line from what was traced."""
        return self.origin.layer != TRACED

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Return every line that is part of this requirement."""
        return (self.origin, *self.also)


@dataclass(frozen=True, slots=True)
class RequirementSet:
    """Hold what is to be resolved, sorted by name."""

    roots: tuple[Root, ...]
    constraints: tuple[Line, ...] = ()
    dropped: tuple[Line, ...] = ()
    """Lines whose marker is false for the target."""

    replaced: tuple[Root, ...] = ()
    """Traced pins that a user's line, or a user's whole list, replaced."""

    overrides: tuple[Line, ...] = ()
    """Lines that replace every requirement on their name, whoever stated it."""

    excluded: tuple[Line, ...] = ()
    """Names that nobody's requirement counts for."""


def merge(
    traced: Iterable[Traced],
    *,
    pip_requirements: str | os.PathLike[str] | Iterable[str] | None = None,
    extra_pip_requirements: str | os.PathLike[str] | Iterable[str] | None = None,
    constraints: str | os.PathLike[str] | Iterable[str] | None = None,
    target: Target,
) -> RequirementSet:
    """Merge what was traced with the user's lines.

    `pip_requirements` replaces what was traced, `extra_pip_requirements` is added to it and wins on
    the same name, `constraints` narrow and never add. The order of lines does not matter.
    Raises `RequirementsError`, `TooManyInputsError`, `ContradictoryLinesError`.

    >>> from resolver import Target
    >>> merge([], pip_requirements=["NumPy<2"], target=Target.current()).roots[0].name
    'numpy'
    """
    if pip_requirements is not None and extra_pip_requirements is not None:
        raise TooManyInputsError(("pip_requirements", "extra_pip_requirements"))
    pins = [_traced_root(each) for each in traced]
    listed = read(pip_requirements, layer="pip_requirements")
    added = read(extra_pip_requirements, layer="extra_pip_requirements")
    narrowed = read(constraints, layer="constraints", constraint=True)
    wanted, dropped = _applicable((*listed.requirements, *added.requirements), target)
    limits, ignored = _applicable(_constraints(listed, added, narrowed), target)

    lines = _one_root_per_name(wanted, {pin.name: pin.traced for pin in pins})
    if pip_requirements is not None:
        roots, replaced = lines, pins
    else:
        roots, replaced = _added(pins, lines)
    return RequirementSet(
        roots=tuple(sorted(roots, key=_root_order)),
        constraints=tuple(limits),
        dropped=(*dropped, *ignored),
        replaced=tuple(sorted(replaced, key=_root_order)),
    )


def _traced_root(ran: Traced) -> Root:
    requirement = Requirement(f"{canonicalize_name(ran.name)}=={ran.version}")
    return Root(requirement, Origin(TRACED, text=str(requirement)), ran.version)


def _constraints(*inputs: Lines) -> list[Line]:
    return [line for each in inputs for line in each.constraints]


def _applicable(lines: Iterable[Line], target: Target) -> tuple[list[Line], list[Line]]:
    """Part the lines by their marker and normalise them (rule 1), in an order that is their own."""
    environment = {**target.markers, "extra": ""}
    kept: list[Line] = []
    dropped: list[Line] = []
    for line in sorted(lines, key=_line_order):
        marker = line.requirement.marker
        if marker is None or marker.evaluate(environment):
            kept.append(Line(_plain(line.requirement), line.origin))
        else:
            dropped.append(line)
    return kept, dropped


def _plain(requirement: Requirement) -> Requirement:
    """Copy a requirement with its names normalised and without its marker."""
    plain = Requirement(canonicalize_name(requirement.name))
    plain.extras = {canonicalize_name(extra) for extra in requirement.extras}
    plain.specifier = requirement.specifier
    plain.url = requirement.url
    return plain


def _one_root_per_name(lines: Sequence[Line], traced: dict[str, Version | None]) -> list[Root]:
    """Intersect the lines on one name; a URL stays a root of its own beside a specifier."""
    roots: list[Root] = []
    for name, group in groupby(lines, key=lambda line: line.requirement.name):
        same = list(group)
        urls = [line for line in same if line.requirement.url]
        plain = [line for line in same if not line.requirement.url]
        if len({line.requirement.url for line in urls}) > 1:
            origins = sorted((line.origin for line in urls), key=_place_order)
            raise ContradictoryLinesError(name, tuple(map(str, origins)))
        roots += [_united(part, traced.get(name)) for part in (urls, plain) if part]
    return roots


def _united(lines: Sequence[Line], traced: Version | None) -> Root:
    requirement = _plain(lines[0].requirement)
    for line in lines[1:]:
        requirement.extras |= line.requirement.extras
        requirement.specifier &= line.requirement.specifier
    first, *others = sorted((line.origin for line in lines), key=_place_order)
    if others and _is_empty(requirement.specifier):
        raise ContradictoryLinesError(requirement.name, tuple(map(str, (first, *others))))
    return Root(requirement, first, traced, tuple(others))


def _is_empty(specifier: SpecifierSet) -> bool:
    # packaging can tell since 26.2; with an older one the resolution finds out.
    is_unsatisfiable = getattr(specifier, "is_unsatisfiable", None)
    return is_unsatisfiable is not None and bool(is_unsatisfiable())


def _added(pins: list[Root], lines: list[Root]) -> tuple[list[Root], list[Root]]:
    """Add the user's roots to the traced pins; on one name the user's word replaces the pin."""
    silent = {root.name: root for root in lines if not _says_a_version(root.requirement)}
    named = {root.name for root in lines}
    told = {root.name for root in lines if _says_a_version(root.requirement)}
    roots = [root for root in lines if root.name in told or root.traced is None]
    for pin in pins:
        if pin.name not in named:
            roots.append(pin)
        elif pin.name not in told:
            roots.append(_with_extras(pin, silent[pin.name]))
    return roots, [pin for pin in pins if pin.name in told]


def _says_a_version(requirement: Requirement) -> bool:
    return bool(requirement.url) or len(requirement.specifier) > 0


def _with_extras(pin: Root, line: Root) -> Root:
    """Keep the traced pin for a line that says no version, with the line's extras."""
    requirement = _plain(pin.requirement)
    requirement.extras = line.requirement.extras
    return Root(requirement, line.origin, pin.traced, line.also)


def _line_order(line: Line) -> tuple[str, str, str, str, str, int]:
    origin = line.origin
    name = canonicalize_name(line.requirement.name)
    text = str(line.requirement)
    return (name, text, origin.layer, origin.file or "", origin.text, origin.line or 0)


def _place_order(origin: Origin) -> tuple[str, int]:
    return origin.file or "", origin.line or 0


def _root_order(root: Root) -> tuple[str, bool, str]:
    return root.name, root.requirement.url is None, str(root.requirement)
