"""The pins of an environment: root requirements, and their dependencies."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
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
    """The normalised name (PEP 503)."""
    version: Version
    place: str = field(default="", compare=False)
    """The file that states it, for messages; empty where a trace ran with it."""


@dataclass(frozen=True, slots=True)
class PinSet:
    """The lines of an environment, as an input for resolving again."""

    spec: envfiles.EnvSpec
    closed: bool = True
    """Whether the lines are a complete pinned closure, as modelenv or a lock makes it.

    The lines of an open list are roots, installed with their dependencies.
    """
    top: frozenset[str] | None = None
    """The root names of a closed list; None: as the reasons of its lines say."""
    tools: tuple[str, ...] = ()
    """Lines installed beside an open list: old releases of MLflow need setuptools."""

    @property
    def entries(self) -> tuple[envfiles.Entry, ...]:
        """The lines."""
        return self.spec.requirements

    @property
    def names(self) -> frozenset[str]:
        """The names that the lines require."""
        return frozenset(entry.name for entry in self.entries)

    @property
    def roots(self) -> tuple[envfiles.Entry, ...]:
        """The lines that are root requirements."""
        return tuple(each for each in self.entries if not self.closed or self._is_root(each))

    def _is_root(self, entry: envfiles.Entry) -> bool:
        if not entry.comment:
            return self.top is None or entry.name in self.top
        reasons = Reasons.read(entry.comment)
        return bool(reasons.own or reasons.strangers(self.names))

    def tools_besides(self, names: Container[str]) -> tuple[str, ...]:
        """Return the lines that are installed beside the list, except those of `names`."""
        from packaging.requirements import Requirement

        return tuple(line for line in self.tools if Requirement(line).name not in names)

    def get(self, name: str) -> envfiles.Entry | None:
        """Return a line by its normalised name; of several, the one that applies to the Python."""
        same = [entry for entry in self.entries if entry.name == name]
        holding = same if len(same) < 2 else [each for each in same if self.applies(each)]
        return next(iter((*holding, *same)), None)

    def provided_by_conda(self, released: Iterable[str] = ()) -> frozenset[str]:
        """Return the names that conda installs, as pip knows them, and that no line pins for pip.

        The lines of `released` names are about to be removed, and do not count.
        """
        pinned = self.names.difference(released)
        return Provided.by(self.spec.conda_dependencies).names - pinned

    def target(self) -> resolver.Target:
        """Return the target that the pins are for, on this platform.

        It is the running interpreter's if only the patch version differs.
        """
        here, python = resolver.Target.current(), self.spec.python
        same = minor(here.python_version) == minor(python)
        return here if same else resolver.Target.of(python)

    @property
    def whole(self) -> bool:
        """Whether it is a closure in which each applicable line is exactly one version."""
        return self.closed and not any(map(is_floating, self.applicable()))

    def on(self, version: str | None) -> PinSet:
        """Return the pins for another version of Python; None: unchanged."""
        return self if version is None else replace(self, spec=replace(self.spec, python=version))

    def installed(self, here: resolver.Installed, as_of: object = None) -> resolver.Installed:
        """Return the distributions installed `here` if that is the target interpreter; else none.

        None either with `as_of`: installed distributions do not record when they became available.
        """
        same = minor(self.spec.python) == minor(here.target.python_version)
        return here if same and as_of is None else resolver.Installed((), self.target())

    def applicable(self) -> tuple[envfiles.Entry, ...]:
        """Return the lines whose markers are true for the target interpreter."""
        return tuple(entry for entry in self.entries if self.applies(entry))

    @property
    def idle(self) -> tuple[envfiles.Entry, ...]:
        """Return the lines for other targets."""
        return tuple(entry for entry in self.entries if not self.applies(entry))

    def applies(self, entry: envfiles.Entry) -> bool:
        """Return whether the marker of a line is true for the target interpreter."""
        return applies(entry, self.target())


def applies(entry: envfiles.Entry, target: resolver.Target) -> bool:
    """Return whether the marker of a line is true for a target."""
    from packaging.markers import Marker

    return not entry.marker or target.admits(Marker(entry.marker))


def is_floating(entry: envfiles.Entry) -> bool:
    """Return whether a line admits more than one version: it has neither a pin nor a URL."""
    return entry.version is None and "@" not in entry.requirement.partition(";")[0]


def pinned_versions(entries: Iterable[envfiles.Entry]) -> list[PinnedVersion]:
    """Return the pinned versions among some lines; lines pinned to a URL have none."""
    from packaging.version import Version

    return [PinnedVersion(each.name, Version(each.version)) for each in entries if each.version]


def behind_pins(pins: Iterable[resolver.Pin]) -> dict[str, envfiles.Entry]:
    """Return the pins with hashes or build settings as entries, by requirement."""
    lines = {str(pin.requirement): pin for pin in pins if pin.hashes or pin.settings}
    return {
        line: envfiles.Entry(line, hashes=pin.hashes, settings=pin.settings)
        for line, pin in lines.items()
    }


def comes_built(pin: resolver.Pin) -> bool:
    """Return whether a pin is known to be installed from a wheel, without a build backend."""
    wheel = bool(pin.artifacts) and pin.artifacts[0].file.endswith(".whl")
    return wheel or pin.source == "wheels" or (pin.url or "").partition("#")[0].endswith(".whl")


def iter_settings(pins: Iterable[resolver.Pin]) -> Iterator[str]:
    """Yield a sentence for each pin with build settings on if these are written."""
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
    """Yield a sentence for each line whose hashes or settings apply to no pin."""
    for what, lines in (("hashes", merged.hashed), ("--config-settings", merged.built)):
        for line in lines:
            if resolution.get(line.requirement.name) is None:
                yield f"{line.origin}: its {what} have no effect, as nothing asks for that name"


def renewed(
    line: str, comment: str, old: envfiles.Entry | None, *, same_files: bool = True
) -> envfiles.Entry:
    """Return a line with the evidence, settings and hashes of the `old` one for its name.

    Hashes are kept if the requirement is unchanged and it is met by the `same_files`.
    """
    new = envfiles.Entry(line, comment)
    if old is None:
        return new
    stay = same_files and new.requirement == old.requirement
    hashes = old.hashes if stay else ()
    return replace(new, evidence=old.evidence, settings=old.settings, hashes=hashes)
