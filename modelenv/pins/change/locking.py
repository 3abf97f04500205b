"""Locking pins for a target: as they are if they are complete, else resolved from their lines.

Nothing is written: the callers lock a folder with the result, or put it into an image.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ...base.files.hashing import digest
from ...base.siblings import envfiles, resolver
from ...base.text import counted
from ...environments.spec import bundled_wheels
from ..lock_entries import admitted, lock_entries, make_lock
from ..package_sources import PIP_CONFIGURATION, PackageSources
from ..pin_set import PinnedVersion, PinSet, applies, is_floating, pinned_versions
from .obtainable import obtainable

Places = Mapping[tuple[str, str], envfiles.Location]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPins:
    """The lines of an environment, and the files from which each may be installed."""

    entries: tuple[envfiles.Entry, ...]
    lock: envfiles.Lock | None
    """None if no hash could be found for some file."""
    missing: tuple[str, ...]
    """A sentence for each file without a hash."""
    found: resolver.Artifacts
    notes: tuple[str, ...] = ()
    """Sentences about differences from the lines."""
    resolved: str | None = None
    """When the set was resolved: date and time in UTC. None: the pins existed before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockQuestion:
    """The inputs of a lock: pins, a target, and the sources of their files."""

    pins: PinSet
    sources: PackageSources
    target: resolver.Target
    places: Places
    """The file and line of each entry, by its key."""
    anew: bool = False
    """Whether the set is resolved without regard to what is installed, as for another platform."""
    given: Sequence[Any] | None = None
    """Sources to use instead of the configured ones; None: the configured ones."""

    def answer(self) -> LockedPins:
        """Return the lines with their files. Raises the resolver's errors, UnknownHostError."""
        report, pins = self.sources.report, self.pins
        resolved = None
        if self.anew or not is_whole(pins, self.target):
            resolved = datetime.now(timezone.utc).isoformat(timespec="seconds")
            count = counted(len(pins.entries), "requirement")
            report(f"resolving {count} for Python {self.target.python_version}")
            entries, notes = self._resolved()
        else:
            entries, notes = _applicable(pins, self.target), ()
        report(f"looking for the files of {counted(len(entries), 'distribution')}")
        locked = self._locked(entries)
        as_of = self.sources.indexes.dated
        lock = locked.lock and replace(locked.lock, resolved=resolved or "", as_of=as_of)
        return replace(locked, lock=lock, notes=notes, resolved=resolved)

    def files_of(
        self, versions: Sequence[PinnedVersion], target: resolver.Target, *, every: bool = False
    ) -> resolver.Artifacts:
        """Find the files of pins for a target.

        A pin that exists only there is looked for nowhere else: anybody may publish its name on an
        index. If an index lists the very wheel that travels, it is of the same project, and what
        that has for this target is found. Raises the resolver's errors, UnknownHostError.
        """
        found = self.sources.find(versions, target, self.given, every=every)
        lacking = [each for each in versions if each.name not in found.files]
        bundled = {each: self._bundled(each) for each in lacking}
        if not any(bundled.values()):
            return found
        places = self.sources.configured(target) if self.given is None else self.given
        listed = [each for each, file in bundled.items() if file and _is_listed(each, file, places)]
        elsewhere = replace(self.sources, wheels=PIP_CONFIGURATION.wheels)
        more = elsewhere.find(listed, target, self.given, every=every)
        gone = {f"{each.name} {each.version}" for each in listed}
        return replace(
            found,
            files={**found.files, **more.files},
            lacking={k: v for k, v in found.lacking.items() if k not in gone} | {**more.lacking},
            notes=(*found.notes, *more.notes),
            later={**found.later, **more.later},
            standings=(*found.standings, *more.standings),
        )

    def alone(self, pins: Iterable[PinnedVersion]) -> tuple[tuple[PinnedVersion, Path], ...]:
        """Return the pins with a travelling wheel that no index lists, and that wheel.

        An index's project of that name is another one. Raises the resolver's errors.
        """
        bundled = [(each, file) for each in pins if (file := self._bundled(each))]
        if not bundled:
            return ()
        places = self.sources.configured(self.target) if self.given is None else self.given
        return tuple((each, file) for each, file in bundled if not _is_listed(each, file, places))

    def _bundled(self, pin: PinnedVersion) -> Path | None:
        return bundled_wheels(self.sources.wheels).get((pin.name, pin.version))

    def _locked(self, entries: tuple[envfiles.Entry, ...]) -> LockedPins:
        """Find the files of lines."""
        hashed = any(entry.hashes for entry in entries)
        versions = pinned_versions(entries)
        found = self.files_of(versions, self.target, every=hashed)
        found, refused = admitted(entries, found)
        packages, unlocked = lock_entries(entries, found.files)
        unnamed = (f"{line}: it names no version" for line in self.pins.spec.unnamed)
        missing = (*found.missing, *refused, *unlocked, *unnamed)
        lock = None if missing else make_lock(packages, self.target)
        return LockedPins(entries=entries, lock=lock, missing=missing, found=found)

    def _resolved(self) -> tuple[tuple[envfiles.Entry, ...], tuple[str, ...]]:
        """Resolve the lines; return the pinned entries and notes."""
        pins = self.pins
        asked, changed = self._asked()
        merged = resolver.merge(
            (),
            pip_requirements=asked,
            constraints=self.sources.read(
                pins.spec.constraints, layer="constraints", constraint=True
            ),
            provided=pins.provided_by_conda(),
            target=self.target,
        )
        here = resolver.Installed.current
        nothing, as_of = resolver.Installed((), self.target), self.sources.indexes.as_of
        installed = nothing if self.anew else pins.installed(here(), as_of)
        heard = replace(merged, dropped=())  # who locks says what it leaves out
        resolution = self.sources.resolve(heard, installed, sources=self.given)
        comments = {entry.name: entry.comment for entry in pins.entries}
        entries = (
            envfiles.Entry(
                str(pin.requirement),
                comments.get(pin.name, f"via {', '.join(pin.via)}"),
                hashes=pin.hashes,
            )
            for pin in resolution.pins
        )
        return tuple(entries), (*changed, *resolution.notes)

    def _asked(self) -> tuple[resolver.Lines, tuple[str, ...]]:
        """Return the lines with their locations, and notes on those that were changed.

        The hashes of a closure are dropped, since they may be those of one platform; hashes of
        other lines are kept.
        """
        pins = self.pins
        texts = [entry.requirement for entry in pins.entries]
        changed: tuple[str, ...] = ()
        if not pins.closed:
            texts, changed = obtainable(
                texts, self.target, self.sources.options, self.sources.settings
            )
            pairs = zip(texts, pins.entries, strict=True)
            texts = [" ".join((text, *entry.options)) for text, entry in pairs]
        read = self.sources.read(texts, layer="requirements.txt")
        lines = tuple(placed(each, self.places) for each in read.requirements)
        return replace(read, requirements=lines), changed


def _is_listed(pin: PinnedVersion, wheel: Path, places: Sequence[Any]) -> bool:
    """Tell whether some place lists a wheel by its name and hash."""
    hashes = (f"sha256:{digest(wheel)}",)
    return any(
        link.file == wheel.name and resolver.bears_one_of(link.url, link.digests, hashes)
        for place in places
        if isinstance(place, resolver.FileSource)
        for link in place.links(pin.name)
    )


def is_whole(pins: PinSet, target: resolver.Target) -> bool:
    """Return whether the pins are a closure for a target, and each is exactly one version."""
    return pins.closed and not any(map(is_floating, _applicable(pins, target)))


def _applicable(pins: PinSet, target: resolver.Target) -> tuple[envfiles.Entry, ...]:
    """Return the lines whose markers are true for a target."""
    return tuple(each for each in pins.entries if applies(each, target))


def placed(line: resolver.Line, places: Places) -> resolver.Line:
    """Return a line with the file and the line where it stands, instead of a place in a list."""
    marker = str(line.requirement.marker or "")
    place = places.get((canonicalize_name(line.requirement.name), marker))
    if place is None:
        return line
    return replace(line, origin=replace(line.origin, place=str(place)))
