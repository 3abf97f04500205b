"""The interpreter and platform that pins are for."""

from __future__ import annotations

import re
import sysconfig
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.markers import Marker, default_environment

from .errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLATFORMS = {
    # glibc 2.28 is that of the Linux distributions of 2019, the oldest ones still maintained;
    # wheels for older ones also work.
    "linux/x86_64": "manylinux_2_28_x86_64",
    "linux/aarch64": "manylinux_2_28_aarch64",
    "macos/arm64": "macosx_13_0_arm64",
    "windows/amd64": "win_amd64",
    # Tags of PEP 425 without the age of a system; tags of wheels need one.
    "linux_x86_64": "manylinux_2_28_x86_64",
    "linux_aarch64": "manylinux_2_28_aarch64",
    "macosx_arm64": "macosx_13_0_arm64",
    "macosx_x86_64": "macosx_13_0_x86_64",
}
"""The platforms with a name, and the platform tag (PEP 425) of each."""

_VERSION = re.compile(
    r"(?P<number>(?P<minor>3\.\d+)(?P<patch>\.\d+((a|b|rc)\d+)?\+?)?)(?P<threads>t)?"
)
_LINUX = re.compile(r"(?P<libc>manylinux|musllinux)_(?P<major>\d+)_(?P<minor>\d+)_(?P<machine>\w+)")
_MACOS = re.compile(r"macosx_(?P<major>\d+)_(?P<minor>\d+)_(?P<machine>\w+)")
_WINDOWS = {"win_amd64": "AMD64", "win32": "x86", "win_arm64": "ARM64"}
# Wheels for PCs begin at the glibc of PEP 513, others at that of PEP 599. The old names of these
# and of PEP 571 mean versions of glibc.
_OLDEST_GLIBC = {"x86_64": 5, "i686": 5}
_OLDEST_ELSEWHERE = 17
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


@dataclass(frozen=True, slots=True)
class Target:
    """An interpreter on a platform, as PEP 508 markers and PEP 425 tags see it.

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
    def of(cls, python: str, platform: str | None = None) -> Target:
        """Describe CPython of a version ("3.12", "3.12.4") on a platform, this one without a name.

        A platform is one of `PLATFORMS` or the tag of its wheels ("manylinux_2_28_x86_64",
        "musllinux_1_2_aarch64", "macosx_14_0_arm64", "win_amd64"), which also accepts older tags. A
        version of two parts means the running interpreter if that has it, else its first release.
        One that ends in "t" is a free-threaded build (PEP 703). Raises `TargetError`.

        >>> Target.of("3.12", "linux/aarch64").wheel_tags()[0]
        'cp312-cp312-manylinux_2_28_aarch64'
        >>> Target.of("3.14t", "win_amd64").wheel_tags()[0]
        'cp314-cp314t-win_amd64'
        """
        found = _VERSION.fullmatch(python)
        if found is None:
            raise TargetError(
                python, 'a version of CPython is written as "3.12", "3.12.4" or "3.14t"'
            )
        here = cls.current()
        same = bool(found["threads"]) == is_free_threaded()
        if platform is None and same and here._is_cpython(found["number"]):
            return here
        minor = found["minor"]
        full = found["number"] if found["patch"] else f"{minor}.0"
        tag = None if platform is None else PLATFORMS.get(platform, platform)
        markers = {
            **here.markers,
            **({} if tag is None else _platform_markers(tag)),
            "implementation_name": "cpython",
            "implementation_version": full,
            "platform_python_implementation": "CPython",
            "python_full_version": full,
            "python_version": minor,
        }
        return cls(markers, tuple(_wheel_tags(minor, found["threads"] or "", tag)))

    def _is_cpython(self, version: str) -> bool:
        is_it = version in {self.markers["python_full_version"], self.markers["python_version"]}
        return is_it and self.markers["implementation_name"] == "cpython"

    @property
    def python_version(self) -> str:
        """The full version of the interpreter, as "3.11.7"."""
        return self.markers["python_full_version"]

    def admits(self, marker: Marker | None, extra: str = "") -> bool:
        """Return whether a requirement with this marker counts here, while `extra` is asked for.

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


def is_free_threaded() -> bool:
    """Return whether the running interpreter is a build without the GIL."""
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def _platform_markers(tag: str) -> dict[str, str]:
    """Return what markers say of the platform of a tag. Raises `TargetError`."""
    linux, macos = _LINUX.fullmatch(tag), _MACOS.fullmatch(tag)
    if linux:
        names = ("posix", "linux", "Linux", linux["machine"])
    elif macos:
        names = ("posix", "darwin", "Darwin", macos["machine"])
    elif tag in _WINDOWS:
        names = ("nt", "win32", "Windows", _WINDOWS[tag])
    else:
        raise TargetError(
            tag,
            f"the platforms are {', '.join(PLATFORMS)}, and tags of wheels as"
            " manylinux_2_28_x86_64, musllinux_1_2_aarch64, macosx_14_0_arm64 or win_amd64",
        )
    keys = ("os_name", "sys_platform", "platform_system", "platform_machine")
    return {
        **dict(zip(keys, names, strict=True)),
        "platform_release": "",
        "platform_version": "",
    }


def _wheel_tags(minor: str, threads: str, tag: str | None) -> Iterator[str]:
    """Yield the tags that CPython of a version takes, the best first; None: on this platform.

    `threads` is "t" for a free-threaded build: what was compiled is of another interface there.
    """
    from packaging.tags import compatible_tags, cpython_tags, platform_tags

    version = tuple(map(int, minor.split(".")))
    name = f"cp{minor.replace('.', '')}"
    platforms = list(platform_tags() if tag is None else _platform_tags(tag))
    yield from map(str, cpython_tags(version, [name + threads], platforms))
    yield from map(str, compatible_tags(version, name, platforms))


def _platform_tags(tag: str) -> Iterator[str]:
    """Yield the platform tags with wheels that run wherever those of `tag` do, the newest first."""
    linux, macos = _LINUX.fullmatch(tag), _MACOS.fullmatch(tag)
    if macos:
        from packaging.tags import mac_platforms

        yield from mac_platforms((int(macos["major"]), int(macos["minor"])), macos["machine"])
    elif linux:
        libc, major, machine = linux["libc"], linux["major"], linux["machine"]
        is_glibc = libc == "manylinux"
        oldest = _OLDEST_GLIBC.get(machine, _OLDEST_ELSEWHERE) if is_glibc else 0
        for minor in range(int(linux["minor"]), oldest - 1, -1):
            yield f"{libc}_{major}_{minor}_{machine}"
            if is_glibc and minor in _LEGACY:
                yield f"{_LEGACY[minor]}_{machine}"
        yield f"linux_{machine}"
    else:
        yield tag
