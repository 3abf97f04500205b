"""Whose a file is: from RECORD, by the file and not by the name of a module."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH110, PTH118, PTH119, PTH123, PTH206
import hashlib
import os
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from .listing import Listing
from .record import record_digest

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

    def owners(self, file: str, module: str = "") -> tuple[Distribution, ...]:
        """Return those who list `file`, an absolute path, as spelled or else by its realpath.

        By the latter `module`, where it is given, has to be the same module.
        """
        found = self._find(file)
        if found or (real := os.path.realpath(file)) == file:
            return found
        return () if module and _is_renamed(module, file, real) else self._find(real)

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

    def _find(self, file: str) -> tuple[Distribution, ...]:
        owners: Mapping[Distribution, str] = {}
        for entry in self._entries:
            if owners := entry.inside(file):
                break
        owners = owners or _first(entry.outside(file) for entry in self._entries)
        if len(owners) < 2:
            return tuple(owners)
        wrong = [owner for owner, digest in owners.items() if digest and not _bears(file, digest)]
        # Where all are wrong somebody changed the file, and it still is theirs.
        return tuple(owner for owner in owners if owner not in wrong) or tuple(owners)


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
        for prefix in self._prefixes:
            if file.startswith(prefix):
                path = _folded(file[len(prefix) :])
                return self._listed(path) or self._claimed(path) or self._renamed(file, path)
        return {}

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


def _is_renamed(module: str, link: str, real: str) -> bool:
    """Return whether a link makes a file another module: ``svc/io.py``, a link to ``pkg/io.py``."""
    parts = module.count(".") + 1 + os.path.basename(link).startswith("__init__.")
    return link.split(os.sep)[-parts:] != real.split(os.sep)[-parts:]


def _first(found: Iterable[Mapping[Distribution, str]]) -> Mapping[Distribution, str]:
    return next(filter(None, found), {})


def _bears(file: str, recorded: str) -> bool:
    """Return whether a file has the hash that RECORD gives, as "sha256=..." (PEP 376)."""
    algorithm = recorded.partition("=")[0]
    if algorithm not in hashlib.algorithms_available:
        return False
    try:
        with open(file, "rb") as opened:
            return record_digest(opened.read(), algorithm) == recorded
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
