"""Overriding the pins of a folder with new lines, for one run or for a repair.

Existing pins need not agree with the new lines. In a closed list only the requirements of the new
lines may move other pins, and then everything is resolved again. The lines of an open list are
roots, and are resolved again with their requirements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ...base.arguments import Requirements
from ...base.siblings import envfiles, resolver
from ..package_sources import PIP_CONFIGURATION, PackageSources
from ..pin_set import PinSet, behind_pins
from ..user_hashes import UserHashes
from ..variables import as_written
from .obtainable import obtainable
from .question import Question

TOOLS_FILE = "python_env.yaml"
"""The file that lists what is installed beside an open list."""


@dataclass(frozen=True, slots=True)
class Repinned:
    """A pinned set with its differences from the folder's."""

    lines: tuple[str, ...]
    """The pins in effect, sorted by name: the whole closure, for an open list too."""
    stated: tuple[str, ...]
    """The lines to write to the folder's list: for an open one without the lines' dependencies."""
    changes: Mapping[str, str]
    """The changes by name, as ``numpy==2.4.6 -> numpy==1.26.4``."""
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The pins that require an added pin, by its name."""
    behind: Mapping[str, envfiles.Entry] = field(default_factory=dict)
    """Hashes and build settings, by pin."""
    notes: tuple[str, ...] = ()
    """Notes on lines of the folder that were replaced, with the reason."""


def repin(
    pins: PinSet,
    lines: Requirements | resolver.Lines,
    here: resolver.Installed,
    sources: PackageSources = PIP_CONFIGURATION,
    *,
    agreeing: bool = False,
) -> Repinned:
    """Override `pins` with new `lines`, keeping the other pins as far as these allow.

    Each line replaces every requirement on its name, whoever stated it. With `agreeing`, for an
    open list that will be written, lines replace only its own lines and must satisfy the
    requirements of all others, since installers check these. `here` is what is installed; `sources`
    say where to find what is not. Raises the resolver's errors if the lines cannot be satisfied.
    """
    said = sources.read([lines] if isinstance(lines, str) else lines, layer="override")
    new = _New.read(pins, said, pins.installed(here, sources.indexes.as_of), sources)
    return new.among_pins() if pins.closed else new.among_roots(overriding=not agreeing)


@dataclass(frozen=True, slots=True)
class _New:
    """New lines for a set of pins."""

    pins: PinSet
    said: resolver.Lines
    merged: resolver.RequirementSet
    """The new lines alone."""
    installed: resolver.Installed
    sources: PackageSources
    """The sources, with the options of the new lines."""

    @classmethod
    def read(
        cls,
        pins: PinSet,
        said: resolver.Lines,
        installed: resolver.Installed,
        sources: PackageSources,
    ) -> _New:
        """Merge the new lines. Raises the resolver's errors if they contradict each other."""
        merged = resolver.merge((), pip_requirements=said, target=installed.target)
        return cls(pins, said, merged, installed, sources.with_options_of(said))

    @property
    def roots(self) -> dict[str, Requirement]:
        """The requirements of the new lines, by name."""
        return {root.requirement.name: root.requirement for root in self.merged.roots}

    def among_pins(self) -> Repinned:
        """Return the pins of a closed list with the new lines."""
        standing = self.pins.applicable()
        old = {each.name: _normalised(each.requirement) for each in standing}
        idle = (each.requirement for each in self.pins.entries if each not in standing)
        roots = self.roots
        asked = [str(requirement) for requirement in roots.values()]
        question = replace(
            self._question(),
            whole=self.sources.read(asked, layer="override"),
            besides=self.merged,
        )
        preferred = {
            name: f"{pin.name}{pin.specifier}"
            for name, pin in old.items()
            if _may_stay(pin, roots.get(name))
        }
        found, kept = question.keep_agreeing(preferred)
        if kept.keys() != preferred.keys():
            others = (
                str(pin) if pin.url else name for name, pin in old.items() if name not in roots
            )
            everything = self.sources.read([*asked, *others], layer="override")
            found, _ = replace(question, whole=everything).keep_agreeing(kept)
        found = self._as_written(found, self.merged.hashed)
        new = {**old, **{pin.name: _united(pin, old.get(pin.name)) for pin in found.pins}}
        lines = {name: str(new[name]) for name in sorted(new)}
        return Repinned(
            lines=tuple(lines.values()),
            stated=tuple(sorted((*lines.values(), *idle))),
            changes=changes_of({name: str(pin) for name, pin in old.items()}, lines),
            parents={
                pin.name: tuple(each for each in pin.via if each in new)
                for pin in found.pins
                if pin.name not in old
            },
            behind={
                lines[pin.name]: envfiles.Entry(
                    lines[pin.name], hashes=pin.hashes, settings=pin.settings
                )
                for pin in found.pins
                if pin.hashes or pin.settings
            },
        )

    def among_roots(self, *, overriding: bool) -> Repinned:
        """Return the closure of an open list with the new lines."""
        listed, notes = self._listed()
        asked = resolver.Lines(requirements=self.said.requirements)
        question = replace(
            self._question(),
            whole=listed | asked,
            overrides=asked if overriding else None,
        )
        every = (*listed.requirements, *asked.requirements)
        found = self._as_written(
            question.answer_as_built(), [line for line in every if line.hashes]
        )
        stated = tuple(sorted(self._iter_stated(found)))
        before = [entry.requirement for entry in self.pins.entries]
        return Repinned(
            lines=tuple(str(pin.requirement) for pin in found.pins),
            stated=stated,
            changes=changes_of(by_name(before), by_name(stated)),
            behind=behind_pins(found.pins),
            notes=notes,
        )

    def _listed(self) -> tuple[resolver.Lines, tuple[str, ...]]:
        """Return the lines of an open list besides the new ones, and notes on changed ones."""
        own, tools = [*self._iter_own_lines()], self.pins.tools_besides(self.roots)
        asked = self.installed.target, self.sources.options, self.sources.settings
        lines, changed = obtainable([line for line, _ in own], *asked)
        mended, changed_tools = obtainable(tools, *asked)
        texts = [" ".join((line, *said)) for line, (_, said) in zip(lines, own, strict=True)]
        listed = self.sources.read(texts, layer="requirements.txt")
        beside = self.sources.read(mended, layer=TOOLS_FILE)
        return listed | beside, (*changed, *changed_tools)

    def _question(self) -> Question:
        limits = (*self.pins.spec.constraints, *map(_text, self.said.constraints))
        return Question(
            installed=self.installed,
            sources=self.sources,
            constraints=self.sources.read(limits, layer="constraints", constraint=True),
            provided=self.pins.provided_by_conda() - self.roots.keys(),
        )

    def _as_written(
        self, found: resolver.Resolution, hashed: Iterable[resolver.Line]
    ) -> resolver.Resolution:
        """Check the pins against the requested hashes, and restore the names of variables."""
        hashes = UserHashes(lines=tuple(hashed), sources=self.sources, target=self.installed.target)
        lines = written_lines(self.pins, self.said)
        return as_written(hashes.held(found), lines, self.sources.environment)

    def _iter_own_lines(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the lines of an open list that are kept, each with its options.

        Of lines that are replaced only the extras are kept.
        """
        for entry in self.pins.applicable():
            if entry.name not in self.roots:
                yield entry.requirement, tuple(entry.options)
            elif extras := ",".join(sorted(Requirement(entry.requirement).extras)):
                yield f"{entry.name}[{extras}]", ()

    def _iter_stated(self, found: resolver.Resolution) -> Iterator[str]:
        """Yield the lines of an open list, the replaced ones at the chosen versions."""
        old = {}
        for entry in self.pins.entries:
            if entry.name in self.roots and self.pins.applies(entry):
                old[entry.name] = _normalised(entry.requirement)
            else:
                yield entry.requirement
        for name in self.roots:
            pin = found.get(name)
            if pin is not None:
                yield str(_united(pin, old.get(name)))


def _may_stay(pin: Requirement, asked: Requirement | None) -> bool:
    if asked is None:
        return pin.url is None
    if pin.url is not None or asked.url is not None:
        return False
    versions = [each.version for each in pin.specifier if each.operator in ("==", "===")]
    return all(asked.specifier.contains(version, prereleases=True) for version in versions)


def _normalised(line: str) -> Requirement:
    requirement = Requirement(line)
    requirement.name = canonicalize_name(requirement.name)
    return requirement


def _united(pin: resolver.Pin, old: Requirement | None) -> Requirement:
    """Return a pin's requirement with the extras and the marker of the folder's line."""
    requirement = pin.requirement
    if old is not None:
        requirement.extras |= old.extras
        requirement.marker = old.marker
    return requirement


def written_lines(pins: PinSet, lines: resolver.Lines) -> dict[str, str]:
    """Return the lines by name as they are written, the requested ones first."""
    written = {entry.name: entry.requirement for entry in pins.entries}
    for line in lines.requirements:
        written[canonicalize_name(line.requirement.name)] = line.written or line.origin.text
    return written


def changes_of(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return the differences between `old` and `new` lines as texts, by name.

    >>> changes_of({"numpy": "numpy==2.4.6"}, {"numpy": "numpy==1.26.4", "idna": "idna==3.10"})
    {'numpy': 'numpy==2.4.6 -> numpy==1.26.4', 'idna': 'added idna==3.10'}
    """
    return {
        name: f"{old[name]} -> {line}" if name in old else f"added {line}"
        for name, line in new.items()
        if old.get(name) != line
    }


def by_name(lines: Iterable[str]) -> dict[str, str]:
    """Return lines by their normalised names; several lines of one name are joined.

    >>> by_name(["NumPy<2; python_version<'3.9'", "numpy==2.0", "six"])
    {'numpy': "NumPy<2; python_version<'3.9', numpy==2.0", 'six': 'six'}
    """
    found: dict[str, str] = {}
    for line in lines:
        name = canonicalize_name(Requirement(line).name)
        found[name] = f"{found[name]}, {line}" if name in found else line
    return found


def _text(line: resolver.Line) -> str:
    return str(line.requirement)
