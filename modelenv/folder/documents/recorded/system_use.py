"""The record in MLmodel of what a model used of the system when it was saved."""

from __future__ import annotations

from ....system.debian import is_package_name
from ....system.use import SystemUse, UsedPackage
from ..typed import Stated, lines, text


def system_use(said: Stated) -> SystemUse:
    """Return the record. Raises BadFolderError, also for an invalid package name."""
    packages = said.at("packages").items()
    return SystemUse(said.get("release", text, ""), tuple(map(_package, packages)))


def _package(said: Stated) -> UsedPackage:
    package = said.get("package", text, "")
    if package and not is_package_name(package):
        raise said.at("package").no("name of a Debian package")
    return UsedPackage(
        package=package,
        what=text(said.at("what")),
        files=said.get("files", lines, ()),
        asked_by=said.get("asked_by", text, ""),
        distribution=said.get("distribution", text, ""),
        version=said.get("version", text, ""),
    )
