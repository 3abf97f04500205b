"""Lock a saved model: every file of its environment with its hash, for one target."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..base import arguments
from ..base.settings import Settings
from ..base.siblings import envfiles, resolver
from ..base.text import counted
from ..folder.amend import name_lock
from ..folder.bundling import WHEELS
from ..folder.model_folder import Stated
from ..pins.lock_entries import (
    Pinned,
    is_hashed,
    is_reference,
    lock_entries,
    make_lock,
    with_hashes,
)
from ..pins.package_sources import Places
from ..pins.targets import parse_target


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
        packages = counted(len(self.lock.packages), "distribution")
        head = f"{self.path}/{self.file}: {packages}, {counted(files, 'file')}"
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
    hashes too. `sources` are asked for the files, None: what the folder's options say
    and pip is configured with. What exists on this machine alone is copied into `wheels/`. Where a
    file has no hash that can be had, nothing is written. Raises the resolver's errors,
    WrongUseError, InvalidFile.
    """
    stated = Stated.read(arguments.path("the model folder", folder))
    wanted = parse_target(target) if target else stated.target()
    places = Places.of(stated.folder, stated.spec, Settings.from_environment().environment)
    entries, notes = _entries(stated, places, wanted, sources, resolve=target is not None)
    pinned = [Pinned.of(each) for each in entries if not is_reference(each)]
    found = places.find(pinned, wanted, sources)
    packages, unlocked = lock_entries(entries, found.files)
    missing = (
        *found.missing,
        *unlocked,
        *(f"{line}: it names no version" for line in stated.spec.unnamed),
    )
    name = f"pylock.{_word(target)}.toml" if target else "pylock.toml"
    if missing:
        return Locking(
            path=stated.folder,
            file=name,
            lock=None,
            missing=missing,
            notes=notes,
            hashes=False,
        )
    lock = make_lock(packages, wanted)
    spec = replace(stated.spec, lock=lock)
    write_hashes = hashes and target is None and is_hashed(lock)
    if write_hashes:
        spec = with_hashes(spec, entries, lock)
    notes = (*notes, *_iter_notes(stated, entries, lock, hashes=hashes))
    _write(stated, spec, name, found)
    return Locking(
        path=stated.folder,
        file=name,
        lock=lock,
        missing=(),
        notes=(*notes, *found.notes),
        hashes=write_hashes,
    )


def _iter_notes(
    stated: Stated, entries: Sequence[envfiles.Entry], lock: envfiles.Lock, *, hashes: bool
) -> Iterator[str]:
    """Say what the lock does not hold."""
    names = {entry.name for entry in entries}
    hashless = ", ".join(each.name for each in lock.packages if not each.hashes)
    if hashes and hashless:
        yield f"requirements.txt has no hashes: pip can check none for {hashless}"
    for entry in stated.spec.requirements:
        if entry.name not in names:
            yield f"{entry.requirement} is not locked: its marker is false for this target"
    if stated.spec.conda_dependencies:
        yield f"what conda installs is not locked: {', '.join(stated.spec.conda_dependencies)}"
    yield from stated.spec.notes


def _entries(
    stated: Stated,
    places: Places,
    target: resolver.Target,
    sources: Sequence[Any] | None,
    *,
    resolve: bool,
) -> tuple[list[envfiles.Entry], tuple[str, ...]]:
    """Return the pinned closure for a target: the folder's own, else one that is resolved."""
    own = [entry for entry in stated.spec.requirements if stated.applies(entry)]
    pinned = all(entry.version or "@" in entry.requirement for entry in own)
    if stated.closed and pinned and not resolve:
        return own, ()
    lines = [entry.requirement for entry in stated.spec.requirements]
    merged = resolver.merge(
        (),
        pip_requirements=places.read(lines, layer="requirements.txt"),
        constraints=places.read(stated.spec.constraints, layer="constraints", constraint=True),
        provided=stated.provided_by_conda,
        target=target,
    )
    installed = resolver.Installed((), target) if resolve else stated.installed()
    resolution = places.resolve(merged, installed, sources=sources)
    comments = {entry.name: entry.comment for entry in stated.spec.requirements}
    entries = [
        envfiles.Entry(str(pin.requirement), comments.get(pin.name, f"via {', '.join(pin.via)}"))
        for pin in resolution.pins
    ]
    return entries, resolution.notes


def _write(stated: Stated, spec: envfiles.EnvSpec, name: str, found: resolver.Artifacts) -> None:
    assert spec.lock is not None
    local = [file for files in found.files.values() for file in files if file.is_local]
    files = {name: envfiles.write_pylock(spec.lock)}
    if name == "pylock.toml":
        updated = envfiles.update_files(stated.folder, spec)
        files = {key: text for key, text in updated.items() if text is not None}
        files |= name_lock(stated)
    with envfiles.stage(stated.folder, overwrite=True) as staging:
        staging.carry()
        wheels = staging.folder / WHEELS
        for file in local:
            wheels.mkdir(exist_ok=True)
            if not (wheels / file.file).exists():
                shutil.copyfile(url2pathname(urlsplit(file.url).path), wheels / file.file)
        staging.write(files)
        staging.commit()


def _word(target: str) -> str:
    return f"py{target.replace('.', '')}"
