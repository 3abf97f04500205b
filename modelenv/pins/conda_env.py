"""A conda environment as the user gives it: kept verbatim, with its pip and Python parts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base import arguments
from ..base.errors import WrongUseError
from ..base.files.absent import no_file
from ..base.siblings import envfiles
from ..environments.spec import minor
from .conda_provided import Provided

Conda = Mapping[str, Any] | str | os.PathLike[str]

_OLDEST = 8
_NEWEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaEnv:
    """The content of a conda environment."""

    text: str
    """The whole file, as it was given."""
    name: str | None
    channels: tuple[str, ...]
    python: str
    """The Python version that it pins, as written; empty if it pins none."""
    python_spec: str | None
    """Its requirement on Python as written, as ``python>=3.10,<3.12``; None: it has none."""
    dependencies: tuple[str, ...]
    """The other packages that conda installs, besides Python and pip, as written."""
    pip: tuple[str, ...]
    """Its pip section: lines of a requirements file."""
    folder: Path
    """The folder of the file, to which these lines are relative."""

    @classmethod
    def of(cls, given: Conda) -> CondaEnv:
        """Read a conda file, or a mapping with the content of one.

        Raises WrongUseError, and InvalidFile with the line.
        """
        if isinstance(given, Mapping):
            file, folder, text = "conda_env", Path(), envfiles.dump_yaml(dict(given))
        else:
            path = arguments.path("conda_env", given, "a conda file, or what one would hold")
            file, folder = os.fspath(given), path.absolute().parent
            text = _read(path)
        found = envfiles.read_conda(text, file=file)
        read = cls(
            text=envfiles.protect(text, (*found.channels, *found.dependencies)),
            name=found.name,
            channels=found.channels,
            python=found.python or "",
            python_spec=found.python_spec,
            dependencies=found.dependencies,
            pip=found.pip_lines,
            folder=folder,
        )
        if not read.python and not read.minors:
            raise WrongUseError(
                f"conda_env asks for {read.python_spec!r}, which no Python is that models run with"
                f" (3.{_OLDEST} and newer): name one version there, as python=3.12"
            )
        return read

    @property
    def minors(self) -> tuple[str, ...]:
        """The minor versions of Python that it allows, oldest first; empty: all."""
        known = (f"3.{number}" for number in range(_OLDEST, _NEWEST))
        return tuple(version for version in known if self.admits(version))

    def admits(self, version: str) -> bool:
        """Return whether it allows a Python version, by its minor version."""
        if self.python:
            return minor(self.python) == minor(version)
        return self.python_spec is None or envfiles.conda_admits(self.python_spec, minor(version))

    def python_for(self, version: str) -> str:
        """Return the Python version to record if the model runs with another one of its range.

        It satisfies the conda file, at least by its minor version.
        """
        spec = self.python_spec
        exact = spec is None or envfiles.conda_admits(spec, version)
        return self.python or (version if exact else minor(version))

    @property
    def provided(self) -> Provided:
        """The packages that conda installs, as pip requirements if they are distributions."""
        return Provided.by(self.dependencies)

    @property
    def names(self) -> frozenset[str]:
        """The names of what conda installs, as pip knows them."""
        return self.provided.names


def _read(file: Path) -> str:
    text = envfiles.read_text(file)
    if text is None:
        raise WrongUseError(f"conda_env: {file}: {no_file(file)}")
    return text


__all__ = ["Conda", "CondaEnv"]
