"""The exported pins: those of the folder's lock, of its closed list, or newly resolved ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from packaging.markers import Marker
from packaging.requirements import Requirement

from ...base.siblings import envfiles, resolver
from ...folder.documents.names import LOCK
from ...folder.model_folder import ModelFolder
from ...pins.change.locking import LockQuestion, is_whole
from ...pins.lock_entries import is_reference
from ...pins.package_sources import PackageSources
from ...pins.pin_set import PinSet
from ...wheels.model_lock import as_wheels
from ...wheels.target_locks import locked_for, narrowed
from ...wheels.targets import parse_target
from ..errors import NotExportedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A closed set of pins for one interpreter on one platform."""

    entries: tuple[envfiles.Entry, ...]
    """One version or reference for each name, with its reasons and hashes, sorted by name."""
    target: resolver.Target
    roots: frozenset[str]
    """The names that are roots, and not only dependencies."""
    files: Mapping[str, envfiles.Locked]
    """The files of each name, if a lock names them."""
    notes: tuple[str, ...] = ()

    @property
    def is_hashed(self) -> bool:
        """Whether every pin has the hash of a file."""
        return all(each.hashes for each in self.entries)

    @property
    def lines(self) -> tuple[str, ...]:
        """The pins as requirements, without markers, which are true."""
        return tuple(map(plain, self.entries))


def plain(entry: envfiles.Entry) -> str:
    """Return a pin without its marker.

    >>> plain(envfiles.Entry("numpy==2.4.6; sys_platform == 'linux'"))
    'numpy==2.4.6'
    """
    if not entry.marker:
        return entry.requirement
    asked = Requirement(entry.requirement)
    asked.marker = None
    return str(asked)


def pinned(folder: ModelFolder, target: str | None, sources: PackageSources) -> Pinned:
    """Return the pins of a model, for its own interpreter or for a `target` (``3.12-win_amd64``).

    They are those of a lock of the folder that agrees with its lines, else of a closed list; an
    open list, or one for another target, is resolved from the index. Raises NotExportedError for
    pins that cannot be locked, the resolver's errors, and WrongUseError for an invalid target.
    """
    pins = as_wheels(folder, sources.report)
    aim = parse_target(target) if target else pins.target()
    lock = _own_lock(folder, pins, aim, target)
    if lock is None and not folder.mlmodel.provided:
        lock = locked_for(folder, aim)
    if lock is not None:
        lock = narrowed(lock, aim) or lock
        return _of(pins, _entries_of(lock, pins, aim), lock, aim)
    if target is None and is_whole(pins, aim):
        return _of(pins, pins.applicable(), None, aim)
    found = LockQuestion(
        pins=pins, sources=sources, target=aim, places=folder.places, anew=target is not None
    ).answer()
    if found.lock is None:
        way = "`modelenv lock` says the same; name an index or a folder that has them"
        raise NotExportedError(str(folder.path), "; ".join(found.missing), way)
    entries = tuple(_entries_of(found.lock, pins, aim))
    chosen = f"the set was resolved now ({found.resolved}), and nothing has predicted with it"
    notes = (*([chosen] if found.resolved else []), *found.notes)
    return replace(_of(pins, entries, found.lock, aim), notes=notes)


def _of(
    pins: PinSet,
    entries: Iterator[envfiles.Entry] | tuple[envfiles.Entry, ...],
    lock: envfiles.Lock | None,
    target: resolver.Target,
) -> Pinned:
    listed = tuple(sorted(entries, key=lambda each: each.name))
    names = frozenset(each.name for each in listed)
    return Pinned(
        entries=listed,
        target=target,
        roots=frozenset(each.name for each in pins.roots) & names or names,
        files=lock.by_name if lock is not None else {},
    )


def _own_lock(
    folder: ModelFolder, pins: PinSet, aim: resolver.Target, target: str | None
) -> envfiles.Lock | None:
    """Return the folder's lock for a target if it agrees with the folder's lines; else None."""
    name = f"pylock.py{target.replace('.', '')}.toml" if target else LOCK
    text = envfiles.read_text(folder.path / name, within=folder.path)
    if text is None or not envfiles.knows_pylock():
        return None
    lock = envfiles.read_pylock(text, file=str(folder.path / name))
    if lock.environments and not any(aim.admits(Marker(each)) for each in lock.environments):
        return None
    locked = {each.name: each for each in _iter_admitted(lock, aim)}
    asked = {each.name: each for each in pins.entries if _counts(each.marker, aim)}
    whole = target is None and pins.closed
    same = asked.keys() == locked.keys() if whole else asked.keys() <= locked.keys()
    return (
        lock if same and all(_meets(locked[name], each) for name, each in asked.items()) else None
    )


def _iter_admitted(lock: envfiles.Lock, aim: resolver.Target) -> Iterator[envfiles.Locked]:
    yield from (each for each in lock.packages if _counts(each.marker, aim))


def _counts(marker: str, aim: resolver.Target) -> bool:
    return not marker or aim.admits(Marker(marker))


def _meets(locked: envfiles.Locked, entry: envfiles.Entry) -> bool:
    """Return whether a locked version or reference satisfies a line."""
    if is_reference(entry) or not locked.version:
        url = Requirement(entry.requirement).url or ""
        return (
            bool(locked.reference) and url.partition("#")[0] == locked.reference.partition("#")[0]
        )
    return Requirement(entry.requirement).specifier.contains(locked.version, prereleases=True)


def _entries_of(
    lock: envfiles.Lock, pins: PinSet, aim: resolver.Target
) -> Iterator[envfiles.Entry]:
    """Yield the pins of a lock, with the comments and options of the folder's lines."""
    for each in _iter_admitted(lock, aim):
        said = pins.get(each.name)
        extras = ",".join(sorted(Requirement(said.requirement).extras)) if said else ""
        name = f"{each.name}[{extras}]" if extras else each.name
        own, *further = (said.comment, *said.evidence) if said else (each.reasons or ("",))
        yield envfiles.Entry(
            f"{name} @ {each.reference}" if each.reference else f"{name}=={each.version}",
            own,
            hashes=each.hashes,
            evidence=tuple(further),
            settings=said.settings if said else (),
        )
