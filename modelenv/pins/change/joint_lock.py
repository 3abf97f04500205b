"""One lock for several targets: the files that each may use, under markers that part them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from ...base import VERSION
from ...base.siblings import envfiles, resolver
from ...base.text import counted, few
from ..lock_entries import admitted, environment_marker, lock_entries
from ..pin_set import pinned_versions
from .locking import LockedPins, LockQuestion
from .other_targets import OtherTargets

_Key = tuple[str, str, str]
"""A distribution of a lock: its name, and its version or the reference that it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedTarget:
    """The part of a lock for several targets that is for one of them."""

    name: str
    packages: int
    moved: tuple[tuple[str, str, str], ...] = ()
    """Distributions at another version than the proven one: name, proven version, version here."""
    besides: tuple[str, ...] = ()
    """Distributions that only this target needs, with their versions."""
    without: tuple[str, ...] = ()
    """The names that are pinned, and not needed here."""
    own: bool = False
    """Whether it is the target of the folder's own pins."""

    @property
    def difference(self) -> str:
        """The differences from the folder's own pins, as text."""
        if self.own:
            return "the folder's own pins"
        parts = [f"{name} {after} for {before}" for name, before, after in self.moved]
        parts += [f"besides {few(self.besides)}"] if self.besides else []
        parts += [f"without {few(self.without)}"] if self.without else []
        return "; ".join(parts) or "the same pins"

    def __str__(self) -> str:
        """Return the name and the differences from the folder's own pins."""
        return next(told_together([self]))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        moved = [{"name": name, "from": old, "to": new} for name, old, new in self.moved]
        return {
            "name": self.name,
            "packages": self.packages,
            "own": self.own,
            "moved": moved,
            "besides": list(self.besides),
            "without": list(self.without),
        }


