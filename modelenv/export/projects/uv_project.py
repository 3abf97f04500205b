"""A uv project with its lock, which holds exactly the proven pins.

The root requirements are its dependencies; all others are constrained to their pins. uv writes the
lock, which then has to agree with the pins: a pin that is missing there is added as a dependency,
a name that is not pinned is excluded, and a pin that metadata excludes overrides it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ...base.files.scratch import scratch_folder
from ...base.settings import Settings
from ...base.siblings import envfiles
from ...environments.builders.uv import lock_project
from ...environments.errors import ManagerMissingError
from ...pins.lock_entries import is_reference
from ..errors import NotExportedError
from ..exported import FormDraft
from ..subject import Subject
from .uv_settings import UvSettings

_PROJECT, _LOCK = "pyproject.toml", "uv.lock"
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class _Project:
    """A project for uv to lock."""

    subject: Subject
    settings: UvSettings
    direct: frozenset[str]
    """The names of its direct dependencies."""
    notes: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, subject: Subject) -> _Project:
        settings = UvSettings.of(subject)
        referring = (each.name for each in subject.pinned.entries if is_reference(each))
        return cls(subject, settings, subject.pinned.roots.union(settings.sources, referring))

    @property
    def text(self) -> str:
        """The text of its pyproject.toml."""
        pins = {_name(line): line for line in self.subject.pinned.lines}
        others = [pins[name] for name in pins if name not in self.direct]
        uv = {
            "package": False,
            "environments": [_environment(self.subject)],
            "constraint-dependencies": others,
            **self.settings.table(pins.values()),
        }
        project = {
            "name": f"{self.subject.name}-environment",
            "version": "0",
            "description": "The environment of a model, as it was proven; written by modelenv.",
            "requires-python": f"=={self.subject.minor}.*",
            "dependencies": [pins[name] for name in pins if name in self.direct],
        }
        return envfiles.dump_toml({"project": project, "tool": {"uv": uv}})

    def agreeing(self, locked: frozenset[str]) -> _Project:
        """Return the project, changed so that uv locks exactly the pins instead of `locked`."""
        names = {each.name for each in self.subject.pinned.entries}
        excluded = self.settings.excluded | (locked - names)
        settings = replace(self.settings, excluded=excluded)
        return replace(self, settings=settings, direct=self.direct | (names - locked))

    def forced(self) -> _Project:
        """Return it with every pin overriding the requirements of others."""
        versioned = (each.name for each in self.subject.pinned.entries if each.version)
        settings = replace(self.settings, overridden=frozenset(versioned))
        said = "some metadata excludes the pins: they override it"
        return replace(self, settings=settings, notes=(said,))


def uv_project(subject: Subject) -> FormDraft:
    """Return pyproject.toml and uv.lock.

    Raises ManagerMissingError without uv, NotExportedError if uv cannot lock the pins.
    """
    settings = Settings.from_environment()
    if settings.uv is None:
        raise ManagerMissingError("uv", ("uv",))
    project = _Project.of(subject)
    for _ in range(_ROUNDS):
        subject.report("locking with uv")
        try:
            lock = _locked(project, settings)
        except NotExportedError:
            if project.notes:
                raise
            project = project.forced()
            continue
        found = envfiles.read_toml(lock, file=_LOCK)
        names = frozenset(_names(found))
        if names == {each.name for each in subject.pinned.entries}:
            _check(subject, found)
            return _draft(project, lock)
        project = project.agreeing(names)
    reason = "uv does not lock the pins alone, even with constraints and overrides"
    raise NotExportedError(str(subject.folder.path), reason, "export another format")


def _draft(project: _Project, lock: str) -> FormDraft:
    subject = project.subject
    unsaid = [*subject.iter_unsaid(system=True, variables=True)]
    unsaid += [f"the release of Python: any of {subject.minor} will do"]
    left = sorted(project.settings.excluded)
    notes = [f"left out, though a pin requires it: {', '.join(left)}"] if left else []
    if subject.bundled:
        notes.append(f"the bundled wheels are taken from {subject.model}/wheels")
    return FormDraft(
        files={_PROJECT: project.text, _LOCK: lock},
        unexpressed=(*unsaid, *project.settings.unwritten),
        notes=(*notes, *project.notes),
    )


def _locked(project: _Project, settings: Settings) -> str:
    """Return the lock that uv writes for a project. Raises NotExportedError if uv fails."""
    subject = project.subject
    with scratch_folder() as scratch:
        ups = Path(subject.model).parts.count("..")
        folder = scratch.joinpath(*["project"] * (ups + 1))
        folder.mkdir(parents=True)
        (folder / _PROJECT).write_text(project.text, "utf-8")
        for wheel in subject.bundled.values():
            beside = folder / subject.model / "wheels"
            beside.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(wheel, beside / wheel.name)
        reason = lock_project(folder, subject.python, settings)
        if reason:
            raise NotExportedError(str(subject.folder.path), reason)
        return (folder / _LOCK).read_text("utf-8")


def _check(subject: Subject, found: Mapping[str, Any]) -> None:
    """Raise NotExportedError if a lock differs from the pins in a version or in files."""
    packages = {str(canonicalize_name(str(each["name"]))): each for each in _packages(found)}
    for entry in subject.pinned.entries:
        package = packages[entry.name]
        version = str(package.get("version", ""))
        hashes = set(_hashes(package))
        if entry.version and version != entry.version:
            reason = f"uv locks {entry.name} {version}, but the pin is {entry.requirement}"
            raise NotExportedError(str(subject.folder.path), reason)
        if entry.hashes and hashes and hashes.isdisjoint(entry.hashes):
            reason = f"uv finds no file of {entry.requirement} with the hash of its pin"
            raise NotExportedError(str(subject.folder.path), reason, "lock the model again")


def _packages(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the locked packages, without the project itself."""
    for each in found.get("package", ()):
        if each.get("source") != {"virtual": "."}:
            yield each


def _names(found: Mapping[str, Any]) -> Iterator[str]:
    yield from (canonicalize_name(str(each["name"])) for each in _packages(found))


def _hashes(package: Mapping[str, Any]) -> Iterator[str]:
    files = [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]
    yield from (str(each["hash"]) for each in files if "hash" in each)


def _environment(subject: Subject) -> str:
    names = ("sys_platform", "platform_machine", "implementation_name")
    markers = subject.pinned.target.markers
    return " and ".join(f"{name} == '{markers[name]}'" for name in names)


def _name(line: str) -> str:
    return canonicalize_name(Requirement(line).name)
