"""Lay our code out in a Python without it, once per node, and import it under a private name.

The text of this file is part of every pickle that travels, so it is short and stands alone: Python
3.10 syntax, the standard library only, and no imports of ours. Modules that only the first process
on a node needs are imported where they are used.
"""

from __future__ import annotations

import importlib
import os
import sys
import types
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from typing import Any

CARRIED = "carried"
"""The file in the folder of our code with the archive it came from, to be sent on."""
_LISTED = "listed"  # lists the size and the path of each file; written last
_SHORT = 16  # characters of a digest
_MAKING, _LONGEST, _ATTEMPTS = ".making-", 3600.0, 5


def arrive(carried: bytes, digest: str, module: str, name: str, state: Any) -> Any:
    """Return the function `name` of our `module` applied to a state, on this node.

    Raises RuntimeError if our code cannot be laid out, with the place and the way out.
    """
    package = _package(carried, digest)
    return getattr(importlib.import_module(f"{package}.{module}"), name)(state)


def cache_folder() -> str:
    """Return this user's cache folder of ours on this node, which exists. Raises OSError.

    MODELENV_CACHE_DIR names it; else it is below the user's own, or below the temporary folder if
    that is not writable, as in many containers. There it must belong to this user alone.
    """
    places = list(_places())
    for folder in places:
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK | os.X_OK) and (folder == places[0] or _is_private(folder)):
            return folder
    raise OSError(f"none of these can be written to, or is ours: {', '.join(places)}")


def _places() -> Iterator[str]:
    get = os.environ.get  # noqa: TID251  # an entry: no module of ours is loaded yet
    if named := get("MODELENV_CACHE_DIR"):
        yield named
        return
    home = os.path.expanduser("~")
    if os.name == "nt":
        yield os.path.join(get("LOCALAPPDATA") or home, "modelenv", "Cache")
    elif sys.platform == "darwin":
        yield os.path.join(home, "Library", "Caches", "modelenv")
    else:
        yield os.path.join(get("XDG_CACHE_HOME") or os.path.join(home, ".cache"), "modelenv")
    import tempfile

    user = os.getuid() if hasattr(os, "getuid") else "user"
    yield os.path.join(tempfile.gettempdir(), f"modelenv-{user}")


def _is_private(folder: str) -> bool:
    """Return whether nobody else can put code into a folder below a shared one."""
    if sys.platform == "win32":
        return True
    import stat

    found = os.lstat(folder)
    shared = found.st_mode & (stat.S_IWOTH | stat.S_IWGRP)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not shared


def _package(carried: bytes, digest: str) -> str:
    """Return the private name of our package, which can be imported."""
    name = f"_modelenv_{digest[:_SHORT]}"  # the prefix in `base.errors`
    if name not in sys.modules:
        package = types.ModuleType(name, "What of modelenv has travelled here.")
        package.__path__ = [os.path.join(_laid_out(carried, digest), "modelenv")]
        package.__spec__ = ModuleSpec(name, None, is_package=True)
        package.__spec__.submodule_search_locations = package.__path__
        sys.modules.setdefault(name, package)  # only one of two threads does it
    return name


def _laid_out(carried: bytes, digest: str) -> str:
    """Return the complete folder of our code: unpacked beside its place, and moved there."""
    above = "its cache"
    try:
        above = os.path.join(cache_folder(), "travel")
        root = os.path.join(above, digest[:_SHORT])
        for _ in range(_ATTEMPTS):  # another process may remove or damage it meanwhile
            if _is_whole(root):
                return root
            _make(root, carried, digest)
        raise OSError(f"{root} does not stay as it was made")  # noqa: TRY301  # as the others
    except OSError as error:
        import socket

        raise RuntimeError(
            f"modelenv cannot put its code into {above} on the node {socket.gethostname()}: {error}"
            "\nSet MODELENV_CACHE_DIR for the engine's processes to a folder they may write to."
        ) from error


def _is_whole(root: str) -> bool:
    """Return whether all files exist: cleaners of temporary folders remove single files."""
    try:
        with open(os.path.join(root, _LISTED), encoding="utf-8") as file:
            entries = [line.rstrip("\n").partition(" ") for line in file]
        return all(os.path.getsize(os.path.join(root, path)) == int(n) for n, _, path in entries)
    except (OSError, ValueError):
        return False


def _make(root: str, carried: bytes, digest: str) -> None:
    """Unpack our code beside its place and move it there, unless another process did."""
    import errno
    import hashlib
    import io
    import shutil
    import tempfile
    import zipfile
    import zlib

    archive = zlib.decompress(carried)
    if hashlib.sha256(archive).hexdigest() != digest:
        raise RuntimeError("the code of modelenv that travels with a model has been damaged")
    above = os.path.dirname(root)
    os.makedirs(above, exist_ok=True)
    _sweep(above)
    made = tempfile.mkdtemp(prefix=_MAKING, dir=above)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            files.extractall(made)
            sizes = {each.filename: each.file_size for each in files.infolist()}
        with open(os.path.join(made, CARRIED), "wb") as file:
            file.write(carried)
        with open(os.path.join(made, _LISTED), "w", encoding="utf-8") as listed:
            lines = {**sizes, CARRIED: len(carried)}.items()
            listed.writelines(f"{size} {name}\n" for name, size in lines)
        if not _is_whole(root) and os.path.exists(root):
            os.rename(root, f"{made}-damaged")
        os.rename(made, root)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):  # else another process was first
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
        shutil.rmtree(f"{made}-damaged", ignore_errors=True)


def _sweep(above: str) -> None:
    """Remove the leftovers of killed processes."""
    import shutil
    import time

    for name in os.listdir(above):
        place = os.path.join(above, name)
        try:
            if name.startswith(_MAKING) and time.time() - os.stat(place).st_mtime > _LONGEST:
                shutil.rmtree(place, ignore_errors=True)
        except FileNotFoundError:
            continue
