"""Resolve a saved model's requirements again, and move nothing that need not move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from .errors import WrongUseError
from .settings import Settings
from .siblings import resolver
from .stated import Stated, own_options

Index = Literal["auto", "never"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user wants changed."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    """Normalised names."""
    replace_all: tuple[str, ...] | None = None
    constraints: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        add: Iterable[str],
        remove: Iterable[str],
        replace_all: Iterable[str] | None,
        constraints: Iterable[str],
    ) -> Asked:
        """Take the user's lines as they are. Raises WrongUseError where they exclude each other."""
        whole = None if replace_all is None else _lines(replace_all)
        asked = cls(_lines(add), tuple(map(_name, _lines(remove))), whole, _lines(constraints))
        if whole is not None and (asked.add or asked.remove):
            raise WrongUseError("a whole list takes no lines to add or to remove beside it")
        if not (asked.add or asked.remove or asked.constraints or whole is not None):
            raise WrongUseError("nothing to change: name lines to add or names to remove")
        return asked

    @property
    def lines(self) -> resolver.Lines:
        """What is asked for, read. Raises the resolver's RequirementsError."""
        layer, lines = ("add", self.add) if self.replace_all is None else ("set", self.replace_all)
        return resolver.read(
            lines, layer=layer, environment=Settings.from_environment().environment
        )

    @property
    def limits(self) -> tuple[str, ...]:
        """What narrows from now on, `-c` files among the lines included."""
        named = (str(line.requirement) for line in self.lines.constraints)
        return (*self.constraints, *named)

    @property
    def options(self) -> tuple[str, ...]:
        """How pip finds the files, as the lines say; what leads into this machine is left out."""
        return tuple(
            f"{each.name} {each.value}".strip()
            for each in self.lines.options
            if each.name in _FINDING
            and not each.value.startswith("file:")
            and (each.name != "--find-links" or "://" in each.value)
        )


# What says where pip finds the files; `--pre` and its like say what is chosen, which is done.
_FINDING = frozenset(
    {"--index-url", "--extra-index-url", "--find-links", "--trusted-host", "--no-binary"}
    | {"--only-binary", "--prefer-binary"}
)


@dataclass(frozen=True, slots=True)
class _Pinned:
    """A line that stays at its version: what the merge takes for traced."""

    name: str
    version: Version


def reresolve(stated: Stated, asked: Asked, *, index: Index) -> resolver.Resolution:
    """Choose the pins after the edit, as few of them moved as the lines allow.

    Raises WrongUseError for a name that cannot be taken away, and the resolver's errors where
    nothing satisfies the lines.
    """
    _check_removed(stated, asked.remove)
    preferred = _preferred(stated, asked)
    installed = stated.installed()
    shelf = stated.shelf(installed.target)

    def resolve(
        kept: Mapping[str, Version], sources: Sequence[resolver.Source] | None = None
    ) -> resolver.Resolution:
        merged = _merge(stated, asked, kept, installed.target)
        if sources is None:
            return resolver.resolve(merged, installed, sources=shelf, index=index, tolerant=False)
        return resolver.resolve(merged, installed, sources=sources, index="never", tolerant=False)

    try:
        return resolve(preferred)
    except resolver.ConflictError:
        if not preferred:
            raise
    options = own_options(stated.spec) | asked.lines
    configured = (
        resolver.configured_sources(installed.target, options=options.options)
        if index == "auto"
        else ()
    )
    sources = (*shelf, *configured)
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
    if not stated.closed or asked.replace_all is not None:
        pinned: Iterable[str] = ()
    else:
        told = {canonicalize_name(line.requirement.name) for line in asked.lines.requirements}
        roots = {root.name for root in stated.roots}
        pinned = {entry.name for entry in stated.spec.requirements} - roots - told
    versions = {name: stated.version(name) for name in pinned}
    return {name: version for name, version in versions.items() if version is not None}


def _merge(
    stated: Stated, asked: Asked, kept: Mapping[str, Version], target: resolver.Target
) -> resolver.RequirementSet:
    constraints = [
        *stated.spec.constraints,
        *asked.constraints,
        *(f"{name}=={version}" for name, version in kept.items()),
    ]
    said = own_options(stated.spec) | asked.lines
    if asked.replace_all is not None:
        return resolver.merge((), pip_requirements=said, constraints=constraints, target=target)
    told = {canonicalize_name(line.requirement.name) for line in said.requirements}
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
    said |= resolver.read(lines, layer="requirements.txt")
    return resolver.merge(
        traced, extra_pip_requirements=said, constraints=constraints, target=target
    )


def iter_stays(asked: Asked, resolution: resolver.Resolution) -> Iterator[str]:
    """Say of each name that was taken away and is there all the same who requires it."""
    for name in asked.remove:
        pin = resolution.get(name)
        if pin is not None:
            yield f"{name} stays: {', '.join(pin.via)} requires it"


def _lines(lines: Iterable[str]) -> tuple[str, ...]:
    return (lines,) if isinstance(lines, str) else tuple(lines)


def _name(text: str) -> str:
    try:
        return canonicalize_name(Requirement(text).name)
    except InvalidRequirement as error:
        raise WrongUseError(f"{text!r} is not the name of a distribution") from error
