"""Build an environment from the pins: by uv, or by venv and pip."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..base.settings import Settings
from ..base.siblings import resolver
from .discovery import Base, find
from .errors import BuildFailedError
from .spec import Wanted

# What would put an installer's work elsewhere than into the environment that it is given.
_LEADING_ASTRAY = ("PIP_PREFIX", "PIP_ROOT", "PIP_TARGET", "PIP_USER", "PYTHONHOME", "PYTHONPATH")
_AS_PIP = "unsafe-best-match"  # to pip all indexes are one
_UV_PLACES = (
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_NO_INDEX",
)


class Builder(Protocol):
    """Be a way to build an environment in a folder."""

    @property
    def name(self) -> str:
        """Return the manager's name, as the command's option spells it."""

    @property
    def label(self) -> str:
        """Say what it makes: "an environment built with uv"."""

    def base(self, wanted: Wanted) -> str:
        """Name the interpreter it would build with. Raises PythonMissingError."""

    def build(self, root: Path, wanted: Wanted) -> None:
        """Build in the folder `root`, which does not exist. Raises BuildFailedError."""


@dataclass(frozen=True, slots=True)
class Uv:
    """Build with uv; wheels that it has downloaded before are linked, not copied."""

    program: Path
    settings: Settings
    name: str = "uv"
    label: str = "an environment built with uv"

    def base(self, wanted: Wanted) -> str:
        """Name the interpreter that was found for it."""
        return _named(find(wanted.python_version, wanted.python, self.settings))

    def build(self, root: Path, wanted: Wanted) -> None:
        """Build from what uv has at hand, else from the index that it, or pip, is set up with."""
        base = find(wanted.python_version, wanted.python, self.settings)
        uv = str(self.program)
        make = [uv, "venv", "--quiet", "--no-config", "--python", str(base.executable), str(root)]
        environment = _with_pips_places(heeded(self.settings.environment), wanted)
        run(make, environment, self.name)
        file = _requirements_file(root, wanted)
        install = [uv, "pip", "install", "--quiet", *_no_dependencies(wanted)]
        install += ["--python", str(executable_in(root)), "-r", str(file)]
        if not succeeds([*install, "--offline"], environment):
            run(install, environment, self.name)


@dataclass(frozen=True, slots=True)
class Virtualenv:
    """Build with the interpreter's own venv and pip."""

    settings: Settings
    name: str = "virtualenv"
    label: str = "an environment built with venv and pip"

    def base(self, wanted: Wanted) -> str:
        """Name the interpreter that was found for it."""
        return _named(find(wanted.python_version, wanted.python, self.settings))

    def build(self, root: Path, wanted: Wanted) -> None:
        """Build from the folders of wheels that pip is set up with, else from its index."""
        base = find(wanted.python_version, wanted.python, self.settings)
        environment = heeded(self.settings.environment)
        run([str(base.executable), "-m", "venv", str(root)], environment, self.name)
        file = _requirements_file(root, wanted)
        install = [str(executable_in(root)), "-m", "pip", "install", "--quiet"]
        install += [*_no_dependencies(wanted), "--disable-pip-version-check", "-r", str(file)]
        if not succeeds([*install, "--no-index"], environment):
            run(install, environment, self.name)


def _with_pips_places(environment: dict[str, str], wanted: Wanted) -> dict[str, str]:
    """Add the places that pip is configured with, where uv was not told of any."""
    if any(line.startswith("--extra-index-url") for line in wanted.options):
        environment = {"UV_INDEX_STRATEGY": _AS_PIP, **environment}
    if any(name in environment for name in _UV_PLACES):
        return environment
    try:
        pip = resolver.configured_options(str(wanted.python.executable))
    except resolver.ResolverError:  # there is no pip to ask: uv knows the public index
        return environment
    *others, index = pip.indexes or ("",)
    added = {
        "UV_DEFAULT_INDEX": index,
        "UV_INDEX": " ".join(others),
        "UV_INDEX_STRATEGY": _AS_PIP if others else "",
        "UV_NO_INDEX": "" if index else "1",
        "UV_FIND_LINKS": ",".join(filter(_may_be_there, pip.find_links)),
        "UV_INSECURE_HOST": " ".join(pip.trusted_hosts),
        "SSL_CERT_FILE": pip.certificates or "",
    }
    return {**{name: value for name, value in added.items() if value}, **environment}


def _may_be_there(place: str) -> bool:
    """Tell whether uv takes a place of wheels: unlike pip it refuses a folder that is gone."""
    return "://" in place or Path(place).exists()


def _no_dependencies(wanted: Wanted) -> list[str]:
    """Return the option that installs the pins alone, where they name all that they need."""
    return ["--no-deps"] if wanted.closed else []


def executable_in(root: Path) -> Path:
    """Return the interpreter of a virtual environment, or of conda's."""
    places = ("bin/python", "Scripts/python.exe", "python.exe")
    return next((root / place for place in places if (root / place).exists()), root / places[0])


def run(command: Sequence[str], environment: Mapping[str, str], manager: str) -> None:
    """Run one command of an installer. Raises BuildFailedError with what it printed."""
    try:
        ended = _call(command, environment)
    except OSError as error:
        raise BuildFailedError(manager, " ".join(command), str(error)) from error
    if ended.returncode != 0:
        output = ended.stdout.decode("utf-8", "replace")
        raise BuildFailedError(manager, " ".join(command), output[-8000:])


def succeeds(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Run a command that may fail, and tell whether it did not."""
    try:
        return _call(command, environment).returncode == 0
    except OSError:
        return False


def _call(
    command: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment),
    )


def heeded(given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that an installer may heed: none that lead it elsewhere."""
    left = (*_LEADING_ASTRAY, "VIRTUAL_ENV")
    return {name: value for name, value in given.items() if name not in left}


def _requirements_file(root: Path, wanted: Wanted) -> Path:
    lines = (*places(wanted), *wanted.requirements, *wanted.provided)
    file = root.with_name(f"{root.name}.txt")
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return file


def places(wanted: Wanted) -> tuple[str, ...]:
    """Return the lines of a requirements file that say where to look, the bundled wheels last."""
    lines = (f"--find-links {wheel.parent.as_uri()}" for wheel in wanted.wheels)
    return tuple(dict.fromkeys((*wanted.options, *lines)))


def _named(base: Base) -> str:
    return f"{base.executable} {base.version}"
