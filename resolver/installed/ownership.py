"""Owners of files by RECORD: by the file, not by the name of a module."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH110, PTH114, PTH118, PTH120, PTH123, PTH208
import os
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from .claims import Claims, Owned
from .listing import Listing, folded
from .record import bears

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .distribution import Distribution
    from .system_lists import SystemLists

    _Listed = Sequence[tuple[Distribution, str]]
    """The distributions that list a file, and the digest that each recorded for it, or ""."""


_NO_NAMES = ("", ".", "..")


class Ownership:
    """The owners of files, among the distributions of one path."""

    def __init__(self, distributions: Iterable[Distribution], lists: SystemLists) -> None:
        members: dict[str, list[Distribution]] = defaultdict(list)
        for distribution in distributions:
            members[distribution.location].append(distribution)
        # A folder inside another that is a path entry too (pywin32 has one) answers first.
        self._entries = tuple(
            PathEntry(location, tuple(members[location]), lists)
            for location in sorted(members, key=len, reverse=True)
        )
        self._alone: dict[str, Owned] = {}
        self._known: dict[str, _Listed] = {}
        self._real_folders: dict[str, str] = {}
        self._links: dict[str, Mapping[str, Sequence[str]]] = {}

    def whose(self, file: str) -> Owned:
        """Return the owner of `file`, an absolute path, as spelled or else by its realpath."""
        listed = self._find(file)
        if listed:
            return self._owned(listed)
        real = self._real(file)
        by_link = real if real != file else ""
        listed = (self._find(real) if by_link else ()) or self._linked(real)
        if listed:
            return Owned(listed, real=by_link)
        claimed = self._claimed(file)
        if claimed is None and by_link and (claimed := self._claimed(real)):
            return replace(claimed, real=real)
        return claimed or Owned(listed=False)

    def sharers(self, location: str, top: str) -> tuple[Distribution, ...]:
        """Return those in the folder `location` with files below or at the name `top`."""
        for entry in self._entries:
            if location in entry.spellings:
                return entry.tops.get(folded(top), ())
        return ()

    def preload(self) -> None:
        """Read ahead what the questions will need."""
        for entry in self._entries:
            _ = entry.tops

    def listed(self, file: str) -> Mapping[Distribution, str]:
        """Return those that list `file`, likewise, with the digest they recorded, or ""."""
        found = self._listed(file)
        if found or (real := self._real(file)) == file:
            return dict(found)
        return dict(self._listed(real))

    def _listed(self, file: str) -> _Listed:
        found = self._known.get(file)
        if found is None:
            found = self._known[file] = self._look_up(file)
        return found

    def _look_up(self, file: str) -> _Listed:
        for entry in self._entries:
            if inside := entry.inside(file):
                return inside
        return next(filter(None, (entry.outside(file) for entry in self._entries)), ())

    def _real(self, file: str) -> str:
        """Return the realpath of a file; that of its folder is computed once."""
        folder, name = os.path.split(file)
        if name in _NO_NAMES or os.name == "nt":  # if a name may be a short (8.3) one
            return os.path.realpath(file)
        real = self._real_folders.get(folder)
        if real is None:
            real = self._real_folders[folder] = os.path.realpath(folder)
        path = os.path.join(real, name)
        return os.path.realpath(path) if os.path.islink(path) else path

    def _find(self, file: str) -> tuple[Distribution, ...]:
        listed = self._listed(file)
        owners = [owner for owner, _ in listed]
        if len(owners) < 2:
            return tuple(owners)
        wrong = [owner for owner, digest in listed if digest and not _bears(file, digest)]
        # If all digests are wrong, the file was edited and still belongs to them.
        return tuple(owner for owner in owners if owner not in wrong) or tuple(owners)

    def _owned(self, listed: tuple[Distribution, ...]) -> Owned:
        """Return the listing distributions as owners, one shared value for thousands of files."""
        if len(listed) > 1:
            return Owned(listed)
        info = listed[0].info
        if info not in self._alone:
            self._alone[info] = Owned(listed)
        return self._alone[info]

    def _linked(self, real: str) -> tuple[Distribution, ...]:
        """Return those that list a link to a file that is not listed itself.

        A library may be linked to by others of its folder ("libmpi.so.12" to "libmpi.so.12.4"), and
        an installer may link to files that it keeps elsewhere. Modules are looked up by their
        imported path.
        """
        if real.endswith(".py"):
            return ()
        for folder, member in self._archives.items():
            if real.startswith(folder):
                return (member,)
        folder = os.path.dirname(real)
        if not any(entry.lists_in(folder) for entry in self._entries):
            return ()  # as most folders of the system are, which have thousands of links
        if folder not in self._links:
            self._links[folder] = _links_in(folder)
        named = map(self._find, self._links[folder].get(real, ()))
        return next(filter(None, named), ())

    @cached_property
    def _archives(self) -> Mapping[str, Distribution]:
        """Folders in which an installer keeps all files of a distribution, as link targets.

        uv does this with ``--link-mode symlink``.
        """
        found: dict[str, Distribution] = {}
        for member in (each for entry in self._entries for each in entry.members):
            metadata = os.path.join(member.info, "METADATA")
            if os.path.islink(metadata):
                archive = os.path.dirname(os.path.dirname(os.path.realpath(metadata)))
                infos = [each for each in os.listdir(archive) if each.endswith(".dist-info")]
                if len(infos) == 1:
                    found[archive + os.sep] = member
        return found

    def _claimed(self, file: str) -> Owned | None:
        """Return the owner of a file that no RECORD lists; None if it is outside all entries."""
        claims = (entry.claim(file) for entry in self._entries)
        found = [claim for claim in claims if claim is not None]
        owned = (claim for claim in found if claim.owners)
        return next(owned, next(iter(found), None))


class PathEntry:
    """The distributions of one path entry, by the first component of their listed files."""

    def __init__(
        self, location: str, members: tuple[Distribution, ...], lists: SystemLists
    ) -> None:
        self.members = members
        """The distributions whose metadata lies in the folder."""
        self._lists = lists
        self._listings = {member: Listing(member) for member in members}
        self.spellings = tuple(dict.fromkeys((location, os.path.realpath(location))))
        self._prefixes = tuple(path.rstrip(os.sep) + os.sep for path in self.spellings)

    def inside(self, file: str) -> _Listed:
        """Return those that list a file of this folder, each with the digest that it recorded."""
        for prefix in self._prefixes:
            if file.startswith(prefix):
                path = folded(file[len(prefix) :])
                return self._listed(path) or self._targeted(path) or self._renamed(file, path)
        return ()

    def claim(self, file: str) -> Owned | None:
        """Return the owner of an unlisted file of this folder; None if it is outside of it."""
        for prefix in self._prefixes:
            if file.startswith(prefix):
                return self._claims.find(folded(file[len(prefix) :]), file)
        return None

    def outside(self, file: str) -> _Listed:
        """Return those that list a file of another folder, each with the digest it recorded."""
        return tuple(self._outside.get(folded(file), {}).items())

    def lists_in(self, folder: str) -> bool:
        """Return whether a direct child of a folder may be listed."""
        inside = (folder.rstrip(os.sep) + os.sep).startswith(self._prefixes)
        return inside or folded(folder) in self._folders_outside

    @cached_property
    def _folders_outside(self) -> frozenset[str]:
        return frozenset(map(os.path.dirname, self._outside))

    @cached_property
    def tops(self) -> Mapping[str, tuple[Distribution, ...]]:
        """Distributions with files at or below each first component; ".." and "": outside of it."""
        listings = self._by_top.items()
        return {top: tuple(each.distribution for each in own) for top, own in listings}

    @cached_property
    def _by_top(self) -> Mapping[str, list[Listing]]:
        found: dict[str, list[Listing]] = defaultdict(list)
        for listing in self._listings.values():
            for top in listing.tops:
                found[folded(top)].append(listing)
        return found

    def _listed(self, path: str) -> _Listed:
        found = []
        for listing in self._by_top.get(path.partition(os.sep)[0], ()):
            digest = listing.digest(path)
            if digest is not None:
                found.append((listing.distribution, digest))
        return found

    def _targeted(self, path: str) -> _Listed:
        """Return those that list a file as pip does with ``--target``.

        It moves the files after installing them elsewhere, and leaves RECORD unchanged.
        """
        listed = folded(f"../../{path}")
        listings = (self._listings[each] for each in self.tops.get("..", ()))
        found = ((each.distribution, each.outside.get(listed)) for each in listings)
        return [(member, digest) for member, digest in found if digest is not None]

    def _renamed(self, file: str, path: str) -> _Listed:
        """Return those that list the file in other cases, by a name that no longer exists."""
        found: list[tuple[Distribution, str]] = []
        base = file[: len(file) - len(path)]
        for member in self._folded_tops.get(path.partition(os.sep)[0].casefold(), ()):
            for listed, digest in self._listings[member].by_path.items():
                if listed.casefold() == path.casefold() and not os.path.exists(base + listed):
                    found.append((member, digest))
        return found

    @cached_property
    def _folded_tops(self) -> Mapping[str, tuple[Distribution, ...]]:
        found: dict[str, tuple[Distribution, ...]] = defaultdict(tuple)
        for top, members in self.tops.items():
            found[top.casefold()] += members
        return found

    @cached_property
    def _claims(self) -> Claims:
        return Claims(self.members, self._by_top, self._lists)

    @cached_property
    def _outside(self) -> Mapping[str, Mapping[Distribution, str]]:
        """Files listed as "../../bin/x" or absolutely, by their absolute path."""
        found: dict[str, dict[Distribution, str]] = defaultdict(dict)
        tops = (top for top in self.tops if top in {"..", ""} or top.endswith(":"))
        for member in dict.fromkeys(each for top in tops for each in self.tops[top]):
            for path, digest in self._listings[member].outside.items():
                for location in self.spellings:
                    absolute = os.path.normpath(os.path.join(location, path))
                    found[folded(absolute)][member] = digest
        return found


def _links_in(folder: str) -> Mapping[str, Sequence[str]]:
    """Map the targets of the links in a folder, by realpath, to these links."""
    found: dict[str, list[str]] = defaultdict(list)
    with suppress(OSError):
        for name in sorted(os.listdir(folder)):
            link = os.path.join(folder, name)
            if os.path.islink(link):
                found[os.path.realpath(link)].append(link)
    return found


def _bears(file: str, recorded: str) -> bool:
    try:
        with open(file, "rb") as opened:
            return bears(opened.read(), recorded)
    except FileNotFoundError:
        return False
