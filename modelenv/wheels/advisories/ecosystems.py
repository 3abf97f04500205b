"""The ecosystems whose advisories are read, and the order of versions in each.

Besides PyPI these are the ecosystems of what wheels contain: crates, and packages of the systems
on which wheels are built. They are named as in https://ossf.github.io/osv-schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import total_ordering
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

PYPI = "PyPI"
_RPM = ("AlmaLinux", "Rocky Linux")
_SEMANTIC = re.compile(
    r"v?(\d{1,18})\.(\d{1,18})\.(\d{1,18})(?:-([0-9A-Za-z.-]{1,200}))?(?:\+[0-9A-Za-z.-]{1,200})?"
)
_SHORT = re.compile(r"v?\d{1,18}(\.\d{1,18})?")
_SEGMENT = re.compile(r"(~)|(\^)|([A-Za-z]+)|([0-9]+)")
_END = (1, 0, "")
_LONGEST = 300


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class OrderedVersion:
    """A version of an ecosystem other than PyPI, comparable with others of that ecosystem."""

    text: str
    key: tuple[Any, ...]
    """The sort key."""

    def __str__(self) -> str:
        """Return the version as it was written."""
        return self.text

    def __eq__(self, other: object) -> bool:
        """Return whether both have the same sort key, however they are written."""
        return isinstance(other, OrderedVersion) and self.key == other.key

    def __lt__(self, other: OrderedVersion) -> bool:
        """Return whether this version is lower."""
        return self.key < other.key

    def __hash__(self) -> int:
        """Return the hash of the sort key."""
        return hash(self.key)


def semantic_version(text: str) -> OrderedVersion:
    """Parse a version by Semantic Versioning 2.0. Raises ValueError.

    >>> semantic_version("1.10.0") > semantic_version("1.9.3") > semantic_version("1.9.3-rc.2")
    True
    """
    whole = f"{text}{'.0' * (2 - text.count('.'))}" if _SHORT.fullmatch(text) else text
    found = _SEMANTIC.fullmatch(whole)
    if found is None:
        raise ValueError(f"{text} is no semantic version")
    before = found[4]
    parts = (1,) if before is None else (0, *map(_identifier, before.split(".")))
    return OrderedVersion(text, (int(found[1]), int(found[2]), int(found[3]), parts))


def _identifier(text: str) -> tuple[int, int, str]:
    """Return the sort key of a pre-release identifier: numbers are lower than words (§11)."""
    return (0, int(text), "") if text.isdecimal() else (1, 0, text)


def rpm_version(text: str) -> OrderedVersion:
    """Parse ``epoch:version-release`` in RPM's order (rpm-version(7)). Raises ValueError.

    The epoch is ignored: advisories state it, but auditwheel, whose lists name the packages in a
    wheel, omits it. It hardly ever changes within one release of a system.

    >>> rpm_version("2.0-1.el8_10") > rpm_version("2.0-1.el8") == rpm_version("1:2.0-1.el8")
    True
    >>> rpm_version("1.0~rc1-1") < rpm_version("1.0-1") < rpm_version("1.0^git1-1")
    True
    """
    epoch, _, rest = text.rpartition(":")
    version, _, release = rest.partition("-")
    if not version or not (epoch or "0").isdecimal() or len(text) > _LONGEST:
        raise ValueError(f"{text} is no RPM version")
    return OrderedVersion(text, (_segments(version), _segments(release)))


def _segments(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return the sort key of a version or release: a tilde sorts before the end, all else after."""
    return (*map(_segment, _SEGMENT.finditer(text)), _END)


def _segment(found: re.Match[str]) -> tuple[int, int, str]:
    if found[1]:
        return (0, 0, "")
    if found[2]:
        return (2, 0, "")
    return (3, 0, found[3]) if found[3] else (4, int(found[4]), "")


_ORDERS: dict[str, Callable[[str], Any]] = {
    PYPI: Version,
    "crates.io": semantic_version,
    "npm": semantic_version,
    "Go": semantic_version,
    **dict.fromkeys(_RPM, rpm_version),
}


def known_ecosystem(said: str) -> str | None:
    """Return an ecosystem as spelled here, with its release; None if it is not read.

    >>> known_ecosystem("pypi"), known_ecosystem("AlmaLinux:8"), known_ecosystem("Maven")
    ('PyPI', 'AlmaLinux:8', None)
    """
    spelled, _, release = said.partition(":")
    name = next((each for each in _ORDERS if each.lower() == spelled.lower()), None)
    return f"{name}:{release}" if name in _RPM else name


def read_version(ecosystem: str, text: str) -> Any:
    """Parse a version so that it compares with others of its ecosystem. Raises ValueError."""
    return _ORDERS[ecosystem.partition(":")[0]](text)


def released_version(ecosystem: str, text: str) -> Any:
    """Parse an installed version as the release that advisories speak of. Raises ValueError.

    A local version of PyPI (``2.5.1+cu121``) becomes the release that it was built from.
    """
    found = read_version(ecosystem, text)
    return Version(found.public) if isinstance(found, Version) else found


def key_of(ecosystem: str, name: str) -> str:
    """Return the lookup key of a package; for PyPI that is its normalised name.

    >>> key_of("PyPI", "Scikit_Learn"), key_of("crates.io", "openssl")
    ('scikit-learn', 'crates.io:openssl')
    """
    return canonicalize_name(name) if ecosystem == PYPI else f"{ecosystem}:{name}"
