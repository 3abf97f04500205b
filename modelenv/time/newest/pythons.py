"""The Pythons of this machine, the newest first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from ...base.settings import Settings
from ...environments.errors import PythonMissingError
from ...environments.interpreter import Python
from ...environments.pythons.discovery import NEWEST, find
from ...environments.pythons.named_python import NamedPython
from ...environments.spec import minor


def iter_pythons(oldest: str, here: Python, settings: Settings) -> Iterator[str]:
    """Yield the versions that are here, a release of each minor version, down to the `oldest`.

    Nothing is downloaded: what is not found is passed over.
    """
    last = int(minor(oldest).partition(".")[2])
    for number in range(NEWEST, last - 1, -1):
        with suppress(PythonMissingError):
            yield find(f"3.{number}", here, settings).version


def asked_python(python: str | os.PathLike[str], here: Python, settings: Settings) -> str:
    """Return the version of the Python that a user names. Raises as `NamedPython.of` does."""
    return NamedPython.of(python, here, settings).version
