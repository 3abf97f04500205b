"""Find libraries that pins' compiled files link to and neither pins nor a slim Debian have."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...system.data import read_table
from ...system.debian import releases_of_library
from .elf import LinkedLibraries, read_links
from .pin_files import PinFiles, is_compiled

_PYTHON = "libpython"


@dataclass(frozen=True, slots=True, order=True)
class MissingLibrary:
    """A library that a pin's file links to and that has to be installed separately."""

    soname: str
    pin: str
    file: str


def loaded_files(names: Iterable[str], files: PinFiles) -> Iterator[str]:
    """Yield the compiled files of pins that a trace names, by their paths in ``site-packages``.

    They are matched without the part of their names that depends on the system and the Python, so
    that a trace from another machine counts, too.
    """
    by_stem = {_stem(path): path for path in files.owners if is_compiled(path)}
    yield from (by_stem[stem] for stem in map(_stem, names) if stem in by_stem)


def find_missing(files: PinFiles, loaded: Iterable[str]) -> tuple[MissingLibrary, ...]:
    """Return the libraries that the `loaded` files, and the pins' files that those load, lack.

    A library is present if it is in a folder that the file searches (RUNPATH), in its own pin, in a
    pin that its pin requires, or in every slim base. One in another pin counts as well, unless
    Debian has it too, since which one is loaded first is left to chance.
    """
    in_bases = frozenset(read_table("debian_packages")["slim_bases"]["libraries"])
    found = set()
    waiting = list(loaded)
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        for soname, inside in _resolved(path, _links(files, path), files):
            if inside is not None and inside not in seen:
                seen.add(inside)
                waiting.append(inside)
            if inside is None and soname not in in_bases and not soname.startswith(_PYTHON):
                found.add(MissingLibrary(soname, files.owners[path], path))
    return tuple(sorted(found))


def _links(files: PinFiles, path: str) -> LinkedLibraries:
    try:
        with files.open(path) as stream:
            return read_links(stream)
    except OSError:  # the file is gone, so nothing is known of it
        return LinkedLibraries((), ())


def _resolved(
    path: str, links: LinkedLibraries, files: PinFiles
) -> Iterator[tuple[str, str | None]]:
    """Yield each library that a file links to, with the pins' file that provides it, or None."""
    folder = posixpath.dirname(path)
    places = [
        posixpath.normpath(each.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", folder or "."))
        for each in links.search
    ]
    for soname in links.needed:
        searched = (posixpath.normpath(posixpath.join(place, soname)) for place in places)
        inside = next((each for each in searched if each in files.owners), None)
        yield soname, inside or _by_name(soname, path, files)


def _by_name(soname: str, path: str, files: PinFiles) -> str | None:
    """Return the file of that name in the pin itself, or in a pin that it may rely on."""
    pin = files.owners[path]
    named = files.by_name.get(soname, ())
    own = [each for each in named if files.owners[each] == pin]
    needed = [each for each in named if files.owners[each] in files.needs.get(pin, ())]
    others = () if releases_of_library(soname) else named
    return next(iter((*own, *needed, *others)), None)


def _stem(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/{name.partition('.')[0]}"
