"""Whose a file is: from RECORD, by the file and not by the name of a module."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH110, PTH118, PTH120, PTH123
import os
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from .listing import Listing
from .record import bears

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .distribution import Distribution


class Ownership:
    """Whose a file is, of the distributions of one path."""

    def __init__(self, distributions: Iterable[Distribution]) -> None:
        members: dict[str, list[Distribution]] = defaultdict(list)
        for distribution in distributions:
            members[distribution.location].append(distribution)
        # A folder inside another that is a path entry too (pywin32 has one) answers first.
        self._entries = tuple(
            PathEntry(location, tuple(members[location]))
            for location in sorted(members, key=len, reverse=True)
        )

    def owners(self, file: str) -> tuple[Distribution, ...]:
        """Return those who list `file`, an absolute path, as spelled or else by its realpath."""
        owners = self.listed(file)
        if len(owners) < 2:
            return tuple(owners)
        wrong = [owner for owner, digest in owners.items() if digest and not _bears(file, digest)]
        # Where all are wrong somebody changed the file, and it still is theirs.
        return tuple(owner for owner in owners if owner not in wrong) or tuple(owners)

    def listed(self, file: str) -> Mapping[Distribution, str]:
        """Map those who list `file`, likewise, to the hash that they recorded of it, or to ""."""
        found = self._listed(file)
        if found or (real := os.path.realpath(file)) == file:
            return found
        return self._listed(real)

    def around(self, file: str) -> Distribution | None:
        """Return the one whose package folder holds `file`, which nobody lists; None: nobody."""
        for spelled in dict.fromkeys((file, os.path.realpath(file))):
            for entry in self._entries:
                if (path := entry.relative(spelled)) is not None:
                    return entry.around(path)
        return None

    def sharers(self, location: str, top: str) -> tuple[Distribution, ...]:
        """Return those in the folder `location` who have files below or at the name `top`."""
        for entry in self._entries:
            if location in entry.spellings:
                return entry.tops.get(_folded(top), ())
        return ()

    def preload(self) -> None:
        """Read what the questions will need."""
        for entry in self._entries:
            _ = entry.tops

    def _listed(self, file: str) -> Mapping[Distribution, str]:
        inside = _first(entry.inside(file) for entry in self._entries)
        return inside or _first(entry.outside(file) for entry in self._entries)


class PathEntry:
    """The distributions of one path entry, by the first component of what they list."""

    def __init__(self, location: str, members: tuple[Distribution, ...]) -> None:
        self._location = location
        self._members = members
        self._listings = {member: Listing(member) for member in members}
        self.spellings = tuple(dict.fromkeys((location, os.path.realpath(location))))
        self._prefixes = tuple(path.rstrip(os.sep) + os.sep for path in self.spellings)

    def inside(self, file: str) -> Mapping[Distribution, str]:
        """Map those who list a file of this folder to the hash that they recorded of it."""
        path = self.relative(file)
        if path is None:
            return {}
        return self._listed(path) or self._claimed(path) or self._renamed(file, path)

    def relative(self, file: str) -> str | None:
        """Return the path of `file` below this folder; None: it stands elsewhere."""
        for prefix in self._prefixes:
            if file.startswith(prefix):
                return _folded(file[len(prefix) :])
        return None

    def around(self, path: str) -> Distribution | None:
        """Return whose the nearest folder around `path` is, if it is the folder of one alone.

        That one has to list a file that stands right in it: none does in a namespace package.
        """
        folder = os.path.dirname(path)
        while folder:
            near = self._by_top.get(folder.partition(os.sep)[0], ())
            below = {each.distribution: found for each in near if (found := each.below(folder))}
            if below:
                (owner, files), *others = below.items()
                direct = any(os.sep not in file for file in files)
                return owner if direct and not others else None
            folder = os.path.dirname(folder)
        return None

    def outside(self, file: str) -> Mapping[Distribution, str]:
        """Map those who list a file of another folder to the hash that they recorded of it."""
        return self._outside.get(_folded(file), {})

    @cached_property
    def tops(self) -> Mapping[str, tuple[Distribution, ...]]:
        """Who has files below or at each first component; ".." and "": outside of the folder."""
        listings = self._by_top.items()
        return {top: tuple(each.distribution for each in own) for top, own in listings}

    @cached_property
    def _by_top(self) -> Mapping[str, list[Listing]]:
        found: dict[str, list[Listing]] = defaultdict(list)
        for listing in self._listings.values():
            for top in listing.tops:
                found[_folded(top)].append(listing)
        return found

    def _listed(self, path: str) -> Mapping[Distribution, str]:
        found = {}
        for listing in self._by_top.get(path.partition(os.sep)[0], ()):
            digest = listing.digest(path)
            if digest is not None:
                found[listing.distribution] = digest
        return found

    def _claimed(self, path: str) -> Mapping[Distribution, str]:
        """Ask those who kept no list of files; where they share a name, what their source held."""
        module = path.replace(os.sep, "/")
        claimants = [member for claim, member in self._claims if _is_below(module, claim)]
        if len(claimants) > 1:
            sure = [member for member in claimants if _lists_as_source(member, module)]
            claimants = sure or claimants
        return dict.fromkeys(claimants, "")

    def _renamed(self, file: str, path: str) -> Mapping[Distribution, str]:
        """Ask whether the file is listed by a name in other cases that is no more there."""
        found: dict[Distribution, str] = {}
        base = file[: len(file) - len(path)]
        for member in self._folded_tops.get(path.partition(os.sep)[0].casefold(), ()):
            for listed, digest in self._listings[member].by_path.items():
                if listed.casefold() == path.casefold() and not os.path.exists(base + listed):
                    found[member] = digest
        return found

    @cached_property
    def _folded_tops(self) -> Mapping[str, tuple[Distribution, ...]]:
        found: dict[str, tuple[Distribution, ...]] = defaultdict(tuple)
        for top, members in self.tops.items():
            found[top.casefold()] += members
        return found

    @cached_property
    def _claims(self) -> tuple[tuple[str, Distribution], ...]:
        """What is claimed and in no list: Debian splits `pkg_resources` off, with no metadata."""
        without = [member for member in self._members if member.record_text is None]
        return tuple(
            (_folded(claim).replace(os.sep, "/"), member)
            for member in without
            for claim in member.claims
            if not _holds(member.record, claim)
        )

    @cached_property
    def _outside(self) -> Mapping[str, Mapping[Distribution, str]]:
        """What is listed as "../../bin/x" or absolutely, by its absolute path."""
        found: dict[str, dict[Distribution, str]] = defaultdict(dict)
        for member in (*self.tops.get("..", ()), *self.tops.get("", ())):
            for path, digest in self._listings[member].outside.items():
                absolute = os.path.normpath(os.path.join(self._location, path))
                found[_folded(absolute)][member] = digest
        return found


def _as_it_is(path: str) -> str:
    return path


# Where file names differ by case, which is asked thousands of times, nothing is to be done.
_folded = _as_it_is if os.path.normcase("A/b") == "A/b" else os.path.normcase


def _first(found: Iterable[Mapping[Distribution, str]]) -> Mapping[Distribution, str]:
    return next(filter(None, found), {})


def _bears(file: str, recorded: str) -> bool:
    try:
        with open(file, "rb") as opened:
            return bears(opened.read(), recorded)
    except FileNotFoundError:
        return False


def _holds(record: Iterable[str], claim: str) -> bool:
    return any(_is_below(path, claim) for path in record)


def _is_below(module: str, claim: str) -> bool:
    """Return whether a module file is the claimed module ("six.py"), or stands in that package."""
    return module.startswith((claim + "/", claim + "."))


def _lists_as_source(member: Distribution, module: str) -> bool:
    """Return whether the source, whose root we do not know, held the file of a module."""
    sources = f"\n{member.sources}\n"
    return f"\n{module}\n" in sources or f"/{module}\n" in sources
