"""Rewriting a model folder: a changed copy replaces it, or nothing happens."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..base.files.again import done_again
from ..base.files.disk import placing
from ..base.files.scratch import scratch_folder
from ..base.settings import Settings, find_uv
from ..base.siblings import envfiles, resolver
from ..environments.builders.uv import lock_project
from ..environments.spec import Report
from ..pins.lines import read_options
from ..pins.lock_entries import all_hashed_or_none
from ..pins.package_sources import WHEELS, PackageSources, travelling
from ..pins.pin_set import PinSet, renewed
from ..pins.reasons import Reasons
from ..pins.user_hashes import hashes_complete
from ..worker.verdict import Verdict, proof
from .bundling import prune_wheels
from .documents.dates import AS_OF
from .documents.names import LOCK
from .mlmodel import FILE
from .model_folder import ModelFolder

Made = TypeVar("Made")
_LOCKS = "pylock*.toml"
"""Locks, also of the environment; they are not derived from the pins alone, and get stale."""
UV_LOCK, PYPROJECT = UV_FILES = ("uv.lock", "pyproject.toml")
"""The files of the uv project that MLflow puts beside a model."""


def _to_change(folder: str | os.PathLike[str]) -> ModelFolder:
    return ModelFolder.at(folder, to_change=True)


def redone(
    folder: str | os.PathLike[str],
    change: Callable[[ModelFolder], Made],
    report: Report,
    *,
    longest: float = 60.0,
    most: int = sys.maxsize,
) -> Made:
    """Return `change` of a folder, repeated if others change the folder meanwhile.

    `change` writes by `rewriting`: the result is derived from the current folder, or not written.
    After `longest` seconds or `most` attempts it is refused. Raises as `done_again` does.
    """
    return done_again(folder, _to_change, change, report, longest=longest, most=most)


@contextmanager
def rewriting(model: ModelFolder) -> Iterator[Rewriting]:
    """Yield a copy of a folder to change; it replaces the folder at the end of the block.

    If the process is killed at any moment, or an error is raised, the folder is the old one or the
    new one. Raises TargetChanged if it differs from the model that was read, which was `to_change`,
    and the other errors of the store.

    Read the model only before the end of the block: afterwards another folder is there, and an
    error about it would be of one's own making.
    """
    assert model.as_read is not None
    staged = envfiles.stage(model.path, overwrite=True, since=model.as_read)
    with staged as staging, placing(model.path):
        staging.carry()
        yield Rewriting(model, staging)
        staging.commit()


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A copy of a model folder that will replace it, or stand beside it."""

    model: ModelFolder
    """The folder before the change."""
    staging: envfiles.Staging
    place: Path | None = None
    """Where the copy is to stand beside the folder, which stays; None: it replaces the folder."""

    @property
    def folder(self) -> Path:
        """The path of the copy."""
        return self.staging.folder

    @property
    def wheels(self) -> Path:
        """The folder of its wheels; it need not exist."""
        return self.folder / WHEELS

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user once it is in place."""
        return self.staging.notes

    def write_environment(
        self,
        spec: envfiles.EnvSpec,
        sources: PackageSources,
        *,
        same_pins: bool,
        relocked: bool = False,
    ) -> tuple[str, ...]:
        """Write the environment files; return a sentence for each lock that is out of date.

        Such a lock is removed; that of a uv project beside the model is made again if possible, by
        uv with the variables of `sources`. With `same_pins` no lock is out of date. If pylock.toml
        is to be `relocked`, for one target, the sentence on it is of the other targets that it had.
        """
        locks = sorted(path.name for path in self.folder.glob(_LOCKS))
        stale, several = () if same_pins else tuple(locks), {LOCK: target_options(self.folder)}
        files = envfiles.update_files(self.model.path, spec)
        kept = {name: text for name, text in files.items() if name not in locks}
        self.staging.write({**kept, **dict.fromkeys(stale)})
        again, as_of = f"modelenv lock -m {self.place or self.model.path}", sources.indexes.dated
        if as_of and not self.model.ours:  # only the lock recorded that
            again += f" --as-of {as_of}"
        notes = [
            f"{name} was out of date and is gone: {again}{several.get(name, '')}"
            for name in stale
            if not (relocked and name == LOCK)
        ]
        if relocked and several[LOCK]:
            notes.append(f"{LOCK} is for one target now: {again}{several[LOCK]}")
        if same_pins:
            return tuple(notes)
        return (*notes, *self._renew_uv_project(spec, sources.environment))

    def _renew_uv_project(
        self, spec: envfiles.EnvSpec, environment: Mapping[str, str]
    ) -> Iterator[str]:
        """Lock the uv project that MLflow put beside the model again, or remove it.

        MLflow's uv restores from its lock alone: an old one would undo the edit there.
        """
        if not (self.folder / UV_LOCK).exists():
            return
        with scratch_folder() as scratch:
            reason = self._relock(scratch, spec, environment)
            texts = {name: envfiles.read_text(scratch / name) for name in UV_FILES}
        if not reason:
            self.staging.write(texts)
            yield f"{' and '.join(UV_FILES)} are made anew, by uv: MLflow's uv restores from them"
            return
        self.staging.write(dict.fromkeys(UV_FILES))
        yield (
            f"{' and '.join(UV_FILES)} were out of date and are gone ({reason}): MLflow's uv"
            " restores from requirements.txt now"
        )

    def _relock(self, scratch: Path, spec: envfiles.EnvSpec, environment: Mapping[str, str]) -> str:
        """Lock the project with an edit in a scratch folder; return why that failed, or empty."""
        try:
            project = envfiles.UvProject.read(self.folder)
            before = self.model.environment.requirements
            edited = project.edited(before, spec.requirements) if project else None
            if edited is None:
                return f"there is no project in {PYPROJECT}"
            for name in (UV_LOCK, ".python-version"):
                if (self.folder / name).is_file():
                    shutil.copyfile(self.folder / name, scratch / name)
            (scratch / PYPROJECT).write_text(edited, "utf-8")
            settings = Settings(environment, find_uv(environment.get("PATH")))
            reason = lock_project(scratch, spec.python, settings)
            if reason:
                return reason
            locked = envfiles.UvProject.read(scratch)
        except envfiles.InvalidFile as error:
            return str(error)
        assert project is not None
        assert locked is not None
        # MLflow's list includes mlflow itself, which the project need not.
        old = {entry.requirement for entry in before}
        bound = [
            entry
            for entry in PinSet(spec).applicable()
            if entry.name in project.versions or entry.requirement not in old
        ]
        return "; ".join(locked.against(bound))

    def write_proof(
        self,
        spec: envfiles.EnvSpec,
        verdict: Verdict | None,
        *,
        left_out: Mapping[str, str] | None = None,
        same_pins: bool = False,
        as_of: str = "",
    ) -> None:
        """Write the proof of the pins into MLmodel, unless another tool wrote the folder.

        With `same_pins` the earlier proof still holds. `left_out` names what is left out now, with
        its importers; removed pins are recorded with their versions until a proof; pins are in
        neither list. `as_of` is the date at which they were resolved. Other keys are kept.
        """
        names = {entry.name for entry in spec.requirements}
        old = {entry.name: entry.version for entry in self.model.environment.requirements}

        def changed(ours: dict[str, Any]) -> dict[str, Any]:
            lacking = {**(ours.get("left_out") or {}), **(left_out or {})}
            locked = same_pins and (self.folder / LOCK).exists()
            stale = {"removed"} if locked else {"removed", "lock"}
            known = {key: ours[key] for key in ours if key not in stale}
            proven = {} if same_pins and verdict is None else {"proof": proof(verdict)}
            left = {name: asked for name, asked in lacking.items() if name not in names}
            taken = {} if verdict is not None else {**(ours.get("removed") or {}), **old}
            gone = {name: taken[name] for name in taken if taken[name] and name not in names}
            removed = {"removed": gone} if gone else {}
            said = {**known, **_needs(known, verdict), **proven, "left_out": left, **removed}
            return _as_of(said, as_of)

        self._rewrite_mlmodel(changed)

    def write_lock(self, name: str, spec: envfiles.EnvSpec, files: resolver.Artifacts) -> None:
        """Write the lock of an environment; the folder's own with the environment itself.

        Those of `files` that exist on this machine alone are copied into the wheels.
        """
        assert spec.lock is not None
        take_along(files, self.wheels)
        if name != LOCK:
            self.staging.write({name: envfiles.write_pylock(spec.lock)})
            return
        updated = envfiles.update_files(self.model.path, spec)
        self.staging.write({key: text for key, text in updated.items() if text is not None})
        as_of = spec.lock.as_of
        self._rewrite_mlmodel(lambda ours: {**_as_of(ours, as_of), "lock": LOCK})

    def _rewrite_mlmodel(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Change our flavor in MLmodel; the file is only written if something changes."""
        ours = self.model.flavors.get("modelenv")
        if not isinstance(ours, dict):
            return
        changed = change(ours)
        if changed != ours:
            flavors = {**self.model.flavors, "modelenv": changed}
            document = {**self.model.document, "flavors": flavors}
            self.staging.write({FILE: envfiles.dump_yaml(document)})


