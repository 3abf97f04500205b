"""Find the Debian package, or the distribution, behind each traced use of the system."""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from .at_hand import SystemAtHand
from .data import read_table
from .debian import library_package, program_package, sonames
from .dpkg import InstalledPackage, brought_along
from .use import UsedPackage
from .used_file import UsedFile

_KINDS = {"file": "files", "named": "files", "library": "libraries", "program": "programs"}
_ASKED = {"file": "read", "named": "named", "library": "loaded", "program": "started"}
# The suffix of a library's file name: ``.so.6.0.30``, or ``-2.36.so`` on older systems.
_VERSION = re.compile(r"(-[0-9.]+)?\.(so|dylib)\b.*")


def find_packages(
    used: Iterable[UsedFile],
    pinned: Collection[str] = (),
    *,
    here: bool = True,
    at_hand: SystemAtHand | None = None,
) -> tuple[UsedPackage, ...]:
    """Return those of the files in `used` that belong to the system, by package, sorted.

    Left out are: what every system has, libraries that every Python links to, what a `pinned`
    distribution brings as well (unless another pinned one reads the system's copy), and packages of
    libraries that no code asked for by name and that other packages of the result depend on.
    If the model did not run `here`, dpkg is not asked and only the tables are used. Answers in
    `at_hand` are reused.
    """
    at_hand = at_hand or SystemAtHand()
    table = read_table("system_files")
    seen = {each.path: each for each in reversed(tuple(used)) if each.is_of_system}
    files = [each for each in seen.values() if not _is_everywhere(each, table)]
    owners = at_hand.owners(each.path for each in files) if here else {}
    groups: dict[tuple[str, str, str, str], list[UsedFile]] = defaultdict(list)
    for each in files:
        kind = _kind(each.path, table)
        package = owners.get(each.path) or _known_package(each, kind)
        distribution = str(kind.get("distribution", ""))
        if distribution not in pinned or not set(kind.get("besides", ())).isdisjoint(pinned):
            what = str(kind.get("what") or _KINDS[each.kind])
            # Files without a known package are unrelated to each other: report each one alone.
            alone = each.path if not package and each.kind in ("library", "program") else ""
            groups[package, what, distribution, alone].append(each)
    installed = at_hand.installed if groups and here else {}
    known = {name: each.version for name, each in installed.items() if name in owners.values()}
    found = (_gathered(*key[:3], files, known) for key, files in sorted(groups.items()))
    return _without_those_brought(tuple(found), installed)


def paths_of_system(used: Iterable[UsedFile]) -> Iterator[str]:
    """Yield the paths that `find_packages` would ask dpkg about, possibly with repetitions."""
    table = read_table("system_files")
    return (each.path for each in used if each.is_of_system and not _is_everywhere(each, table))


def _without_those_brought(
    found: tuple[UsedPackage, ...], installed: Mapping[str, InstalledPackage]
) -> tuple[UsedPackage, ...]:
    """Leave out libraries that were loaded only because other packages link to them."""
    brought = brought_along({each.package for each in found}, installed)
    return tuple(
        each
        for each in found
        if each.package not in brought or each.what != _KINDS["library"] or each.asked_by
    )


def _gathered(
    package: str,
    what: str,
    distribution: str,
    found: Iterable[UsedFile],
    versions: Mapping[str, str],
) -> UsedPackage:
    files = sorted(found)
    asked = next((each for each in files if each.asked_by), None)
    return UsedPackage(
        package=package,
        what=what,
        files=tuple(each.path for each in files),
        asked_by=f"{_ASKED[asked.kind]} by {asked.asked_by}" if asked else "",
        distribution=distribution,
        version=versions.get(package, ""),
    )


def _is_everywhere(file: UsedFile, table: Mapping[str, Any]) -> bool:
    if file.kind == "library":
        return _VERSION.sub("", PurePath(file.path).name) in table["with_every_python"]
    return _fits(file.path, table["everywhere"])


def _kind(path: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the first kind in the table that matches a path; an empty one if none does."""
    kinds: Iterable[Mapping[str, Any]] = table["kinds"]
    return next((kind for kind in kinds if _fits(path, kind["files"])), {})


def _fits(path: str, patterns: Iterable[str]) -> bool:
    spelled = path.replace("\\", "/")
    likely = (pattern for pattern in patterns if _may_fit(spelled, pattern))
    return any(fnmatch.fnmatchcase(spelled, pattern) for pattern in likely)


def _may_fit(path: str, pattern: str) -> bool:
    """Return whether a path contains the literal parts of a pattern: a cheap test before it."""
    is_plain = "[" not in pattern and "?" not in pattern
    return not is_plain or all(part in path for part in pattern.split("*"))


def _known_package(file: UsedFile, kind: Mapping[str, Any]) -> str:
    """Return the package of a file by the tables, for when dpkg does not know it or is absent."""
    name = PurePath(file.path).name
    if file.kind == "program":
        return program_package(name)
    if file.kind == "library":
        return next((library_package(each) for each in sonames(name)), "")
    return str(kind.get("package", ""))
