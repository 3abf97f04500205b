"""The interpreter and platform of an environment, as installers and markers see them."""

from __future__ import annotations

import platform as machines
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from ..base.errors import WrongUseError
from ..base.siblings import resolver
from ..environments.spec import minor
from .errors import NoWheelsError

_MACHINES = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "386": "i686",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
}
"""Machines of images (Go's names, as in the OCI image specification) to Python's names."""
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_GLIBC = "2_36"
"""The glibc of Debian 12, the oldest release that Python's current slim images stand on."""
_OLDER_GLIBC = "2_28"
"""The glibc of distributions from 2019: wheels for it run on older bases too."""
_UNFIT = 1 << 30


@dataclass(frozen=True, slots=True)
class PlatformTarget:
    """The interpreter and platform of an environment that is made from wheels."""

    target: resolver.Target
    older: resolver.Target
    """The same target on the oldest systems that are still supported."""

    @classmethod
    def of(cls, python: str, platform: str, stated: str = "") -> PlatformTarget:
        """Return the target for a Python, as ``3.11``, on a platform, as ``linux/arm64``.

        The full version is `stated`, the model's own, if that is of the same minor version. Raises
        NoWheelsError for a platform other than Linux, TargetError for an invalid version.
        """
        system, _, machine = platform.partition("/")
        named = _MACHINES.get(machine)
        if system != "linux" or named is None:
            known = ", ".join(f"linux/{each}" for each in _MACHINES)
            raise NoWheelsError(
                f"--platform {platform}",
                "images and packs are not made for it",
                f"name {known}",
            )
        version = stated if stated and minor(stated) == minor(python) else python
        target, older = (
            resolver.Target.of(version, f"manylinux_{glibc}_{named}")
            for glibc in (_GLIBC, _OLDER_GLIBC)
        )
        return cls(target, older)

    @property
    def machine(self) -> str:
        """Return the machine by Python's name: ``x86_64``."""
        return self.target.markers["platform_machine"]

    def fitting(self, files: tuple[resolver.Artifact, ...]) -> tuple[resolver.Artifact, ...]:
        """Return the wheels among `files` that suit the target, the best first.

        A wheel that also runs on older systems is preferred.
        """
        known, ranked = self._ranks(), []
        for file in files:
            tags = _tags(file.file)
            ranks = [min((r.get(tag, _UNFIT) for tag in tags), default=_UNFIT) for r in known]
            if ranks[0] < _UNFIT:
                ranked.append((ranks[1], ranks[0], file))
        return tuple(file for *_, file in sorted(ranked, key=lambda each: each[:2]))

    def _ranks(self) -> list[dict[str, int]]:
        tags = (each.wheel_tags() for each in (self.target, self.older))
        return [{tag: place for place, tag in enumerate(each)} for each in tags]


def parse_target(text: str) -> resolver.Target:
    """Parse a target; without a platform it is this machine's. Raises WrongUseError.

    >>> parse_target("3.12-win_amd64").markers["sys_platform"]
    'win32'
    """
    python, dash, platform = text.partition("-")
    try:
        return resolver.Target.of(python, platform if dash else None)
    except resolver.TargetError as error:
        raise WrongUseError(
            f"{text!r} is no target: write a Python and a platform, as 3.11 or"
            " 3.11-manylinux_2_28_x86_64, 3.12-win_amd64, 3.12-macosx_14_0_arm64"
        ) from error


def parse_targets(
    platforms: Sequence[str], pythons: Sequence[str], own: resolver.Target
) -> dict[str, resolver.Target]:
    """Return the target of each Python on each platform, by name; `own` fills in what is not named.

    A name that means `own` itself is left out. Its Python, named without a patch level, keeps
    `own`'s patch level on other platforms, so that no marker tells the two apart. Raises
    WrongUseError.

    >>> own = parse_target("3.11-manylinux_2_36_x86_64")
    >>> [*parse_targets(["linux_x86_64", "win_amd64"], ["3.11", "3.12"], own)]
    ['3.12-linux_x86_64', '3.11-win_amd64', '3.12-win_amd64']
    """
    names = [platform_name(own.markers)]
    wanted = [
        (python, platform)
        for platform in platforms or names
        for python in pythons or [own.markers["python_version"]]
    ]
    minor, full = own.markers["python_version"], own.python_version
    return {
        f"{python}-{platform}": parse_target(f"{full if python == minor else python}-{platform}")
        for python, platform in wanted
        if platform not in names or python not in (minor, full)
    }


def platform_name(markers: Mapping[str, str]) -> str:
    """Return the name of the platform that markers describe, without the version of its system.

    >>> platform_name(parse_target("3.12-macosx_14_0_arm64").markers)
    'macosx_arm64'
    """
    system, machine = markers["sys_platform"], markers["platform_machine"]
    windows = {"AMD64": "win_amd64", "ARM64": "win_arm64", "x86": "win32"}
    prefix = {"darwin": "macosx"}.get(system, system)
    return windows.get(machine, machine) if system == "win32" else f"{prefix}_{machine}"


def this_platform() -> str:
    """Return the platform of images and packs made on this machine: Linux, on any system."""
    machine = machines.machine().lower()
    return f"linux/{_ARCHITECTURES.get(machine, machine)}"


def _tags(file: str) -> list[str]:
    """Return the tags of a wheel (PEP 425); empty for a file that is no wheel."""
    try:
        return [*map(str, parse_wheel_filename(file)[3])] if file.endswith(".whl") else []
    except InvalidWheelFilename:
        return []
