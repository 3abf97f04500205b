"""Lock a saved model: every file of its environment with its hash, for one target."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..base.doors import door
from ..base.errors import WrongUseError
from ..base.settings import Settings
from ..base.siblings import envfiles, resolver
from ..base.text import brief, counted
from ..folder.mlmodel import LOCK
from ..folder.model_folder import ModelFolder
from ..folder.rewrite import rewriting
from ..pins.lock_entries import admitted, is_hashed, lock_entries, make_lock, with_hashes
from ..pins.package_sources import PackageSources
from ..pins.pin_set import PinSet, pinned_versions


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
        """Return a short report, a fact a line."""
        if self.lock is None:
            lines = [f"{self.path}: not locked, and nothing was written"]
            return "\n".join([*lines, *(f"  {each}" for each in self.missing)])
        files = sum(len(each.artifacts) for each in self.lock.packages)
        also = ", requirements.txt has their hashes" if self.hashes else ""
        packages = counted(len(self.lock.packages), "distribution")
        head = f"{self.path}/{self.file}: {packages}, {counted(files, 'file')}"
        return "\n".join([head + also, *(f"note: {note}" for note in self.notes)])

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
                    "files": [artifact.file for artifact in each.artifacts],
                    "hashes": list(each.hashes),
                }
                for each in packages
            ],
            "hashes": self.hashes,
            "missing": list(self.missing),
            "notes": list(self.notes),
        }


@door
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
    model = ModelFolder.at(folder)
    pins = model.pins
    wanted = parse_target(target) if target else pins.target()
    package_sources = model.sources(Settings.from_environment().environment)
    entries, notes = _entries(pins, package_sources, wanted, sources, resolve=target is not None)
    hashed = any(entry.hashes for entry in entries)
    found = package_sources.find(pinned_versions(entries), wanted, sources, every=hashed)
    found, refused = admitted(entries, found)
    packages, unlocked = lock_entries(entries, found.files)
    missing = (
        *found.missing,
        *refused,
        *unlocked,
        *(f"{line}: it names no version" for line in pins.spec.unnamed),
    )
    name = f"pylock.py{target.replace('.', '')}.toml" if target else LOCK
    lock = None if missing else make_lock(packages, wanted)
    write_hashes = hashes and target is None and lock is not None and is_hashed(lock)
    if lock is not None:
        locked = with_hashes(pins.spec, entries, lock)
        with rewriting(model) as copy:
            copy.write_lock(name, locked if write_hashes else replace(pins.spec, lock=lock), found)
        notes = (*notes, *_iter_notes(pins, entries, lock, hashes=hashes), *found.notes)
    return Locking(
        path=model.path, file=name, lock=lock, missing=missing, notes=notes, hashes=write_hashes
    )


def parse_target(text: str) -> resolver.Target:
    """Read a target; without a platform it is this one. Raises WrongUseError.

    >>> parse_target("3.12-win_amd64").markers["sys_platform"]
    'win32'
    """
    python, dash, platform = text.partition("-")
    try:
        return resolver.Target.of(python, platform if dash else None)
    except resolver.TargetError as error:
        raise WrongUseError(
            f"{text!r} is no target: write a Python and a platform, as 3.11 or"
            " 3.11-manylinux_2_28_x86_64, 3.12-win_amd64, 3.12-macosx_14_0_arm64"
        ) from error


def _iter_notes(
    pins: PinSet, entries: Sequence[envfiles.Entry], lock: envfiles.Lock, *, hashes: bool
) -> Iterator[str]:
    """Say what the lock does not hold."""
    names = {entry.name for entry in entries}
    hashless = ", ".join(each.name for each in lock.packages if not each.hashes)
    if hashes and hashless:
        yield f"requirements.txt has no hashes: pip can check none for {hashless}"
    for entry in pins.entries:
        if entry.name not in names:
            yield f"{entry.requirement} is not locked: its marker is false for this target"
    if pins.spec.conda_dependencies:
        yield f"what conda installs is not locked: {', '.join(pins.spec.conda_dependencies)}"
    yield from pins.spec.notes


def _entries(
    pins: PinSet,
    package_sources: PackageSources,
    target: resolver.Target,
    sources: Sequence[Any] | None,
    *,
    resolve: bool,
) -> tuple[list[envfiles.Entry], tuple[str, ...]]:
    """Return the pinned closure for a target: the folder's own, else one that is resolved."""
    own = list(pins.applicable())
    pinned = all(entry.version or "@" in entry.requirement for entry in own)
    if pins.closed and pinned and not resolve:
        return own, ()
    # The hashes of a closure may be those of one platform; who wrote other lines means them so.
    lines = [
        entry.requirement if pins.closed else " ".join((entry.requirement, *entry.options))
        for entry in pins.entries
    ]
    merged = resolver.merge(
        (),
        pip_requirements=package_sources.read(lines, layer="requirements.txt"),
        constraints=package_sources.read(
            pins.spec.constraints, layer="constraints", constraint=True
        ),
        provided=pins.provided_by_conda(),
        target=target,
    )
    installed = (
        resolver.Installed((), target) if resolve else pins.installed(resolver.Installed.current())
    )
    resolution = package_sources.resolve(merged, installed, sources=sources)
    comments = {entry.name: entry.comment for entry in pins.entries}
    entries = [
        envfiles.Entry(
            str(pin.requirement),
            comments.get(pin.name, f"via {', '.join(pin.via)}"),
            hashes=pin.hashes,
        )
        for pin in resolution.pins
    ]
    return entries, resolution.notes
