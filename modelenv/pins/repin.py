"""Change some of a folder's pins: new lines win, and the other pins are kept where they can be.

An override replaces every requirement on its name, whoever stated it: what is pinned already is
not asked whether it agrees. Only what the new lines themselves require may move other pins, and
then everything is resolved again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..base.siblings import envfiles, resolver
from ..environments.interpreter import Python
from ..environments.spec import minor
from ..folder.model_folder import provided_by_conda
from .lines import Requirements
from .package_sources import NOWHERE, Places
from .variables import as_written


@dataclass(frozen=True, slots=True)
class Repinned:
    """A pinned set, and what is different in it."""

    lines: tuple[str, ...]
    """The pins, sorted by name."""
    changes: tuple[str, ...]
    """In words: ``numpy 2.4.6 -> 1.26.4``, ``added pandas 3.1.1``."""
    parents: Mapping[str, tuple[str, ...]]
    """Of what was added, by its name, the pins that require it."""


def repin_folder(
    spec: envfiles.EnvSpec,
    lines: Requirements | resolver.Lines,
    python: Python,
    installed: resolver.Installed,
    places: Places,
) -> Repinned:
    """Change the pins of a folder's environment, for the Python that it says.

    Raises the resolver's errors where the lines cannot be met.
    """
    if minor(spec.python) != minor(python.version):
        installed = resolver.Installed((), target_of(spec.python, python.markers))
    pins = [entry.requirement for entry in spec.requirements]
    return repin(
        pins,
        lines,
        installed,
        constraints=spec.constraints,
        places=places,
        provided=provided_by_conda(spec),
    )


def repin(
    pins: Sequence[str],
    lines: Requirements | resolver.Lines,
    installed: resolver.Installed,
    *,
    constraints: Sequence[str] = (),
    places: Places = NOWHERE,
    provided: AbstractSet[str] = frozenset(),
) -> Repinned:
    """Give new `lines` the last word over `pins`, keeping the other pins as far as they allow.

    `places` say where to find what is not installed here; what is `provided` is not asked for.
    Raises the resolver's errors where the lines cannot be met.
    """
    old = {requirement.name: requirement for requirement in map(_normal, pins)}
    said = places.read([lines] if isinstance(lines, str) else lines, layer="override")
    merged = resolver.merge((), pip_requirements=said, target=installed.target)
    told = {root.requirement.name: root.requirement for root in merged.roots}
    question = _Question(
        installed=installed,
        constraints=(*constraints, *(str(each.requirement) for each in said.constraints)),
        places=places.and_those_of(said),
        provided=tuple(sorted(provided - told.keys())),
    )
    preferred = {name: str(pin) for name, pin in old.items() if _may_stay(pin, told.get(name))}
    wanted = [str(requirement) for requirement in told.values()]
    found, kept = question.answer(wanted, preferred)
    if kept.keys() != preferred.keys():
        others = (str(pin) if pin.url else name for name, pin in old.items() if name not in told)
        found, _ = question.answer([*wanted, *others], kept)
    written = {name: str(pin) for name, pin in old.items()}
    for line in said.requirements:
        written[canonicalize_name(line.requirement.name)] = line.written or line.origin.text
    found = as_written(found, written, places.environment)
    new = {**old, **{pin.name: _united(pin, old.get(pin.name)) for pin in found.pins}}
    return Repinned(
        lines=tuple(str(new[name]) for name in sorted(new)),
        changes=tuple(_changes(old, new)),
        parents={
            pin.name: tuple(each for each in pin.via if each in new)
            for pin in found.pins
            if pin.name not in old
        },
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What stays the same while pins are tried."""

    installed: resolver.Installed
    constraints: tuple[str, ...]
    places: Places
    provided: tuple[str, ...]

    def answer(
        self, wanted: Sequence[str], preferred: Mapping[str, str]
    ) -> tuple[resolver.Resolution, dict[str, str]]:
        """Resolve with the preferred pins; those that clash are given up, until it can be met."""
        kept = dict(preferred)
        said = self.places.read(wanted, layer="override")
        limits = self.places.read(self.constraints, layer="constraints", constraint=True)
        while True:
            merged = resolver.merge(
                (),
                pip_requirements=said,
                constraints=limits | _constraints(kept.values()),
                provided=self.provided,
                target=self.installed.target,
            )
            try:
                return self.places.resolve(merged, self.installed), kept
            except resolver.ConflictError as error:
                if not kept:
                    raise
                clashing = kept.keys() & error.names
            kept = {name: pin for name, pin in kept.items() if clashing and name not in clashing}


def _may_stay(pin: Requirement, told: Requirement | None) -> bool:
    if told is None:
        return pin.url is None
    if pin.url is not None or told.url is not None:
        return False
    versions = [each.version for each in pin.specifier if each.operator in ("==", "===")]
    return all(told.specifier.contains(version, prereleases=True) for version in versions)


def _constraints(pins: Iterable[str]) -> resolver.Lines:
    limits = (f"{each.name}{each.specifier}" for each in map(Requirement, pins))
    return resolver.Lines.of(limits, "constraints", constraint=True)


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
