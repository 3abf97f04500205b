"""Locking a saved model: every file of its environment with its hash, for one target."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..base.arguments import texts
from ..base.doors import door
from ..base.errors import WrongUseError
from ..base.indexes import AS_CONFIGURED, Indexes
from ..base.settings import Settings
from ..base.siblings import envfiles, resolver
from ..base.text import brief, counted
from ..environments.spec import Report, silent
from ..folder.documents.names import LOCK
from ..folder.model_folder import ModelFolder
from ..folder.rewrite import redone, rewriting, target_options
from ..pins.change.idle_lines import unhashed_notes, unlocked_notes
from ..pins.change.joint_lock import JointLock, JointQuestion, LockedTarget, told_together
from ..pins.change.locking import LockedPins, LockQuestion
from ..pins.lock_entries import is_hashed, with_hashes
from ..pins.pin_set import is_floating
from ..wheels.targets import parse_target, parse_targets, platform_name

Answer = Callable[[LockQuestion], LockedPins]
"""The function that answers the question of a lock; raises the resolver's errors, UnknownHostError.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locking:
    """The result of locking a model."""

    path: Path
    file: str
    """The file name of the lock in the folder."""
    lock: envfiles.Lock | None
    """None if no hash could be found for some file: then nothing was written."""
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    hashes: bool
    """Whether requirements.txt has the hashes too."""
    floating: tuple[str, ...] = ()
    """The names that no line of the folder pinned; the lock records the versions chosen for them.
    """
    resolved: str | None = None
    """When the set was resolved: date and time in UTC. None: the pins existed before.

    A resolved set is unproven: no prediction has been made with it.
    """
    as_of: str | None = None
    """The moment after which no file of it was received by an index (RFC 3339). None: any time."""
    targets: tuple[LockedTarget, ...] = ()
    """Its part for each of several targets, the folder's own first; empty: it is for one."""

    def __str__(self) -> str:
        """Return a short report, one fact per line."""
        if self.lock is None:
            lines = [f"{self.path}: not locked, and nothing was written"]
            lines += [f"  {each}" for each in self.missing]
            lines += [f"asked as of {resolver.told_moment(self.as_of)}"] if self.as_of else []
            return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])
        files = sum(len(each.artifacts) for each in self.lock.packages)
        also = ", requirements.txt has their hashes" if self.hashes else ""
        packages = counted(len(self.lock.packages), "distribution")
        head = f"{self.path}/{self.file}: {packages}, {counted(files, 'file')}"
        told = (f"  {each}" for each in told_together(self.targets))
        notes = (f"note: {note}" for note in self.notes)
        return "\n".join([head + also, *told, *self.choice, *notes])

    @property
    def choice(self) -> Iterator[str]:
        """Yield sentences about what was chosen: the moment, and the names that were not pinned."""
        if self.resolved is not None:
            when = resolver.told_moment(self.as_of) if self.as_of else self.resolved
            yield f"resolved as of {when}; unproven: nothing has predicted with this set"
        elif len(self.targets) > 1:
            yield f"unproven but for {self.targets[0].name}: verify it where it is to run"
        elif self.as_of is not None:
            when = resolver.told_moment(self.as_of)
            yield f"the files as of {when}: what an index received later is left out"
        if self.floating:
            yield f"floating in the folder, and locked: {', '.join(self.floating)}"

    def __repr__(self) -> str:
        """Return its first line, short."""
        return brief(self)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        packages = self.lock.packages if self.lock else ()
        return {
            "schema": 1,
            "path": str(self.path),
            "file": self.file if self.lock else None,
            "packages": [
                {
                    "name": each.name,
                    "version": each.version,
                    "marker": each.marker,
                    "files": [artifact.file for artifact in each.artifacts],
                    "hashes": list(each.hashes),
                }
                for each in packages
            ],
            "hashes": self.hashes,
            "floating": list(self.floating),
            "resolved": self.resolved,
            "as_of": self.as_of,
            "targets": [each.to_json() for each in self.targets],
            "proof": None if self.resolved is None else {"status": "unproven"},
            "missing": list(self.missing),
            "notes": list(self.notes),
        }


