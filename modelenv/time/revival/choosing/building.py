"""Wheels of what an index has as source distributions alone, built with the Python of the model.

The build tools are those of its day, where uv builds; the wheels travel with the new folder, so
that nobody has to build them again.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ....base.files.scratch import scratch_folder
from ....base.settings import Settings
from ....base.siblings import resolver
from ....environments.builders.installing import installer_variables
from ....environments.builders.sources import as_pip_of
from ....environments.interpreter import Python
from ....environments.pythons.discovery import find
from ....environments.spec import Report
from ....worker.processes.program import run_program

_LAST = 8


class SourceDistribution(Protocol):
    """What a wheel is built of; as a text it says its name and version."""

    def fetch(self, folder: Path) -> Path:
        """Put it into a folder. Raises the resolver's SourceError."""


Build = Callable[[SourceDistribution], Path]
"""What makes a wheel of a source distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OldBuilder:
    """What builds wheels for one Python into the folder of wheels that travel."""

    version: str
    """The Python that they are for, which builds them."""
    wheels: Path
    as_of: str
    """The moment after which no build tool was uploaded: RFC 3339."""
    settings: Settings
    report: Report

    def __call__(self, unbuilt: SourceDistribution) -> Path:
        """Return the wheel of a source distribution. Raises BuildError, PythonMissingError."""
        self.report(f"building {unbuilt} from its source distribution")
        python = find(self.version, Python.current(), self.settings).executable
        with scratch_folder() as scratch:
            archive, out = unbuilt.fetch(scratch), scratch / "out"
            said = ""
            for command in self._commands(python, archive, out):
                done = run_program(command, self._variables(), scratch)
                built = sorted(out.glob("*.whl"))
                if done.returncode == 0 and built:
                    self.wheels.mkdir(exist_ok=True)
                    return Path(shutil.copy(built[0], self.wheels / built[0].name))
                lines = done.stdout.decode("utf-8", "replace").rstrip().splitlines()
                said = "".join(f"\n  {line}" for line in lines[-_LAST:])
        reason = f"its build with Python {self.version} failed:{said}"
        raise resolver.BuildError(str(unbuilt), reason)

    def _commands(self, python: Path, archive: Path, out: Path) -> Sequence[Sequence[str]]:
        """Return what may build it, the likeliest first: build tools of its day, then of today."""
        if self.settings.uv is None:
            words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(out)]
            return ([str(python), *words, str(archive)],)
        words = [str(self.settings.uv), "build", "--quiet", "--no-config", "--wheel"]
        words += ["--python", str(python), "--out-dir", str(out), str(archive)]
        return ([*words, "--exclude-newer", self.as_of], words)

    def _variables(self) -> dict[str, str]:
        given = installer_variables(self.settings.environment)
        return given if self.settings.uv is None else as_pip_of(sys.executable, given)
