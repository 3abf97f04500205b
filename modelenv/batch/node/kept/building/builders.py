"""Build an environment on a node: with uv if available, else with venv and pip."""

from __future__ import annotations

import errno
import os
import platform
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from .....base.files.scratch import private_file
from .....base.settings import Settings
from .....worker.processes.program import run_program
from ...job import NodeEnvironment
from ..errors import PACK, NodeError
from .indexes import for_pip, for_uv, pip_settings
from .pythons import FoundPython, find_python

WHEELS = "wheels"
"""The subfolder of a model with the wheels that travel with it."""
_MOST_SAID = 4000  # characters at the end of an installer's output
_LOGIN = re.compile(r"(?<=://)[^\s/@]+@")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_HASH = "--hash="
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_FULL = {os.strerror(number): number for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)}


def build(
    environment: NodeEnvironment, root: Path, folder: Path | None, settings: Settings
) -> tuple[str, str]:
    """Build an environment in the new folder `root`; return the builder's name and its sources.

    `folder` is the model's, whose wheels may be used. Raises NodeError, and OSError for a full
    disk.
    """
    variables = settings.environment
    uv = None if settings.uv is None else str(settings.uv)
    base = find_python(environment.python, variables, uv, exact=environment.exact)
    building = _Building(environment, root, folder, base, variables)
    is_built = building.with_pip() if uv is None else building.with_uv(uv)
    if is_built:
        return "virtualenv" if uv is None else "uv", str(base)
    raise NodeError(
        f"the environment of the model cannot be built with {base}",
        tuple(building.said),
        ("which index is asked, and with what login, says pip's or uv's configuration there", PACK),
    )


@dataclass(slots=True)
class _Building:
    """An environment under construction."""

    environment: NodeEnvironment
    root: Path
    folder: Path | None
    base: FoundPython
    variables: Mapping[str, str]
    said: list[str] = field(default_factory=list)
    """Each failed command with its output."""

    def with_uv(self, uv: str) -> bool:
        """Build it from uv's cache, else from its index, or from pip's."""
        options = self._options()
        variables = for_uv(self.variables, pip_settings(self.variables), options)
        make = [uv, "venv", "--quiet", "--no-config", "--python", self.base.executable]
        if not self._run([*make, str(self.root)], variables):
            return False
        install = [uv, "pip", "install", "--quiet", *self._no_dependencies()]
        install += ["--compile-bytecode", "--python", self._python]
        for option in options:  # uv ignores these options in a file
            flag, _, host = option.partition(" ")
            install += ["--allow-insecure-host", host] if flag == "--trusted-host" else []
        for name, told in self.environment.settings.items():
            for each in told:
                install += ["--config-settings-package", f"{name}:{each}"]
        with self._file(options, self._lines().values()) as file:
            install += ["-r", str(file)]
            offline = [*install, "--offline"]
            return self._run(offline, variables, keep=False) or self._run(install, variables)

    def with_pip(self) -> bool:
        """Build it with the Python's own pip, else with the engine's."""
        variables = for_pip(self.variables, pip_settings(self.variables))
        make = [self.base.executable, "-I", "-m", "venv"]
        pip = [self._python, "-I", "-m", "pip"]
        if not self._run([*make, str(self.root)], variables, keep=not _has_pip()):
            if not _has_pip():
                return False
            # As on Debian, whose Python lacks ensurepip.
            if not self._run([*make, "--clear", "--without-pip", str(self.root)], variables):
                return False
            pip = [sys.executable, "-m", "pip", "--python", self._python]
        install = [*pip, "install", "--quiet", "--disable-pip-version-check"]
        install += self._no_dependencies()
        if self.environment.settings:  # pip caches a built wheel whatever the settings of its build
            install.append("--no-cache-dir")
        for lines in self._by_hashes():
            with self._file(self._options(), lines) as file:
                if not self._run([*install, "-r", str(file)], variables):
                    return False
        return True

    def _run(
        self, command: Sequence[str], variables: Mapping[str, str], *, keep: bool = True
    ) -> bool:
        """Run a command; return whether it succeeded, else `keep` its output."""
        try:
            ended = run_program(command, variables)
            code, output = ended.returncode, ended.stdout.decode("utf-8", "replace")
        except OSError as error:
            code, output = -1, str(error)
        if code == 0:
            return True
        for text, number in _FULL.items():
            if text in output:
                raise OSError(number, text, str(self.root))
        if keep:
            told = f"{' '.join(command)}\n{output.strip()[-_MOST_SAID:]}"
            self.said.append(_LOGIN.sub("****@", told).replace("\n", "\n    "))
        return False

    def _options(self) -> list[str]:
        """Return the option lines that locate files, the wheels of the model last."""
        options = [*map(self._with_logins, self.environment.options)]
        if self.environment.wheels and self.folder is not None:
            options.append(f"--find-links {(self.folder / WHEELS).as_uri()}")
        return options

    def _with_logins(self, line: str) -> str:
        """Return a line without a login whose variables this node lacks.

        Its installer then has one of its own, or needs none.
        """
        known = self.variables.keys()
        return _LOGIN.sub(
            lambda found: found[0] if known >= {*_VARIABLE.findall(found[0])} else "", line
        )

    def _no_dependencies(self) -> list[str]:
        return ["--no-deps"] if self.environment.closed else []

    def _by_hashes(self) -> Iterator[list[str]]:
        """Yield the lines with hashes, then the others: pip refuses a file that has both."""
        written = self._lines().items()
        for has in (True, False):
            lines = [self._told(line, text) for line, text in written if (_HASH in text) == has]
            if lines:
                yield lines

    def _lines(self) -> dict[str, str]:
        """Return the lines to install, each with its hashes: a lock's if it fits the platform.

        The wheels that travel with the model are checked with all of its files.
        """
        environment = self.environment
        here = {"sys_platform": sys.platform, "platform_machine": platform.machine()}
        of_here = all(
            here.get(name, value) == value for name, value in environment.locked_for.items()
        )
        known = {**(environment.locked if of_here else {}), **environment.hashes}
        return {
            line: " ".join(
                (self._with_logins(line), *(f"{_HASH}{each}" for each in known.get(line, ())))
            )
            for line in environment.lines
        }

    def _told(self, line: str, text: str) -> str:
        """Return a line with the config settings of its build backend for pip."""
        named = _NAME.match(line)
        name = re.sub(r"[-_.]+", "-", named[0]).lower() if named else ""
        told = self.environment.settings.get(name, ())
        return " ".join((text, *(f"--config-settings {shlex.quote(each)}" for each in told)))

    @contextmanager
    def _file(self, options: Iterable[str], lines: Iterable[str]) -> Iterator[Path]:
        """Yield a requirements file beside the environment, for the block."""
        limits = self.root.with_name(f"{self.root.name}.constraints.txt")
        written = [*options]
        if self.environment.constraints:
            written.append(f"-c {limits.as_uri()}")
        text = "".join(f"{line}\n" for line in (*written, *lines))
        narrowing = "".join(f"{line}\n" for line in self.environment.constraints)
        with (
            private_file(limits, narrowing),
            private_file(self.root.with_name(f"{self.root.name}.txt"), text) as file,
        ):
            yield file

    @property
    def _python(self) -> str:
        place = "Scripts/python.exe" if os.name == "nt" else "bin/python"
        return str(self.root / place)


def _has_pip() -> bool:
    return find_spec("pip") is not None