@door
def lock_model(
    folder: str | os.PathLike[str],
    *,
    target: str | None = None,
    platforms: Sequence[str] = (),
    pythons: Sequence[str] = (),
    hashes: bool = False,
    upgrade: bool = False,
    sources: Sequence[Any] | None = None,
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
) -> Locking:
    """Write pylock.toml (PEP 751) for the pins of a saved model, with URLs, sizes and hashes.

    With `target`, as ``3.12-win_amd64``, the pins are resolved for it from the index, and the lock
    is a `pylock.<target>.toml` of its own. With `platforms`, as ``win_amd64``, ``macosx_arm64`` or
    ``manylinux_2_34_x86_64``, and `pythons`, as ``3.12``, the one lock is for each combination, and
    for the model's own target. That one's pins stay; on others an unavailable pin gets the nearest
    available version, with markers. With `hashes` requirements.txt and conda.yaml have the hashes
    too. The date of the resolution (`as_of` of `indexes`) is recorded, and applies to later locks
    and edits of the folder until `upgrade` forgets it; that takes the newest versions of what no
    line pins, whatever is installed here. `sources` are asked for the files; None: those of the
    folder's options and of pip's configuration, which `indexes` override. Files that exist only on
    this machine are copied into `wheels/`. If the hash of a file is unavailable, nothing is
    written. `report` is called with what takes time. Raises the resolver's errors, WrongUseError,
    InvalidFile, and TargetChanged if others change the folder meanwhile, again and again.
    """
    return lock_by(
        LockQuestion.answer,
        folder,
        target=target,
        platforms=texts("platforms", platforms),
        pythons=texts("pythons", pythons),
        hashes=hashes,
        upgrade=upgrade,
        sources=sources,
        indexes=indexes,
        report=report,
    )


def lock_by(
    answer: Answer,
    folder: str | os.PathLike[str],
    *,
    target: str | None = None,
    platforms: Sequence[str] = (),
    pythons: Sequence[str] = (),
    hashes: bool = False,
    upgrade: bool = False,
    sources: Sequence[Any] | None = None,
    indexes: Indexes = AS_CONFIGURED,
    report: Report = silent,
) -> Locking:
    """Lock a saved model as `lock_model` does, with an `answer` that several models may share."""

    def lock(model: ModelFolder) -> Locking:
        return _locked(
            model,
            answer,
            target=target,
            platforms=platforms,
            pythons=pythons,
            hashes=hashes,
            upgrade=upgrade,
            sources=sources,
            indexes=indexes,
            report=report,
        )

    return redone(folder, lock, report)


@door
def named_hosts(
    folder: str | os.PathLike[str], indexes: Indexes = AS_CONFIGURED
) -> tuple[str, ...]:
    """Return the hosts of indexes that the folder names, and that locking it would ask.

    Raises InvalidFile if the folder's files cannot be read.
    """
    model = ModelFolder.at(folder)
    return model.sources(Settings.from_environment().environment).hosts(indexes)


def _locked(
    model: ModelFolder,
    answer: Answer,
    *,
    target: str | None,
    platforms: Sequence[str],
    pythons: Sequence[str],
    hashes: bool,
    upgrade: bool,
    sources: Sequence[Any] | None,
    indexes: Indexes,
    report: Report,
) -> Locking:
    """Lock a model as it was read. Raises TargetChanged if it has changed since."""
    pins = model.pins
    environment = Settings.from_environment().environment
    places = model.sources(environment)
    places = (places.undated() if upgrade else places).with_indexes(indexes, report)
    several = bool(platforms or pythons)
    if several and target:
        raise WrongUseError("a lock is for one target, or for platforms and Pythons: not for both")
    own = _made_on(model) if several else pins.target()
    question = LockQuestion(
        pins=pins,
        sources=places,
        target=parse_target(target) if target else own,
        places=model.places,
        anew=target is not None or (upgrade and not pins.whole),
        given=sources,
    )
    wanted = parse_targets(platforms, pythons, own) if several else {}
    joint = _joint(model, question, wanted, answer(question))
    found = joint.pins
    name = f"pylock.py{target.replace('.', '')}.toml" if target else LOCK
    lock = found.lock
    write_hashes = hashes and target is None and lock is not None and is_hashed(lock)
    locking = Locking(
        path=model.path,
        file=name,
        lock=lock,
        missing=found.missing,
        notes=found.notes,
        hashes=write_hashes,
        floating=tuple(dict.fromkeys(each.name for each in pins.applicable() if is_floating(each))),
        resolved=found.resolved,
        as_of=places.indexes.dated or None,
        targets=joint.targets,
    )
    dated = (*_iter_dated(model, indexes, upgrade=upgrade), *_iter_ahead(places.indexes))
    if lock is None:
        return replace(locking, notes=(*(() if upgrade else dated), *found.notes))
    locked = with_hashes(pins.spec, (*found.entries, *pins.idle), lock)
    besides = [*_iter_notes(model, found.entries, lock, hashes=hashes)]
    besides += unhashed_notes(locked.requirements, pins.target()) if write_hashes else ()
    fewer = () if several or target else _iter_fewer(model)
    said = tuple(dict.fromkeys((*dated, *fewer, *found.notes, *besides, *found.found.notes)))
    with rewriting(model) as copy:
        spec = locked if write_hashes else replace(pins.spec, lock=lock)
        copy.write_lock(name, spec, found.found)
    return replace(locking, notes=(*said, *copy.notes))


