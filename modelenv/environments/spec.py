"""Requests for environments, and environments that are ready to run a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from ..base.addresses.permit import NONE, Permit
from ..base.siblings import envfiles, resolver
from ..seal.seals import Seal
from ..worker import process
from ..worker.job import Ended, Job
from ..worker.process import Interpreter
from .interpreter import Python

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.version import Version

    from ..seal.leaks import Leak

_BUILT_IN = "the installer's own index"

Manager = Literal["auto", "replica", "uv", "virtualenv", "conda", "local", "image"]
"""The name of an environment manager; see `managers`."""

Report = Callable[[str], None]
"""A function that is called with a short text when a slow step begins."""


def silent(_: str) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFrom:
    """The origins of a built environment's files."""

    sources: tuple[str, ...] | None
    """The sources that the installer was given, as lines of a requirements file, without
    logins.

    None: it was built by a release that did not record them.
    """
    wheels: tuple[str, ...]
    """The names of the wheels that travel with the model."""
    when: str
    """When it was built: date and time in UTC (ISO 8601)."""
    sources_now: tuple[str, ...]
    """The sources that an installer would be given now."""
    changed: tuple[str, ...] = ()
    """A sentence for each requirement that differs from the model's files."""

    @property
    def notes(self) -> Iterator[str]:
        """Yield sentences about its origin, one of them if the sources have changed since."""
        yield from self.changed
        if self.sources is None:
            yield f"built {self.when}; with which sources was not kept"
            return
        own = tuple(f"the folder's {wheel}" for wheel in self.wheels)
        yield f"built {self.when} from {', '.join((*self.sources, *own)) or _BUILT_IN}"
        if self.sources != self.sources_now:
            now = ", ".join(self.sources_now) or _BUILT_IN
            yield f"it would be built from {now} now; `modelenv cache clear` lets it be built again"


