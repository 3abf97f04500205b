"""System use by package, in the form that the account and MLmodel hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..base.text import few

_FEW = 3
_MOST_FILES = 5  # recorded per package, for kinds whose files are not asked for one by one
_EACH = ("libraries", "programs")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedPackage:
    """A model's use of one system package."""

    package: str
    """The Debian package; empty if unknown."""
    what: str
    """What the files are: `time zones`, `fonts`, `libraries`, `programs`."""
    files: tuple[str, ...]
    asked_by: str = ""
    """The code that asked for the first of the files."""
    distribution: str = ""
    """A distribution that brings the same files; empty if none is known."""
    version: str = ""
    """The version of the package on that system; empty if unknown."""

    def __str__(self) -> str:
        """Return the package and what it is needed for, on one line."""
        asked = f", {self.asked_by}" if self.asked_by else ""
        named = f"{self.package or 'of no known package'} {self.version}".rstrip()
        text = f"{named} ({self.what}: {few(self.files, _FEW)}"
        also = f"; the distribution {self.distribution} has them too" if self.distribution else ""
        return f"{text}{asked}{also})"

    def to_json(self) -> dict[str, Any]:
        """Return it for MLmodel: all libraries and programs, and a few of the other files."""
        each = self.what in _EACH or not self.package
        said = asdict(self) | {"files": list(self.files if each else self.files[:_MOST_FILES])}
        return {key: value for key, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class SystemUse:
    """A model's use of the operating system it ran on."""

    release: str = ""
    """That operating system, as ``debian 12``; empty if unknown."""
    packages: tuple[UsedPackage, ...] = ()

    def __str__(self) -> str:
        """Return the packages' names on one line."""
        return f"{self.release or 'unknown'}: {', '.join(map(str, self.packages))}"

    def to_json(self) -> Mapping[str, Any]:
        """Return it in the form that MLmodel holds."""
        return {"release": self.release, "packages": [each.to_json() for each in self.packages]}
