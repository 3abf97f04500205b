"""What an environment must hold, and one that is ready to run a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ..siblings import resolver
from .process import Interpreter
from .python import Python

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
    """The installed distributions that these pins are, or None where some are not installed."""
    version: str = ""
    """The version of Python that the model needs; empty: that of `python`."""
    channels: tuple[str, ...] = ("conda-forge",)
    conda_dependencies: tuple[str, ...] = ()
    """What conda has to install besides Python and pip."""
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
) -> Wanted:
    """Look up which of the pinned `requirements` (``name==version`` lines) are installed."""
    from packaging.requirements import Requirement

    lines = tuple(requirements)
    here = not version or minor(version) == minor(python.version)
    found = [_installed_at(installed, Requirement(line)) if here else None for line in lines]
    there = [item for item in found if item is not None]
    return Wanted(
        python=python,
        requirements=lines,
        distributions=tuple(there) if closed and here and len(there) == len(found) else None,
        version=version,
        channels=channels,
        conda_dependencies=conda_dependencies,
        closed=closed,
    )


def _installed_at(
    installed: resolver.Installed, requirement: object
) -> resolver.Distribution | None:
    from packaging.requirements import Requirement

    assert isinstance(requirement, Requirement)
    distribution = installed.get(requirement.name)
    if distribution is None or requirement.url is not None:
        return None
    fits = requirement.specifier.contains(distribution.version, prereleases=True)
    return distribution if fits else None
