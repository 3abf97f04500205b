"""One layer of lines as roots: names normalised, markers evaluated, one root for each name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..errors import ContradictoryLinesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from ..target import Target
    from .lines import Line, Origin

TRACED = "traced"


@dataclass(frozen=True, slots=True)
class Root:
    """One requirement to resolve; a name has one, and a second one if it also has a URL."""

    requirement: Requirement
    """The requirement, its name normalised, without its marker, which was true."""

    origin: Origin
    traced: Version | None
    """The version that ran in the trace."""

    also: tuple[Origin, ...] = ()
    """Further lines that are merged into this requirement."""

    @property
    def name(self) -> str:
        """Return the normalised name."""
        return self.requirement.name

    @property
    def by_user(self) -> bool:
        """Whether it is a user's line, not a traced requirement."""
        return self.origin.layer != TRACED

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Return every line that is merged into this requirement."""
        return (self.origin, *self.also)


def applicable(lines: Iterable[Line], target: Target) -> tuple[list[Line], list[Line]]:
    """Return the lines that apply, normalised (rule 1), and those that do not, both sorted."""
    environment = {**target.markers, "extra": ""}
    kept: list[Line] = []
    dropped: list[Line] = []
    for line in sorted(lines, key=_line_order):
        marker = line.requirement.marker
        if marker is None or marker.evaluate(environment):
            normal = plain(line.requirement)
            kept.append(replace(line, requirement=normal))
        else:
            dropped.append(line)
    return kept, dropped


def plain(requirement: Requirement) -> Requirement:
    """Return a requirement with its names normalised and without its marker."""
    copy = Requirement(canonicalize_name(requirement.name))
    copy.extras = {canonicalize_name(extra) for extra in requirement.extras}
    copy.specifier = requirement.specifier
    copy.url = requirement.url
    return copy


def one_root_per_name(lines: Sequence[Line], traced: Mapping[str, Version | None]) -> list[Root]:
    """Intersect the lines on one name; a URL stays a root of its own beside a specifier."""
    roots: list[Root] = []
    for name, group in groupby(lines, key=lambda line: line.requirement.name):
        same = list(group)
        urls = [line for line in same if line.requirement.url]
        others = [line for line in same if not line.requirement.url]
        if len({line.requirement.url for line in urls}) > 1:
            origins = sorted((line.origin for line in urls), key=_place_order)
            raise ContradictoryLinesError(name, tuple(map(str, origins)))
        roots += [_united(part, traced.get(name)) for part in (urls, others) if part]
    return roots


def _united(lines: Sequence[Line], traced: Version | None) -> Root:
    requirement = plain(lines[0].requirement)
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


def _line_order(line: Line) -> tuple[str, str, str, tuple[int, str], str]:
    origin = line.origin
    name, text = canonicalize_name(line.requirement.name), str(line.requirement)
    return (name, text, origin.layer, _place_order(origin), origin.text)


def _place_order(origin: Origin) -> tuple[int, str]:
    return len(origin.place), origin.place  # line 9 stands before line 10


def root_order(root: Root) -> tuple[str, bool, str]:
    """Return the sort key of a root: by name, a URL first."""
    return root.name, root.requirement.url is None, str(root.requirement)
