"""Lock a saved model: every file of its environment with its hash, for one target."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from packaging.requirements import Requirement
from packaging.version import Version

from .local import FIND_WHEELS
from .settings import Settings
from .siblings import envfiles, resolver
from .stated import Stated
from .targets import parse_target
from .version import VERSION

_WHEELS = "wheels"
_COMMIT = re.compile(r"(git|hg|svn|bzr)\+[^#]+@[0-9a-f]{7,64}(#.*)?")
_ARCHIVE_HASH = re.compile(r"(sha256|sha384|sha512)=([0-9a-f]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Locking:
    """What locking a model came to."""

    path: Path
    file: str
    """The name of the lock in the folder."""
    lock: envfiles.Lock | None
    """None where some file has no hash that can be had: then nothing was written."""
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    hashes: bool
    """Whether requirements.txt has the hashes too."""

    def __str__(self) -> str:
        """Tell it in a few lines."""
        if self.lock is None:
            lines = [f"{self.path}: not locked, and nothing was written"]
            return "\n".join([*lines, *(f"  {each}" for each in self.missing)])
        files = sum(len(each.artifacts) for each in self.lock.packages)
        also = ", requirements.txt has their hashes" if self.hashes else ""
        head = f"{self.path}/{self.file}: {len(self.lock.packages)} distributions, {files} files"
        return "\n".join([head + also, *(f"note: {note}" for note in self.notes)])

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
                    "files": [artifact.file for artifact in each.artifacts],
                    "hashes": list(each.hashes),
                }
                for each in packages
            ],
            "hashes": self.hashes,
            "missing": list(self.missing),
            "notes": list(self.notes),
        }


def lock_model(
    folder: str | os.PathLike[str],
    *,
    target: str | None = None,
    hashes: bool = False,
    sources: Sequence[Any] | None = None,
) -> Locking:
    """Write pylock.toml (PEP 751) for the pins of a saved model, with URLs, sizes and hashes.

    With `target`, as ``3.12-win_amd64``, the pins are resolved for it from the index, and the lock
    is a `pylock.<target>.toml` of its own. With `hashes` requirements.txt and conda.yaml have the
    hashes too. `sources` are asked for the files, None: what pip is configured with. What exists on
    this machine alone is copied into `wheels/`. Where a file has no hash that can be had, nothing
    is written. Raises the resolver's errors, WrongUseError, InvalidFile.
    """
    stated = Stated.read(Path(folder))
    wanted = parse_target(target) if target else stated.target()
    entries, notes = _entries(stated, wanted, sources, resolve=target is not None)
    pinned = [each for each in entries if "@" not in each.requirement.partition(";")[0]]
    options = resolver.read(
        [option for option in stated.spec.options if option != FIND_WHEELS],
        layer="requirements.txt",
        environment=Settings.from_environment().environment,
    ).options
    found = resolver.find_artifacts(map(_Pin.of, pinned), wanted, sources=sources, options=options)
    missing = [*found.missing, *(f"{line}: it names no version" for line in stated.spec.unnamed)]
    packages = []
    for entry in entries:
        try:
            packages += [_package(entry, found)] if entry.name in found.files else []
            packages += [_reference(entry)] if entry not in pinned else []
        except envfiles.InvalidEntry as error:
            missing.append(str(error))
    name = f"pylock.{_word(target)}.toml" if target else "pylock.toml"
    if missing:
        return Locking(
            path=stated.folder,
            file=name,
            lock=None,
            missing=tuple(missing),
            notes=notes,
            hashes=False,
        )
    lock = envfiles.Lock(
        packages=tuple(packages),
        python=wanted.python_version,
        requires_python=f"=={'.'.join(wanted.python_version.split('.')[:2])}.*",
        environments=(_environment(wanted),),
        created_by=f"modelenv {VERSION}",
    )
    hashless = [each.name for each in packages if not each.hashes] if hashes else []
    write_hashes = hashes and target is None and not hashless
    if hashless:
        names = ", ".join(hashless)
        notes = (*notes, f"requirements.txt has no hashes: pip can check none for {names}")
    spec = (
        _with_lock(stated.spec, entries, lock) if write_hashes else replace(stated.spec, lock=lock)
    )
    _write(stated, spec, name, found)
    return Locking(
        path=stated.folder,
        file=name,
        lock=lock,
        missing=(),
        notes=(*notes, *found.notes),
        hashes=write_hashes,
    )


@dataclass(frozen=True, slots=True)
class _Pin:
    name: str
    version: Version

    @classmethod
    def of(cls, entry: envfiles.Entry) -> _Pin:
        assert entry.version is not None
        return cls(entry.name, Version(entry.version))


def _entries(
    stated: Stated,
    target: resolver.Target,
    sources: Sequence[Any] | None,
    *,
    resolve: bool,
) -> tuple[list[envfiles.Entry], tuple[str, ...]]:
    """Return the pinned closure for a target: the folder's own, else one that is resolved."""
    own = [entry for entry in stated.spec.requirements if stated.applies(entry)]
    pinned = all(entry.version or "@" in entry.requirement for entry in own)
    if stated.closed and pinned and not resolve:
        return list(stated.spec.requirements), ()
    merged = resolver.merge(
        (),
        pip_requirements=[entry.requirement for entry in stated.spec.requirements],
        constraints=stated.spec.constraints,
        target=target,
    )
    installed = resolver.Installed((), target) if resolve else stated.installed()
    if sources is None:
        resolution = resolver.resolve(merged, installed)
    else:
        resolution = resolver.resolve(merged, installed, sources=sources, index="never")
    comments = {entry.name: entry.comment for entry in stated.spec.requirements}
    entries = [
        envfiles.Entry(str(pin.requirement), comments.get(pin.name, f"via {', '.join(pin.via)}"))
        for pin in resolution.pins
    ]
    return entries, resolution.notes


