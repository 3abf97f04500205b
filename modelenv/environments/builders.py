"""Build an environment from the pins: by uv, or by venv and pip."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import shorten
from typing import Protocol

from ..base.files.scratch import private_file
from ..base.settings import Settings
from ..base.siblings import resolver
from .discovery import Base, find
from .errors import BuildFailedError, PythonMissingError
from .interpreter import Python
from .spec import EnvironmentRequest

# What would put an installer's work elsewhere than into the environment that it is given.
_REDIRECTING = ("PIP_PREFIX", "PIP_ROOT", "PIP_TARGET", "PIP_USER", "PYTHONHOME", "PYTHONPATH")
_AS_PIP = "unsafe-best-match"  # to pip all indexes are one
_UV_LOCATIONS = (
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_NO_INDEX",
)


# The option of pip that says what a variable of uv's does, the older names last, and what parts its
# values: white space, or nothing where it is a flag.
_UV_OPTIONS = (
    ("--no-index", ("UV_NO_INDEX",), ""),
    ("--index-url", ("UV_DEFAULT_INDEX", "UV_INDEX_URL"), None),
    ("--extra-index-url", ("UV_INDEX", "UV_EXTRA_INDEX_URL"), None),
    ("--find-links", ("UV_FIND_LINKS",), ","),
)
_MOST_SAID = 300  # characters of what uv says
_TRUE = ("1", "true", "yes", "on", "t", "y")
_INDEXES = ("--index-url", "--extra-index-url", "--no-index")
_SOURCES = (*_INDEXES, "--find-links")


class Builder(Protocol):
    """A way to build an environment in a folder."""

    @property
    def name(self) -> str:
        """Return the manager's name, as the command's option spells it."""

    @property
    def label(self) -> str:
        """Return what it makes, in words: "an environment built with uv"."""

    def base(self, request: EnvironmentRequest) -> str:
        """Return which interpreter it would build with. Raises PythonMissingError."""

    def sources(self, request: EnvironmentRequest) -> tuple[str, ...]:
        """Return where it would look for files, as lines of a requirements file, logins hidden."""

    def build(self, root: Path, request: EnvironmentRequest) -> None:
        """Build in the folder `root`, which does not exist. Raises BuildFailedError."""


@dataclass(frozen=True, slots=True)
class Uv:
    """A builder that runs uv, which links the wheels that it has downloaded before."""

    program: Path
    settings: Settings
    name: str = "uv"
    label: str = "an environment built with uv"

    def base(self, request: EnvironmentRequest) -> str:
        """Return the path and version of the interpreter that was found for it."""
        return _describe(find(request.python_version, request.python, self.settings))

    def sources(self, request: EnvironmentRequest) -> tuple[str, ...]:
        """Return where uv would look: as its variables say, else as pip is set up, and the folder.

        What a file of uv's own configuration says is not known.
        """
        said = _with_pip_locations(installer_variables(self.settings.environment), request)
        configured = [
            f"{option} {value}".rstrip()
            for option, names, between in _UV_OPTIONS
            for value in _values(said, names, between)
        ]
        return sources_of(configured, request)

    def build(self, root: Path, request: EnvironmentRequest) -> None:
        """Build from what uv has at hand, else from the index that it, or pip, is set up with."""
        base = find(request.python_version, request.python, self.settings)
        uv = str(self.program)
        make = [uv, "venv", "--quiet", "--no-config", "--python", str(base.executable), str(root)]
        environment = _with_pip_locations(installer_variables(self.settings.environment), request)
        run(make, environment, self.name)
        install = [uv, "pip", "install", "--quiet", *_no_dependencies(request)]
        install.append("--compile-bytecode")  # what runs in a seal cannot write any
        install += ["--python", str(executable_in(root))]
        for option in request.contents.options:  # uv heeds none of these where it stands in a file
            flag, _, host = option.partition(" ")
            install += ["--allow-insecure-host", host] if flag == "--trusted-host" else []
        for entry in request.contents.behind.values():  # uv reads no file in which they stand
            for each in entry.settings:
                install += ["--config-settings-package", f"{entry.name}:{each}"]
        with _requirements_file(root, request, request.lines, settings=False) as file:
            install += ["-r", str(file)]
            if not succeeds([*install, "--offline"], environment):
                run(install, environment, self.name)


@dataclass(frozen=True, slots=True)
class Virtualenv:
    """A builder that runs the interpreter's own venv and pip."""

    settings: Settings
    name: str = "virtualenv"
    label: str = "an environment built with venv and pip"

    def base(self, request: EnvironmentRequest) -> str:
        """Return the path and version of the interpreter that was found for it."""
        return _describe(find(request.python_version, request.python, self.settings))

    def sources(self, request: EnvironmentRequest) -> tuple[str, ...]:
        """Return where pip would look: as it is set up, and as the folder says."""
        return sources_of(pip_sources(request), request)

    def build(self, root: Path, request: EnvironmentRequest) -> None:
        """Build from the folders of wheels that pip is set up with, else from its index."""
        base = find(request.python_version, request.python, self.settings)
        environment = installer_variables(self.settings.environment)
        run([str(base.executable), "-I", "-m", "venv", str(root)], environment, self.name)
        install = [str(executable_in(root)), "-I", "-m", "pip", "install", "--quiet"]
        install += [*_no_dependencies(request), "--disable-pip-version-check"]
        if any(entry.settings for entry in request.contents.behind.values()):
            # pip keeps what it built, whatever the backend was told.
            install.append("--no-cache-dir")
        for lines in _by_hashes(request):
            with _requirements_file(root, request, lines) as file:
                command = [*install, "-r", str(file)]
                if not succeeds([*command, "--no-index"], environment):
                    run(command, environment, self.name)


