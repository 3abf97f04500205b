"""What an environment must hold, and one that is ready to run a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..base.siblings import resolver
from ..worker.process import Interpreter
from .interpreter import Python

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.version import Version

Report = Callable[[str], None]
"""Told in a few words what is being done, while it takes time."""


def silent(_: str) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """An environment that is ready to run a worker."""

    interpreter: Interpreter
    label: str
    """What it is, in words: ``a replica``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an environment must hold."""

    python: Python
    """The interpreter that replicas are made of."""
    requirements: tuple[str, ...]
    """The pins, as lines of a requirements file."""
    distributions: tuple[resolver.Distribution, ...] | None
    """The installed distributions that these pins are, or None where some are not installed.

    What `wheels` holds is not among them.
    """
    version: str = ""
    """The version of Python that the model needs; empty: that of `python`."""
    channels: tuple[str, ...] = ("conda-forge",)
    conda_dependencies: tuple[str, ...] = ()
    """What conda has to install besides Python and pip."""
    provided: tuple[str, ...] = ()
    """The pins of what conda installs, for whoever builds without conda."""
    wheels: tuple[Path, ...] = ()
    """The wheels of those pins that exist only beside the model, all in one folder."""
    options: tuple[str, ...] = ()
    """How pip is to find the files, as lines of a requirements file."""
    closed: bool = True
    """Whether the requirements name all that they need, and nothing else is to be installed."""

    @property
    def python_version(self) -> str:
        """The version of Python that the model needs."""
        return self.version or self.python.version

    @property
    def fits_here(self) -> bool:
        """Whether `python` is of the minor version that the model needs."""
        return minor(self.python_version) == minor(self.python.version)


class EnvironmentManager(Protocol):
    """Be a way to have an environment that holds what is wanted, and nothing else."""

    def opened(self, wanted: Wanted, report: Report) -> AbstractContextManager[Place]:
        """Give the environment for the length of a block."""


def minor(version: str) -> str:
    """Return the first two numbers of a version of Python.

    >>> minor("3.11.7")
    '3.11'
    """
    return ".".join(version.split(".")[:2])


def want(
    python: Python,
    installed: resolver.Installed,
    requirements: Iterable[str],
    *,
    version: str = "",
    channels: tuple[str, ...] = ("conda-forge",),
    conda_dependencies: tuple[str, ...] = (),
    closed: bool = True,
    provided: Iterable[str] = (),
    wheels: Path | None = None,
    options: tuple[str, ...] = (),
) -> Wanted:
    """Look up which of the pinned `requirements` (lines of a requirements file) are installed.

    Those with a marker that is false here are not asked for. `provided` are the pins of what conda
    brings, where it is conda that builds; `wheels` is a folder of wheels that are taken before what
    is installed; it need not exist.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    lines = tuple(requirements)
    bundled = bundled_wheels(wheels)
    here = not version or minor(version) == minor(python.version)
    asked = [
        each
        for each in map(Requirement, lines)
        if not here or each.marker is None or each.marker.evaluate(dict(python.markers))
    ]
    names = {canonicalize_name(each.name) for each in asked}
    brought = [each for each in map(Requirement, provided) if each.name not in names]
    asked += brought
    carried = [_wheel_for(each, bundled) for each in asked]
    found = [
        _installed_at(installed, each) if here else None
        for each, wheel in zip(asked, carried, strict=True)
        if wheel is None
    ]
    there = [item for item in found if item is not None]
    return Wanted(
        python=python,
        requirements=lines,
        distributions=tuple(there) if closed and here and len(there) == len(found) else None,
        version=version,
        channels=channels,
        conda_dependencies=conda_dependencies,
        closed=closed,
        provided=tuple(map(str, brought)),
        wheels=tuple(wheel for wheel in carried if wheel is not None),
        options=options,
    )


def iter_wheels(folder: Path) -> Iterator[tuple[str, Version, Path]]:
    """Yield the wheels in a folder, each with the name and the version that it is of."""
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    for file in sorted(folder.glob("*.whl")):
        with suppress(InvalidWheelFilename):  # what no installer would look at either
            name, version, _, _ = parse_wheel_filename(file.name)
            yield str(name), version, file


def bundled_wheels(folder: Path | None) -> dict[tuple[str, Version], Path]:
    """Return the wheels in a folder by what they are of: one serves no other version."""
    found = iter_wheels(folder) if folder is not None else ()
    return {(name, version): file for name, version, file in found}


def _wheel_for(
    requirement: Requirement, bundled: Mapping[tuple[str, Version], Path]
) -> Path | None:
    """Return the newest of the wheels that an installer would take for a requirement."""
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
