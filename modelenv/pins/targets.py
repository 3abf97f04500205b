"""A Python on a platform, in one word: `3.12`, `3.11-manylinux_2_28_x86_64`, `3.12-win_amd64`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..base.errors import WrongUseError
from ..base.siblings import resolver
from ..environments.spec import minor

_TARGET = re.compile(r"(?P<python>3\.\d+(?:\.\d+)?)(?:-(?P<platform>\w+))?")
_LINUX = re.compile(r"(?P<libc>manylinux|musllinux)_(?P<major>\d+)_(?P<minor>\d+)_(?P<machine>\w+)")
_MAC = re.compile(r"macosx_(?P<major>\d+)_(?P<minor>\d+)_(?P<machine>\w+)")
_OLD = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


def parse_target(text: str) -> resolver.Target:
    """Read a target; without a platform it is this one. Raises WrongUseError.

    >>> parse_target("3.12-win_amd64").markers["sys_platform"]
    'win32'
    """
    found = _TARGET.fullmatch(text)
    if found is None:
        raise WrongUseError(
            f"{text!r} is no target: write a Python and a platform, as 3.11 or"
            " 3.11-manylinux_2_28_x86_64, 3.12-win_amd64, 3.12-macosx_14_0_arm64"
        )
    return target(found["python"], found["platform"])


def target(python: str, platform: str | None = None) -> resolver.Target:
    """Describe CPython of a version on a platform, this one where none is named.

    Raises WrongUseError for a platform that no wheel is for.
    """
    from packaging import tags

    here = resolver.Target.current()
    minor = ".".join(python.split(".")[:2])
    if platform is None and here.python_version.split(".")[:2] == python.split(".")[:2]:
        return here
    numbers = tuple(map(int, minor.split(".")))
    platforms = list(tags.platform_tags()) if platform is None else list(_platforms(platform))
    found = [
        *tags.cpython_tags(numbers, platforms=platforms),
        *tags.compatible_tags(numbers, f"cp{minor.replace('.', '')}", platforms),
    ]
    full = python if python.count(".") == 2 else f"{python}.0"
    markers = {
        **here.markers,
        "python_version": minor,
        "python_full_version": full,
        "implementation_name": "cpython",
        "implementation_version": full,
        "platform_python_implementation": "CPython",
        **(_markers(platform) if platform else {}),
    }
    return resolver.Target(markers, tuple(map(str, found)))


def _platforms(platform: str) -> Iterator[str]:
    """List the platform tags that a platform takes, best first."""
    from packaging import tags

    linux, mac = _LINUX.fullmatch(platform), _MAC.fullmatch(platform)
    if linux:
        machine = linux["machine"]
        for minor in range(int(linux["minor"]), -1, -1):
            yield f"{linux['libc']}_{linux['major']}_{minor}_{machine}"
            if linux["libc"] == "manylinux" and minor in _OLD:
                yield f"{_OLD[minor]}_{machine}"
        yield f"linux_{machine}"
    elif mac:
        yield from tags.mac_platforms((int(mac["major"]), int(mac["minor"])), mac["machine"])
    elif platform in {"win_amd64", "win32", "win_arm64"}:
        yield platform
    else:
        raise WrongUseError(
            f"{platform!r} is no platform that wheels are for: write one like"
            " manylinux_2_28_x86_64, musllinux_1_2_aarch64, macosx_14_0_arm64 or win_amd64"
        )


def _markers(platform: str) -> dict[str, str]:
    free = {"platform_release": "", "platform_version": ""}
    if platform.startswith("win"):
        machine = {"win_amd64": "AMD64", "win32": "x86", "win_arm64": "ARM64"}[platform]
        named = {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"}
    elif platform.startswith("mac"):
        machine = platform.split("_", 3)[3]
        named = {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"}
    else:
        machine = platform.split("_", 3)[3]
        named = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"}
    return {**free, **named, "platform_machine": machine}


def target_of(version: str, markers: Mapping[str, str]) -> resolver.Target:
    """Describe another Python of this platform."""
    from packaging.tags import compatible_tags, cpython_tags

    numbers = tuple(map(int, minor(version).split(".")))
    tags = [*cpython_tags(numbers), *compatible_tags(numbers, f"cp{numbers[0]}{numbers[1]}")]
    changed = {
        "python_version": minor(version),
        "python_full_version": version,
        "implementation_version": version,
    }
    return resolver.Target({**markers, **changed}, tuple(map(str, tags)))
