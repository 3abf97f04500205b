"""Rewrite a model folder: a copy is changed and put in its place, or nothing is."""

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
"""Of the environment too, and not written from the pins alone: stale ones would mislead."""
UV_LOCK, PYPROJECT = UV_FILES = ("uv.lock", "pyproject.toml")
"""Of the uv project that MLflow puts beside a model."""


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
    """Return what `change` makes of a folder; where others change it meanwhile, it is done again.

    `change` writes the folder by `rewriting`: what it writes is made of what stands there then, or
    not written. What takes minutes is refused at once. Raises as `done_again` does.
    """
    return done_again(folder, _to_change, change, report, longest=longest, most=most)


@contextmanager
def rewriting(model: ModelFolder) -> Iterator[Rewriting]:
    """Give a copy of a folder to change; it takes the folder's place at the end of the block.

    Killed at any moment, or left by an error, the folder is the old one or the new one. Raises
    TargetChanged where it is not what the model was read from, which was `to_change`, and the other
    errors of the store.

    What reads the model has its place before the end of the block: after it another folder stands
    there, and whoever meets an error then cannot tell that it is of his own making.
    """
    assert model.as_read is not None
    staged = envfiles.stage(model.path, overwrite=True, since=model.as_read)
    with staged as staging, placing(model.path):
        staging.carry()
        yield Rewriting(model, staging)
        staging.commit()


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A copy of a model folder that is to take its place."""

    model: ModelFolder
    """The folder as it is."""
    staging: envfiles.Staging

    @property
    def folder(self) -> Path:
        """Where the copy stands."""
        return self.staging.folder

    @property
    def wheels(self) -> Path:
        """The folder of its wheels; it need not exist."""
        return self.folder / WHEELS

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said once it is in place."""
        return self.staging.notes

    def write_environment(
        self, spec: envfiles.EnvSpec, sources: PackageSources, *, same_pins: bool
    ) -> tuple[str, ...]:
        """Write the environment files; return a sentence for each lock that is out of date.

        Such a lock is gone; that of a uv project beside the model is made anew where uv can, which
        runs with the variables of `sources`. None is where the pins are the same, whatever else is
        changed.
        """
        locks = sorted(path.name for path in self.folder.glob(_LOCKS))
        stale, several = () if same_pins else tuple(locks), {LOCK: target_options(self.folder)}
        files = envfiles.update_files(self.model.path, spec)
        kept = {name: text for name, text in files.items() if name not in locks}
        self.staging.write({**kept, **dict.fromkeys(stale)})
        again, as_of = f"modelenv lock -m {self.model.path}", sources.indexes.dated
        if as_of and not self.model.ours:  # nothing but the lock recorded that
            again += f" --as-of {as_of}"
        notes = [
            f"{name} was out of date and is gone: {again}{several.get(name, '')}" for name in stale
        ]
        if same_pins:
            return tuple(notes)
        return (*notes, *self._renew_uv_project(spec, sources.environment))

    def _renew_uv_project(
        self, spec: envfiles.EnvSpec, environment: Mapping[str, str]
    ) -> Iterator[str]:
        """Have uv lock the project anew that MLflow put beside the model, else take it out.

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
        """Lock the project with an edit in a scratch folder; return why that cannot be done."""
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
        # MLflow's list names itself too, which the project need not.
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
        """Write into MLmodel how the pins were proven; not where another tool wrote the folder.

        The proof is that of new pins, which no lock holds; of the `same_pins` what was known holds.
        What was `left_out` now is named with who had asked for it, and until a proof what was taken
        out with its version; what is pinned now is neither. `as_of` is as of when they were chosen.
        Keys that are not ours stay.
        """
        names = {entry.name for entry in spec.requirements}
        old = {entry.name: entry.version for entry in self.model.environment.requirements}

        def changed(ours: dict[str, Any]) -> dict[str, Any]:
            lacking = {**(ours.get("left_out") or {}), **(left_out or {})}
            stale = {"removed"} if same_pins else {"removed", "lock"}
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

        The `files` that exist on this machine alone are copied into the wheels.
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
        """Change what is ours in MLmodel; written anew only where something is changed."""
        ours = self.model.flavors.get("modelenv")
        if not isinstance(ours, dict):
            return
        changed = change(ours)
        if changed != ours:
            flavors = {**self.model.flavors, "modelenv": changed}
            document = {**self.model.document, "flavors": flavors}
            self.staging.write({FILE: envfiles.dump_yaml(document)})


def target_options(folder: Path) -> str:
    """Return the options that say which targets the lock of a folder is for; of one there are none.

    What cannot be read says nothing.
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
    """Copy those of the `files` that exist on this machine alone into a folder of wheels."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname  # servers are imported with it, which takes long

    for file in (each for found in files.files.values() for each in found if each.is_local):
        wheels.mkdir(exist_ok=True)
        if not (wheels / file.file).exists():
            shutil.copyfile(url2pathname(urlsplit(file.url).path), wheels / file.file)


def _as_of(ours: Mapping[str, Any], as_of: str) -> dict[str, Any]:
    """Return what is ours with as of when its pins were chosen; empty: it is not said."""
    rest = {key: ours[key] for key in ours if key != AS_OF}
    return {**rest, AS_OF: as_of} if as_of else rest


def _needs(ours: Mapping[str, Any], verdict: Verdict | None) -> dict[str, list[str]]:
    """Return what whoever runs the model has to provide, with what the proof was allowed."""
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
    """Give a folder other `pins`, which `verdict` has proven; return what is to be said of locks.

    `reasons` says of new pins why they are there; `left_out` names what was taken out, with who
    had asked for it. The wheels of what is taken out go with it. Where the folder asks for hashes
    those of new pins are found by `sources`. Raises HashesMissingError, and the store's errors.
    """
    spec = _changed(model.environment, pins, reasons)
    if set(pins) - {entry.requirement for entry in model.environment.requirements}:
        told = read_options(sources.indexes, sources.environment)  # where the new ones were found
        spec = replace(spec, options=(*spec.options, *travelling(told)))
    spec = hashes_complete(spec, sources, model.pins.target())
    spec = replace(spec, requirements=all_hashed_or_none(spec.requirements))
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
    """Take those who are gone out of a comment's list of who wants it."""
    reasons = Reasons.read(comment)
    parents = tuple(name for name in reasons.parents if name not in gone)
    return str(replace(reasons, parents=parents))
