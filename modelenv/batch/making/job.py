"""A model folder as the job of nodes: its files by path or inline, each with its hash."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from ...base.errors import WrongUseError
from ...base.files.hashing import digests
from ...folder.documents.trace_file import FILE as TRACE
from ...folder.model_folder import ModelFolder
from ...run.incoming import like_of, told_by
from ..node.job import FolderFiles

Ship = Literal["auto", "inline", "path"]
SHIPS = ("auto", "inline", "path")
INLINE = 1 << 22
"""The largest size of a model's files, in bytes, that are sent along by default."""
MOST_INLINE = 1 << 28
"""The largest size, in bytes, that an engine can send with a function."""
_UNREAD = (TRACE, "pylock.toml", "requirements.txt", "conda.yaml", "python_env.yaml")
_RECORDED = ("input_example", "prediction")


def files_of(folder: ModelFolder, ship: Ship) -> FolderFiles:
    """Return the files that a run of a folder's model may read.

    Raises WrongUseError if they should be inline and are too large.
    """
    names = [*_iter_names(folder)]
    found = digests(folder.path / name for name in names)
    size = sum((folder.path / name).stat().st_size for name in names)
    if ship == "inline" and size > MOST_INLINE:
        raise WrongUseError(
            f"ship='inline': the files of {folder.path} have {size:,} bytes, and engines send"
            f" {MOST_INLINE:,} at most with a function: put the folder where all nodes see it, and"
            " say ship='path'"
        )
    inline = ship == "inline" or (ship == "auto" and size <= INLINE)
    return FolderFiles(
        path=str(folder.path),
        digests={name: found[folder.path / name] for name in names},
        contents={name: (folder.path / name).read_bytes() for name in names} if inline else None,
    )


def like(folder: ModelFolder) -> Mapping[str, Any]:
    """Return the description of the model's input, without paths of this machine."""
    return without_file(like_of(told_by(folder)))


def without_file(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the description of a value without its location."""
    return {name: value for name, value in described.items() if name != "file"}


def below(path: Path, folder: ModelFolder) -> str:
    """Return the path of a file below a folder, with slashes; ``.`` for the folder itself."""
    return path.relative_to(folder.path).as_posix()


def _iter_names(folder: ModelFolder) -> Iterator[str]:
    """Yield the paths of the files that a run may read; all files of another tool's folder."""
    for here, folders, names in os.walk(folder.path):
        folders[:] = sorted(each for each in folders if each not in ("__pycache__", ".git"))
        for name in sorted(names):
            file = Path(here, name)
            unread = folder.ours and Path(here) == folder.path and _is_unread(name)
            if file.is_file() and not unread:
                yield below(file, folder)


def _is_unread(name: str) -> bool:
    return name in _UNREAD or name.startswith(_RECORDED)
