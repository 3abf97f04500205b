"""Read the installed packages and their dependencies from dpkg."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_FORMAT = "${Package}\t${Version}\t${Pre-Depends}, ${Depends}\n"
_ALTERNATIVE = re.compile(r"[a-z0-9][a-z0-9+.-]+")


@dataclass(frozen=True, slots=True)
class InstalledPackage:
    """An installed system package."""

    version: str
    needs: frozenset[str]
    """The names of the packages that it depends on, including alternatives."""


def installed_packages(*, timeout: float = 60.0) -> Mapping[str, InstalledPackage]:
    """Return the installed packages by name.

    Empty if there is no dpkg, or if it does not answer within `timeout` seconds.
    """
    query = shutil.which("dpkg-query")
    if query is None:
        return {}
    command = [query, "--show", f"--showformat={_FORMAT}"]
    try:
        answer = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        return {}
    found = {}
    for line in answer.stdout.splitlines():
        name, _, rest = line.partition("\t")
        version, _, needs = rest.partition("\t")
        if version:
            found[name] = InstalledPackage(version, frozenset(_names(needs)))
    return found


def brought_along(
    packages: Collection[str], installed: Mapping[str, InstalledPackage]
) -> frozenset[str]:
    """Return those of `packages` that others of them install as dependencies.

    Of packages that depend on each other, the first by name is not returned.
    """
    below = {name: _reached(name, installed) for name in packages}
    return frozenset(
        name
        for name in packages
        for other in packages
        if name != other and name in below[other] and not (other in below[name] and name < other)
    )


def _reached(name: str, installed: Mapping[str, InstalledPackage]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        package = installed.get(waiting.pop())
        new = package.needs - found if package is not None else frozenset()
        found |= new
        waiting += new
    return found


def _names(needs: str) -> list[str]:
    """Return the names in a Depends line, without versions; alternatives are included."""
    alternatives = (each.strip() for group in needs.split(",") for each in group.split("|"))
    return [found[0] for found in map(_ALTERNATIVE.match, alternatives) if found is not None]
