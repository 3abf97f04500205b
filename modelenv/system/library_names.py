"""The names that a shared library is linked by."""

from __future__ import annotations

import os
from pathlib import Path


def library_names(library: str) -> tuple[str, ...]:
    """Return the names that a library may be linked by: its file's name, parts of it, and links.

    The name of a file need not begin with its soname: what SQLite 3.53 installs as
    ``libsqlite3.so.3.53.4`` is linked by the link beside it, ``libsqlite3.so.0``. `library` is a
    path; if it is not there, its name alone counts.

    >>> library_names("/no/such/libstdc++.so.6.0.30")
    ('libstdc++.so.6.0.30', 'libstdc++.so.6.0', 'libstdc++.so.6')
    """
    path = Path(library)
    stem, dot, version = path.name.partition(".so.")
    numbers = version.split(".") if dot else []
    parts = [f"{stem}{dot}{'.'.join(numbers[:end])}" for end in range(len(numbers), 0, -1)]
    return tuple(dict.fromkeys((*(parts or [path.name]), *_links_to(path))))


def _links_to(path: Path) -> list[str]:
    """Return the names of the links to a file in its folder, the longest first."""
    try:
        with os.scandir(path.parent) as entries:
            links = [each for each in entries if ".so" in each.name and each.is_symlink()]
    except OSError:
        return []
    real = os.path.realpath(path)
    names = (each.name for each in links if os.path.realpath(each.path) == real)
    return sorted(names, key=len, reverse=True)
