"""The aim of an upgrade: all of a model or some names, within given limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...base.errors import NotMadeError, WrongUseError
from ...base.siblings import envfiles, resolver
from ...environments.spec import bundled_wheels
from ...folder.model_folder import ModelFolder
from ...pins.package_sources import PackageSources
from ...pins.reasons import Reasons
from ..trials.pins import TrialPins

_ASKED = "asked for ("


@dataclass(frozen=True, slots=True)
class Aim:
    """The roots of a newer set, its limits, and the versions to keep where possible."""

    roots: tuple[str, ...]
    constraints: tuple[str, ...]
    preferred: Mapping[str, Version]
    """The versions of names that are not to move; empty: all may move."""
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, folder: ModelFolder, before: TrialPins, asked: tuple[str, ...]) -> Aim:
        """Return the aim for a folder, and for the user's lines, as ``numpy<3``.

        Ranges that the user gave before still hold, unless the name is given now. A wheel that
        travels stays, as no index has it. Raises WrongUseError for a name that is not among the
        pins, and NotMadeError for packages of conda.
        """
        spec = folder.environment
        conda = [line for line in spec.conda_dependencies if envfiles.conda_name(line) != "pip"]
        if conda:
            raise NotMadeError(
                str(folder.path),
                f"conda installs {', '.join(conda)}, and only what pip installs"
                " can be tried in newer versions",
                "let pip install it",
            )
        lines = {canonicalize_name(each.name): each for each in map(_requirement, asked)}
        versions = before.versions
        unknown = sorted(lines.keys() - before.by_name.keys())
        if unknown:
            raise WrongUseError(
                f"{', '.join(unknown)}: not among the pins of {folder.path}, so there is nothing to"
                " upgrade: modelenv requirements add adds what is new"
            )
        own = {name for name, _ in bundled_wheels(folder.wheels)}
        limits = {} if lines else dict(_ranges(folder))
        notes = tuple(f"{line} holds, as it was asked for" for line in limits.values())
        limits |= {name: f"{name}{each.specifier}" for name, each in lines.items()}
        travelling = sorted(own & versions.keys())
        kept = (f"{name}=={versions[name]}" for name in travelling)
        notes += tuple(
            f"{name} stays at {versions[name]}: its wheel travels with the model"
            for name in travelling
        )
        preferred = {name: versions[name] for name in versions if lines and name not in lines}
        constraints = (*spec.constraints, *limits.values(), *kept)
        return cls(_roots(folder, before), constraints, preferred, notes)


def _requirement(line: str) -> Requirement:
    try:
        return Requirement(line)
    except InvalidRequirement as error:
        raise WrongUseError(f"{line!r} is no name, nor a name with versions, as numpy<3") from error


def _roots(folder: ModelFolder, before: TrialPins) -> tuple[str, ...]:
    """Return a model's own requirements, without versions; references stay unchanged.

    Lines for other targets are among them, with their markers: another Python may be such a target.
    """
    found = []
    for entry in folder.pins.roots:
        asked, here = Requirement(entry.requirement), folder.pins.applies(entry)
        if here and canonicalize_name(asked.name) not in before.by_name:
            continue
        if asked.url is None and (here or entry.version):
            asked.specifier = SpecifierSet()
        found.append(str(asked))
    return tuple(found)


def _ranges(folder: ModelFolder) -> Mapping[str, str]:
    """Return the user's lines with a range of versions, by name."""
    found = {}
    for entry in folder.pins.applicable():
        for each in Reasons.read(entry.comment).own:
            if each.startswith(_ASKED):
                said = each[len(_ASKED) :].rstrip(")")
                try:
                    asked = Requirement(said)
                except InvalidRequirement:  # a path, or an option
                    continue
                pinned = any(part.operator in ("==", "===") for part in asked.specifier)
                if asked.specifier and not pinned and canonicalize_name(asked.name) == entry.name:
                    found[entry.name] = f"{entry.name}{asked.specifier}"
    return found


def set_before(folder: ModelFolder, sources: PackageSources) -> TrialPins:
    """Return the set of a folder as it is; an open list is resolved now.

    Raises the resolver's errors if it has no solution, and InvalidFile.
    """
    pins, python = folder.pins, folder.environment.python
    if pins.closed:
        return TrialPins.of((_unmarked(entry) for entry in pins.applicable()), python)
    target = pins.target()
    merged = resolver.merge(
        (),
        pip_requirements=sources.read(
            [entry.requirement for entry in pins.entries], layer="requirements.txt"
        ),
        constraints=sources.read(pins.spec.constraints, layer="constraints", constraint=True),
        target=target,
    )
    nothing: Any = resolver.Installed((), target)
    found = sources.resolve(merged, nothing, tolerant=False)
    return TrialPins.of((str(pin.requirement) for pin in found.pins), python)


def _unmarked(entry: envfiles.Entry) -> str:
    asked = Requirement(entry.requirement)
    asked.marker = None
    return str(asked)
