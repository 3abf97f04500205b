"""Children of another Python: what they import is their own environment's, not the block's."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .reading import Event

_FIELD = 6


class Python(NamedTuple):
    """An interpreter of an environment, as a process names itself in its first record."""

    executable: str
    prefix: str
    version: str

    @classmethod
    def here(cls) -> Python:
        """Describe the interpreter of this process, as the probe does."""
        version = "{}.{}.{}".format(*sys.version_info[:3])
        return cls(sys.executable, os.path.realpath(sys.prefix), version)

    @classmethod
    def of(cls, header: Event) -> Python | None:
        """Read it from a process's first record; None where that does not say it."""
        said = header[_FIELD : _FIELD + len(cls._fields)]
        return cls(*said) if len(said) == len(cls._fields) else None

    def shares_with(self, other: Python) -> bool:
        """Tell whether both import from one environment.

        Two versions may have the same prefix, as the system's in ``/usr`` do.

        >>> Python("/usr/bin/python3", "/usr", "3.11.2").shares_with(
        ...     Python("/usr/bin/python3.12", "/usr", "3.12.1")
        ... )
        False
        """
        return (self.prefix, self._minor) == (other.prefix, other._minor)

    @property
    def _minor(self) -> str:
        return self.version.rpartition(".")[0]

    def __str__(self) -> str:
        return f"{self.executable} ({self.version})"


def is_foreign(header: Event, home: Python | None) -> bool:
    """Tell whether the process of this first record is of another Python than `home`."""
    python = Python.of(header)
    return python is not None and home is not None and not python.shares_with(home)


def foreign_note(header: Event) -> str:
    """Say of a process of another Python why nothing of what it imports is here."""
    return (
        f"unseen: another Python ran as a child, {Python.of(header)}: what it imports is of its"
        " own environment, which is not carried"
    )


def first_python(headers: Iterable[Event]) -> Python | None:
    """Return the interpreter of the first process that names one: it started all others."""
    return next((found for found in map(Python.of, headers) if found is not None), None)
