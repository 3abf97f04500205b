"""Comparison of a lock with the lines beside it: different, missing and extra packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.markers import Marker
from packaging.requirements import Requirement

from ..credentials import strip
from ..errors import Fault, Location
from .pylock import PYLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..requirements.content import LocatedEntry, RequirementsContent
    from ..requirements.entry import Entry
    from .values import Lock, Locked

# The layout in which each of our releases writes a package: its name, then its version.
_PACKAGE = re.compile(
    r'^\[\[packages\]\]\nname = "([^"]+)"\n(?:version = "([^"]+)"\n)?', re.MULTILINE
)
_SHORTEST = 7  # digits of an abbreviated commit
_OURS = re.compile(r'^created-by = "modelenv ', re.MULTILINE)


def iter_lock_faults(
    file: str,
    lines: RequirementsContent,
    lock: Lock | None,
    environment: Mapping[str, str] | None = None,
    *,
    closed: bool = True,
) -> Iterator[Fault]:
    """Yield disagreements of a lock with the lines of a `file`; none if there is no lock.

    `environment` has the marker values of the target: only packages that are installed there are
    compared. Without it, or in a lock for several environments, the environment that the lock names
    as its own counts; if it names none, every package does. A list that is not `closed` leaves out
    the dependencies of its lines; the lock may have them.
    """
    if lock is None:
        return
    if environment is None or lock.is_for_several:
        environment = lock.own_environment or None
    locked: dict[str, list[Locked]] = {}
    for each in lock.packages if environment is None else lock.locked_for(environment):
        locked.setdefault(each.name, []).append(each)
    listed = [
        each
        for each in lines.located_entries()
        if environment is None or _admits(each.entry.marker, environment)
    ]
    for located in listed:
        yield from _iter_faults(located, locked.get(located.entry.name, []))
    names = {located.entry.name for located in listed}
    for name in sorted(locked.keys() - names if closed else ()):
        place = Location(PYLOCK, None, _keyed(locked[name][0]))
        yield Fault(place, f"{name} is missing in {file}")


def agrees_plainly(text: str, entries: Iterable[Entry]) -> bool:
    r"""Return whether a lock that we wrote surely has the versions of pinned lines, and no others.

    It is read as text, which takes a hundredth of the time. False is no answer: it may agree.

    >>> from envfiles import Entry
    >>> text = 'created-by = "modelenv 1"\n\n[[packages]]\nname = "six"\nversion = "1.17.0"\n'
    >>> agrees_plainly(text, [Entry("six==1.17.0")]), agrees_plainly(text, [Entry("six==1.16.0")])
    (True, False)
    """
    if _OURS.search(text) is None:
        return False
    found = _PACKAGE.findall(text)
    pinned = {}
    for entry in entries:
        if entry.marker or entry.version is None:
            return False
        if entry.hashes and not any(each.partition(":")[2] in text for each in entry.hashes):
            return False
        pinned[entry.name] = entry.version
    return len(found) == text.count("[[packages]]") == len(pinned) and dict(found) == pinned


def exclude(left: Iterable[str], right: Iterable[str]) -> bool:
    """Return whether hashes of one algorithm surely belong to different files."""
    one, other = set(left), set(right)
    kinds = [{each.partition(":")[0] for each in hashes} for hashes in (one, other)]
    return kinds[0] == kinds[1] and bool(one) and not one & other


def _iter_faults(located: LocatedEntry, locked: Sequence[Locked]) -> Iterator[Fault]:
    """Yield disagreements of the packages of one name with a line on it."""
    entry, place = located.entry, located.location
    if not locked:
        yield Fault(place, f"{entry.requirement} is missing in {PYLOCK}")
        return
    meeting = [each for each in locked if _meets(each, Requirement(entry.requirement))]
    if not meeting:
        there = ", ".join(dict.fromkeys(map(_said, locked)))
        yield Fault(place, f"{entry.requirement} here, {there} in {PYLOCK}")
    elif all(_is_of_other_files(each, entry) for each in meeting):
        yield Fault(place, f"{entry.name} has files of other hashes in {PYLOCK}")


def _is_of_other_files(locked: Locked, entry: Entry) -> bool:
    """Return whether a line's hashes admit no file of a package."""
    files = [file.hashes for file in locked.artifacts] or [locked.archive]
    return all(exclude(entry.hashes, hashes) for hashes in files)


def _meets(locked: Locked, asked: Requirement) -> bool:
    """Return whether a package satisfies a line; a reference is compared by its address."""
    if asked.url is not None:
        return _is_same_place(_place(asked.url), _place(locked.reference))
    return not locked.version or asked.specifier.contains(locked.version, prereleases=True)


def _place(url: str) -> str:
    return strip(url).partition("#")[0]


def _is_same_place(one: str, other: str) -> bool:
    """Return whether two addresses are the same; a commit may be abbreviated in either."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    commit = short.rpartition("@")[2]
    return "+" in one.partition("://")[0] and len(commit) >= _SHORTEST and long.startswith(short)


def _said(locked: Locked) -> str:
    return f"{locked.name} {locked.version or f'@ {locked.reference}'}"


def _keyed(locked: Locked) -> str:
    return f"{locked.name}; {locked.marker}" if locked.marker else locked.name


def _admits(marker: str, environment: Mapping[str, str]) -> bool:
    return not marker or Marker(marker).evaluate(dict(environment))
