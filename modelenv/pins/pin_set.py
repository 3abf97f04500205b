"""The pins of an environment: which lines are there for themselves, and which only follow."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..base.siblings import envfiles, resolver
from ..environments.spec import minor
from .conda_provided import Provided
from .reasons import Reasons

if TYPE_CHECKING:
    from packaging.version import Version


@dataclass(frozen=True, slots=True)
class PinnedVersion:
    """A name at a version."""

    name: str
    """Normalised (PEP 503)."""
    version: Version


@dataclass(frozen=True, slots=True)
class PinSet:
    """The lines of an environment, for whoever resolves them again."""

    spec: envfiles.EnvSpec
    closed: bool = True
    """Whether the lines are a whole pinned closure, as modelenv or a lock makes it.

    Those of an open list are roots, and what they require comes with them.
    """
    top: frozenset[str] | None = None
    """The names for whose sake a closed list is what it is; None: the reasons of its lines say."""
    tools: tuple[str, ...] = ()
    """What is installed beside an open list, as lines: old releases of MLflow want setuptools."""

    @property
    def entries(self) -> tuple[envfiles.Entry, ...]:
        """The lines."""
        return self.spec.requirements

    @property
    def names(self) -> frozenset[str]:
        """The names that the lines ask for."""
        return frozenset(entry.name for entry in self.entries)

    @property
    def roots(self) -> tuple[envfiles.Entry, ...]:
        """The lines that are there for themselves."""
        return tuple(each for each in self.entries if not self.closed or self._is_root(each))

    def _is_root(self, entry: envfiles.Entry) -> bool:
        if not entry.comment:
            return self.top is None or entry.name in self.top
        reasons = Reasons.read(entry.comment)
        return bool(reasons.own or reasons.strangers(self.names))

    def tools_besides(self, names: Container[str]) -> tuple[str, ...]:
        """Return the lines that are installed beside the list, of which none has those `names`."""
        from packaging.requirements import Requirement

        return tuple(line for line in self.tools if Requirement(line).name not in names)

    def get(self, name: str) -> envfiles.Entry | None:
        """Return a line by its normalised name; of several the one that holds for the Python."""
        same = [entry for entry in self.entries if entry.name == name]
        holding = same if len(same) < 2 else [each for each in same if self.applies(each)]
        return next(iter((*holding, *same)), None)

    def provided_by_conda(self, released: Iterable[str] = ()) -> frozenset[str]:
        """Return the names that conda installs, as pip knows them, and that no line pins for pip.

        The lines of `released` names are to go, and pin nothing any more.
        """
        pinned = self.names.difference(released)
        return Provided.by(self.spec.conda_dependencies).names - pinned

    def target(self) -> resolver.Target:
        """Return the interpreter that the pins are for, on this platform.

        That is the running one where only the last part of the version differs.
        """
        here, python = resolver.Target.current(), self.spec.python
        same = minor(here.python_version) == minor(python)
        return here if same else resolver.Target.of(python)

    @property
    def whole(self) -> bool:
        """Whether it is a closure of which each line that counts here is one version."""
        return self.closed and not any(map(is_floating, self.applicable()))

    def on(self, version: str | None) -> PinSet:
        """Return the pins for another version of Python; None: as they are."""
        return self if version is None else replace(self, spec=replace(self.spec, python=version))

    def installed(self, here: resolver.Installed, as_of: object = None) -> resolver.Installed:
        """Return what is installed `here`, where that is the interpreter; else nothing.

        Nor is anything where it is asked as of some time: nothing that is installed says since
        when it could be had.
        """
        same = minor(self.spec.python) == minor(here.target.python_version)
        return here if same and as_of is None else resolver.Installed((), self.target())

    def applicable(self) -> tuple[envfiles.Entry, ...]:
        """Return the lines whose markers are true for the interpreter that the pins are for."""
        return tuple(entry for entry in self.entries if self.applies(entry))

    def applies(self, entry: envfiles.Entry) -> bool:
        """Tell whether the marker of a line is true for that interpreter."""
        from packaging.markers import Marker

        return not entry.marker or self.target().admits(Marker(entry.marker))


def is_floating(entry: envfiles.Entry) -> bool:
    """Tell whether a line admits more than one version: it is pinned to none, and to no URL."""
    return entry.version is None and "@" not in entry.requirement.partition(";")[0]


def pinned_versions(entries: Iterable[envfiles.Entry]) -> list[PinnedVersion]:
    """Return the pins among some lines; what is pinned to a URL has no version."""
    from packaging.version import Version

    return [PinnedVersion(each.name, Version(each.version)) for each in entries if each.version]


def behind_pins(pins: Iterable[resolver.Pin]) -> dict[str, envfiles.Entry]:
    """Return the pins that have hashes or settings behind them, as lines, by their requirements."""
    lines = {str(pin.requirement): pin for pin in pins if pin.hashes or pin.settings}
    return {
        line: envfiles.Entry(line, hashes=pin.hashes, settings=pin.settings)
        for line, pin in lines.items()
    }


def comes_built(pin: resolver.Pin) -> bool:
    """Tell whether a pin is known to be installed from a wheel, which no build backend makes."""
    wheel = bool(pin.artifacts) and pin.artifacts[0].file.endswith(".whl")
    return wheel or pin.source == "wheels" or (pin.url or "").partition("#")[0].endswith(".whl")


def iter_settings(pins: Iterable[resolver.Pin]) -> Iterator[str]:
    """Say of the pins whose build backends are told something what becomes of it."""
    for pin in pins:
        if pin.settings and comes_built(pin):
            yield f"{pin.name}: its --config-settings are not written: a wheel of it is installed"
        elif pin.settings:
            yield (
                f"{pin.name}: its --config-settings stand on its line, for pip: uv reads no file"
                f" that has them, and takes --config-settings-package {pin.name}:KEY=VALUE"
            )


def iter_unpinned(
    merged: resolver.RequirementSet, resolution: resolver.Resolution
) -> Iterator[str]:
    """Say of the lines with hashes, or settings, that are on no pin that they have no effect."""
    for what, lines in (("hashes", merged.hashed), ("--config-settings", merged.built)):
        for line in lines:
            if resolution.get(line.requirement.name) is None:
                yield f"{line.origin}: its {what} have no effect, as nothing asks for that name"


def renewed(
    line: str, comment: str, old: envfiles.Entry | None, *, same_files: bool = True
) -> envfiles.Entry:
    """Return a line with what the `old` one for its name says besides: evidence, settings, hashes.

    The hashes stay with the same requirement, if it is met by the `same_files`.
    """
    new = envfiles.Entry(line, comment)
    if old is None:
        return new
    stay = same_files and new.requirement == old.requirement
    hashes = old.hashes if stay else ()
    return replace(new, evidence=old.evidence, settings=old.settings, hashes=hashes)
