"""What a run used of the system, and which Debian package or distribution brings it."""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ...base.siblings import tracer
from ...base.text import few
from ...repair.data import read_table
from .used_files import UsedFile

_KINDS = {"file": "files", "library": "libraries", "program": "programs"}
_ASKED = {"file": "read", "library": "loaded", "program": "started"}
# What follows the name of a library: ``.so.6.0.30``, or ``-2.36.so`` of older systems.
_VERSION = re.compile(r"(-[0-9.]+)?\.(so|dylib)\b.*")
_FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPackage:
    """What a run used of one package of the system."""

    package: str
    """The Debian package; empty where it is not known."""
    what: str
    """What it has: `time zones`, `fonts`, `libraries`, `programs`."""
    files: tuple[str, ...]
    asked_by: str = ""
    """Who asked for the first of them."""
    distribution: str = ""
    """A distribution that brings the same; empty: none is known."""

    def __str__(self) -> str:
        """Say what it is needed for."""
        asked = f", {self.asked_by}" if self.asked_by else ""
        text = f"{self.package or 'of no known package'} ({self.what}: {few(self.files, _FEW)}"
        also = f"; the distribution {self.distribution} has them too" if self.distribution else ""
        return f"{text}{asked}{also})"


def find_packages(
    used: Iterable[UsedFile], pinned: Collection[str] = ()
) -> tuple[SystemPackage, ...]:
    """Return what of `used` is the system's, by package, sorted.

    What every system has is left out, as are the libraries that every Python links to, and what a
    `pinned` distribution brings as well.
    """
    table = read_table("system_files")
    files = [each for each in used if each.is_systems and not _is_everywhere(each, table)]
    owners = tracer.system_packages(each.path for each in files)
    groups: dict[tuple[str, str, str], list[UsedFile]] = defaultdict(list)
    for each in files:
        kind = _kind(each.path, table)
        package = owners[each.path] or _known_package(each, kind)
        distribution = str(kind.get("distribution", ""))
        if not distribution or distribution not in pinned:
            what = str(kind.get("what") or _KINDS[each.kind])
            groups[package, what, distribution].append(each)
    return tuple(_gathered(*key, found) for key, found in sorted(groups.items()))


def _gathered(
    package: str, what: str, distribution: str, found: Iterable[UsedFile]
) -> SystemPackage:
    files = sorted(found)
    asked = next((each for each in files if each.asked_by), None)
    return SystemPackage(
        package=package,
        what=what,
        files=tuple(each.path for each in files),
        asked_by=f"{_ASKED[asked.kind]} by {asked.asked_by}" if asked else "",
        distribution=distribution,
    )


def _is_everywhere(file: UsedFile, table: Mapping[str, Any]) -> bool:
    if file.kind == "library":
        return _VERSION.sub("", PurePath(file.path).name) in table["with_every_python"]
    return _fits(file.path, table["everywhere"])


def _kind(path: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the first kind of the table that a path is of; an empty one where it is of none."""
    kinds: Iterable[Mapping[str, Any]] = table["kinds"]
    return next((kind for kind in kinds if _fits(path, kind["files"])), {})


def _fits(path: str, patterns: Iterable[str]) -> bool:
    spelled = path.replace("\\", "/")
    return any(fnmatch.fnmatchcase(spelled, pattern) for pattern in patterns)


def _known_package(file: UsedFile, kind: Mapping[str, Any]) -> str:
    """Return the package of a file where dpkg does not know it, or is not there."""
    known = read_table("debian_packages")
    name = PurePath(file.path).name
    if file.kind == "program":
        return str(known["programs"].get(name, ""))
    if file.kind == "library":
        return next((str(known["libraries"][each]) for each in _sonames(name, known)), "")
    return str(kind.get("package", ""))


def _sonames(name: str, known: Mapping[str, Any]) -> list[str]:
    return [each for each in known["libraries"] if name == each or name.startswith(f"{each}.")]
