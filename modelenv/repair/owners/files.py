"""Owners of files, libraries and programs by RECORD, from a path or a mere name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Literal

from ...base.siblings import resolver

FileKind = Literal["file", "library", "program"]

_SITE = re.compile(r"(?:^|/)(?:site|dist)-packages/")
_PROGRAMS = ("bin", "Scripts")


def file_owners(
    kind: FileKind, name: str, installed: resolver.Installed
) -> tuple[resolver.Distribution, ...]:
    """Return the installed distributions whose RECORD has a file, a library or a program.

    `name` is a path, in this environment or in another one, or the name that a library is loaded by
    or a program is started by. A file at the path that no distribution lists has no owner.
    """
    if Path(name).is_absolute():
        found = installed.owners(name)
        if found or Path(name).exists():
            return found
    path = name.replace("\\", "/")
    is_it = _has_path(path) if "/" in path else _has_name(kind, path)
    if is_it is None:
        return ()
    return tuple(each for each in installed if any(map(is_it, each.files)))


def named_in_record(
    words: Collection[str], installed: resolver.Installed
) -> Iterator[resolver.Distribution]:
    """Yield the installed distributions that have a program or a library named by a word."""
    tests = [partial(_is_program, word) for word in words]
    tests += [partial(_is_library, word) for word in words if ".so" in word]
    for distribution in installed:
        outside = [file for file in distribution.files if file.startswith("../") or ".so" in file]
        if any(is_it(file) for is_it in tests for file in outside):
            yield distribution


def file_here(kind: FileKind, name: str, distribution: resolver.Distribution) -> str:
    """Return the path of a distribution's file, as an absolute path; else the name itself."""
    path = name.replace("\\", "/")
    is_it = _has_path(path) if "/" in path else _has_name(kind, path)
    found = next(filter(is_it, distribution.files), None) if is_it is not None else None
    if found is None:
        return name
    return os.path.normpath(Path(distribution.location) / found)


def shown(name: str) -> str:
    """Return a path relative to its environment; one outside of any unchanged.

    >>> shown("…/site-packages/kiln/lib/libkiln.so"), shown("…/bin/kiln"), shown("/data/words.txt")
    ('kiln/lib/libkiln.so', 'bin/kiln', '/data/words.txt')
    """
    path = name.replace("\\", "/")
    return _SITE.split(path)[-1] if _SITE.search(path) else name.removeprefix("…/")


def _has_path(path: str) -> Callable[[str], bool]:
    return partial(_is_at, path, _SITE.split(path)[-1])


def _is_at(path: str, inside: str, file: str) -> bool:
    if not file.startswith("../"):
        return file == inside
    below = file.rpartition("../")[2]  # of the prefix, or of its lib
    return ("/" in below or ".so" in below) and path.endswith(f"/{below}")


def _has_name(kind: FileKind, name: str) -> Callable[[str], bool] | None:
    """Return the bare name of a library or program in RECORD; None for other files."""
    if kind == "library":
        return partial(_is_library, name)
    return partial(_is_program, name) if kind == "program" else None


def _is_library(name: str, file: str) -> bool:
    """Return whether a file is a library, also under its short name: ``libtbb.so.12``."""
    base = file.rpartition("/")[2]
    return base == name or (".so" in name and base.startswith(f"{name}."))


def _is_program(name: str, file: str) -> bool:
    folder, _, base = file.rpartition("/")
    beside = file.startswith("../") and folder.rpartition("/")[2] in _PROGRAMS
    return beside and base in (name, f"{name}.exe")
