"""Building an environment from a lock: by a tool that reads it, else file by file."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from packaging.version import Version

from ...base.addresses.masks import Mask
from ...base.settings import Settings
from ...base.text import few
from ...worker.processes.program import run_program
from ..errors import BuildFailedError
from ..pythons.discovery import Base, base_of
from ..spec import EnvironmentRequest
from .builder import Builder
from .direct_urls import conceal_addresses
from .installing import check_places, executable_in, installer_variables, run, succeeds
from .sources import with_pip_locations
from .uv import Uv, without_logins
from .virtualenv import Virtualenv

UV_LOCK, PYPROJECT = "uv.lock", "pyproject.toml"
_READS_LOCKS = Version("26.1")
"""The first release of pip that installs from a pylock.toml."""
_OLDEST = (3, 10)
"""The oldest Python on which that pip runs."""
_FILES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz")
_NO_INDEX = "--no-index"
_OFFLINE = "\n--no-index lets no address of {} be asked: leave that out, or prove another lock"
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")


@dataclass(frozen=True, slots=True)
class LockByUv:
    """A builder that installs a lock with uv: a pylock.toml, or the uv.lock of a project."""

    program: Path
    settings: Settings
    lock: Path
    name: str = "uv"

    @property
    def label(self) -> str:
        """A description of its environments."""
        return f"an environment built with uv from {self.lock.name}"

    def base(self, request: EnvironmentRequest) -> str:
        """Return the path and version of the interpreter that was found for it."""
        return str(base_of(request, self.settings))

    def sources(self, request: EnvironmentRequest) -> tuple[str, ...]:
        """Return the lock, which has the addresses of all files, and what forbids to ask them."""
        return (self.lock.name, *request.contents.options)

    def build(self, root: Path, request: EnvironmentRequest) -> None:
        """Build from the files that the lock names."""
        if self.lock.name != UV_LOCK and (_is_offline(request) or _names_variables(self.lock)):
            # Other places of files, and values of variables, are for lists alone.
            Uv(self.program, self.settings).build(root, file_by_file(request, self.name))
            return
        mask = check_places(request, self.settings.environment)
        base = str(base_of(request, self.settings).executable)
        given = installer_variables(self.settings.environment)
        environment = with_pip_locations(given, request)
        make = [str(self.program), "venv", "--quiet", "--no-config", "--python", base, str(root)]
        run(make, environment, self.name, mask)
        if self.lock.name == UV_LOCK:
            self._sync(root, environment, mask, offline=_is_offline(request))
        else:
            self._run(
                ["pip", "install", *self._into(root), "-r", str(self.lock)], environment, mask
            )
        conceal_addresses(root, mask)

    def _sync(self, root: Path, environment: dict[str, str], mask: Mask, *, offline: bool) -> None:
        """Install what a uv project has locked, without the project itself, as MLflow does.

        If `offline`, from uv's cache and the paths in the lock.
        """
        with _project_beside(root, self.lock) as project:
            sync = ["sync", *self._into(root), "--frozen", "--no-dev", "--no-install-project"]
            # The index names in a project are untrusted, and uv finds logins by them.
            known = without_logins(environment)
            known["UV_PROJECT_ENVIRONMENT"] = str(root)
            known |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(project))
            known |= {"UV_OFFLINE": "1"} if offline else {}
            try:
                self._run([*sync, "--project", str(project)], known, mask)
            except BuildFailedError as error:
                error.output += _OFFLINE.format(self.lock.name) if offline else ""
                raise

    def _into(self, root: Path) -> list[str]:
        # A sealed run cannot write bytecode.
        return ["--quiet", "--compile-bytecode", "--python", str(executable_in(root))]

    def _run(self, words: list[str], environment: dict[str, str], mask: Mask) -> None:
        """Install from uv's cache, else from the addresses in the lock."""
        command = [str(self.program), *words]
        if not succeeds([*command, "--offline"], environment):
            run(command, environment, self.name, mask)


