"""The distributions on the path of one interpreter."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH110, PTH118, PTH119, PTH208
import os
import sys
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ..target import Target
from .distribution import Distribution
from .editable import ProjectRoot, project_of, project_roots
from .eggs import INFO as EGG_INFO
from .eggs import is_egg
from .ownership import Ownership
from .system_lists import SystemLists

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .claims import Owned

__all__ = ["Distribution", "Installed"]

_SITES = frozenset({"site-packages", "dist-packages"})


class Installed:
    """The distributions on one interpreter's path; of two with one name, the first counts.

    >>> Installed.current().get("Packaging").name
    'packaging'
    """

    def __init__(self, paths: Iterable[str], target: Target) -> None:
        self.target = target
        """The interpreter whose path it is."""
        self.paths = tuple(dict.fromkeys(map(os.path.abspath, paths)))
        """The path's entries, absolute."""

    @classmethod
    def current(cls) -> Installed:
        """Return the path of the running interpreter."""
        return cls(sys.path, Target.current())

    def get(self, name: str) -> Distribution | None:
        """Return the distribution of that name, in any spelling, or None."""
        return self._by_name.get(canonicalize_name(name))

    def __iter__(self) -> Iterator[Distribution]:
        return iter(self._by_name.values())

    def owners(self, file: str, module: str = "") -> tuple[Distribution, ...]:
        """Return the distributions that own `file`, an absolute path; empty: none.

        If several list it, only those whose recorded digest it has, if any. A user's link to a
        listed file has no owner if it makes another `module` of it: installing the distribution
        gives no module of that name.
        """
        return self.whose(file, module).owners

    def whose(self, file: str, module: str = "") -> Owned:
        """Return the owner of `file`, an absolute path, and whether a list or a name shows it."""
        owned = self._ownership.whose(file)
        return owned.as_module(module, file) if module and owned.real else owned

    def listed(self, file: str) -> Mapping[Distribution, str]:
        """Return all that list `file`, an absolute path, with the digest they recorded, or ""."""
        return self._ownership.listed(file)

    def sharers(self, location: str, top: str) -> tuple[Distribution, ...]:
        """Return all with files below, or at, the name `top` in the folder `location`."""
        return self._ownership.sharers(location, top)

    def project(self, file: str, module: str) -> Distribution | None:
        """Return the editable install whose code includes `file`, an absolute path; None: none.

        A file in such a project that no RECORD lists is code under development, where it is that
        `module` by the project's own place on the path.
        """
        roots = self._project_roots
        real = os.path.realpath(file)
        return project_of(file, module, roots) or project_of(real, module, roots)

    def relative(self, file: str) -> str:
        """Return `file` relative to its path entry ("sklearn/base.py"), or unchanged."""
        longest = next((each for each in self._prefixes if file.startswith(each)), "")
        return file[len(longest) :].replace(os.sep, "/")

    @cached_property
    def _prefixes(self) -> tuple[str, ...]:
        """The prefixes of all paths below the entries, the longest first."""
        return tuple(sorted((path.rstrip(os.sep) + os.sep for path in self.paths), key=len)[::-1])

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """The entries that installers fill: ``site-packages``, Debian's ``dist-packages``."""
        return tuple(path for path in self.paths if os.path.basename(path) in _SITES)

    def preload(self) -> None:
        """Read ahead what the questions will need, while there is time for it."""
        self._ownership.preload()
        for distribution in self:
            _ = distribution.label  # reads its headers

    @cached_property
    def _found(self) -> tuple[Distribution, ...]:
        """All distributions, in path order; a folder that is there twice counts once (lib64)."""
        folders = {os.path.realpath(path): path for path in reversed(self.paths)}
        paths = (path for path in self.paths if folders[os.path.realpath(path)] == path)
        found = tuple(Distribution(info, self._lists) for path in paths for info in _scan(path))
        return self._without_vendored(found)

    def _without_vendored(self, found: tuple[Distribution, ...]) -> tuple[Distribution, ...]:
        """Leave out copies inside another distribution: setuptools puts its own on the path."""
        locations = {each.location for each in found}
        outermost = tuple(f"{location}{os.sep}" for location in locations)
        nested = {location for location in locations if location.startswith(outermost)}
        if not nested:
            return found
        inner = {each for each in found if each.location in nested}
        outer = Ownership((each for each in found if each not in inner), self._lists)
        metadata = {each: outer.whose(os.path.join(each.info, "METADATA")) for each in inner}
        copies = {each for each, owned in metadata.items() if owned.listed}
        return tuple(each for each in found if each not in copies)

    @cached_property
    def _lists(self) -> SystemLists:
        return SystemLists()

    @cached_property
    def _by_name(self) -> Mapping[str, Distribution]:
        seen: dict[str, Distribution] = {}
        for found in sorted(self._found, key=lambda each: each.is_source_tree):
            rival = seen.setdefault(found.name, found)
            if rival is found or rival.location != found.location:
                continue
            if rival.version < found.version:  # a leftover of a broken upgrade
                seen[found.name] = found
        return dict(sorted(seen.items()))

    @cached_property
    def _project_roots(self) -> tuple[ProjectRoot, ...]:
        return project_roots(
            found
            for found in self
            if found.editable and (not found.is_source_tree or self._is_linked(found))
        )

    def _is_linked(self, found: Distribution) -> bool:
        """Return whether `setup.py develop` linked a source tree; else it is merely on the path."""
        names = {found.label, found.label.replace("-", "_"), found.name}
        links = (os.path.join(path, f"{name}.egg-link") for path in self.paths for name in names)
        return any(map(os.path.exists, links))

    @cached_property
    def _ownership(self) -> Ownership:
        return Ownership(self._found, self._lists)


def _scan(path: str) -> tuple[str, ...]:
    """Find the metadata folders of a path entry by their names, sorted."""
    if is_egg(path):
        return (os.path.join(path, EGG_INFO),)
    names: list[str] = []
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        names = sorted(os.listdir(path))
    return tuple(os.path.join(path, name) for name in names if _is_info(path, name))


def _is_info(path: str, name: str) -> bool:
    if name.endswith(".dist-info"):
        # A leftover of a broken uninstall has no METADATA.
        return os.path.exists(os.path.join(path, name, "METADATA"))
    return name.endswith(".egg-info")
