"""Lines as values: requirements and constraints, each with its origin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..errors import InvalidLine, RequirementsError, WrongTargetError
from .references import hide_logins

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.markers import Marker

    from ..target import Target


@dataclass(frozen=True, slots=True)
class Origin:
    """The place where a requirement is stated.

    >>> str(Origin("extra_pip_requirements", "r.txt:3", "numpy<2"))
    'r.txt:3: numpy<2'
    """

    layer: str
    """The argument it came through, "traced" for requirements of the trace."""

    place: str = ""
    """The place, as "r.txt:3" or "constraints[0]"; the layer if nothing else is known."""

    text: str = ""
    """The text at that place, without any login."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", self.place or self.layer)

    def __str__(self) -> str:
        return f"{self.place}: {hide_logins(self.text)}" if self.text else self.place


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement and its origin."""

    requirement: Requirement
    origin: Origin
    hashes: tuple[str, ...] = ()
    """Digests that its files may have, as "sha256:..."."""
    settings: tuple[str, ...] = ()
    """Settings for its build backend, as "KEY=VALUE"."""
    editable: bool = False
    """Whether it was asked for as an editable install."""
    written: str = ""
    """The text as written, with the names of its variables; empty if that is unknown."""
    firm: bool = False
    """Whether it cannot be changed or dropped, so that no advice names it: it is nobody's line."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The environments that some lines are for: one of the markers has to be true."""

    markers: tuple[Marker, ...]
    origin: Origin

    def admits(self, target: Target) -> bool:
        """Return whether the lines apply to a target."""
        return any(map(target.admits, self.markers))


class OptionLike(Protocol):
    """An option about where or how pip finds files: `--extra-index-url`, `--no-binary`, `--pre`."""

    @property
    def name(self) -> str:
        """Return its full name."""

    @property
    def value(self) -> str:
        """Return its value, expanded; empty for a switch."""

    @property
    def written(self) -> str:
        """Return its value as written, with the names of its variables."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The content of one input: requirements, constraints, and pip's options."""

    requirements: tuple[Line, ...] = ()
    constraints: tuple[Line, ...] = ()
    options: tuple[OptionLike, ...] = ()
    notes: tuple[str, ...] = ()
    """Parts of it that have no effect, a sentence each with its place."""
    limits: tuple[Limit, ...] = ()
    """The environments that it is for."""

    def __repr__(self) -> str:
        """Return the number of requirements, in brackets."""
        return f"<Lines of {len(self.requirements)} requirements>"

    @classmethod
    def of(
        cls, given: Iterable[str] | Lines | None, layer: str, *, constraint: bool = False
    ) -> Lines:
        """Return requirement strings (PEP 508) as lines; values stay as they are.

        Raises `RequirementsError`, which holds all the faults.

        >>> Lines.of(["numpy >= 1.26"], "pip_requirements").requirements[0].origin.place
        'pip_requirements[0]'
        """
        if isinstance(given, Lines):
            return given
        if isinstance(given, str):
            raise TypeError(f"{layer} is a list of requirements, not one text: {given!r}")
        lines, faults = [], []
        for index, text in enumerate(given or ()):
            origin = Origin(layer, f"{layer}[{index}]", text)
            try:
                line = Line(Requirement(text), origin, written=text)
            except InvalidRequirement as error:
                faults.append(InvalidLine(str(origin), str(error)))
                continue
            if constraint and line.requirement.extras:
                faults.append(InvalidLine(str(origin), "a constraint cannot have extras"))
            lines.append(line)
        if faults:
            raise RequirementsError(tuple(faults))
        return cls(constraints=tuple(lines)) if constraint else cls(tuple(lines))

    def check(self, target: Target) -> None:
        """Raise `WrongTargetError` if they are for other environments than the target's."""
        refusing = [limit for limit in self.limits if not limit.admits(target)]
        if refusing:
            words = (target.markers.get(key, "") for key in ("sys_platform", "platform_machine"))
            lists = tuple(dict.fromkeys(str(limit.origin) for limit in refusing))
            raise WrongTargetError(f"Python {target.python_version} on {' '.join(words)}", lists)

    def applying(self, target: Target) -> Lines:
        """Return them without those for other environments, if a like one is for this one.

        A name without applicable lines keeps its lines, so that they can be reported. Raises
        `WrongTargetError`.
        """
        self.check(target)
        told = {
            canonicalize_name(line.requirement.name)
            for line in self.requirements
            if target.admits(line.requirement.marker)
        }
        kept = (
            line
            for line in self.requirements
            if target.admits(line.requirement.marker)
            or canonicalize_name(line.requirement.name) not in told
        )
        return replace(self, requirements=tuple(kept))

    def __or__(self, other: Lines) -> Lines:
        """Return the lines of both."""
        return Lines(
            self.requirements + other.requirements,
            self.constraints + other.constraints,
            self.options + other.options,
            self.notes + other.notes,
            self.limits + other.limits,
        )
