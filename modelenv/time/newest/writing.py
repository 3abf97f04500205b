"""The folder of an upgraded model: a copy with other pins, another Python, its lock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...base.files.new_folder import new_folder
from ...base.siblings import envfiles, resolver
from ...environments.spec import minor
from ...folder.bundling import drop_wheels_of_another_python, prune_wheels
from ...folder.documents.names import LOCK
from ...folder.mlmodel import FILE
from ...folder.model_folder import ModelFolder
from ...folder.rewrite import Rewriting
from ...pins.change.locking import LockQuestion
from ...pins.lock_entries import all_hashed_or_none, is_hashed, with_hashes
from ...pins.package_sources import PackageSources
from ...pins.pin_set import PinSet, renewed
from ...pins.reasons import Reasons
from ...pins.user_hashes import hashes_complete
from .outcome import Upgrade, recorded


@dataclass(frozen=True, slots=True)
class UpgradedFolder:
    """A folder that is written beside its original."""

    model: ModelFolder
    resolution: resolver.Resolution
    """The resolution of the new pins, with their dependencies."""
    sources: PackageSources

    def write(self, upgrade: Upgrade) -> Upgrade:
        """Write the folder, and return the upgrade with remarks on it.

        Raises the store's errors, and HashesMissingError if the folder asks for hashes.
        """
        assert upgrade.best is not None
        model = self.model
        with new_folder(upgrade.path) as staging:
            shutil.copytree(model.path, staging.folder, symlinks=True, dirs_exist_ok=True)
            copy = Rewriting(model, staging, upgrade.path)
            spec = self._spec(upgrade)
            if model.ours:
                drop_wheels_of_another_python(copy.wheels, spec)
                spec = prune_wheels(copy.wheels, spec)
            locked = self._locked(spec)
            if locked is not None and self._is_to_be_hashed(locked.lock):
                entries = (*locked.entries, *PinSet(spec).idle)
                spec = with_hashes(spec, entries, locked.lock)
            lines = all_hashed_or_none(spec.requirements, PinSet(spec).target())
            spec = replace(spec, requirements=lines)
            is_locked = locked is not None
            gone = copy.write_environment(spec, self.sources, same_pins=False, relocked=is_locked)
            if locked is not None:
                copy.write_lock(LOCK, replace(spec, lock=locked.lock), locked.found)
            copy.write_proof(spec, upgrade.best.verdict, as_of=self.sources.indexes.dated)
            self._tell(staging.folder / FILE, upgrade, locked=is_locked)
            staging.commit()
        notes = (*upgrade.notes, *gone, *self._notes(is_locked))
        return replace(upgrade, written=True, locked=is_locked, notes=notes)

    def _spec(self, upgrade: Upgrade) -> envfiles.EnvSpec:
        old = self.model.pins
        spec = replace(
            old.spec,
            python=upgrade.after.python,
            requirements=tuple(self._iter_entries(upgrade)),
            lock=None,
        )
        pins = PinSet(hashes_complete(spec, self.sources, PinSet(spec).target()))
        own = all_hashed_or_none(pins.applicable())  # with the lock all get theirs
        return replace(pins.spec, requirements=(*own, *pins.idle))

    def _iter_entries(self, upgrade: Upgrade) -> Iterator[envfiles.Entry]:
        """Yield the pins, each with its reasons, then the lines for other targets."""
        old = self.model.pins
        names = {pin.name for pin in self.resolution.pins}
        lines = upgrade.after.by_name
        same = minor(upgrade.before.python) == minor(upgrade.after.python)
        for pin in self.resolution.pins:
            before = old.get(pin.name)
            reasons = Reasons(parents=tuple(each for each in pin.via if each in names))
            if before is not None and pin.root:
                known = Reasons.read(before.comment)
                reasons = replace(reasons, own=known.own, lines=known.strangers(old.names))
            yield renewed(lines[pin.name], str(reasons), before, same_files=same)
        idle = old.on(upgrade.after.python).idle
        yield from (each for each in idle if each.name not in names)

    def _locked(self, spec: envfiles.EnvSpec) -> Any:
        """Return the lock of the new pins; None if the digest of a file is unavailable."""
        pins = PinSet(spec)
        question = LockQuestion(pins=pins, sources=self.sources, target=pins.target(), places={})
        found = question.answer()
        return found if found.lock is not None else None

    def _is_to_be_hashed(self, lock: envfiles.Lock) -> bool:
        """Return whether lines get hashes: they had them before, and all files have one."""
        before = self.model.pins.applicable()
        return bool(before) and all(entry.hashes for entry in before) and is_hashed(lock)

    def _tell(self, file: Path, upgrade: Upgrade, *, locked: bool) -> None:
        """Write into MLmodel the Python that it is for now, and its origin."""
        document = dict(_mapping(envfiles.load_yaml(file.read_text("utf-8"), file=str(file))))
        flavors = dict(_mapping(document["flavors"]))
        if "python_function" in flavors:
            function = _mapping(flavors["python_function"])
            flavors["python_function"] = {**function, "python_version": upgrade.after.python}
        if "modelenv" in flavors:
            ours = {**_mapping(flavors["modelenv"]), "upgraded": recorded(upgrade).to_json()}
            flavors["modelenv"] = {**ours, **({"lock": LOCK} if locked else {})}
        text = envfiles.dump_yaml({**document, "flavors": flavors})
        file.unlink()  # the copied file may be read-only
        file.write_bytes(text.encode())

    def _notes(self, locked: bool) -> Iterator[str]:
        if not locked:
            yield "it has no lock: some file has no hash that can be had"
        if not self.model.pins.closed:
            yield "its list is a whole closure now: what was left open is pinned, as it was tried"


def _mapping(said: Any) -> dict[str, Any]:
    return said if isinstance(said, dict) else {}
