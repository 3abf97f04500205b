"""The Pythons of this machine, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from ...base.errors import WrongUseError
from ...base.settings import Settings
from ...environments.errors import PythonMissingError
from ...environments.interpreter import Python
from ...environments.pythons.discovery import NEWEST, find
from ...environments.pythons.named_python import is_version
from ...environments.spec import minor
from ..trials.pins import any_release


def iter_pythons(oldest: str, here: Python, settings: Settings) -> Iterator[str]:
    """Yield the available versions, a release of each minor version, down to the `oldest`.

    Nothing is downloaded: a version that is not found is skipped.
    """
    last = int(minor(oldest).partition(".")[2])
    for number in range(NEWEST, last - 1, -1):
        with suppress(PythonMissingError):
            yield find(f"3.{number}", here, settings).version


def asked_python(python: str, here: Python, settings: Settings) -> str:
    """Return the release of the Python that a user gives by its version.

    Raises WrongUseError if that is no version, and PythonMissingError if it is not available.
    """
    if not is_version(python):
        raise WrongUseError(f"python: {python!r} is no version of Python, as 3.13")
    return find(any_release(python), here, settings).version
