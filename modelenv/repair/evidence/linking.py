"""Links to shared libraries, read from the compiled files themselves."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...base.siblings import resolver
from ...system.library_names import library_names

_COMPILED = (".so", ".dylib", ".pyd", ".dll")


def iter_linking(
    library: str, distributions: Iterable[resolver.Distribution]
) -> Iterator[tuple[resolver.Distribution, str]]:
    """Yield each distribution with a file that links to the library, and one such file.

    A compiled file contains the name of a linked library between two zero bytes, any of its names
    (``libgomp.so.1`` of ``libgomp.so.1.0.0``).
    """
    names = library_names(library)
    for distribution in distributions:
        place = Path(distribution.location)
        compiled = (file for file in distribution.files if is_compiled(file))
        found = next((each for each in compiled if links_to(place / each, names)), None)
        if found is not None:
            yield distribution, found


def is_compiled(file: str) -> bool:
    """Return whether a file is an extension module or a shared library, by its name."""
    name = file.rpartition("/")[2]
    return name.endswith(_COMPILED) or ".so." in name


def links_to(path: Path, names: Iterable[str]) -> bool:
    """Return whether a compiled file links to one of `names`; False if it is gone, or empty."""
    needles = [b"\0%s\0" % name.encode() for name in names]
    try:
        with (
            path.open("rb") as opened,
            mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            return any(content.find(needle) >= 0 for needle in needles)
    except (OSError, ValueError):
        return False
