"""The environment of a model for nodes: a pack, or the folder's lines, without logins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...base.addresses.known_hosts import check_variables
from ...base.files.hashing import digest, digests
from ...base.siblings import envfiles
from ...environments.given.holding import check_pins
from ...environments.given.packed import manifest_in
from ...environments.spec import EnvironmentContents, EnvironmentRequest
from ...folder.documents.names import LOCK
from ...folder.model_folder import ModelFolder
from ..node.job import NodeEnvironment

_EQUALS = re.compile(r"(\w+) == \"([^\"]*)\"")


def packed(pack: Path, request: EnvironmentRequest) -> NodeEnvironment:
    """Return the environment that each node unpacks from a pack.

    Raises BadPackError for an invalid one, and AnotherEnvironmentError for one of other pins.
    """
    check_pins(request, manifest_in(pack).pins, pack)
    return NodeEnvironment(kind="packed", file=str(pack.absolute()), sha256=digest(pack))


def built(
    folder: ModelFolder, request: EnvironmentRequest, variables: Mapping[str, str]
) -> NodeEnvironment:
    """Return the environment that each node builds for a folder.

    A variable in a line is expanded on the node, by its installer; UnknownHostError is raised here
    if it would be sent to a host that the user does not know. A login in a line is removed: a node
    has its own, in its pip configuration.
    """
    contents = request.contents
    python = str(request.python.executable)
    check_variables(contents.naming_places, contents.permit, variables, python)
    lock = _lock(folder)
    wheels = sorted(file.relative_to(folder.path).as_posix() for file in request.wheels)
    found = digests(folder.path / name for name in wheels)
    return NodeEnvironment(
        kind="built",
        python=request.python_version,
        exact=contents.exact,
        lines=tuple(_without_login(line) for line in request.lines),
        hashes={
            _without_login(line): entry.hashes
            for line, entry in contents.behind.items()
            if entry.hashes
        },
        locked=_hashes(lock, request),
        locked_for=_platform(lock),
        settings={
            entry.name: entry.settings for entry in contents.behind.values() if entry.settings
        },
        options=tuple(map(_without_login, contents.options)),
        constraints=contents.constraints,
        closed=contents.closed,
        wheels={name: found[folder.path / name] for name in wheels},
    )


def _without_login(line: str) -> str:
    """Return a line without the logins of its addresses; variables in their place are kept.

    >>> _without_login("own @ https://me:secret@host/own-1.0.whl ; os_name == 'posix'")
    "own @ https://host/own-1.0.whl ; os_name == 'posix'"
    """
    if envfiles.mask(line) == line:
        return line
    return " ".join(envfiles.strip(word) if "://" in word else word for word in line.split(" "))


def _lock(folder: ModelFolder) -> envfiles.Lock | None:
    """Return the lock of a folder; None if it cannot be read."""
    text = envfiles.read_text(folder.path / LOCK, within=folder.path)
    try:
        return envfiles.read_pylock(text, file=str(folder.path / LOCK)) if text else None
    except envfiles.PackagingTooOld:
        return None


def _platform(lock: envfiles.Lock | None) -> Mapping[str, str]:
    """Return the platform of the files of a lock, as marker variables; empty for any platform."""
    return dict(_EQUALS.findall(lock.environments[0])) if lock and lock.environments else {}


def _hashes(
    lock: envfiles.Lock | None, request: EnvironmentRequest
) -> Mapping[str, tuple[str, ...]]:
    """Return the hashes in a lock for the files of each line."""
    if lock is None or not _is_of_python(lock, request.contents, request.python_version):
        return {}
    return dict(_iter_hashes(lock, request))


def _iter_hashes(
    lock: envfiles.Lock, request: EnvironmentRequest
) -> Iterator[tuple[str, tuple[str, ...]]]:
    known = {(each.name, each.version): each.hashes for each in lock.packages}
    for line in request.lines:
        entry = envfiles.Entry(line)
        hashes = known.get((entry.name, entry.version or ""))
        if hashes and not request.contents.behind.get(line, entry).hashes:
            yield _without_login(line), hashes


def _is_of_python(lock: envfiles.Lock, contents: EnvironmentContents, version: str) -> bool:
    minors = {".".join(each.removesuffix("t").split(".")[:2]) for each in (lock.python, version)}
    return contents.closed and (not lock.python or len(minors) == 1)
