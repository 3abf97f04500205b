"""Find the Python that a model needs on a node: never the engine's environment, but its base."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ..errors import PACK, NodeError

_SECONDS = 20.0
_VERSION = (
    "import sys, sysconfig; print('%d.%d.%d' % sys.version_info[:3]"
    " + 't' * bool(sysconfig.get_config_var('Py_GIL_DISABLED')))"
)


class FoundPython(NamedTuple):
    """An interpreter from which to build an environment."""

    executable: str
    version: str

    def __str__(self) -> str:
        return f"{self.executable} {self.version}"


def find_python(
    version: str, variables: Mapping[str, str], uv: str | None, *, exact: bool = False
) -> FoundPython:
    """Return a Python of the minor version of `version`, or with `exact` of that release.

    A version that ends in "t" is a free-threaded build. Raises NodeError with the places searched.
    """
    tried: list[str] = []
    for where, executable in _candidates(version, variables, uv, exact=exact):
        found = _engines_version() if where == _ENGINE else _version_of(executable)
        if found and _suits(found, version, exact=exact):
            return FoundPython(executable, found)
        tried.append(f"{where}: {executable} is {f'Python {found}' if found else 'none'}")
    wanted = version if exact else minor(version)
    looked = f"pyenv, {'uv, ' if uv else ''}PATH (python{minor(version)}): nothing else"
    raise NodeError(
        f"the model needs Python {wanted}, and there is none",
        (*dict.fromkeys(tried), looked),
        (f"install Python {wanted} there (`uv python install {wanted}`)", PACK),
    )


def minor(version: str) -> str:
    """Return the first two numbers of a version, with the "t" of a free-threaded build.

    >>> minor("3.11.7"), minor("3.14.0t")
    ('3.11', '3.14t')
    """
    threads = "t" if version.endswith("t") else ""
    return ".".join(version.removesuffix("t").split(".")[:2]) + threads


_ENGINE = "the engine's own Python"


def _suits(found: str, version: str, *, exact: bool) -> bool:
    return found == version if exact else minor(found) == minor(version)


def _engines_version() -> str:
    threads = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    return ".".join(map(str, sys.version_info[:3])) + threads


def _candidates(
    version: str, variables: Mapping[str, str], uv: str | None, *, exact: bool
) -> Iterator[tuple[str, str]]:
    """Yield interpreters, each with the place where it was found."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    if base:
        yield _ENGINE, base
    home = Path(variables.get("HOME") or Path.home())
    pyenv = Path(variables.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    for folder in sorted(pyenv.glob(f"{minor(version).removesuffix('t')}.*"), reverse=True):
        if (folder / "bin" / "python").exists():
            yield "pyenv", str(folder / "bin" / "python")
    if uv is not None:
        command = [uv, "python", "find", "--quiet", "--no-config", "--no-project"]
        command += ["--no-python-downloads", version if exact else minor(version)]
        if found := _output_of(command, {**variables, "UV_PYTHON": ""}):
            yield "uv", found
    path = variables.get("PATH", "")
    for name in (f"python{minor(version)}", "python3", "python"):
        for folder_name in dict.fromkeys(path.split(os.pathsep)) if exact else (path,):
            if program := shutil.which(name, path=folder_name):
                yield "PATH", program


def _version_of(executable: str) -> str | None:
    return _output_of([executable, "-I", "-c", _VERSION], None)


def _output_of(command: list[str], variables: Mapping[str, str] | None) -> str | None:
    given = {name: value for name, value in (variables or {}).items() if value}
    try:
        ended = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            env=None if variables is None else given,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ended.stdout.strip() if ended.returncode == 0 else None