def _made_on(model: ModelFolder) -> resolver.Target:
    """Return the target that the pins are of: this one unless the folder names another platform."""
    own = model.pins.target()
    name = platform_name({**own.markers, **model.trace.markers})
    same = name == platform_name(own.markers)
    return own if same else resolver.Target.of(model.pins.spec.python, name)


def _joint(
    model: ModelFolder,
    question: LockQuestion,
    targets: Mapping[str, resolver.Target],
    own: LockedPins,
) -> JointLock:
    """Lock for other targets too, if some are wanted."""
    if not targets:
        return JointLock(pins=own)
    markers = question.target.markers
    asked = JointQuestion(
        question=question,
        own_name=f"{markers['python_version']}-{platform_name(markers)}",
        targets=targets,
        excluded=_left_out(model),
    )
    return asked.joined(own)


def _left_out(model: ModelFolder) -> tuple[str, ...]:
    """Return the required distributions that a model does without, from any MLmodel."""
    ours = model.flavors.get("modelenv")
    said = ours.get("left_out") if isinstance(ours, dict) else None
    return tuple(sorted(said)) if isinstance(said, dict) else ()


def _iter_dated(model: ModelFolder, indexes: Indexes, *, upgrade: bool) -> Iterator[str]:
    """Yield sentences about the recorded date: whether it applies, and whether it is dropped."""
    recorded = model.dates.chosen
    if recorded is not None:
        said = f"as of {resolver.told_moment(recorded)}, as the folder records"
        if upgrade:
            yield f"{said}, no more: that is forgotten"
        elif indexes.as_of is None:
            yield f"{said}; modelenv lock -m {model.path} --upgrade forgets that"
    if upgrade and model.pins.whole:
        yield (
            "each of its lines pins a version, so none was chosen: modelenv upgrade finds newer"
            " ones with which it predicts the same"
        )


def _iter_fewer(model: ModelFolder) -> Iterator[str]:
    """Say that a lock of several targets gives way to one of one."""
    if options := target_options(model.path):
        again = f"modelenv lock -m {model.path}{options}"
        yield f"the lock before it was for other targets too: {again} makes one for all of them"


def _iter_ahead(indexes: Indexes) -> Iterator[str]:
    """Yield a warning if the moment is in the future: the same date may select more files later."""
    if indexes.moment is not None and indexes.moment > datetime.now(timezone.utc):
        yield f"{indexes.dated} is to come: what an index receives until then will count as well"


def _iter_notes(
    model: ModelFolder, entries: Sequence[envfiles.Entry], lock: envfiles.Lock, *, hashes: bool
) -> Iterator[str]:
    """Yield sentences about what the lock leaves out, and where another lock differs."""
    pins = model.pins
    hashless = ", ".join(each.name for each in lock.packages if not each.hashes)
    if hashes and hashless:
        yield f"requirements.txt has no hashes: pip can check none for {hashless}"
    yield from unlocked_notes(pins.entries, lock)
    project = envfiles.UvProject.read(model.path)
    if project is not None:
        for said in project.against(entries):
            yield f"{said}, from which MLflow's uv restores"
    if pins.spec.conda_dependencies:
        yield f"what conda installs is not locked: {', '.join(pins.spec.conda_dependencies)}"
    yield from pins.spec.notes
