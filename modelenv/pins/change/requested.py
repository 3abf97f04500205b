"""A change of a folder's pins, as the user requests it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ...base import arguments
from ...base.errors import WrongUseError
from ...base.siblings import envfiles, resolver
from ..lines import read_lines
from ..package_sources import PackageSources, travelling
from ..pin_set import PinSet
from ..user_hashes import UserHashes
from .idle_lines import idle_lines, unkept_lines


@dataclass(frozen=True, slots=True)
class RequestedChange:
    """Lines to add or to replace all others with, names to remove, and constraints."""

    lines: resolver.Lines = field(default_factory=resolver.Lines)
    """The lines to add, or the whole new list."""
    whole: bool = False
    """Whether the lines replace all existing ones."""
    remove: tuple[str, ...] = ()
    """Normalised names."""
    constraints: tuple[str, ...] = ()
    """Constraints as they were written."""
    idle: tuple[resolver.Line, ...] = ()
    """Lines for other targets alone, which the list keeps."""
    unkept: tuple[resolver.Line, ...] = ()
    """Those that name a place, which it does not."""

    @classmethod
    def of(
        cls,
        add: Iterable[str],
        remove: Iterable[str],
        replace_all: Iterable[str] | None,
        constraints: Iterable[str],
        environment: Mapping[str, str],
        selection: envfiles.Selection | None = None,
    ) -> RequestedChange:
        """Read the user's lines, once, expanding the variables that they name.

        `selection` holds the extras and groups of projects and locks among the lines.

        Raises BadArgumentError for invalid lines, WrongUseError if the arguments exclude each
        other, and InvalidFile.
        """
        added, limits = arguments.texts("add", add), arguments.texts("constraints", constraints)
        names = tuple(map(_normalised_name, arguments.texts("remove", remove)))
        whole = None if replace_all is None else arguments.texts("replace_all", replace_all)
        if whole is not None and (added or names):
            raise WrongUseError("a whole list takes no lines to add or to remove beside it")
        if not (added or names or limits or whole is not None):
            raise WrongUseError("nothing to change: name lines to add or names to remove")
        layer, lines = ("add", added) if whole is None else ("set", whole)
        read = read_lines(lines, layer=layer, environment=environment, selection=selection)
        return cls(read, whole is not None, names, limits)

    def applying(
        self, target: resolver.Target, pinned: Iterable[envfiles.Entry] = ()
    ) -> RequestedChange:
        """Return it with the lines that apply to a target, and apart those that are for others.

        `pinned` are the lines for that target so far. Raises the resolver's errors.
        """
        standing = () if self.whole else tuple(each.name for each in pinned)
        idle, unkept = (
            some(self.lines.requirements, target, standing) for some in (idle_lines, unkept_lines)
        )
        left = self.lines.applying(target)
        kept = tuple(each for each in left.requirements if each not in (*idle, *unkept))
        lines = replace(left, requirements=kept)
        return replace(self, lines=lines, idle=idle, unkept=unkept)

    def located(self, options: resolver.Lines) -> RequestedChange:
        """Return it with further options that locate files."""
        return replace(self, lines=self.lines | resolver.Lines(options=options.options))

    @property
    def by_name(self) -> Mapping[str, resolver.Line]:
        """The lines by their normalised names."""
        return {canonicalize_name(each.requirement.name): each for each in self.lines.requirements}

    def hashes(
        self, pins: PinSet, sources: PackageSources, index: Literal["auto", "never"]
    ) -> UserHashes:
        """Return the hashes of the lines and of the folder, to be checked against `sources`."""
        told = sources.with_options_of(self.lines)
        limits = sources.read(
            (*pins.spec.constraints, *self.constraints), layer="constraints", constraint=True
        )
        said = (*self.lines.requirements, *self.lines.constraints, *limits.constraints)
        return UserHashes(
            lines=tuple(line for line in said if line.hashes),
            asked=resolver.all_hashes_asked(told.options.options),
            sources=told,
            target=pins.target(),
            index=index,
            standing={each.requirement: each.hashes for each in pins.entries if each.hashes},
        )

    @property
    def names(self) -> frozenset[str]:
        """The names that the change concerns."""
        return frozenset((*self.by_name, *self.remove))

    @property
    def new_constraints(self) -> tuple[str, ...]:
        """The constraints of the change, with those of `-c` files among its lines."""
        named = (line.written or str(line.requirement) for line in self.lines.constraints)
        return (*self.constraints, *named)

    @property
    def options(self) -> tuple[str, ...]:
        """The pip options of the lines that locate files, without those for one run, as `--pre`."""
        return tuple(travelling(self.lines))

    def iter_staying(self, resolution: resolver.Resolution, *, listed: bool) -> Iterator[str]:
        """Yield a sentence for each removed name that another pin still requires.

        `listed`: the name keeps its line, and not only its place in the environment.
        """
        what = "stays" if listed else "is installed all the same"
        for name in self.remove:
            pin = resolution.get(name)
            if pin is not None:
                *others, last = [each for each in pin.via if resolution.get(each)] or [""]
                who = f"{', '.join(others)} and {last} require" if others else f"{last} requires"
                yield f"{name} {what}: {who} {name}"


def _normalised_name(text: str) -> str:
    try:
        return canonicalize_name(Requirement(text).name)
    except InvalidRequirement as error:
        raise WrongUseError(f"{text!r} is not the name of a distribution") from error
