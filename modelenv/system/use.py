"""Uses of the operating system by package, as the account and MLmodel have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..base.text import few

_FEW = 3
_MOST_FILES = 5  # as many are recorded of a package whose files are not asked for one by one
_EACH = ("libraries", "programs")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedPackage:
    """The uses of one system package."""

    package: str
    """The Debian package; empty where it is not known."""
    what: str
    """The kind of content: `time zones`, `fonts`, `libraries`, `programs`."""
    files: tuple[str, ...]
    asked_by: str = ""
    """The code that asked for the first of them."""
    distribution: str = ""
    """A distribution that brings the same; empty: none is known."""
    version: str = ""
    """The version that was installed there; empty where it is not known."""

    def __str__(self) -> str:
        """Return the package and what it is needed for."""
        asked = f", {self.asked_by}" if self.asked_by else ""
        named = f"{self.package or 'of no known package'} {self.version}".rstrip()
        text = f"{named} ({self.what}: {few(self.files, _FEW)}"
        also = f"; the distribution {self.distribution} has them too" if self.distribution else ""
        return f"{text}{asked}{also})"

    def to_json(self) -> dict[str, Any]:
        """Return what is recorded of it: its libraries and programs, and a few of other files."""
        each = self.what in _EACH or not self.package
        said = asdict(self) | {"files": list(self.files if each else self.files[:_MOST_FILES])}
        return {key: value for key, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class SystemUse:
    """The uses of the system that a model ran on."""

    release: str = ""
    """That system, as ``debian 12``; empty where it is not known."""
    packages: tuple[UsedPackage, ...] = ()

    def __str__(self) -> str:
        """Name the packages, in a line."""
        return f"{self.release or 'unknown'}: {', '.join(map(str, self.packages))}"

    def to_json(self) -> Mapping[str, Any]:
        """Return it as MLmodel has it."""
        return {"release": self.release, "packages": [each.to_json() for each in self.packages]}
