"""Map libraries and programs to their packages in each Debian release, where names differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TypeAlias

from .bases import NEWEST, UBUNTU, spelled
from .data import read_table

_Entry: TypeAlias = str | Mapping[str, str]

_T64 = "t64"
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")


def is_package_name(name: str) -> bool:
    """Return whether a text is a valid package name by Debian's policy."""
    return _NAME.fullmatch(name) is not None


def library_package(soname: str, release: str | None = None) -> str:
    """Return the package of a library in a release; empty if it has none or none is known.

    If the release is unknown (empty), return a name that old and new releases accept, if there is
    one: packages renamed for 64-bit times still provide their old name. With None, any release will
    do, and the newest is taken.
    """
    return _named(read_table("debian_packages")["libraries"].get(soname, ""), release)


def program_package(program: str, release: str | None = None) -> str:
    """Return the package of a program in a release; empty if it has none or none is known."""
    return _named(read_table("debian_packages")["programs"].get(program, ""), release)


def why_absent(name: str, release: str) -> str:
    """Return why a release has no package of a library or program; empty if unknown.

    >>> why_absent("libicuuc.so.72", "13")
    'is in Debian 12 and not in 13'
    """
    table = read_table("debian_packages")
    entry: _Entry = table["libraries"].get(name) or table["programs"].get(name, "")
    if not entry:
        return ""
    known = " and ".join(entry) if isinstance(entry, Mapping) else f"12 and {NEWEST}"
    if release and release not in UBUNTU:
        return f"is in Debian {known} and not in {release}"
    way = "name its package with --system-package"
    if release:
        return f"is in Debian {known}; what {spelled(release)} calls it is not known: {way}"
    return f"is in Debian {known}; on which release the base stands is not known: {way}"


def releases_of_library(soname: str) -> tuple[str, ...]:
    """Return the releases that have a library; empty if no package of it is known."""
    entry = read_table("debian_packages")["libraries"].get(soname)
    return tuple(entry) if isinstance(entry, dict) else ("12", NEWEST) if entry else ()


def sonames(file: str) -> Iterator[str]:
    """Yield the parts of a library's file name that the tables list as sonames, longest first.

    >>> list(sonames("libgomp.so.1.0.0"))
    ['libgomp.so.1']
    """
    known = read_table("debian_packages")["libraries"]
    name = file.rpartition("/")[2]
    while ".so" in name:
        if name in known:
            yield name
        name = name.rpartition(".")[0]


def renamed(package: str, release: str) -> str:
    """Return the name, in `release`, of a package whose name comes from any release.

    >>> renamed("libglib2.0-0t64", "12"), renamed("libglib2.0-0", "13"), renamed("git", "12")
    ('libglib2.0-0', 'libglib2.0-0t64', 'git')
    """
    entry = _by_package().get(package)
    if entry is not None:
        return _named(entry, release)
    if package.endswith(_T64) and UBUNTU.get(release, release) != NEWEST:
        return package.removesuffix(_T64)
    return package


@cache
def known_packages() -> frozenset[str]:
    """Return the names of all packages in the tables."""
    table = read_table("debian_packages")
    entries = [*table["libraries"].values(), *table["programs"].values()]
    found = {
        name for each in entries for name in ([each] if isinstance(each, str) else each.values())
    }
    kinds = read_table("system_files")["kinds"]
    return frozenset(found | {each["package"] for each in kinds} | {*table["files"]} - {""})


@cache
def _by_package() -> Mapping[str, _Entry]:
    """Return the entries of libraries whose package is named differently in some releases."""
    found: dict[str, _Entry] = {}
    for entry in read_table("debian_packages")["libraries"].values():
        if isinstance(entry, dict) and len(entry) > 1:
            found.update(dict.fromkeys(entry.values(), entry))
    return found


def _named(entry: _Entry, release: str | None) -> str:
    ubuntu = UBUNTU.get(release or "")
    if isinstance(entry, str):
        return "" if ubuntu and entry in read_table("debian_packages")["not_ubuntu_s"] else entry
    if release and not ubuntu:
        return entry.get(release, "")
    old, new = entry.get("12", ""), entry.get(NEWEST, "")
    if old and new in (old, f"{old}{_T64}"):
        return new if ubuntu == NEWEST else old
    return [*entry.values()][-1] if release is None else ""