@dataclass(frozen=True, slots=True)
class ReadyEnvironment:
    """An environment that is ready to run a worker."""

    interpreter: Interpreter
    label: str
    """A description: ``a replica``."""
    installed: resolver.Installed | None = None
    """The distributions installed here, to name the owner of a file that was used in spite of the
    seal.
    """
    built: BuiltFrom | None = None
    """The origins of its files; None: it was not built."""
    notes: tuple[str, ...] = ()
    """For one that was not built, a sentence for each difference from the model's files."""
    lock: str = ""
    """The name of the lock from which it was built; empty: none."""

    @property
    def place(self) -> str:
        """The description with its seal: ``a replica, sealed by namespaces``."""
        return f"{self.label}, {self.interpreter.seal}"

    def run(self, job: Job, *, timeout: float) -> Ended:
        """Run a job in it to its end, for at most `timeout` seconds."""
        ended = process.run(job, self.interpreter, timeout=timeout)
        return replace(ended, leaks=tuple(map(self._owned, ended.leaks)))

    def _owned(self, leak: Leak) -> Leak:
        owners = self.installed.owners(leak.name) if self.installed and leak.kind != "host" else ()
        if not owners:
            return leak
        # What was built has files of its own: only a path that came with the model leads to ours.
        held = leak.held or (self.built is not None and leak.kind in ("file", "library"))
        return replace(leak, owner=f"{owners[0].label}=={owners[0].version}", held=held)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentContents:
    """The required contents of an environment, as a model's files state them."""

    requirements: tuple[str, ...]
    """The pins, as lines of a requirements file."""
    behind: Mapping[str, envfiles.Entry] = field(default_factory=dict)
    """Hashes and build settings of some pins, by their lines."""
    python: str = ""
    """The version of Python that the model needs; empty: this interpreter's. One that ends in "t"
    is a free-threaded build.
    """
    exact: bool = False
    """Whether exactly that release is needed, and not any of its minor version."""
    interpreter: Path | None = None
    """The interpreter of that version to build with; None: one is searched."""
    channels: tuple[str, ...] = ("conda-forge",)
    conda_dependencies: tuple[str, ...] = ()
    """Packages that conda installs, without Python and pip."""
    provided: tuple[str, ...] = ()
    """Pins of conda's packages, for builders without conda."""
    wheels: Path | None = None
    """A folder of wheels that are preferred over what is installed; it need not exist."""
    options: tuple[str, ...] = ()
    """pip's options that locate files, as lines of a requirements file."""
    notes: tuple[str, ...] = ()
    """A sentence for each requirement that differs from the model's files."""
    closed: bool = True
    """Whether the requirements are a complete closure, installed without dependencies."""
    constraints: tuple[str, ...] = ()
    """Constraints on the dependencies of an open list, as lines of a constraints file."""
    permit: Permit = NONE
    """The hosts to which variables that these lines name may be sent."""
    lock: Path | None = None
    """The lock to install, a pylock.toml or the uv.lock of a project beside it.

    The requirements are then each of its files for this platform; empty for a uv project, which
    only uv reads.
    """

    @property
    def naming_places(self) -> tuple[str, ...]:
        """The lines that may contain addresses."""
        return (*self.options, *self.requirements, *self.constraints)

    @property
    def naming_channels(self) -> tuple[str, ...]:
        """The lines that may contain addresses and that conda reads."""
        return (*self.channels, *self.conda_dependencies)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentRequest:
    """The required contents of an environment, matched with what this machine has."""

    contents: EnvironmentContents
    python: Python
    """The interpreter that replicas are made from."""
    distributions: tuple[resolver.Distribution, ...] | None
    """The installed distributions that satisfy the pins; None if some are not installed.

    Those in `wheels` are not included.
    """
    provided: tuple[str, ...]
    """The pins of conda's packages that no other pin names."""
    wheels: tuple[Path, ...]
    """The wheels of pins that exist only beside the model, all in one folder."""

    @property
    def python_version(self) -> str:
        """The version of Python that the model needs."""
        return self.contents.python or self.python.version

    @property
    def fits_here(self) -> bool:
        """Whether `python` is the one that the model needs: its minor version, or exact release."""
        contents, here = self.contents, self.python
        if contents.interpreter is not None:
            return contents.interpreter == here.executable
        build = f"{here.version}{'t' if here.free_threaded else ''}"
        if contents.exact:
            return contents.python == build
        is_threaded = contents.python.endswith("t") and not here.free_threaded
        return minor(self.python_version) == minor(here.version) and not is_threaded

    @property
    def location_options(self) -> tuple[str, ...]:
        """The option lines of a requirements file for locations, the bundled wheels last."""
        lines = (f"--find-links {wheel.parent.as_uri()}" for wheel in self.wheels)
        return tuple(dict.fromkeys((*self.contents.options, *lines)))

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines to install."""
        return (*self.contents.requirements, *self.provided)


class EnvironmentManager(Protocol):
    """A provider of environments that hold exactly what is requested."""

    def opened(
        self, request: EnvironmentRequest, seal: Seal, report: Report
    ) -> AbstractContextManager[ReadyEnvironment]:
        """Return a context in which the environment is ready, with what runs in it sealed."""


def minor(version: str) -> str:
    """Return the first two numbers of a Python version, without a suffix for its build.

    >>> minor("3.11.7"), minor("3.14t")
    ('3.11', '3.14')
    """
    return ".".join(version.removesuffix("t").split(".")[:2])


def request_environment(
    contents: EnvironmentContents, python: Python, installed: resolver.Installed
) -> EnvironmentRequest:
    """Match the pins of `contents` with installed distributions and bundled wheels.

    Pins with a marker that is false in `python` are skipped.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    here = not contents.python or minor(contents.python) == minor(python.version)
    pins = [
        each
        for each in map(Requirement, contents.requirements)
        if not here or each.marker is None or each.marker.evaluate(dict(python.markers))
    ]
    names = {canonicalize_name(each.name) for each in pins}
    provided = [each for each in map(Requirement, contents.provided) if each.name not in names]
    bundled = bundled_wheels(contents.wheels)
    wheels = {each: _wheel_for(each, bundled) for each in (*pins, *provided)}
    lookups = [
        _installed_at(installed, each) if here else None
        for each, wheel in wheels.items()
        if wheel is None
    ]
    found = [each for each in lookups if each is not None]
    complete = contents.closed and here and len(found) == len(lookups)
    return EnvironmentRequest(
        contents=contents,
        python=python,
        distributions=tuple(found) if complete else None,
        provided=tuple(map(str, provided)),
        wheels=tuple(wheel for wheel in wheels.values() if wheel is not None),
    )


def iter_wheels(folder: Path) -> Iterator[tuple[str, Version, Path]]:
    """Yield the wheels in a folder, each with its name and version."""
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    for file in filter(Path.is_file, sorted(folder.glob("*.whl"))):
        with suppress(InvalidWheelFilename):  # what no installer would look at either
            name, version, _, _ = parse_wheel_filename(file.name)
            yield str(name), version, file


def bundled_wheels(folder: Path | None) -> dict[tuple[str, Version], Path]:
    """Return the wheels in a folder by name and version."""
    found = iter_wheels(folder) if folder is not None else ()
    return {(name, version): file for name, version, file in found}


def _wheel_for(
    requirement: Requirement, bundled: Mapping[tuple[str, Version], Path]
) -> Path | None:
    """Return the newest bundled wheel that satisfies a requirement; None if there is none."""
    from packaging.utils import canonicalize_name

    if requirement.url is not None:
        return None
    name = canonicalize_name(requirement.name)
    fitting = [
        each
        for each in bundled
        if each[0] == name and requirement.specifier.contains(each[1], prereleases=True)
    ]
    return bundled[max(fitting)] if fitting else None


def _installed_at(
    installed: resolver.Installed, requirement: Requirement
) -> resolver.Distribution | None:
    distribution = installed.get(requirement.name)
    if distribution is None:
        return None
    if requirement.url is not None:
        return distribution if distribution.is_at(requirement.url) else None
    fits = requirement.specifier.contains(distribution.version, prereleases=True)
    return distribution if fits else None
