"""Who links to a shared library: the compiled files of pinned distributions that name it."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from ..base.siblings import resolver

_COMPILED = (".so", ".dylib", ".pyd", ".dll")


def iter_linking(
    library: str, distributions: Iterable[resolver.Distribution]
) -> Iterator[tuple[resolver.Distribution, str]]:
    """Yield each distribution with a file that links to the library, and one such file.

    What a compiled file links to stands in it as a name between two zero bytes, under the
    library's short name as well (``libgomp.so.1`` of ``libgomp.so.1.0.0``).
    """
    needles = [b"\0%s\0" % name.encode() for name in short_names(library)]
    for distribution in distributions:
        compiled = (file for file in distribution.files if _is_compiled(file))
        found = next((each for each in compiled if _names(distribution, each, needles)), None)
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


def _is_compiled(file: str) -> bool:
    name = file.rpartition("/")[2]
    return name.endswith(_COMPILED) or ".so." in name


def _names(distribution: resolver.Distribution, file: str, needles: Iterable[bytes]) -> bool:
    try:
        with (
            (Path(distribution.location) / file).open("rb") as opened,
            mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            return any(content.find(needle) >= 0 for needle in needles)
    except (OSError, ValueError):  # it is gone, or empty
        return False
