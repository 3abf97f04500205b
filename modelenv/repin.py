"""Change some of a folder's pins: new lines win, and the other pins are kept where they can be.

An override replaces every requirement on its name, whoever stated it: what is pinned already is
not asked whether it agrees. Only what the new lines themselves require may move other pins, and
then everything is resolved again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .given import Requirements
from .isolation.python import Python
from .isolation.wanted import minor
from .siblings import envfiles, resolver
from .stated import own_options

_CLASH = re.compile(r"^- ([A-Za-z0-9._-]+):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Repinned:
    """A pinned set, and what is different in it."""

    lines: tuple[str, ...]
    """The pins, sorted by name."""
    changes: tuple[str, ...]
    """In words: ``numpy 2.4.6 -> 1.26.4``, ``added pandas 3.1.1``."""


def repin_folder(
    spec: envfiles.EnvSpec, lines: Requirements, python: Python, installed: resolver.Installed
) -> Repinned:
    """Change the pins of a folder's environment, for the Python that it says.

    Raises the resolver's errors where the lines cannot be met.
    """
    if minor(spec.python) != minor(python.version):
        installed = resolver.Installed((), target_of(spec.python, python.markers))
    pins = [entry.requirement for entry in spec.requirements]
    return repin(pins, lines, installed, constraints=spec.constraints, options=own_options(spec))


def repin(
    pins: Sequence[str],
    lines: Requirements,
    installed: resolver.Installed,
    *,
    constraints: Sequence[str] = (),
    options: resolver.Lines | None = None,
) -> Repinned:
    """Give new `lines` the last word over `pins`, keeping the other pins as far as they allow.

    `options` say how pip finds what is not installed here.
    Raises the resolver's errors where the lines cannot be met.
    """
    old = {requirement.name: requirement for requirement in map(_normal, pins)}
    said = resolver.read([lines] if isinstance(lines, str) else lines, layer="override")
    merged = resolver.merge((), pip_requirements=said, target=installed.target)
    told = {root.requirement.name: root.requirement for root in merged.roots}
    places = resolver.Lines(options=said.options) | (options or resolver.Lines())
    preferred = {name: str(pin) for name, pin in old.items() if _may_stay(pin, told.get(name))}
    wanted = [str(requirement) for requirement in told.values()]
    found, kept = _resolve(wanted, preferred, installed, constraints, places)
    if kept.keys() != preferred.keys():
        everything = [*wanted, *(name for name in old if name not in told)]
        found, _ = _resolve(everything, kept, installed, constraints, places)
    new = {**old, **{pin.name: _united(pin, old.get(pin.name)) for pin in found.pins}}
    return Repinned(
        lines=tuple(str(new[name]) for name in sorted(new)),
        changes=tuple(_changes(old, new)),
    )


def target_of(version: str, markers: Mapping[str, str]) -> resolver.Target:
    """Describe another Python of this platform."""
    from packaging.tags import compatible_tags, cpython_tags

    numbers = tuple(map(int, minor(version).split(".")))
    tags = [*cpython_tags(numbers), *compatible_tags(numbers, f"cp{numbers[0]}{numbers[1]}")]
    changed = {
        "python_version": minor(version),
        "python_full_version": version,
        "implementation_version": version,
    }
    return resolver.Target({**markers, **changed}, tuple(map(str, tags)))


def _resolve(
    wanted: Sequence[str],
    preferred: Mapping[str, str],
    installed: resolver.Installed,
    constraints: Sequence[str],
    places: resolver.Lines,
) -> tuple[resolver.Resolution, dict[str, str]]:
    """Resolve with the preferred pins; those that clash are given up, until it can be met."""
    kept = dict(preferred)
    said = resolver.read(wanted, layer="override") | places
    while True:
        limits = [*constraints, *(_constraint(pin) for pin in kept.values())]
        merged = resolver.merge(
            (), pip_requirements=said, constraints=limits, target=installed.target
        )
        try:
            return resolver.resolve(merged, installed), kept
        except resolver.ResolverError as error:
            clashing = set(_CLASH.findall(str(error))) & kept.keys()
            if type(error).__name__ != "ConflictError" or not kept:
                raise
        kept = {name: pin for name, pin in kept.items() if clashing and name not in clashing}


def _may_stay(pin: Requirement, told: Requirement | None) -> bool:
    if told is None:
        return pin.url is None
    if pin.url is not None or told.url is not None:
        return False
    versions = [each.version for each in pin.specifier if each.operator in ("==", "===")]
    return all(told.specifier.contains(version, prereleases=True) for version in versions)


def _constraint(pin: str) -> str:
    requirement = Requirement(pin)
    return f"{requirement.name}{requirement.specifier}"


def _normal(line: str) -> Requirement:
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


def _changes(old: Mapping[str, Requirement], new: Mapping[str, Requirement]) -> Iterable[str]:
    for name, requirement in sorted(new.items()):
        if name not in old:
            yield f"added {requirement}"
        elif str(old[name]) != str(requirement):
            yield f"{old[name]} -> {requirement}"
