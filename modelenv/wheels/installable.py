"""Installable files for each name on a platform, from a lock."""

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
    """A name at a version, and the files that it may be installed from."""

    name: str
    version: str = ""
    """Empty where only a wheel will say it: of an address."""
    wheels: tuple[resolver.Artifact, ...] = ()
    """Those that suit the platform, the one to take first."""
    source: resolver.Artifact | None = None
    """Its source distribution, where no wheel suits."""
    commit: str = ""
    """The address of a commit, where it is that: ``git+https://host/r@0a1b2c3``."""
    settings: tuple[str, ...] = ()
    """Settings for its build backend, as ``KEY=VALUE``."""
    is_named_by_url: bool = False
    """Whether its file stands at an address of its own, and no index has it."""

    def __str__(self) -> str:
        """Return the pin."""
        return f"{self.name}=={self.version}" if self.version else f"{self.name} @ {self.address}"

    @property
    def address(self) -> str:
        """The address of one that has no version."""
        return self.commit or envfiles.mask(self.first.url)

    @property
    def first(self) -> resolver.Artifact:
        """The file to take first: its best wheel, else its source; a commit has none."""
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
    """Yield what a lock has for a target.

    `beside` is the folder that its paths are relative to; `local` are the files by their names that
    lie elsewhere on this machine; `settings` what build backends are told, by name.
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
    """Return the choice of what is pinned to an address, by its hash or its commit."""
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