def target_options(folder: Path) -> str:
    """Return the options that name the targets of a folder's lock; none for a lock of one target.

    An unreadable lock gives none.
    """
    text = envfiles.read_text(folder / LOCK, within=folder)
    try:
        lock = envfiles.read_pylock(text, file=LOCK) if text else None
    except (envfiles.InvalidFile, envfiles.PackagingTooOld):
        return ""
    named = [each.partition("-") for each in lock.targets[1:]] if lock else []
    platforms = (f" --platform {platform}" for *_, platform in named)
    pythons = (f" --python {python}" for python, *_ in named)
    return "".join(dict.fromkeys((*platforms, *pythons)))


def take_along(files: resolver.Artifacts, wheels: Path) -> None:
    """Copy those of `files` that exist on this machine alone into a folder of wheels."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname  # this import loads HTTP servers, which is slow

    for file in (each for found in files.files.values() for each in found if each.is_local):
        wheels.mkdir(exist_ok=True)
        if not (wheels / file.file).exists():
            shutil.copyfile(url2pathname(urlsplit(file.url).path), wheels / file.file)


def _as_of(ours: Mapping[str, Any], as_of: str) -> dict[str, Any]:
    """Return our flavor with the moment of resolution; removed if empty."""
    rest = {key: ours[key] for key in ours if key != AS_OF}
    return {**rest, AS_OF: as_of} if as_of else rest


def _needs(ours: Mapping[str, Any], verdict: Verdict | None) -> dict[str, list[str]]:
    """Return the hosts and paths that a run needs, with those that the proof was allowed."""
    if verdict is None or verdict.seal is None:
        return {}
    allowed = {name: getattr(verdict.seal, name) for name in ("allow_hosts", "allow_paths")}
    return {
        name: [*dict.fromkeys((*ours.get(name, ()), *values))]
        for name, values in allowed.items()
        if values
    }


def update_pins(
    model: ModelFolder,
    pins: Sequence[str],
    verdict: Verdict,
    *,
    sources: PackageSources,
    reasons: Mapping[str, str],
    left_out: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Replace the pins of a folder by `pins`, which `verdict` has proven; return notes on locks.

    `reasons` are those of new pins; `left_out` names what was removed, with its importers. The
    wheels of removed pins are removed. If the folder requires hashes, those of new pins are looked
    up in `sources`. Raises HashesMissingError, and the store's errors.
    """
    spec = _changed(model.environment, pins, reasons)
    if set(pins) - {entry.requirement for entry in model.environment.requirements}:
        told = read_options(sources.indexes, sources.environment)  # the sources of the new pins
        spec = replace(spec, options=(*spec.options, *travelling(told)))
    spec = hashes_complete(spec, sources, model.pins.target())
    hashed = all_hashed_or_none(spec.requirements, model.pins.target())
    spec = replace(spec, requirements=hashed)
    with rewriting(model) as copy:
        if model.ours:
            spec = prune_wheels(copy.wheels, spec)
        notes = copy.write_environment(spec, sources, same_pins=False)
        copy.write_proof(spec, verdict, left_out=left_out, as_of=sources.indexes.dated)
    return (*notes, *copy.notes)


def _changed(
    spec: envfiles.EnvSpec, pins: Iterable[str], reasons: Mapping[str, str]
) -> envfiles.EnvSpec:
    old = {entry.name: entry for entry in spec.requirements}
    same = {entry.requirement: entry for entry in spec.requirements}
    new = [(canonicalize_name(Requirement(line).name), line) for line in pins]
    gone = old.keys() - {name for name, _ in new}
    entries = []
    for name, line in new:
        before = same.get(line) or old.get(name)
        known = _without(gone, before.comment) if before is not None else ""
        reason = "" if line in same else reasons.get(name, "")
        entries.append(renewed(line, reason or known, before))
    return replace(spec, requirements=tuple(entries))


def _without(gone: AbstractSet[str], comment: str) -> str:
    """Return a comment without the removed names among its parents."""
    reasons = Reasons.read(comment)
    parents = tuple(name for name in reasons.parents if name not in gone)
    return str(replace(reasons, parents=parents))