@dataclass(frozen=True, slots=True)
class LockByPip:
    """A builder that installs a pylock.toml with pip; an older pip is given each of its files."""

    settings: Settings
    lock: Path
    name: str = "virtualenv"

    @property
    def label(self) -> str:
        """A description of its environments."""
        return f"an environment built with venv and pip from {self.lock.name}"

    def base(self, request: EnvironmentRequest) -> str:
        """Return the path and version of the interpreter that was found for it."""
        return str(base_of(request, self.settings))

    def sources(self, request: EnvironmentRequest) -> tuple[str, ...]:
        """Return the lock, which has the addresses of all files, and what forbids to ask them."""
        return (self.lock.name, *request.contents.options)

    def build(self, root: Path, request: EnvironmentRequest) -> None:
        """Build from the files that the lock names."""
        base = base_of(request, self.settings)
        in_lines = _is_offline(request) or _names_variables(self.lock)
        pip = None if in_lines else self._pip_for(base)
        if pip is None:
            Virtualenv(self.settings).build(root, file_by_file(request, self.name))
            return
        mask = check_places(request, self.settings.environment)
        environment = installer_variables(self.settings.environment)
        make = [str(base.executable), "-I", "-m", "venv", "--without-pip", str(root)]
        run(make, environment, self.name, mask)
        install = [*pip, "--python", str(executable_in(root)), "install", "--quiet"]
        install += ["--disable-pip-version-check", "-r", str(self.lock)]
        run(install, environment, self.name, mask)
        conceal_addresses(root, mask)

    def _pip_for(self, base: Base) -> list[str] | None:
        """Return the command of a pip that reads locks and can install for a Python, or None."""
        version = tuple(map(int, base.version.split(".")[:2]))
        if version < _OLDEST:
            return None
        for python in (base.executable, Path(sys.executable)):
            command = [str(python), "-I", "-m", "pip"]
            ended = run_program([*command, "--version"], self.settings.environment)
            said = re.match(r"pip (\S+) ", ended.stdout.decode("utf-8", "replace"))
            if ended.returncode == 0 and said and Version(said[1]) >= _READS_LOCKS:
                return command
        return None


def lock_builder(manager: str, lock: Path, settings: Settings) -> Builder:
    """Return the builder for a lock: uv if requested and found, else pip."""
    if manager == "uv" and settings.uv is not None:
        return LockByUv(settings.uv, settings, lock)
    return LockByPip(settings, lock)


def file_by_file(request: EnvironmentRequest, manager: str) -> EnvironmentRequest:
    """Return a request for the files of its lock, each with its hash, without the lock.

    Raises BuildFailedError if a file has only hashes that a requirement line cannot have, as
    blake2b.
    """
    contents = request.contents
    unchecked = [line for line in contents.requirements if not _is_checked(line, request)]
    if unchecked:
        listed = f"-r {contents.lock.name}" if contents.lock else ""
        reason = "of each file it is given an address, in which its only hashes have no place"
        raise BuildFailedError(manager, listed, f"{reason}: {few(unchecked)}")
    return replace(request, contents=replace(contents, lock=None))


def _is_checked(line: str, request: EnvironmentRequest) -> bool:
    """Return whether a line's file has a hash to check; a commit and a folder need none."""
    is_file = urlsplit(line.partition(" @ ")[2].partition("#")[0]).path.endswith(_FILES)
    return not is_file or line in request.contents.behind or "#md5=" in line


def _is_offline(request: EnvironmentRequest) -> bool:
    """Return whether no address of the lock may be asked."""
    return _NO_INDEX in request.contents.options


def _names_variables(lock: Path) -> bool:
    return _VARIABLE.search(lock.read_text("utf-8")) is not None


@contextmanager
def _project_beside(root: Path, lock: Path) -> Iterator[Path]:
    """Copy a uv project to a folder beside the environment, where uv may write."""
    folder = root.with_name(f"{root.name}.project")
    folder.mkdir()
    try:
        for name in (lock.name, PYPROJECT):
            shutil.copyfile(lock.with_name(name), folder / name)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
