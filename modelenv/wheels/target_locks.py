"""Read from a lock of several targets what one of them installs."""

from __future__ import annotations

from dataclasses import replace

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from ..base.siblings import envfiles, resolver
from ..folder.documents.names import LOCK
from ..folder.model_folder import ModelFolder
from ..pins.lock_entries import environment_marker


def locked_for(folder: ModelFolder, target: resolver.Target) -> envfiles.Lock | None:
    """Return the part for `target` of a folder's pylock.toml, if that is for several targets.

    None if it does not cover the target, is out of date, or lacks a suitable file: then the pins
    have to be resolved. Raises InvalidFile.
    """
    file = folder.path / LOCK
    text = envfiles.read_text(file, within=folder.path)
    if text is None or not envfiles.knows_pylock():
        return None
    lock = envfiles.read_pylock(text, file=str(file))
    if not (lock.is_for_several and lock.admits(target.markers)):
        return None
    if not envfiles.is_of_lines(lock, folder.pins.entries):
        return None
    return narrowed(lock, target)


def narrowed(lock: envfiles.Lock, target: resolver.Target) -> envfiles.Lock | None:
    """Return a lock with only what a target installs.

    Each distribution keeps its suitable wheels, else its source; None if one has neither.
    """
    tags = frozenset(target.wheel_tags())
    packages = []
    for each in lock.locked_for(target.markers):
        wheels = tuple(file for file in each.artifacts if _suits(file, tags))
        files = wheels or tuple(file for file in each.artifacts if not file.is_wheel)
        if not (files or each.reference):
            return None
        packages.append(replace(each, marker="", artifacts=files))
    return replace(
        lock,
        packages=tuple(packages),
        python=target.python_version,
        environments=(environment_marker(target),),
    )


def _suits(file: envfiles.LockedFile, tags: frozenset[str]) -> bool:
    try:
        return file.is_wheel and not tags.isdisjoint(map(str, parse_wheel_filename(file.file)[3]))
    except InvalidWheelFilename:
        return False
