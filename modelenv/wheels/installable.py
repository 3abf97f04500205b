"""The files from which each name of a lock can be installed on a platform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.markers import Marker

from ..base.siblings import envfiles, resolver
from .targets import PlatformTarget

_VCS = ("git+", "hg+", "svn+", "bzr+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installable:
    """One name at one version, and the files that it can be installed from."""

    name: str
    version: str = ""
    """The version; empty for an address, whose version only its wheel states."""
    wheels: tuple[resolver.Artifact, ...] = ()
    """The wheels for the platform, the best first."""
    source: resolver.Artifact | None = None
    """The source distribution, if no wheel suits the platform."""
    commit: str = ""
    """The address of a commit, if it is pinned to one: ``git+https://host/r@0a1b2c3``."""
    settings: tuple[str, ...] = ()
    """Settings for its build backend, as ``KEY=VALUE``."""
    is_named_by_url: bool = False
    """Whether the file is at an address of its own rather than on an index."""

    def __str__(self) -> str:
        """Return the pin as a requirement."""
        return f"{self.name}=={self.version}" if self.version else f"{self.name} @ {self.address}"

    @property
    def address(self) -> str:
        """The address; empty if it has a version."""
        return self.commit or envfiles.mask(self.first.url)

    @property
    def first(self) -> resolver.Artifact:
        """The preferred file: the best wheel, else the source. A commit has none."""
        found = next(iter(self.wheels), self.source)
        assert found is not None
        return found


def iter_installables(
    lock: envfiles.Lock,
    target: PlatformTarget,
    beside: Path,
    local: Mapping[str, resolver.Artifact],
    settings: Mapping[str, tuple[str, ...]],
) -> Iterator[Installable]:
    """Yield the installable of each name in a lock, for a target.

    Paths in the lock are relative to `beside`; `local` maps names of further files on this machine
    to their paths; `settings` maps names to settings of their build backends.
    """
    for each in lock.packages:
        if each.marker and not target.target.admits(Marker(each.marker)):
            continue
        if each.reference:
            yield _of_reference(each, target, settings.get(each.name, ()))
            continue
        files = tuple(_artifact(file, beside, local) for file in each.artifacts)
        wheels = target.fitting(files)
        sources = (file for file in files if not file.file.endswith(".whl"))
        yield Installable(
            name=each.name,
            version=each.version,
            wheels=wheels,
            source=None if wheels else next(sources, None),
            settings=settings.get(each.name, ()),
        )


def _artifact(
    file: envfiles.LockedFile, beside: Path, local: Mapping[str, resolver.Artifact]
) -> resolver.Artifact:
    known = local.get(file.file) if file.path else None
    if known is not None:
        return known
    url = (beside / file.path).absolute().as_uri() if file.path else file.url
    return resolver.Artifact(file.file, url, file.hashes, file.size, file.uploaded)


def _of_reference(
    locked: envfiles.Locked, target: PlatformTarget, settings: tuple[str, ...]
) -> Installable:
    """Return the installable of a name that is pinned to an address, by its hash or commit."""
    if not locked.archive or locked.reference.startswith(_VCS):
        return Installable(name=locked.name, commit=locked.reference, settings=settings)
    file = unquote(urlsplit(locked.reference).path.rpartition("/")[2])
    artifact = resolver.Artifact(file, locked.reference, locked.archive)
    wheels = target.fitting((artifact,))
    return Installable(
        name=locked.name,
        wheels=wheels,
        source=None if wheels else artifact,
        settings=settings,
        is_named_by_url=True,
    )
