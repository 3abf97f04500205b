"""The lock of a folder that is proven, and what it installs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from ...base.addresses.permit import NONE, Permit
from ...base.errors import WrongUseError
from ...base.siblings import envfiles, resolver
from ...environments.interpreter import Python
from ...environments.spec import EnvironmentContents, EnvironmentRequest, request_environment
from ...folder.documents.names import LOCK
from ...folder.model_folder import ModelFolder
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
    folder: ModelFolder, asked: bool | str, version: str | None = None, permit: Permit = NONE
) -> EnvironmentRequest:
    """Return an environment with the packages of a folder's lock alone.

    It is for another `version` of Python than the folder's if one is given; `permit` decides
    where the variables in its addresses may be sent. Raises WrongUseError if there is no lock,
    LockRefusedError, InvalidFile, and PackagingTooOld.
    """
    lock = chosen_lock(folder, asked)
    pins = folder.pins.on(version)
    if lock.name == UV_LOCK:
        _check_project(lock, folder.path)
        entries: tuple[envfiles.Entry, ...] = ()
    else:
        entries = tuple(_iter_files(lock, folder, pins.target()))
    lines = tuple(entry.requirement for entry in entries)
    contents = EnvironmentContents(
        requirements=lines,
        behind={line: each for line, each in zip(lines, entries, strict=True) if each.hashes},
        python=version or folder.environment.python,
        lock=lock,
        notes=tuple(_iter_notes(folder, lock)),
        permit=permit,
    )
    python = Python.current()
    return request_environment(contents, python, python.installed())


def _check_project(lock: Path, folder: Path) -> None:
    """Raise LockRefusedError if a lock of uv's lies alone, InvalidFile if one leads away."""
    there = [
        envfiles.read_text(lock.with_name(each), within=folder) for each in (UV_LOCK, _PYPROJECT)
    ]
    if None in there:
        reason = f"it has no {_PYPROJECT} beside it"
        raise LockRefusedError(lock, reason, "copy that of the project which it is the lock of")


def _iter_files(
    lock: Path, folder: ModelFolder, target: resolver.Target
) -> Iterator[envfiles.Entry]:
    """Yield a line for each file, or reference, that a lock installs, with its hashes."""
    text = envfiles.read_text(lock, within=folder.path) or ""
    try:
        chosen = envfiles.select_locked(text, target.markers, target.wheel_tags(), file=str(lock))
    except envfiles.InvalidFile as error:
        reasons = "; ".join(each.reason for each in error.faults)
        way = "`modelenv lock` writes one that can be"
        raise LockRefusedError(lock, reasons, way) from error
    for each in chosen:
        place, hashes = each.reference, each.archive
        others = each.archive_other
        if each.artifacts:
            file = each.artifacts[0]
            place, hashes, others = file.url or file.path, file.hashes, file.other_hashes
        address = place if "://" in place else (folder.path / place).absolute().as_uri()
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
