"""The Python that a user names: by a version, a path, a command, or an environment's folder."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from ...base.errors import WrongUseError
from ...base.settings import Settings
from ..builders.installing import executable_in
from ..interpreter import Python
from .discovery import find, is_here, version_of

_VERSION = re.compile(r"3\.[0-9]+(\.[0-9]+)?t?")


@dataclass(frozen=True, slots=True)
class NamedPython:
    """The Python that a user names, with the interpreter that was found for it."""

    executable: Path | None
    """The interpreter; None if none was searched."""
    version: str
    """Its version, which ends in "t" if a free-threaded build was asked for."""
    exact: bool
    """Whether no other release of that minor version is accepted."""

    @classmethod
    def stated(cls, version: str) -> NamedPython:
        """Return the Python of a version, without searching for an interpreter."""
        return cls(None, version, is_release(version))

    @classmethod
    def of(cls, python: str | os.PathLike[str], here: Python, settings: Settings) -> NamedPython:
        """Find the interpreter. Raises WrongUseError, PythonMissingError for a missing version."""
        if is_version(python):
            version = os.fspath(python)
            exact = is_release(version)
            if is_here(version, here, exact=exact):
                return cls(here.executable, here.version, exact)
            found = find(version, here, settings, exact=exact)
            return cls(found.executable, found.version, exact)
        path = Path(python)
        named = str(executable_in(path)) if path.is_dir() else os.fspath(python)
        place = shutil.which(named, path=settings.environment.get("PATH"))
        ran = version_of(Path(place)) if place is not None else None
        if place is None or ran is None:
            raise WrongUseError(
                f"python: {os.fspath(python)} is no interpreter that runs: give its path, the"
                " folder of its environment, or a version, as 3.12"
            )
        return cls(Path(place).absolute(), ran, True)


def is_version(python: str | os.PathLike[str]) -> bool:
    """Return whether a text is a version: ``3.12``, ``3.12.7``, ``3.14t``."""
    return isinstance(python, str) and _VERSION.fullmatch(python) is not None


def is_release(version: str) -> bool:
    """Return whether a version is a full release, and not only a minor version.

    >>> is_release("3.12.7"), is_release("3.12")
    (True, False)
    """
    return version.count(".") == 2
