"""Links to shared libraries, read from the compiled files themselves."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from ...base.siblings import resolver

_COMPILED = (".so", ".dylib", ".pyd", ".dll")


def iter_linking(
    library: str, distributions: Iterable[resolver.Distribution]
) -> Iterator[tuple[resolver.Distribution, str]]:
    """Yield each distribution with a file that links to the library, and one such file.

    A compiled file contains the name of a linked library between two zero bytes, perhaps by its
    short name (``libgomp.so.1`` of ``libgomp.so.1.0.0``).
    """
    for distribution in distributions:
        place = Path(distribution.location)
        compiled = (file for file in distribution.files if is_compiled(file))
        found = next((each for each in compiled if links_to(place / each, library)), None)
        if found is not None:
            yield distribution, found


def short_names(library: str) -> list[str]:
    """Return the names that a library may be linked by.

    >>> short_names("/usr/lib/libstdc++.so.6.0.30")
    ['libstdc++.so.6.0.30', 'libstdc++.so.6.0', 'libstdc++.so.6']
    """
    name = PurePosixPath(library).name
    stem, dot, version = name.partition(".so.")
    numbers = version.split(".") if dot else []
    longest = [f"{stem}{dot}{'.'.join(numbers[:end])}" for end in range(len(numbers), 0, -1)]
    return longest or [name]


def is_compiled(file: str) -> bool:
    """Return whether a file is an extension module or a shared library, by its name."""
    name = file.rpartition("/")[2]
    return name.endswith(_COMPILED) or ".so." in name


def links_to(path: Path, library: str) -> bool:
    """Return whether a compiled file links to a library; False for one that is gone, or empty."""
    needles = [b"\0%s\0" % name.encode() for name in short_names(library)]
    try:
        with (
            path.open("rb") as opened,
            mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            return any(content.find(needle) >= 0 for needle in needles)
    except (OSError, ValueError):
        return False