def pip_sources(request: EnvironmentRequest) -> tuple[str, ...]:
    """Return where the pip of a request's interpreter looks; nothing where there is none to ask."""
    try:
        pip = resolver.configured_options(str(request.python.executable))
    except resolver.ResolverError:
        return ()
    *others, index = pip.indexes or ("",)
    return (
        f"--index-url {index}" if index else "--no-index",
        *(f"--extra-index-url {url}" for url in others),
        *(f"--find-links {place}" for place in pip.find_links),
    )


def sources_of(configured: Iterable[str], request: EnvironmentRequest) -> tuple[str, ...]:
    """Return configured sources with those of the folder's option lines, logins hidden.

    A folder's own index stands for the configured ones, as for pip. The wheels that travel with it
    are none of these: wherever they lie, they are the same.
    """
    own_wheels = {f"--find-links {wheel.parent.as_uri()}" for wheel in request.wheels}
    options = (line for line in request.contents.options if line not in own_wheels)
    said = [line for line in options if line.startswith(_SOURCES)]
    own = any(line.startswith(("--index-url", "--no-index")) for line in said)
    kept = [line for line in configured if not (own and line.startswith(_INDEXES))]
    return tuple(dict.fromkeys(map(resolver.hide_logins, (*kept, *said))))


def _values(
    variables: Mapping[str, str], names: Sequence[str], between: str | None
) -> Sequence[str]:
    """Return what the first of some variables says that is set; a flag says nothing more."""
    text = next((variables[name] for name in names if variables.get(name)), "")
    if not text:
        return ()
    if between == "":
        return ("",) if text.lower() in _TRUE else ()
    return [part for part in (text.split(between) if between else text.split()) if part]


def _with_pip_locations(environment: dict[str, str], request: EnvironmentRequest) -> dict[str, str]:
    """Return the variables with pip's locations, where uv is configured with none."""
    if any(line.startswith("--extra-index-url") for line in request.contents.options):
        environment = {"UV_INDEX_STRATEGY": _AS_PIP, **environment}
    return _as_pip_of(str(request.python.executable), environment)


