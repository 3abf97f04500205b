"""Files in the memory of this process: shared libraries and mapped data."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable

_MAPS = "/proc/self/maps"
# Without this file the mapped libraries are unknown.
MAPS_ARE_SHOWN = sys.platform.startswith("linux") and os.path.exists(_MAPS)


def mapped(known: set[bytes] | None = None) -> dict[str, str]:
    """Return the mapped files, each with its kind: `library` or `file`.

    A library has executable parts, or a library's name. Writable mappings are left out, and so are
    the `known` lines of the last time; the present ones then replace these. Empty if the system has
    no ``/proc``.
    """
    if not MAPS_ARE_SHOWN:
        return {}
    with open(_MAPS, "rb") as file:
        lines = file.read().split(b"\n")
    if known is not None:
        lines, now = [line for line in lines if line not in known], lines
        known.clear()
        known.update(now)
    found: dict[bytes, str] = {}
    # Parts of one file follow each other; the last decisive part counts.
    for line in lines:
        start = line.find(b"/")
        if start < 0:
            continue
        path = line[start:]
        if found.get(path) != "library":
            permissions = line[line.find(b" ") + 1 :][:4]
            if b"x" in permissions or is_library(path.decode("latin-1")):
                found[path] = "library"
            elif permissions[1:2] != b"w":
                found[path] = "file"
    return {os.fsdecode(path): kind for path, kind in found.items()}


def is_library(path: str) -> bool:
    """Return whether a file name is that of a shared library on Linux."""
    name = path.rpartition("/")[2]
    return name.endswith(".so") or ".so." in name


def matching(asked: str, libraries: Iterable[str]) -> str | None:
    """Return the library that a loader was `asked` for: by its file, else by its name.

    A name without a path is often a link to a file with a longer version in its name.

    >>> matching("libtbb.so.12", ["/env/lib/libtbb.so.12.15"])
    '/env/lib/libtbb.so.12.15'
    """
    if os.sep in asked:
        real = os.path.realpath(asked)
        return next((path for path in libraries if path == real), None)
    near = None
    for path in libraries:
        name = path.rpartition("/")[2]
        if name == asked:
            return path
        if near is None and name.startswith(asked + "."):
            near = path
    return near
