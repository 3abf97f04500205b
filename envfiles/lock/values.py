"""Locks as values: the installable files of every distribution, with their hashes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from ..credentials import protect, strip
from ..errors import FaultList, InvalidEntry, InvalidSpec, Location
from ..requirements.options import check_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_EQUALS = re.compile(r"(\w+) == \"([^\"]*)\"")
_SYSTEMS = {"linux": ("posix", "Linux"), "darwin": ("posix", "Darwin"), "win32": ("nt", "Windows")}
"""The `os_name` and `platform_system` of markers, by `sys_platform`."""
_NAME = re.compile(r"[^/\\\s]+\.(whl|tar\.gz|zip|tar\.bz2|tgz)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedFile:
    """One file of a distribution: its name, location, size in bytes and hashes."""

    file: str
    hashes: tuple[str, ...]
    """Digests as `sha256:…`, `sha384:…` or `sha512:…`; none only if there are `other_hashes`."""
    url: str = ""
    path: str = ""
    """The path relative to the lock, with `/`; either this or the URL is given."""
    size: int | None = None
    uploaded: str = ""
    """The time when its index received it, in UTC, as `2024-03-01T12:00:00Z`; empty: not recorded.
    """
    other_hashes: tuple[str, ...] = ()
    """Digests that no line of requirements can have, as `md5:…` and `blake2b:…`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", strip(self.url))
        object.__setattr__(self, "hashes", tuple(sorted({check_hash(h) for h in self.hashes})))
        object.__setattr__(self, "other_hashes", tuple(sorted(set(self.other_hashes))))
        if _NAME.fullmatch(self.file) is None:
            raise InvalidEntry(self.file, "is not the name of a wheel or a source distribution")
        if not self.hashes and not self.other_hashes:
            raise InvalidEntry(self.file, "has no hash")
        if bool(self.url) == bool(self.path):
            raise InvalidEntry(self.file, "has to have either a URL or a path")

    @property
    def is_wheel(self) -> bool:
        """Return whether it is a wheel, not a source distribution."""
        return self.file.endswith(".whl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One distribution of a lock: its version and files, or its reference."""

    name: str
    version: str = ""
    """Empty only for a reference."""
    marker: str = ""
    artifacts: tuple[LockedFile, ...] = ()
    reference: str = ""
    """The reference it is installed from (PEP 610).

    One of `git+https://host/r@commit`, a folder `./code`, or the URL of an archive.
    """
    archive: tuple[str, ...] = ()
    """The digests of a reference that is one file."""
    archive_other: tuple[str, ...] = ()
    """Its other digests, which no line of requirements can have, as `md5:…`."""
    reasons: tuple[str, ...] = ()
    """The reasons why it is there, a line each."""

    def __post_init__(self) -> None:
        wheels_first = sorted(self.artifacts, key=lambda each: (not each.is_wheel, each.file))
        object.__setattr__(self, "artifacts", tuple(wheels_first))
        object.__setattr__(self, "reference", strip(self.reference))
        object.__setattr__(self, "reasons", tuple(map(protect, self.reasons)))

    @property
    def hashes(self) -> tuple[str, ...]:
        """Return every digest that one of its files may have, sorted.

        None if some file has only other ones: lines with these would not admit it.
        """
        if self.is_weak:
            return ()
        each = {hash_ for artifact in self.artifacts for hash_ in artifact.hashes}
        return tuple(sorted(each | set(self.archive)))

    @property
    def is_weak(self) -> bool:
        """Whether it has a file of which no hash is sha256, sha384 or sha512."""
        weak = any(not artifact.hashes for artifact in self.artifacts)
        return weak or bool(self.archive_other and not self.archive)

    @property
    def other_hashes(self) -> tuple[str, ...]:
        """Return every other hash that one of its files may have, sorted."""
        each = {hash_ for artifact in self.artifacts for hash_ in artifact.other_hashes}
        return tuple(sorted(each | set(self.archive_other)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The files that make up an environment (PEP 751), sorted by name.

    Raises InvalidSpec if a distribution has neither files nor a reference.
    """

    packages: tuple[Locked, ...]
    python: str = ""
    """The interpreter that it was made for, as 3.11.7."""
    requires_python: str = ""
    environments: tuple[str, ...] = ()
    """Markers; one of them has to be true for an installation. The first is its folder's own."""
    created_by: str = "modelenv"
    resolved: str = ""
    """The time at which its versions were chosen: UTC (ISO 8601); empty: not recorded."""
    as_of: str = ""
    """The moment after which no file of it was received by an index (RFC 3339); empty: not
    stated."""
    targets: tuple[str, ...] = ()
    """The names of its environments, as `3.12-win_amd64`, if it is for several."""
    default_groups: tuple[str, ...] = ()
    """The dependency groups that are installed by default."""
    remarks: tuple[str, ...] = field(default=(), compare=False)
    """Sentences about parts that not all installers take, or that they do not check."""

    def __post_init__(self) -> None:
        faults = FaultList()
        for index, each in enumerate(self.packages):
            if bool(each.artifacts) == bool(each.reference):
                place = Location(key=f"packages[{index}]")
                faults.add(place, f"{each.name} has to have either files or a reference")
        faults.check(InvalidSpec)
        packages = sorted(self.packages, key=lambda each: (each.name, each.marker, each.version))
        object.__setattr__(self, "packages", tuple(packages))

    def __repr__(self) -> str:
        """Return the number of packages, in brackets."""
        return f"<Lock of {len(self.packages)} packages>"

    @property
    def by_name(self) -> Mapping[str, Locked]:
        """Return the distributions by normalised name; the last one of a name counts."""
        return {each.name: each for each in self.packages}

    @property
    def is_weak(self) -> bool:
        """Whether it has a file of which no hash is sha256, sha384 or sha512."""
        return any(each.is_weak for each in self.packages)

    @property
    def own_environment(self) -> Mapping[str, str]:
        """Return the PEP 508 environment that the lines beside it are of; empty: it does not say.

        >>> lock = Lock(packages=(), python="3.11.7", environments=('sys_platform == "win32"',))
        >>> lock.own_environment["platform_system"], lock.own_environment["python_version"]
        ('Windows', '3.11')
        """
        said = dict(_EQUALS.findall(self.environments[0])) if self.environments else {}
        if not self.python or said.get("sys_platform") not in _SYSTEMS:
            return {}
        os_name, system = _SYSTEMS[said["sys_platform"]]
        return {
            "implementation_name": "cpython",
            "implementation_version": self.python,
            "os_name": os_name,
            "platform_machine": "",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": system,
            "platform_version": "",
            "python_full_version": self.python,
            "python_version": ".".join(self.python.split(".")[:2]),
            **said,
        }

    @property
    def is_for_several(self) -> bool:
        """Whether it is for several environments, of which one is that of the lines beside it."""
        return len(self.environments) > 1 and bool(self.own_environment)

    def admits(self, environment: Mapping[str, str]) -> bool:
        """Tell whether it is for a PEP 508 environment, as installers do before anything else.

        >>> lock = Lock(packages=(), requires_python=">=3.12")
        >>> [lock.admits({"python_full_version": each}) for each in ("3.13.0rc1", "3.11.9")]
        [True, False]
        """
        python = SpecifierSet(self.requires_python)
        return python.contains(environment["python_full_version"], prereleases=True) and (
            not self.environments or any(_is_true(each, environment) for each in self.environments)
        )

    def locked_for(self, environment: Mapping[str, str]) -> tuple[Locked, ...]:
        """Return what a PEP 508 environment gets, without extras and with the default groups."""
        return tuple(
            each
            for each in self.packages
            if not each.marker or _is_true(each.marker, environment, self.default_groups)
        )


def _is_true(marker: str, environment: Mapping[str, str], groups: Iterable[str] = ()) -> bool:
    """Evaluate a marker as locks have them (PEP 751): with sets of extras and of groups."""
    sets = {"extras": frozenset[str](), "dependency_groups": frozenset(groups)}
    asked: Any = {**environment, **sets}
    return Marker(marker).evaluate(asked)
