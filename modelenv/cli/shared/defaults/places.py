"""Find the files in which a project says its defaults, and never in a model folder."""

from __future__ import annotations

import os
import re
import warnings

OWN, SHARED = "modelenv.toml", "pyproject.toml"
"""The file that is ours alone, and the one in which a table is; the first wins."""
_MODEL = "MLmodel"
_LARGEST = 1_000_000
_TABLE = re.compile(rb"tool\s*\.\s*[\"']?modelenv|^\s*\[\s*tool\s*\]|^\s*tool\s*=", re.MULTILINE)


def find_defaults(start: str, home: str) -> tuple[str, ...]:
    """Return the files of the nearest folder that has any, from `start` upwards; the first wins.

    The last folder that is looked at is the root of a repository, or `home`. A file in a model
    folder, or below one, came with the model and is no setting of the user's. In folders above
    `start` only files of this user, or of root, are read: others may write to a shared ``/tmp``.
    """
    for folder in _outside_models(_upwards(start)):
        found = tuple(
            file
            for file in (os.path.join(folder, OWN), os.path.join(folder, SHARED))
            if _speaks(file) and (folder == start or _is_own(file))
        )
        if found:
            return found
        if folder == home or os.path.exists(os.path.join(folder, ".git")):
            break
    return ()


def _upwards(start: str) -> list[str]:
    folders = [start]
    while (above := os.path.dirname(folders[-1])) != folders[-1]:
        folders.append(above)
    return folders


def _outside_models(folders: list[str]) -> list[str]:
    """Return the folders above the highest model folder; all, if none of them is one."""
    inside = [
        place
        for place, folder in enumerate(folders)
        if os.path.lexists(os.path.join(folder, _MODEL))
    ]
    return folders[inside[-1] + 1 :] if inside else folders


def _speaks(file: str) -> bool:
    """Return whether a file is there and says anything to us, without reading it as TOML."""
    try:
        with open(file, "rb") as opened:
            content = opened.read(_LARGEST)
    except OSError:  # it is not there, or no file
        return False
    return os.path.basename(file) == OWN or _TABLE.search(content) is not None


def _is_own(file: str) -> bool:
    if not hasattr(os, "getuid"):
        return True
    owner = os.stat(file).st_uid
    if owner in (os.getuid(), 0):
        return True
    warnings.warn(f"{file} belongs to another user and is not read", stacklevel=2)
    return False
