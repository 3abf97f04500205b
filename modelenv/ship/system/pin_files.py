"""The files of a model's pins on this machine: installed, or in wheels."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol

from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from ...base.siblings import resolver

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_SCHEMES = re.compile(r"[^/]+\.data/(platlib|purelib)/")


class PinContent(Protocol):
    """The files of a pin."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Its files by their paths in ``site-packages``, with '/'."""

    def open(self, path: str) -> BinaryIO:
        """Open one of the files as a seekable stream. Raises OSError."""


@dataclass(frozen=True)
class InstalledPin:
    """A distribution that is installed on this machine."""

    distribution: resolver.Distribution

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Its files."""
        return self.distribution.files

    def open(self, path: str) -> BinaryIO:
        """Open one of them. Raises OSError."""
        return Path(self.distribution.location, path).open("rb")


@dataclass(frozen=True)
class WheelPin:
    """A wheel."""

    file: Path

    @cached_property
    def _members(self) -> Mapping[str, str]:
        """Its files by their installed paths. Raises OSError and BadZipFile."""
        with zipfile.ZipFile(self.file) as archive:
            names = [each for each in archive.namelist() if not each.endswith("/")]
        return {_SCHEMES.sub("", name, count=1): name for name in names}

    @property
    def paths(self) -> tuple[str, ...]:
        """Its files."""
        with suppress(OSError, zipfile.BadZipFile):
            return tuple(self._members)
        return ()

    def open(self, path: str) -> BinaryIO:
        """Unpack one of them. Raises OSError."""
        try:
            with zipfile.ZipFile(self.file) as archive:
                return io.BytesIO(archive.read(self._members[path]))
        except (zipfile.BadZipFile, RuntimeError, EOFError) as error:
            raise OSError(f"{self.file}: {error}") from error


@dataclass(frozen=True)
class PinFiles:
    """The files of all pins that are on this machine."""

    pins: Mapping[str, PinContent]
    """The contents by the pins' normalised names."""
    absent: tuple[str, ...] = ()
    """The pins without any file here, as ``torch==2.9.0``."""
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each pin, the names that its metadata requires."""

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """The name of the pin that each file belongs to."""
        return {path: name for name, pin in self.pins.items() for path in pin.paths}

    @cached_property
    def by_name(self) -> Mapping[str, tuple[str, ...]]:
        """The paths of shared libraries by file name."""
        found: dict[str, list[str]] = {}
        for path in self.owners:
            if is_compiled(path):
                found.setdefault(path.rpartition("/")[2], []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    def open(self, path: str) -> BinaryIO:
        """Open a file of one of the pins. Raises OSError."""
        return self.pins[self.owners[path]].open(path)

    def text(self, path: str) -> str:
        """Return the text of a file; empty if it cannot be read."""
        with suppress(OSError), self.open(path) as stream:
            return stream.read().decode("utf-8", "replace")
        return ""


def is_compiled(path: str) -> bool:
    """Return whether a file is compiled for Linux, by its name."""
    name = path.rpartition("/")[2]
    return name.endswith(".so") or ".so." in name


def fits(wheel: Path, platform: str) -> bool:
    """Return whether a wheel's tags fit a platform such as ``linux/arm64``.

    >>> fits(Path("a-1-py3-none-any.whl"), "linux/arm64")
    True
    """
    try:
        tags = parse_wheel_filename(wheel.name)[3]
    except InvalidWheelFilename:
        return False
    machine = _MACHINES.get(platform.rpartition("/")[2], "")
    return any(tag.platform == "any" or tag.platform.endswith(machine) for tag in tags)


def find_pin_files(
    lines: Iterable[str], installed: Iterable[resolver.Installed], wheels: Iterable[Path]
) -> PinFiles:
    """Return the files of the pins in requirement `lines`: from a wheel, else as installed.

    An installed distribution counts only at the pinned version; the first in `installed` is taken.
    """
    packed = dict(_named(wheels))
    environments = tuple(installed)
    pins: dict[str, PinContent] = {}
    needs: dict[str, frozenset[str]] = {}
    absent = []
    for requirement in map(Requirement, lines):
        name = canonicalize_name(requirement.name)
        found = _installed(requirement, environments)
        if name in packed:
            pins[name] = WheelPin(packed[name])
        elif found is not None:
            pins[name] = InstalledPin(found)
        else:
            absent.append(str(requirement))
        if found is not None:
            needs[name] = frozenset(name for name, _ in found.asks(environments[0].target))
    return PinFiles(pins, tuple(absent), needs)


def _installed(
    requirement: Requirement, environments: Iterable[resolver.Installed]
) -> resolver.Distribution | None:
    for each in environments:
        found = each.get(requirement.name)
        if found is not None and requirement.specifier.contains(found.version, True):
            return found
    return None


def _named(wheels: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    for file in wheels:
        with suppress(InvalidWheelFilename):
            yield parse_wheel_filename(file.name)[0], file
