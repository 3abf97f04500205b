"""The lock of a folder that is proven, and what it installs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from packaging.version import Version

from ...base.errors import WrongUseError
from ...base.siblings import envfiles, resolver
from ...environments.interpreter import Python
from ...environments.spec import EnvironmentContents, EnvironmentRequest, request_environment
from ...folder.documents.names import LOCK
from ...folder.model_folder import ModelFolder
from ...pins.change.at_hand import who_forbids
from ...pins.package_sources import NO_INDEX, PIP_CONFIGURATION, PackageSources
from ...pins.pin_set import PinnedVersion
from .at_hand import taken_at_hand
from .beside import UV_LOCK, LockBeside, iter_locks_beside
from .errors import LockRefusedError

_PYPROJECT = "pyproject.toml"
_LOCKS = "pylock*.toml"


def chosen_lock(folder: ModelFolder, asked: bool | str) -> Path:
    """Return the lock to prove: the named one, else pylock.toml, else uv.lock.

    Raises WrongUseError if it does not exist, or if there is none at all.
    """
    there = [file.name for file in sorted(folder.path.glob(_LOCKS))]
    there += [UV_LOCK] if (folder.path / UV_LOCK).is_file() else []
    name = asked if isinstance(asked, str) else next((n for n in (LOCK, UV_LOCK) if n in there), "")
    if name in there:
        return folder.path / name
    have = f"it has {', '.join(there)}" if there else "it has none: `modelenv lock` writes one"
    wanted = f"lock {name}" if name else "lock to prove"
    raise WrongUseError(f"{folder.path} has no {wanted}; {have}")


def wanted_of_lock(
    folder: ModelFolder,
    asked: bool | str,
    version: str | None = None,
    sources: PackageSources = PIP_CONFIGURATION,
) -> EnvironmentRequest:
    """Return an environment with the packages of a folder's lock alone.

    It is for another `version` of Python than the folder's if one is given; `sources` decide
    where the variables in its addresses may be sent, and whether its addresses are asked at all.
    Raises WrongUseError if there is no lock, LockRefusedError, InvalidFile, and PackagingTooOld.
    """
    lock = chosen_lock(folder, asked)
    pins, forbidden = folder.pins.on(version), who_forbids(sources)
    if lock.name == UV_LOCK:
        _check_project(lock, folder.path)
        entries: tuple[envfiles.Entry, ...] = ()
    else:
        chosen = _chosen(lock, folder, pins.target())
        if forbidden:
            chosen = taken_at_hand(lock, chosen, sources, pins.target(), forbidden)
        entries = tuple(_iter_files(chosen, folder.path))
    lines = tuple(entry.requirement for entry in entries)
    contents = EnvironmentContents(
        requirements=lines,
        behind={line: each for line, each in zip(lines, entries, strict=True) if each.hashes},
        python=version or folder.environment.python,
        lock=lock,
        options=(NO_INDEX,) if forbidden else (),
        notes=tuple(_iter_notes(folder, lock)),
        permit=sources.indexes.permit,
    )
    python = Python.current()
    return request_environment(contents, python, python.installed())


def locked_versions(folder: ModelFolder, asked: bool | str) -> list[PinnedVersion]:
    """Return the versions that a folder's lock installs for its Python on this platform.

    References have none. Raises WrongUseError if there is no lock, LockRefusedError, InvalidFile,
    and PackagingTooOld.
    """
    lock, target = chosen_lock(folder, asked), folder.pins.target()
    if lock.name == UV_LOCK:
        project = envfiles.UvProject.read(folder.path, target.markers)
        several = project.versions.items() if project is not None else ()
        named = [(name, each) for name, versions in several for each in sorted(versions)]
    else:
        chosen = _chosen(lock, folder, target)
        named = [(each.name, each.version) for each in chosen if each.version]
    return [PinnedVersion(name, Version(version)) for name, version in named]


def _check_project(lock: Path, folder: Path) -> None:
    """Raise LockRefusedError if a lock of uv's lies alone, InvalidFile if one leads away."""
    there = [
        envfiles.read_text(lock.with_name(each), within=folder) for each in (UV_LOCK, _PYPROJECT)
    ]
    if None in there:
        reason = f"it has no {_PYPROJECT} beside it"
        raise LockRefusedError(lock, reason, "copy that of the project which it is the lock of")


def _chosen(
    lock: Path, folder: ModelFolder, target: resolver.Target
) -> tuple[envfiles.Locked, ...]:
    """Return what a lock installs on a target. Raises LockRefusedError."""
    text = envfiles.read_text(lock, within=folder.path) or ""
    try:
        return envfiles.select_locked(text, target.markers, target.wheel_tags(), file=str(lock))
    except envfiles.InvalidFile as error:
        reasons = "; ".join(each.reason for each in error.faults)
        way = "`modelenv lock` writes one that can be"
        raise LockRefusedError(lock, reasons, way) from error


def _iter_files(chosen: Iterable[envfiles.Locked], folder: Path) -> Iterator[envfiles.Entry]:
    """Yield a line for each file, or reference, that a lock installs, with its hashes."""
    for each in chosen:
        place, hashes = each.reference, each.archive
        others = each.archive_other
        if each.artifacts:
            file = each.artifacts[0]
            place, hashes, others = file.url or file.path, file.hashes, file.other_hashes
        address = place if "://" in place else (folder / place).absolute().as_uri()
        yield envfiles.Entry(f"{each.name} @ {address}{_fragment(hashes, others)}", hashes=hashes)


def _fragment(hashes: tuple[str, ...], others: tuple[str, ...]) -> str:
    """Return the URL fragment that makes pip check a file without other hashes: its md5."""
    md5 = next((each for each in others if each.startswith("md5:")), "")
    return f"#{quote(md5.replace(':', '='), safe='=')}" if md5 and not hashes else ""


def _iter_notes(folder: ModelFolder, lock: Path) -> Iterator[str]:
    """Yield differences of the proven lock from the requirements, and the locks not proven."""
    beside = {each.file: each for each in iter_locks_beside(folder)}
    proven = beside.pop(lock.name, None) or LockBeside(file=lock.name)
    if proven.said:
        yield f"{lock.name} was proven, and not the requirements: {proven.said}"
    yield from (f"{lock.name}: {each}" for each in proven.remarks)
    yield from (f"{name} was not proven: --lock {name} does that" for name in beside)
