"""The distributions that pip reports, asked through pip-api in a subprocess.

pip-api starts pip when it is imported, and cannot be imported if pip is missing: here it is
imported by the child alone, and only when somebody asks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..errors import PipCheckError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .environment import Installed

# The working folder is excluded from imports: it may be somebody else's.
_ASK = """
import sys
sys.path[:] = [entry for entry in sys.path if entry]
import json, os
os.environ["PIPAPI_PYTHON_LOCATION"] = sys.argv[1]
import pip_api
found = pip_api.installed_distributions()
print(json.dumps({name: str(each.version) for name, each in found.items()}))
"""
_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class PipDifference:
    """A difference between pip's list and ours; None: not installed."""

    name: str
    ours: str | None
    pip: str | None

    def __str__(self) -> str:
        return f"{self.name}: read as {self.ours or 'absent'}, pip says {self.pip or 'absent'}"


def installed_according_to_pip(python: str) -> Mapping[str, str]:
    """Return the versions that the pip of an interpreter reports, by normalised name.

    Raises PipCheckError if pip-api is not installed here, or pip not there.
    """
    if find_spec("pip_api") is None:
        raise PipCheckError(python, "pip-api is not installed here")
    command = [sys.executable, "-c", _ASK, python]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_TIMEOUT
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PipCheckError(python, str(error)) from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise PipCheckError(python, last)
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return {canonicalize_name(name): version for name, version in found.items()}


def differences(
    installed: Installed, according_to_pip: Mapping[str, str], names: Iterable[str] | None = None
) -> tuple[PipDifference, ...]:
    """Return the differences between our list and pip's, for all names or for some.

    >>> from resolver import Installed
    >>> differences(Installed.current(), {}, ["no-such-name"])
    ()
    """
    ours = {each.name: str(each.version) for each in installed}
    asked = {*ours, *according_to_pip} if names is None else set(map(canonicalize_name, names))
    pairs = ((name, ours.get(name), according_to_pip.get(name)) for name in sorted(asked))
    return tuple(PipDifference(*each) for each in pairs if each[1] != each[2])
