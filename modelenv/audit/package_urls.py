"""Package URLs (purl), and the names of their packages in advisories.

A crate is looked up among those of crates.io, a package that auditwheel copied among those of its
system, a vendored distribution among PyPI's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

from packaging.utils import canonicalize_name

from ..wheels.advisories.ecosystems import PYPI, read_version
from ..wheels.advisories.pinned_versions import KnownVersion

_ECOSYSTEMS = {"cargo": "crates.io", "npm": "npm", "golang": "Go", "pypi": PYPI}
_SYSTEMS = {"almalinux": "AlmaLinux", "rocky": "Rocky Linux", "rockylinux": "Rocky Linux"}
_RELEASE = re.compile(r"\.el(\d+)")


class PackageUrl(NamedTuple):
    """The parts of a package URL, named as in https://github.com/package-url/purl-spec."""

    kind: str
    namespace: str
    name: str
    version: str
    qualifiers: Mapping[str, str]
    subpath: str

    @classmethod
    def read(cls, text: object) -> PackageUrl | None:
        """Return the parts of a package URL; None if it is invalid.

        >>> PackageUrl.read("pkg:rpm/almalinux/libgomp@8.5.0-28.el8?epoch=1")[:4]
        ('rpm', 'almalinux', 'libgomp', '8.5.0-28.el8')
        """
        if not isinstance(text, str) or not text.startswith("pkg:"):
            return None
        rest, _, subpath = text.removeprefix("pkg:").lstrip("/").partition("#")
        rest, _, said = rest.partition("?")
        kind, _, path = rest.partition("/")
        path, at, version = path.rpartition("@") if "@" in path.lstrip("@") else (path, "", "")
        namespace, _, name = path.strip("/").rpartition("/")
        if not kind or not name:
            return None
        qualifiers = {key: values[0] for key, values in parse_qs(said).items()}
        named = (unquote(namespace), unquote(name), unquote(version) if at else "")
        return cls(kind.lower(), *named, qualifiers, subpath)

    @property
    def known(self) -> KnownVersion | None:
        """The package and version in terms of advisories; None: they do not cover such packages."""
        found = self._of_system() if self.kind == "rpm" else self._of_registry()
        try:
            return found if found and read_version(found.ecosystem, found.version) else None
        except ValueError:  # the version is not comparable
            return None

    def _of_registry(self) -> KnownVersion | None:
        ecosystem = _ECOSYSTEMS.get(self.kind)
        if ecosystem is None or not self.version:
            return None
        if ecosystem == PYPI:
            return KnownVersion(canonicalize_name(self.name), self.version)
        name = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return KnownVersion(name, self.version, ecosystem)

    def _of_system(self) -> KnownVersion | None:
        """Return an RPM package; its advisories are those of a release of its system."""
        system, release = _SYSTEMS.get(self.namespace.lower()), _RELEASE.search(self.version)
        if system is None or release is None:
            return None
        epoch = self.qualifiers.get("epoch")
        version = f"{epoch}:{self.version}" if epoch else self.version
        return KnownVersion(self.name, version, f"{system}:{release[1]}")
