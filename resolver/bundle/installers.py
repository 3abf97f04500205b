"""Who put an installed distribution here, and what is known of where it had it from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..installed.provenance import SYSTEMS
from .system_packages import SystemPackages

if TYPE_CHECKING:
    from ..installed.environment import Distribution


class InstalledBy(NamedTuple):
    """Who put a distribution here."""

    installer: str
    """What it says of itself, as "pip"; empty where nobody did."""
    package: str = ""
    """What a system's package manager brought it with, as "Debian's python3-yaml"."""
    from_file: bool = False
    """Whether it was a file of this machine, in a folder of wheels: uv keeps its time."""


class Installers:
    """Who put distributions here, of one environment; nothing is read before it is asked.

    pip records nothing of a folder of wheels or of an index (PEP 610 has direct references alone).

    >>> from resolver import Installed
    >>> Installers().of(Installed.current().get("packaging")).package
    ''
    """

    def __init__(self, packages: SystemPackages | None = None) -> None:
        self._packages = packages or SystemPackages()

    def of(self, distribution: Distribution) -> InstalledBy:
        """Say who put a distribution here."""
        installer = distribution.installer
        package = self._packages.package(distribution.info)
        if not package and installer in SYSTEMS:
            package = installer
        if not package and distribution.leads_elsewhere:
            package = "conda"
        kept_time = distribution.read("uv_cache.json") is not None
        from_file = kept_time and distribution.direct_url is None
        return InstalledBy(installer, package, from_file)