def _as_pip_of(python: str, environment: dict[str, str]) -> dict[str, str]:
    """Return the variables with the locations of an interpreter's pip, where uv has none."""
    if any(name in environment for name in _UV_LOCATIONS):
        return environment
    try:
        pip = resolver.configured_options(python)
    except resolver.ResolverError:  # there is no pip to ask: uv knows the public index
        return environment
    *others, index = pip.indexes or ("",)
    added = {
        "UV_DEFAULT_INDEX": index,
        "UV_INDEX": " ".join(others),
        "UV_INDEX_STRATEGY": _AS_PIP if others else "",
        "UV_NO_INDEX": "" if index else "1",
        "UV_FIND_LINKS": ",".join(filter(_may_exist, pip.find_links)),
        "UV_INSECURE_HOST": " ".join(pip.trusted_hosts),
        "SSL_CERT_FILE": pip.certificates or "",
    }
    return {**{name: value for name, value in added.items() if value}, **environment}


def _may_exist(location: str) -> bool:
    """Return whether uv accepts a location: unlike pip it refuses a folder that is gone."""
    return "://" in location or Path(location).exists()


def _no_dependencies(request: EnvironmentRequest) -> list[str]:
    """Return the option that installs the pins alone, where they name all that they need."""
    return ["--no-deps"] if request.contents.closed else []


def executable_in(root: Path) -> Path:
    """Return the interpreter of a virtual environment, or of conda's."""
    places = ("bin/python", "Scripts/python.exe", "python.exe")
    return next((root / place for place in places if (root / place).exists()), root / places[0])


def lock_project(folder: Path, python: str, settings: Settings) -> str:
    """Have uv lock the project in a folder anew; return why it did not, nothing where it did.

    It is a project of a version of `python`. What is locked stays at its version where it can.
    """
    if settings.uv is None:
        return "there is no uv here"
    environment = _as_pip_of(sys.executable, installer_variables(settings.environment))
    try:
        base = find(python, Python.current(), settings).executable
        command = [str(settings.uv), "lock", "--quiet", "--python", str(base)]
        run([*command, "--project", str(folder)], environment, "uv")
    except PythonMissingError:
        return f"there is no Python {python} here for uv to lock them with"
    except BuildFailedError as error:
        said = " ".join(error.output.split())
        return f"uv could not lock them: {shorten(said, _MOST_SAID, placeholder=' …')}"
    return ""


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


def installer_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that an installer may read: none that lead it elsewhere.

    An empty one of uv's says nothing: uv refuses some of them.
    """
    left = (*_REDIRECTING, "VIRTUAL_ENV")
    return {
        name: value
        for name, value in environment.items()
        if name not in left and (value or not name.startswith("UV_"))
    }


def _by_hashes(request: EnvironmentRequest) -> Iterator[list[str]]:
    """Yield the lines that have hashes, then the others: pip refuses a file that has both."""
    hashed = {line for line, entry in request.contents.behind.items() if entry.hashes}
    for has in (True, False):
        lines = [line for line in request.lines if (line in hashed) == has]
        if lines:
            yield lines


@contextmanager
def _requirements_file(
    root: Path, request: EnvironmentRequest, lines: Iterable[str], *, settings: bool = True
) -> Iterator[Path]:
    """Write lines with what stands behind them, and say where their files are looked for."""
    written = [*request.location_options]
    with ExitStack() as files:
        if limits := files.enter_context(constraints_file(root, request)):
            written.append(f"-c {limits.as_uri()}")
        for line in lines:
            entry = request.contents.behind.get(line)
            if entry is not None and not settings:
                entry = replace(entry, settings=())
            written.append(" ".join((line, *(entry.options if entry else ()))))
        text = "".join(f"{line}\n" for line in written)
        yield files.enter_context(private_file(root.with_name(f"{root.name}.txt"), text))


@contextmanager
def constraints_file(root: Path, request: EnvironmentRequest) -> Iterator[Path | None]:
    """Write what narrows a request's requirements beside the folder `root`; None: nothing does."""
    text = "".join(f"{line}\n" for line in request.contents.constraints)
    with private_file(root.with_name(f"{root.name}.constraints.txt"), text) as file:
        yield file if text else None


def _describe(base: Base) -> str:
    return f"{base.executable} {base.version}"
