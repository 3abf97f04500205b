"""The names that Debian's releases have for a package: libraries move, and 64-bit times renamed."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TypeAlias

from .data import read_table

_Entry: TypeAlias = str | Mapping[str, str]

NEWEST = "13"
_RELEASES = {
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "jammy": "12",
    "noble": "13",
}
"""Debian's releases by their code names; Ubuntu's as those that have the same names for most."""
_UBUNTU = {"22.04": "jammy", "24.04": "noble"}
_T64 = "t64"
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_SLIM = re.compile(r"(^|/)python:(?P<minor>3\.\d+)(\.\d+)?(-slim)?$")
# The last images of a Python stand on the release of its last year.
_LAST_IMAGES = {"3.6": "11", "3.7": "12", "3.8": "12"}


def is_package_name(name: str) -> bool:
    """Tell whether a text is a name that Debian's policy allows for a package."""
    return _NAME.fullmatch(name) is not None


def this_release() -> str:
    """Return which release this machine runs, as ``debian 12``; what is known where it is none."""
    try:
        said = platform.freedesktop_os_release()
    except OSError:
        return platform.system().lower()
    version = said.get("VERSION_ID") or said.get("VERSION_CODENAME", "")
    return f"{said.get('ID', 'linux')} {version}".rstrip()


def release_of(base: str) -> str:
    """Return the release that an image stands on, by its name; empty where that does not tell.

    >>> release_of("python:3.11-slim-bookworm"), release_of("debian:12-slim")
    ('12', '12')
    >>> release_of("python:3.8-slim"), release_of("registry.example/ours")
    ('12', '')
    """
    name, _, tag = base.partition("@")[0].rpartition(":")
    for code in re.split(r"[-_.]", tag):
        if code in _RELEASES:
            return _RELEASES[code]
    found = _SLIM.search(base.partition("@")[0])
    if found is not None:
        return _LAST_IMAGES.get(found["minor"], NEWEST)
    number = tag.partition("-")[0]
    if name.endswith("debian"):
        number = number.partition(".")[0]
        return number if number in _RELEASES.values() else ""
    return _RELEASES[_UBUNTU[number]] if name.endswith("ubuntu") and number in _UBUNTU else ""


def library_package(soname: str, release: str = "") -> str:
    """Return the package of a library in a release; empty where it has none, or none is known.

    Where the release is not known it is a name that both take, as far as there is one: newer ones
    provide what 64-bit times renamed under the old name too.
    """
    return _named(read_table("debian_packages")["libraries"].get(soname, ""), release)


def program_package(program: str, release: str = "") -> str:
    """Return the package of a program in a release; empty where it has none, or none is known."""
    return _named(read_table("debian_packages")["programs"].get(program, ""), release)


def releases_of_library(soname: str) -> tuple[str, ...]:
    """Return the releases that have a library; none where no package is known."""
    entry = read_table("debian_packages")["libraries"].get(soname)
    return tuple(entry) if isinstance(entry, dict) else ("12", NEWEST) if entry else ()


def sonames(file: str) -> Iterator[str]:
    """Yield the names of a library's file that are known by the tables, the longest first.

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
    """Return what a package that was seen in some release is called in another.

    >>> renamed("libglib2.0-0t64", "12"), renamed("libglib2.0-0", "13"), renamed("git", "12")
    ('libglib2.0-0', 'libglib2.0-0t64', 'git')
    """
    entry = _by_package().get(package)
    if entry is not None:
        return _named(entry, release)
    if package.endswith(_T64) and release != NEWEST:
        return package.removesuffix(_T64)
    return package


@cache
def _by_package() -> Mapping[str, _Entry]:
    """Return the entries of libraries whose package has other names in other releases."""
    found: dict[str, _Entry] = {}
    for entry in read_table("debian_packages")["libraries"].values():
        if isinstance(entry, dict) and len(entry) > 1:
            found.update(dict.fromkeys(entry.values(), entry))
    return found


def _named(entry: _Entry, release: str) -> str:
    if isinstance(entry, str):
        return entry
    if release:
        return entry.get(release, "")
    names = list(entry.values())
    if len(names) > 1 and names[-1] == f"{names[-2]}{_T64}":
        return names[-2]
    return names[-1]
