"""Finding the Python that a model needs: this one, pyenv's, uv's, the system's or conda's."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ...base.settings import Settings
from ...base.siblings import envfiles, resolver
from ..errors import OLDEST, PythonMissingError, PythonTooOldError, is_too_old
from ..interpreter import Python
from ..spec import EnvironmentRequest, minor

_SECONDS = 20
_OLDEST = int(OLDEST.partition(".")[2])
NEWEST = 15
"""The minor version of the newest Python with which models are run."""
_VERSION = (
    "import sys, sysconfig; print('%d.%d.%d' % sys.version_info[:3]"
    " + 't' * bool(sysconfig.get_config_var('Py_GIL_DISABLED')))"
)


@dataclass(frozen=True, slots=True)
class Base:
    """An interpreter from which to build an environment."""

    executable: Path
    version: str

    def __str__(self) -> str:
        """Return its path and version."""
        return f"{self.executable} {self.version}"


def find(version: str, here: Python, settings: Settings, *, exact: bool = False) -> Base:
    """Return an interpreter of the minor version of `version`, its exact release if possible.

    With `exact`, no other release is accepted. A version that ends in "t" is a free-threaded build;
    without the "t" no such build is accepted except the running one. Raises PythonMissingError with
    the places that were searched and how to get one.
    """
    if is_here(version, here, exact=exact):
        return Base(here.base, here.version)
    others: list[str] = []
    for executable in _candidates(version, settings, exact=exact):
        found = _build_of(executable)
        if found and suits(found, version, exact=exact):
            return Base(executable, found)
        if found and minor(found) == minor(version) and found not in others:
            others.append(found)
    looked = ("this interpreter", "pyenv", "uv", "PATH", "conda")
    raise PythonMissingError(version, looked, uv=settings.uv is not None, others=tuple(others))


def is_here(version: str, here: Python, *, exact: bool = False) -> bool:
    """Return whether an interpreter is the one that `find` would return for a version."""
    if suits(f"{here.version}{'t' if here.free_threaded else ''}", version, exact=exact):
        return True
    is_plain = not exact and not version.endswith("t")
    return is_plain and minor(here.version) == minor(version)


def base_of(request: EnvironmentRequest, settings: Settings) -> Base:
    """Return the interpreter with which to build a requested environment. Raises as `find` does."""
    contents = request.contents
    if contents.interpreter is not None:
        return Base(contents.interpreter, request.python_version)
    return find(request.python_version, request.python, settings, exact=contents.exact)


def suits(found: str, version: str, *, exact: bool = False) -> bool:
    """Return whether a build has a version: the same minor one, or the exact release.

    >>> suits("3.12.1", "3.12.7"), suits("3.12.1", "3.12.7", exact=True), suits("3.14.0t", "3.14")
    (True, False, False)
    """
    if found.endswith("t") != version.endswith("t"):
        return False
    return found == version if exact else minor(found) == minor(version)


def check_age(request: EnvironmentRequest) -> None:
    """Raise PythonTooOldError if a model's Python is older than any that can run it.

    The index is asked which Python has wheels for its pins.
    """
    version = request.python_version
    if is_too_old(version):
        nearest, lacking = _nearest_with_wheels(request)
        raise PythonTooOldError(version, OLDEST, nearest, lacking)


class _Pin(NamedTuple):
    """A name at a version."""

    name: str
    version: Version


def _nearest_with_wheels(request: EnvironmentRequest) -> tuple[str | None, tuple[str, ...]]:
    """Return the oldest Python with wheels for all pins; None, and the pins that lack them."""
    lines = [*map(Requirement, request.lines)]
    options = envfiles.read_requirements(request.contents.options).options
    first: tuple[str, ...] = ()
    for number in range(_OLDEST, NEWEST + 1):
        target = resolver.Target.of(f"3.{number}")
        pins = [*_iter_pins(line for line in lines if target.admits(line.marker))]
        try:
            files = resolver.find_artifacts(pins, target, options=options).files
        except resolver.ResolverError as error:
            return None, (f"which has them could not be asked ({error})",)
        wheels = {name for name, found in files.items() if found[0].file.endswith(".whl")}
        lacking = tuple(f"{pin.name}=={pin.version}" for pin in pins if pin.name not in wheels)
        if not lacking:
            return f"3.{number}", ()
        first = first or lacking
    return None, first


def _iter_pins(lines: Iterable[Requirement]) -> Iterator[_Pin]:
    for line in lines:
        for each in line.specifier:
            if each.operator == "==" and not each.version.endswith(".*"):
                yield _Pin(canonicalize_name(line.name), Version(each.version))


def _candidates(version: str, settings: Settings, *, exact: bool) -> Iterator[Path]:
    yield from _of_pyenv(version, settings)
    yield from _of_uv(version, settings, exact=exact)
    yield from _on_path(version, settings, exact=exact)
    yield from _of_conda(settings)


def _of_pyenv(version: str, settings: Settings) -> Iterator[Path]:
    """Yield from pyenv's folder: its shims work only for the versions that are selected."""
    home = settings.home or Path.home()
    root = Path(settings.environment.get("PYENV_ROOT") or home / ".pyenv")
    names = root.glob(f"versions/{minor(version)}.*{'t' if version.endswith('t') else ''}")
    numbers = {path: path.name.removesuffix("t").rpartition(".")[2] for path in names}
    releases = [path for path, number in numbers.items() if number.isdigit()]
    releases.sort(key=lambda path: (path.name != version, -int(numbers[path])))
    for release in releases:
        yield from _existing(release)


def _of_uv(version: str, settings: Settings, *, exact: bool) -> Iterator[Path]:
    if settings.uv is None:
        return
    command = [str(settings.uv), "python", "find", "--quiet", "--no-config", "--no-project"]
    threads = "t" if version.endswith("t") else ""
    command += ["--no-python-downloads", version if exact else minor(version) + threads]
    output = _output_of(command, settings)
    if output:
        yield Path(output)


def _on_path(version: str, settings: Settings, *, exact: bool) -> Iterator[Path]:
    """Yield the first program of each name; with `exact` all of them, also later on PATH."""
    path = settings.environment.get("PATH")
    threads = "t" if version.endswith("t") else ""
    for name in (f"python{minor(version)}{threads}", "python3", "python"):
        places = dict.fromkeys(path.split(os.pathsep)) if exact and path else (path,)
        for place in places:
            found = shutil.which(name, path=place)
            if found:
                yield Path(found)


def _of_conda(settings: Settings) -> Iterator[Path]:
    """Yield from the environments that conda has registered."""
    listed = (settings.home or Path.home()) / ".conda" / "environments.txt"
    if listed.is_file():
        for line in listed.read_text("utf-8").splitlines():
            yield from _existing(Path(line))


def _existing(root: Path) -> Iterator[Path]:
    for place in ("bin/python", "python.exe"):
        if (root / place).exists():
            yield root / place


def version_of(executable: Path) -> str | None:
    """Return the version of an interpreter; None if it does not run."""
    build = _build_of(executable)
    return build.removesuffix("t") if build is not None else None


def _build_of(executable: Path) -> str | None:
    """Return its version, with a "t" at the end if it is free-threaded; None: it does not run."""
    return _output_of([str(executable), "-I", "-c", _VERSION], None)


def _output_of(command: list[str], settings: Settings | None) -> str | None:
    try:
        ended = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            env=None if settings is None else dict(settings.environment),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ended.stdout.strip() if ended.returncode == 0 else None