def told_together(targets: Iterable[LockedTarget]) -> Iterator[str]:
    """Yield the differences of several targets; targets with the same ones share a line.

    >>> several = [LockedTarget(name=each, packages=2) for each in ("3.12-win_amd64", "3.13-win32")]
    >>> print(*told_together(several))
    3.12-win_amd64, 3.13-win32: 2 distributions, the same pins
    """
    alike: dict[str, list[str]] = {}
    for each in targets:
        said = f"{counted(each.packages, 'distribution')}, {each.difference}"
        alike.setdefault(said, []).append(each.name)
    yield from (f"{', '.join(names)}: {said}" for said, names in alike.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class JointLock:
    """The lock for several targets, and its parts."""

    pins: LockedPins
    """Those of the folder's own target, with the lock of all."""
    targets: tuple[LockedTarget, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JointQuestion:
    """Pins to lock for several targets; the first target is their own."""

    question: LockQuestion
    """That of their own target."""
    own_name: str
    targets: Mapping[str, resolver.Target]
    """The others, by their names."""
    excluded: tuple[str, ...] = ()
    """Required distributions that the model does without."""

    def joined(self, own: LockedPins) -> JointLock:
        """Return one lock for all targets; `own` are the locked pins of their own target.

        These stay as they are. If a hash of some file is unavailable, there is no lock. Raises the
        resolver's errors, `AlikeTargetsError` among them, UnknownHostError.
        """
        if own.lock is None:
            return JointLock(pins=own)
        asked = OtherTargets(
            question=self.question,
            own=own,
            targets=self.targets,
            excluded=self.excluded,
            alone=self.question.alone(pinned_versions(own.entries)),
        )
        answers = asked.answers()
        each = {self.own_name: own}
        for name, answer in answers.items():
            each[name] = self._located(name, answer, asked.references)
        missing = tuple(f"{name}: {said}" for name, found in each.items() for said in found.missing)
        chosen = {name: [*asked.of_answer(answer)] for name, answer in answers.items()}
        notes = (*own.notes, *_notes(chosen, each), *asked.notes(answers))
        together = replace(own, notes=notes, missing=missing, found=_files(each.values()))
        if missing:
            return JointLock(pins=replace(together, lock=None))
        lock = replace(self._lock(each), as_of=own.lock.as_of)
        told = tuple(self._told(name, each[name], own) for name in each)
        return JointLock(pins=replace(together, lock=lock), targets=told)

    def _located(
        self, name: str, answer: resolver.Resolution, references: Iterable[envfiles.Entry]
    ) -> LockedPins:
        """Find the files of another target's pins, also of those with a direct reference."""
        question, target = self.question, self.targets[name]
        pins = question.pins
        hashes = {} if pins.closed else {entry.requirement: entry.hashes for entry in pins.entries}
        comments = {entry.name: entry.comment for entry in pins.entries}
        there = [e for e in references if not e.marker or target.admits(Marker(e.marker))]
        resolved = (
            envfiles.Entry(
                str(pin.requirement),
                comments.get(pin.name) or f"via {', '.join(pin.via)}",
                hashes=hashes.get(str(pin.requirement), ()),
            )
            for pin in answer.pins
        )
        entries = (*resolved, *there)
        question.sources.report(f"looking for the files of {name}")
        found = question.files_of(pinned_versions(entries), target)
        found, refused = admitted(entries, found)
        packages, unlocked = lock_entries(entries, found.files)
        return LockedPins(
            entries=entries,
            lock=envfiles.Lock(packages=packages),
            missing=(*found.missing, *refused, *unlocked, *_iter_unfit(there, target)),
            found=found,
        )

    def _lock(self, each: Mapping[str, LockedPins]) -> envfiles.Lock:
        """Join the locks of all targets."""
        targets = self._every
        where: dict[_Key, dict[str, envfiles.Locked]] = {}
        for name, found in each.items():
            assert found.lock is not None
            for locked in found.lock.packages:
                where.setdefault(_key(locked), {})[name] = locked
        packages = (
            replace(
                next(iter(there.values())),
                marker=_marker(key, there, targets),
                artifacts=_every_file(there.values()),
            )
            for key, there in where.items()
        )
        own = self.question.target
        return envfiles.Lock(
            packages=tuple(packages),
            python=own.python_version,
            requires_python=f">={min((_minor(t) for t in targets.values()), key=_number)}",
            environments=tuple(
                dict.fromkeys(
                    environment_marker(target, python=True) for target in targets.values()
                )
            ),
            created_by=f"modelenv {VERSION}",
            resolved=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            targets=tuple(targets),
        )

    @property
    def _every(self) -> Mapping[str, resolver.Target]:
        return {self.own_name: self.question.target, **self.targets}

    def _told(self, name: str, found: LockedPins, own: LockedPins) -> LockedTarget:
        """Compare what a target has with the folder's own pins."""
        here, there = _versions(own), _versions(found)
        both = here.keys() & there.keys()
        moved = ((each, here[each], there[each]) for each in sorted(both))
        return LockedTarget(
            name=name,
            packages=len(there),
            moved=tuple(each for each in moved if each[1] != each[2]),
            besides=tuple(f"{each} {there[each]}" for each in sorted(there.keys() - here.keys())),
            without=tuple(sorted(here.keys() - there.keys())),
            own=name == self.own_name,
        )


def _marker(
    key: _Key, there: Mapping[str, envfiles.Locked], targets: Mapping[str, resolver.Target]
) -> str:
    """Return the marker that is true on the targets that install something, and on no other."""
    outside = {name: target for name, target in targets.items() if name not in there}
    try:
        return resolver.parting_marker([targets[name] for name in there], [*outside.values()])
    except resolver.AlikeTargetsError as error:
        alike = (
            name for name in targets if error.markers.items() <= {*targets[name].markers.items()}
        )
        raise resolver.AlikeTargetsError(error.markers, tuple(alike), key[0]) from None


def _iter_unfit(references: Iterable[envfiles.Entry], target: resolver.Target) -> Iterator[str]:
    """Yield a sentence for each directly referenced wheel that does not fit a target."""
    known = frozenset(target.wheel_tags())
    for each in references:
        name = unquote(urlsplit(Requirement(each.requirement).url or "").path.rpartition("/")[2])
        if name.endswith(".whl") and known.isdisjoint(_tags(name)):
            yield f"{each.name}: {name} is not for this platform and Python"


def _tags(wheel: str) -> Iterator[str]:
    """Yield the tags of a wheel; none for an invalid name, which no installer accepts."""
    with suppress(InvalidWheelFilename):
        yield from map(str, parse_wheel_filename(wheel)[3])


def _every_file(each: Iterable[envfiles.Locked]) -> tuple[envfiles.LockedFile, ...]:
    files = {file.file: file for locked in each for file in locked.artifacts}
    return tuple(files.values())


def _files(each: Iterable[LockedPins]) -> resolver.Artifacts:
    """Join the files that were found for several targets."""
    files: dict[str, tuple[resolver.Artifact, ...]] = {}
    for found in each:
        for name, known in found.found.files.items():
            files[name] = tuple(dict.fromkeys((*files.get(name, ()), *known)))
    return resolver.Artifacts(files)


def _notes(chosen: Mapping[str, Sequence[str]], each: Mapping[str, LockedPins]) -> Iterator[str]:
    """Yield the notes on targets, each sentence once, with the names of its targets.

    `chosen` has notes on the versions of the others; the files that were found for each have notes
    too.
    """
    said: dict[str, list[str]] = {}
    for name, found in each.items():
        for note in dict.fromkeys((*chosen.get(name, ()), *found.found.notes)):
            said.setdefault(note, []).append(name)
    for note, names in said.items():
        yield note if len(names) == len(each) else f"{', '.join(names)}: {note}"


def _versions(found: LockedPins) -> dict[str, str]:
    packages: Sequence[envfiles.Locked] = found.lock.packages if found.lock else ()
    return {each.name: each.version or each.reference for each in packages}


def _key(locked: envfiles.Locked) -> _Key:
    return (locked.name, locked.version, locked.reference)


def _minor(target: resolver.Target) -> str:
    return target.markers["python_version"]


def _number(python: str) -> tuple[int, ...]:
    return tuple(map(int, python.split(".")))
