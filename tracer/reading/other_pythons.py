"""Children of another Python: their imports belong to their own environment, not to the block."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple


class PythonIdentity(NamedTuple):
    """An interpreter of an environment, as a process names itself in its first record."""

    executable: str
    prefix: str
    version: str

    @classmethod
    def here(cls) -> PythonIdentity:
        """Return the identity of this process's interpreter, as the probe records it."""
        version = "{}.{}.{}".format(*sys.version_info[:3])
        return cls(sys.executable, os.path.realpath(sys.prefix), version)

    def shares_with(self, other: PythonIdentity) -> bool:
        """Return whether both import from one environment.

        Two versions may have the same prefix, as the system's in ``/usr`` do.

        >>> PythonIdentity("/usr/bin/python3", "/usr", "3.11.2").shares_with(
        ...     PythonIdentity("/usr/bin/python3.12", "/usr", "3.12.1")
        ... )
        False
        """
        return (self.prefix, self._minor) == (other.prefix, other._minor)

    @property
    def _minor(self) -> str:
        return self.version.rpartition(".")[0]

    def __str__(self) -> str:
        return f"{self.executable} ({self.version})"


def is_foreign(python: PythonIdentity | None, home: PythonIdentity | None) -> bool:
    """Return whether `python` is known to import from another environment than `home`."""
    return python is not None and home is not None and not python.shares_with(home)


def foreign_note(python: PythonIdentity | None) -> str:
    """Return a note that a child ran another Python, so that its imports are not seen."""
    return (
        f"unseen: another Python ran as a child, {python}: what it imports is of its own"
        " environment, which is not carried"
    )