def _package(entry: envfiles.Entry, found: resolver.Artifacts) -> envfiles.Locked:
    artifacts = []
    for file in found.files[entry.name]:
        place = {"path": f"{_WHEELS}/{file.file}"} if file.is_local else {"url": file.url}
        artifacts.append(
            envfiles.Artifact(file=file.file, hashes=file.hashes, size=file.size, **place)
        )
    return envfiles.Locked(
        name=entry.name,
        version=entry.version or "",
        marker=entry.marker,
        artifacts=tuple(artifacts[: _first_kind(artifacts)]),
        reasons=tuple(each for each in (entry.comment, *entry.evidence) if each),
    )


def _first_kind(artifacts: Sequence[envfiles.Artifact]) -> int:
    """Count all wheels, or the one source distribution that PEP 751 has a place for."""
    return len(artifacts) if artifacts[0].is_wheel else 1


def _reference(entry: envfiles.Entry) -> envfiles.Locked:
    """Lock what is pinned to a URL. Raises InvalidEntry where it may change behind it."""
    url = Requirement(entry.requirement).url or ""
    hashes = tuple(
        f"{kind}:{value}" for kind, value in _ARCHIVE_HASH.findall(urlsplit(url).fragment)
    )
    if not hashes and _COMMIT.fullmatch(url) is None:
        reason = "its URL has neither a commit nor a hash: add #sha256=... to it"
        raise envfiles.InvalidEntry(entry.requirement, reason)
    return envfiles.Locked(
        name=entry.name,
        marker=entry.marker,
        reference=url.partition("#")[0] if hashes else url,
        archive=hashes,
        reasons=tuple(each for each in (entry.comment, *entry.evidence) if each),
    )


def _write(stated: Stated, spec: envfiles.EnvSpec, name: str, found: resolver.Artifacts) -> None:
    assert spec.lock is not None
    local = [file for files in found.files.values() for file in files if file.is_local]
    files = {name: envfiles.write_pylock(spec.lock)}
    if name == "pylock.toml":
        updated = envfiles.update_files(stated.folder, spec)
        files = {key: text for key, text in updated.items() if text is not None}
    with envfiles.stage(stated.folder, overwrite=True) as staging:
        staging.carry()
        wheels = staging.folder / _WHEELS
        for file in local:
            wheels.mkdir(exist_ok=True)
            if not (wheels / file.file).exists():
                shutil.copyfile(url2pathname(urlsplit(file.url).path), wheels / file.file)
        staging.write(files)
        staging.commit()


def _with_lock(
    spec: envfiles.EnvSpec, entries: Sequence[envfiles.Entry], lock: envfiles.Lock
) -> envfiles.EnvSpec:
    """Return the environment with its lock and hashes: of all that is installed, or pip refuses."""
    known = {(each.name, each.marker): each.hashes for each in lock.packages}
    files = (artifact for each in lock.packages for artifact in each.artifacts)
    bundled = (f"--find-links {_WHEELS}",) if any(file.path for file in files) else ()
    return replace(
        spec,
        lock=lock,
        requirements=tuple(_hashed(entry, known) for entry in entries),
        options=(*spec.options, *bundled),
    )


def _hashed(entry: envfiles.Entry, known: dict[tuple[str, str], tuple[str, ...]]) -> envfiles.Entry:
    return replace(entry, hashes=known.get(entry.key, ()))


def _environment(target: resolver.Target) -> str:
    names = ("sys_platform", "platform_machine", "implementation_name")
    return " and ".join(f'{name} == "{target.markers[name]}"' for name in names)


def _word(target: str) -> str:
    return f"py{target.replace('.', '')}"
