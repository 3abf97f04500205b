"""The installer of a distribution, and what is known of its origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..installed.provenance import SYSTEMS
from .system_packages import SystemPackages

if TYPE_CHECKING:
    from ..installed.environment import Distribution


class InstalledBy(NamedTuple):
    """The installer of a distribution."""

    installer: str
    """The name in its INSTALLER file, as "pip"; empty if there is none."""
    package: str = ""
    """The system package that brought it, as "Debian's python3-yaml"; empty if none did."""
    from_file: bool = False
    """Whether it came from a file of this machine, in a folder of wheels: uv keeps its time."""


class Installers:
    """The installers of an environment's distributions; files are read on first use.

    pip records nothing of a folder of wheels or of an index (PEP 610 has direct references alone).

    >>> from resolver import Installed
    >>> Installers().of(Installed.current().get("packaging")).package
    ''
    """

    def __init__(self, packages: SystemPackages | None = None) -> None:
        self._packages = packages or SystemPackages()

    def of(self, distribution: Distribution) -> InstalledBy:
        """Return the installer of a distribution."""
        installer = distribution.installer
        package = self._packages.package(distribution.info)
        if not package and installer in SYSTEMS:
            package = installer
        if not package and distribution.leads_elsewhere:
            package = "conda"
        kept_time = distribution.read("uv_cache.json") is not None
        from_file = kept_time and distribution.direct_url is None
        return InstalledBy(installer, package, from_file)
