"""Building wheels from source distributions, with the Python that they are for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from ...base.files.scratch import scratch_folder
from ...base.indexes import Indexes
from ...base.settings import Settings, find_uv
from ...base.siblings import envfiles, resolver
from ...worker.processes.program import run_program
from ..interpreter import Python
from ..pythons.discovery import find
from ..spec import Report, minor
from .installing import installer_variables
from .sources import as_pip_of

_LAST = 12  # last lines of a failed build's output
_PLATFORM = ("sys_platform", "platform_machine", "platform_python_implementation")


class SourceArchive(Protocol):
    """A source distribution to build; its string form is its name and version."""

    @property
    def name(self) -> str:
        """Its normalised name."""

    @property
    def settings(self) -> tuple[str, ...]:
        """Its build backend's config settings, as "KEY=VALUE"."""

    def fetch(self, folder: Path) -> Path:
        """Download it into a folder; return its path. Raises the resolver's SourceError."""


Build = Callable[[Any], Path]
"""A function that builds a wheel from a source distribution.

Raises the resolver's BuildError and SourceError, PythonMissingError.
"""


def wheel_builder(
    indexes: Indexes, target: resolver.Target, environment: Mapping[str, str], report: Report
) -> Build | None:
    """Return the builder of wheels for a target; None if none are to be built.

    For another Python on this platform, that Python builds them; no wheels can be built for another
    platform.
    """
    own = indexes.builder(target, environment, report, run_program)
    here = resolver.Target.current()
    same = all(here.markers[each] == target.markers[each] for each in _PLATFORM)
    if own is None or not same or minor(here.python_version) == minor(target.python_version):
        return own
    return OtherPython(
        version=target.python_version,
        cache=own.cache,
        indexes=indexes,
        settings=Settings(own.environment or environment, find_uv(environment.get("PATH"))),
        report=report,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPython:
    """A builder of wheels with another Python than the running one, which caches them."""

    version: str
    cache: Path
    """The folder of built wheels."""
    indexes: Indexes
    """The sources of build tools, and the date for choosing them."""
    settings: Settings
    """Settings with variables that configure the same indexes for pip."""
    report: Report

    def __call__(self, unbuilt: SourceArchive) -> Path:
        """Return the wheel of a source distribution, built on first use."""
        python = find(self.version, Python.current(), self.settings).executable
        with scratch_folder() as scratch:
            archive = unbuilt.fetch(scratch)
            folder = self.cache / f"{unbuilt.name}-{self._key(archive, unbuilt)}"
            for wheel in folder.glob("*.whl"):
                return wheel
            self.report(f"build {unbuilt} with Python {self.version}")
            return resolver.keep_whole(self._built(unbuilt, archive, python, scratch), folder)

    def _key(self, archive: Path, unbuilt: SourceArchive) -> str:
        digest = sha256(archive.read_bytes()).hexdigest()
        about = (digest, minor(self.version), sys.platform, unbuilt.settings)
        return sha256(repr(about).encode()).hexdigest()[:32]

    def _built(self, unbuilt: SourceArchive, archive: Path, python: Path, scratch: Path) -> Path:
        said = ""
        for count, command in enumerate(self._commands(python, archive, unbuilt.settings)):
            out = scratch / f"out{count}"
            done = run_program([*command, str(out)], self._variables(), scratch)
            wheels = sorted(out.glob("*.whl"))
            if done.returncode == 0 and wheels:
                return wheels[0]
            lines = done.stdout.decode("utf-8", "replace").rstrip().splitlines()[-_LAST:]
            said = "".join(f"\n  {envfiles.mask(line)}" for line in lines)
        reason = f"its build with Python {self.version} failed:{said}"
        raise resolver.BuildError(str(unbuilt), reason)

    def _commands(
        self, python: Path, archive: Path, settings: Sequence[str]
    ) -> Iterator[Sequence[str]]:
        """Yield build commands without the output folder: with tools of that date, then today's."""
        told = [f"--config-setting={each}" for each in settings]
        if self.settings.uv is None:
            told = [f"--config-settings={each}" for each in settings]
            words = [str(python), "-m", "pip", "wheel", "--quiet", "--no-deps", *told]
            yield [*words, str(archive), "--wheel-dir"]
            return
        words = [str(self.settings.uv), "build", "--no-config", "--wheel", *told]
        words += ["--python", str(python), str(archive)]
        if self.indexes.dated:
            yield [*words, "--exclude-newer", self.indexes.dated, "--out-dir"]
        yield [*words, "--out-dir"]

    def _variables(self) -> dict[str, str]:
        given = installer_variables(self.settings.environment)
        if self.settings.uv is None:
            return given
        told = {
            "UV_DEFAULT_INDEX": self.indexes.index_url,
            "UV_INDEX": " ".join(self.indexes.extra_index_urls),
            "UV_FIND_LINKS": ",".join(self.indexes.find_links),
            "UV_NO_INDEX": "1" if self.indexes.no_index else "",
        }
        said = {name: value for name, value in told.items() if value}
        return {**as_pip_of(sys.executable, given), **said}
