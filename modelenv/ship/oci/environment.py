"""Lay out an environment of an image: a virtual environment (PEP 405), unpacked from wheels."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...base.settings import Settings
from ...environments.errors import PythonMissingError
from ...environments.interpreter import Python
from ...environments.pythons import discovery
from ...environments.spec import Report
from ...wheels.unpacked import install
from ..errors import NoImageError, of_image
from ..inside.settle import TESTS
from .base.python import BasePython

# Without the working folder on the path, only the standard library is imported.
_COMPILE = "import sys; del sys.path[0]; import compileall; compileall.main()"
_RESERVED = ("pyvenv.cfg", "bin/python", "bin/python3")


@dataclass(frozen=True, slots=True)
class Compiler:
    """A compiler of bytecode: an interpreter on this machine of the image's minor version."""

    executable: Path
    version: str
    variables: Mapping[str, str]

    @classmethod
    def of(cls, version: str, settings: Settings) -> Compiler | None:
        """Return the interpreter of a release, else of its minor version; None if neither exists.

        All releases of a minor version accept each other's bytecode, but do not write the same,
        since some fix the compiler.
        """
        exact = (True, False) if version.count(".") > 1 else (False,)
        found = next(filter(None, (_found(version, settings, exact=each) for each in exact)), None)
        if found is None:
            return None
        kept = {
            name: value
            for name, value in settings.environment.items()
            if not name.startswith("PYTHON")
        }
        # The order of a frozen set in bytecode depends on the hash seed.
        return cls(found.executable, found.version, {**kept, "PYTHONHASHSEED": "0"})

    def compile(self, folder: Path, stands_at: str) -> None:
        """Compile a folder's files for the path `stands_at`; skip what is no Python, as pip does.

        The bytecode is valid while its source has the same content, whatever its time (PEP 552). A
        single process compiles all files in order, since shared objects affect some bytes.
        """
        command = [str(self.executable), "-S", "-c", _COMPILE, "-qq", "-j", "1"]
        command += ["--invalidation-mode", "checked-hash", "-x", TESTS]
        command += ["-d", stands_at, str(folder)]
        subprocess.run(
            command,
            check=False,
            env=dict(self.variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _found(version: str, settings: Settings, *, exact: bool) -> discovery.Base | None:
    try:
        return discovery.find(version, Python.current(), settings, exact=exact)
    except PythonMissingError:
        return None


def lay_out(
    wheels: Iterable[Path],
    python: BasePython,
    place: str,
    root: Path,
    compiler: Compiler | None,
    report: Report,
) -> None:
    """Lay out an environment of wheels at an absolute path below `root`, the root of the image.

    Raises NoImageError for a wheel that cannot be unpacked or is unsafe.
    """
    folder = root / place.lstrip("/")
    site = f"lib/python{python.minor}/site-packages"
    (folder / site).mkdir(parents=True)
    (folder / "bin").mkdir()
    _link(folder / "lib64", "lib")  # like `venv`: some Pythons look there
    for wheel in wheels:
        report(f"unpacking {wheel.name}")
        with of_image():
            install(wheel, f"python{python.minor}", place, root)
    for program in (folder / "bin").iterdir():  # like pip, whatever mode the wheel states
        program.chmod(0o755)
    _add_python(folder, python)
    if compiler is not None:
        report(f"compiling {place}")
        compiler.compile(folder / site, f"{place}/{site}")


def _add_python(folder: Path, python: BasePython) -> None:
    """Turn a folder into an environment, with the files that no wheel may provide made last."""
    versioned = f"bin/python{python.minor}"
    for name in (*_RESERVED, versioned):
        if (folder / name).exists():
            way = "no wheel may bring the interpreter of an environment"
            raise NoImageError(name, "one of the wheels contains it", way)
    (folder / "pyvenv.cfg").write_bytes(
        f"home = {python.home}\ninclude-system-site-packages = false\n"
        f"version = {python.version}\nexecutable = {python.executable}\n".encode()
    )
    _link(folder / "bin/python", python.executable)
    for name in ("bin/python3", versioned):
        _link(folder / name, "python")


def _link(place: Path, target: str) -> None:
    try:
        place.symlink_to(target)
    except OSError as error:
        way = "enable the developer mode of Windows, or export on Linux or macOS"
        raise NoImageError(str(place), f"no link can be made ({error.strerror})", way) from error
