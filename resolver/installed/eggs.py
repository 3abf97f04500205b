"""Eggs: a folder or a zip that is a path entry of its own, with its metadata in EGG-INFO."""

from __future__ import annotations

# Paths are strings here, as in every file that compares thousands of them.
# ruff: noqa: PTH112, PTH113, PTH118, PTH120
import os
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

INFO = "EGG-INFO"


def is_egg(path: str) -> bool:
    """Return whether a path entry is an egg: `easy_install` and `setup.py install` left them."""
    if not path.endswith(".egg"):
        return False
    return os.path.isdir(os.path.join(path, INFO)) or zipfile.is_zipfile(path)


def read_zipped(info: str, name: str) -> bytes | None:
    """Read a file beside the metadata at `info` inside a zipped egg, or None."""
    try:
        with zipfile.ZipFile(os.path.dirname(info)) as archive:
            return archive.read(f"{INFO}/{name}")
    except (OSError, zipfile.BadZipFile, KeyError):
        return None


def files_of(egg: str) -> Iterator[str]:
    """Yield the files of an egg, relative to it, without its metadata."""
    if os.path.isfile(egg):
        with zipfile.ZipFile(egg) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
    else:
        walked = os.walk(egg)
        found = (os.path.join(folder, name) for folder, _, names in walked for name in names)
        names = [os.path.relpath(path, egg).replace(os.sep, "/") for path in found]
    for name in sorted(names):
        if not name.startswith(f"{INFO}/") and "__pycache__" not in name.split("/"):
            yield name
