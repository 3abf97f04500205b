"""The newest existing sets of pins: for each Python, within limits, from wheels alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...base.siblings import resolver
from ...environments.spec import Report, minor, silent
from ...pins.package_sources import PackageSources
from ...pins.pin_set import PinnedVersion
from ..trials.pins import TrialPins
from .limits import PYTHON, ReleaseLine, SetLimits, python_line

_ONLY_WHEELS = ("--only-binary :all:",)


@dataclass(slots=True)
class NewestSets:
    """The sets that the roots of a model resolve to, at the newest versions within limits."""

    roots: Sequence[str]
    """Requirement lines; each leads to a pin on the Pythons for which its marker is true."""
    constraints: Sequence[str]
    sources: PackageSources
    pythons: Sequence[str]
    """The available versions, the newest first."""
    preferred: Mapping[str, Version] = field(default_factory=dict)
    """Versions that are kept if possible."""
    report: Report = silent
    _asked: dict[tuple[str, bool], tuple[resolver.Source, ...]] = field(default_factory=dict)
    _found: dict[tuple[str, ...], TrialPins | None] = field(default_factory=dict)
    conflict: resolver.ConflictError | None = None
    """The conflict on the last Python that had no set."""
    edges: dict[TrialPins, resolver.Resolution] = field(default_factory=dict)
    """The resolution of each set that was found."""

    def within(self, limits: SetLimits) -> TrialPins | None:
        """Return the newest set within limits; None if there is none.

        Libraries lead, and Python follows: it is the newest one that keeps no root from its newest
        version, else the one that keeps the fewest. A name without a wheel for any Python is taken
        as a source distribution.
        """
        key = (limits.python, *limits.lines)
        if key not in self._found:
            found = self._best(limits, wheels=True)
            self._found[key] = found if found is not None else self._best(limits, wheels=False)
        return self._found[key]

    def _best(self, limits: SetLimits, *, wheels: bool) -> TrialPins | None:
        best: tuple[int, TrialPins] | None = None
        for python in filter(limits.admits_python, self.pythons):
            self.report(f"resolving the newest set for Python {minor(python)}")
            try:
                found = self._resolved(limits, python, wheels=wheels)
            except resolver.ConflictError as error:
                self.conflict = error
                continue
            pins = TrialPins.of((str(pin.requirement) for pin in found.pins), python)
            self.edges[pins] = found
            held = len(self._held_back(found, limits, python, wheels=wheels))
            if best is None or held < best[0]:
                best = (held, pins)
            if not held:
                break
        return None if best is None else best[1]

    def _resolved(self, limits: SetLimits, python: str, *, wheels: bool) -> resolver.Resolution:
        """Resolve for a Python. Raises the resolver's errors."""
        target = _target(python)
        merged = resolver.merge(
            (),
            pip_requirements=self.sources.read(list(self.roots), layer="requirements.txt"),
            constraints=self.sources.read(
                [*self.constraints, *limits.lines], layer="constraints", constraint=True
            ),
            target=target,
        )
        return self.sources.resolve(
            merged,
            resolver.Installed((), target),
            sources=self._sources(python, wheels=wheels),
            preferences=[PinnedVersion(*each) for each in self.preferred.items()],
            tolerant=False,
        )

    def _sources(self, python: str, *, wheels: bool) -> tuple[resolver.Source, ...]:
        """Return the sources for a Python: one list for many questions."""
        key = (python, wheels)
        if key not in self._asked:
            only = self.sources.read(_ONLY_WHEELS if wheels else [], layer="options")
            told = self.sources.with_options_of(only)
            self._asked[key] = told.configured(_target(python))
        return self._asked[key]

    def _held_back(
        self, found: resolver.Resolution, limits: SetLimits, python: str, *, wheels: bool
    ) -> set[str]:
        """Return the roots with newer versions that have no file for this Python."""
        held = set()
        for pin in found.pins:
            if not pin.root or pin.url is not None or pin.name in self.preferred:
                continue
            for each in self._known(pin.name, python, wheels=wheels):
                newer = each.version > pin.version and limits.admits(pin.name, each.version)
                if newer and (each.unusable or not each.requires_python.contains(python)):
                    held.add(pin.name)
                    break
        return held

    def _known(self, name: str, python: str, *, wheels: bool) -> Iterable[Any]:
        """Return the final releases of a name that were not yanked."""
        for source in self._sources(python, wheels=wheels):
            known = source.candidates(name)
            if known:
                return [e for e in known if not (e.yanked or e.version.is_prerelease)]
        return ()

    def lacking(self, limits: SetLimits, python: str) -> str:
        """Return why there is no set for a Python: the names without a wheel within the limits."""
        asked, target = map(Requirement, self.roots), _target(python)
        names = [canonicalize_name(each.name) for each in asked if target.admits(each.marker)]
        lacking = [name for name in names if not self._has_wheel(name, limits, python)]
        if not lacking:
            return "not all of the newest versions have wheels"
        said = (f"{name}{limits.specifiers.get(name, '')}" for name in lacking)
        return f"there is no wheel of {', '.join(said)}"

    def _has_wheel(self, name: str, limits: SetLimits, python: str) -> bool:
        known = self._known(name, python, wheels=True)
        return any(
            limits.admits(name, each.version)
            and not each.unusable
            and each.requires_python.contains(python)
            for each in known
        )

    def lines_of(self, name: str, low: ReleaseLine, high: ReleaseLine) -> list[ReleaseLine]:
        """Return the lines of a name from `low` to `high`, both included, in order."""
        if name == PYTHON:
            found = {python_line(python) for python in self.pythons}
        else:
            known = self._known(canonicalize_name(name), self.pythons[0], wheels=True)
            found = {ReleaseLine.of(each.version) for each in known}
        return sorted({low, high, *(each for each in found if low <= each <= high)})


def _target(python: str) -> resolver.Target:
    """Return a target of this machine: this very one if the line is the same."""
    here = resolver.Target.current()
    return here if minor(here.python_version) == minor(python) else resolver.Target.of(python)
