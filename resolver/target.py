"""The interpreter and platform that pins are for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.markers import Marker, default_environment

from .errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CPYTHON = re.compile(r"3\.\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class _Platform:
    """Be what markers call a platform."""

    os_name: str
    sys_platform: str
    system: str
    machine: str


PLATFORMS = {
    "linux/x86_64": _Platform("posix", "linux", "Linux", "x86_64"),
    "linux/aarch64": _Platform("posix", "linux", "Linux", "aarch64"),
    "macos/arm64": _Platform("posix", "darwin", "Darwin", "arm64"),
    "windows/amd64": _Platform("nt", "win32", "Windows", "AMD64"),
}
"""The platforms that can be named."""

# glibc 2.28 is that of the distributions of 2019, the oldest that are still kept up; wheels for
# older ones do as well. The old names of PEP 513, 571 and 599 mean versions of it.
_GLIBC = 28
_OLDEST_GLIBC = {"x86_64": 5, "aarch64": 17}
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
_MACOS = (13, 0)


@dataclass(frozen=True, slots=True)
class Target:
    """Describe an interpreter on a platform, as PEP 508 markers and PEP 425 tags see it.

    >>> Target.current().python_version.startswith("3.")
    True
    """

    markers: Mapping[str, str]
    """The PEP 508 environment, keys as in `packaging.markers.default_environment()`."""

    tags: tuple[str, ...] | None
    """Wheel tags, best first, as "cp311-cp311-linux_x86_64"; None: those of this interpreter."""

    @classmethod
    def current(cls) -> Target:
        """Describe the running interpreter."""
        return cls({key: str(value) for key, value in default_environment().items()}, None)

    @classmethod
    def of(cls, python: str, platform: str) -> Target:
        """Describe CPython of a version ("3.12", "3.12.4") on one of `PLATFORMS`.

        A version of two parts stands for its first release. Linux is taken to have glibc 2.28 or
        newer, macOS to be 13 or newer. Raises `TargetError`.

        >>> Target.of("3.12", "linux/aarch64").wheel_tags()[0]
        'cp312-cp312-manylinux_2_28_aarch64'
        """
        if not _CPYTHON.fullmatch(python):
            raise TargetError(python, 'a version of CPython is written as "3.12" or "3.12.4"')
        if platform not in PLATFORMS:
            raise TargetError(platform, f"the platforms are {', '.join(PLATFORMS)}")
        about = PLATFORMS[platform]
        full = python if python.count(".") == 2 else f"{python}.0"
        markers = {
            "implementation_name": "cpython",
            "implementation_version": full,
            "os_name": about.os_name,
            "platform_machine": about.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": about.system,
            "platform_version": "",
            "python_full_version": full,
            "python_version": full.rpartition(".")[0],
            "sys_platform": about.sys_platform,
        }
        return cls(markers, tuple(_tags(int(full.split(".")[1]), about)))

    @property
    def python_version(self) -> str:
        """The full version of the interpreter, as "3.11.7"."""
        return self.markers["python_full_version"]

    def admits(self, marker: Marker | None, extra: str = "") -> bool:
        """Tell whether a requirement with this marker counts here, while `extra` is asked for.

        >>> Target.current().admits(Marker("python_version < '3'"))
        False
        """
        return marker is None or marker.evaluate({**self.markers, "extra": extra})

    def wheel_tags(self) -> tuple[str, ...]:
        """List the wheel tags, best first; those of this interpreter are computed at each call."""
        if self.tags is not None:
            return self.tags
        from packaging.tags import sys_tags  # a thousand tags that few ask for

        return tuple(map(str, sys_tags()))


def _tags(minor: int, about: _Platform) -> Iterator[str]:
    from packaging.tags import compatible_tags, cpython_tags

    platforms = list(_wheel_platforms(about))
    for tag in cpython_tags((3, minor), [f"cp3{minor}"], platforms):
        yield str(tag)
    for tag in compatible_tags((3, minor), f"cp3{minor}", platforms):
        yield str(tag)


def _wheel_platforms(about: _Platform) -> Iterator[str]:
    """Yield the platform tags of a platform, the newest first."""
    if about.system == "Windows":
        yield "win_amd64"
    elif about.system == "Darwin":
        from packaging.tags import mac_platforms

        yield from mac_platforms(_MACOS, about.machine)
    else:
        for glibc in range(_GLIBC, _OLDEST_GLIBC[about.machine] - 1, -1):
            yield f"manylinux_2_{glibc}_{about.machine}"
            if glibc in _LEGACY:
                yield f"{_LEGACY[glibc]}_{about.machine}"
        yield f"linux_{about.machine}"
