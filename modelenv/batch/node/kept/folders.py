"""The files of a model on a node: checked by their hashes, written once if they were inline."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from ....base.files.bounded import UntrustedFileError
from ....base.files.disk import placing
from ....base.files.hashing import digest
from ..job import FolderFiles
from .errors import FilesError

_MODELS = "models"

_State = list[int]


def laid_out(files: FolderFiles, cache: Path) -> Path:
    """Return the folder on this node that holds the files, each with its hash.

    Inline files are written below `cache` once per node; files at a path are read when this node
    first sees them, and again when they have changed. Raises FilesError.
    """
    if files.contents is None:
        return _checked(files, cache)
    root = cache / _MODELS / files.key[:24]
    with placing(cache):
        if not _is_whole(root, files.digests, files.contents):
            _make(root, files.digests, files.contents)
    return root


def _make(root: Path, digests: Mapping[str, str], contents: Mapping[str, bytes]) -> None:
    root.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".making-", dir=root.parent))
    try:
        for name, content in contents.items():
            if hashlib.sha256(content).hexdigest() != digests.get(name):
                raise _error(str(root), f"{name} was damaged on its way", "Send it again.")
            file = made / _relative(name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        made.chmod(0o755)
        with suppress(OSError):  # another process was first
            if root.exists() and not _is_whole(root, digests, contents):
                root.rename(made.with_name(f"{made.name}-damaged"))
            made.rename(root)
    finally:
        shutil.rmtree(made, ignore_errors=True)
        shutil.rmtree(made.with_name(f"{made.name}-damaged"), ignore_errors=True)
    if not _is_whole(root, digests, contents):
        raise _error(str(root), "it could not be put there", "Remove that folder.")


def _is_whole(root: Path, digests: Mapping[str, str], contents: Mapping[str, bytes]) -> bool:
    """Return whether each file exists with its content: they are few and small."""
    try:
        return all(
            hashlib.sha256((root / _relative(name)).read_bytes()).hexdigest() == digests[name]
            for name in contents
        )
    except OSError:
        return False


def _checked(files: FolderFiles, cache: Path) -> Path:
    root = Path(files.path)
    known_file = cache / _MODELS / f"{hashlib.sha256(os.fsencode(root)).hexdigest()[:24]}.json"
    known = _known(known_file)
    seen: dict[str, tuple[_State, str]] = {}
    for name, wanted in files.digests.items():
        file = root / _relative(name)
        try:
            state = _state(file)
            before = known.get(name)
            found = before[1] if before and before[0] == state else digest(file)
        except FileNotFoundError:
            raise _missing(root, name) from None
        except UntrustedFileError as error:
            raise _error(str(root), f"{name} {error.reason}", _SHARED) from error
        except OSError as error:
            raise _error(str(root), f"{name} cannot be read: {error.strerror}", _SHARED) from error
        if found != wanted:
            raise _error(str(root), f"{name} is not what it was when its driver read it", _CHANGED)
        seen[name] = (state, found)
    if seen != {name: known.get(name) for name in seen}:
        _keep(known_file, {**known, **seen})
    return root


def _known(file: Path) -> dict[str, tuple[_State, str]]:
    """Return the known states and hashes of files, from this user's own cache."""
    try:
        told = json.loads(file.read_bytes())
        return {str(name): (list(state), str(found)) for name, (state, found) in told.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _keep(file: Path, known: Mapping[str, tuple[_State, str]]) -> None:
    with suppress(OSError):  # they are read again then
        file.parent.mkdir(parents=True, exist_ok=True)
        made = file.with_name(f"{file.name}.{os.getpid()}.partial")
        made.write_text(json.dumps(known), "utf-8")
        made.replace(file)


def _state(file: Path) -> _State:
    found = file.stat()
    return [found.st_size, found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns]


def _relative(name: str) -> PurePosixPath:
    """Return a path that stays below its folder. Raises FilesError."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise _error(name, "its path leads out of the model folder", _CHANGED)
    return path


_SHARED = (
    "A model that is not inline has to stand at that path on each node, in a file system that all"
    " share; ship='inline' sends its files along."
)
_CHANGED = "Make the BatchModel anew of the folder as it is now."


def _missing(root: Path, name: str) -> FilesError:
    what = f"{name} is not there" if root.is_dir() else "there is no such folder"
    return _error(str(root), what, _SHARED)


def _error(folder: str, reason: str, way_out: str) -> FilesError:
    return FilesError(folder, reason, way_out, socket.gethostname())
