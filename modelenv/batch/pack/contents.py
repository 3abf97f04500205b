"""The content of a pack: wheels, unpacked as in an environment."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import parse_wheel_filename

from ...environments.spec import Report
from ...wheels.errors import NoWheelsError
from ...wheels.unpacked import install

_LEGACY = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_GLIBC = re.compile(r"manylinux_(\d+)_(\d+)_\w+")
_OLDEST = (2, 5)  # wheels begin there (PEP 513)


def lay_out(wheels: Iterable[Path], versioned: str, folder: Path, report: Report) -> None:
    """Unpack wheels into an environment in the new folder `folder`, without an interpreter.

    `versioned` is the interpreter's name, as ``python3.11``. Nothing in it depends on its place.
    Raises NoWheelsError for a wheel that cannot be unpacked, or is harmful.
    """
    (folder / f"lib/{versioned}/site-packages").mkdir(parents=True)
    for wheel in wheels:
        report(f"unpacking {wheel.name}")
        install(wheel, versioned, "", folder, movable=True)
    for program in (folder / "bin").glob("*"):  # as pip does, whatever the wheel says of it
        program.chmod(0o755)
    names = (f"bin/{name}" for name in ("python", "python3", versioned))
    for name in ("pyvenv.cfg", *names):
        if (folder / name).exists():
            way = "no wheel may bring the interpreter of an environment"
            raise NoWheelsError(name, "it is in one of the wheels", way)


def least_glibc(wheels: Iterable[Path]) -> tuple[int, int] | None:
    """Return the oldest glibc with which all of the wheels run; None if they need none."""
    needed = [_of_wheel(wheel) for wheel in wheels]
    return max((each for each in needed if each is not None), default=None)


def _of_wheel(wheel: Path) -> tuple[int, int] | None:
    platforms = {tag.platform for tag in parse_wheel_filename(wheel.name)[3]}
    if "any" in platforms:
        return None
    return min(map(_of_platform, platforms))


def _of_platform(platform: str) -> tuple[int, int]:
    found = _GLIBC.fullmatch(platform)
    if found:
        return int(found[1]), int(found[2])
    # A wheel built for one machine does not state what it needs; importing it will tell.
    return _LEGACY.get(platform.partition("_")[0], _OLDEST)
