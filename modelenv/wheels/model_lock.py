"""Lock a model's pins for a platform: from a lock in its folder, else from an index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement

from ..base.siblings import envfiles, resolver
from ..environments.spec import Report, minor
from ..folder.documents.names import LOCK
from ..folder.model_folder import ModelFolder
from ..pins.change.locking import LockQuestion, is_whole
from ..pins.pin_set import PinSet
from .errors import NoWheelsError
from .installable import Installable, iter_installables
from .shelf import Shelf
from .target_locks import locked_for

_LOCKS = "pylock*.toml"
_ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}  # other systems' names to Linux's


@dataclass(frozen=True, slots=True)
class ModelLock:
    """A model folder's pins for a target; the folder is not changed."""

    folder: ModelFolder
    shelf: Shelf

    def choices(self) -> tuple[Installable, ...]:
        """Return the files to install, by name.

        A lock in the folder is used if it covers the target and has the requested date; otherwise
        an index is asked. Raises NoWheelsError, the resolver's errors, InvalidFile.
        """
        pins = as_wheels(self.folder, self.shelf.sources.report)
        settings = {each.name: each.settings for each in pins.entries if each.settings}
        anew = not self._is_of_platform()
        lock = None
        if anew:
            lock = self._lock_of_several()
        elif is_whole(pins, self._target):
            lock = self._fitting_lock(pins)
        if lock is not None:
            return self._chosen(lock, {}, settings)
        sources = self.shelf.sources
        found = LockQuestion(
            pins=pins, sources=sources, target=self._target, places=self.folder.places, anew=anew
        ).answer()
        for note in found.notes:
            sources.report(note)
        if found.lock is None:
            way = "`modelenv lock` says the same; name an index or a folder that has them"
            raise NoWheelsError(str(self.folder.path), "; ".join(found.missing), way)
        files = (file for each in found.found.files.values() for file in each)
        local = {file.file: file for file in files if file.is_local}
        return self._chosen(found.lock, local, settings)

    @property
    def _target(self) -> resolver.Target:
        return self.shelf.target.target

    def _chosen(
        self,
        lock: envfiles.Lock,
        local: Mapping[str, resolver.Artifact],
        settings: Mapping[str, tuple[str, ...]],
    ) -> tuple[Installable, ...]:
        return tuple(iter_installables(lock, self.shelf.target, self.folder.path, local, settings))

    def _is_of_platform(self) -> bool:
        """Whether the pins are for the target's platform, as far as the folder states one."""
        said = self.folder.trace.markers
        here = self._target.markers
        machine = said.get("platform_machine", here["platform_machine"]).lower()
        return (
            said.get("sys_platform", "linux") == here["sys_platform"]
            and _ARCHITECTURES.get(machine, machine) == here["platform_machine"]
            and minor(self.folder.environment.python) == minor(self._target.python_version)
        )

    def _lock_of_several(self) -> envfiles.Lock | None:
        """Return the target's part of a lock of several targets, if it has the requested date."""
        if self.folder.mlmodel.provided:  # our locks leave out what conda installs
            return None
        lock, as_of = locked_for(self.folder, self._target), self.shelf.sources.indexes.dated
        return lock if lock is not None and (not as_of or lock.as_of == as_of) else None

    def _fitting_lock(self, pins: PinSet) -> envfiles.Lock | None:
        """Return a lock of the folder that matches these pins and has files for the target."""
        for file in self._locks():
            text = envfiles.read_text(file, within=self.folder.path)
            try:
                lock = envfiles.read_pylock(text or "", file=str(file))
            except envfiles.PackagingTooOld:
                return None
            if not lock.is_weak and self._fits(lock, pins):
                return lock
        return None

    def _locks(self) -> Iterator[Path]:
        found = sorted(file.name for file in self.folder.path.glob(_LOCKS))
        yield from (
            self.folder.path / name for name in sorted(found, key=lambda each: each != LOCK)
        )

    def _fits(self, lock: envfiles.Lock, pins: PinSet) -> bool:
        target, as_of = self._target, self.shelf.sources.indexes.dated
        if as_of and lock.as_of != as_of:
            return False
        marked = [Marker(each) for each in lock.environments]
        if marked and not any(map(target.admits, marked)):
            return False
        chosen = self._chosen(lock, {}, {})
        wanted = {
            each.name: Requirement(each.requirement)
            for each in pins.entries
            if not each.marker or target.admits(Marker(each.marker))
        }
        if wanted.keys() != {each.name for each in chosen}:
            return False
        return all(_meets(each, wanted[each.name]) for each in chosen)


def as_wheels(folder: ModelFolder, report: Report) -> PinSet:
    """Return the pins with conda's packages replaced by their wheels."""
    pins, spec = folder.pins, folder.environment
    names = pins.names
    provided = [line for line in folder.mlmodel.provided if envfiles.Entry(line).name not in names]
    beside = map(envfiles.Entry, (*provided, *pins.tools_besides(names)))
    packages = [each for each in spec.conda_dependencies if not _is_of_python(each)]
    if packages and not provided:
        report(f"nothing of conda's is in it: {', '.join(packages)}")
    requirements = (*spec.requirements, *beside)
    return replace(
        pins, spec=replace(spec, requirements=requirements, conda_dependencies=()), tools=()
    )


def _meets(choice: Installable, asked: Requirement) -> bool:
    """Return whether a choice has a file for the target and satisfies a requirement line."""
    if asked.url is not None or not choice.version:
        return asked.url is not None and not choice.version
    same = asked.specifier.contains(choice.version, prereleases=True)
    return same and bool(choice.wheels or choice.source)


def _is_of_python(dependency: str) -> bool:
    """Return whether a conda dependency is Python or pip, which need no wheel."""
    name = dependency.rpartition("::")[2].strip()
    return any(
        name == each or name.startswith(tuple(f"{each}{sign}" for sign in "=<>!~ "))
        for each in ("python", "pip")
    )
