"""Find a library, a program or another file in a base, whatever package it is from."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from .python import PATH, BasePython
from .tree import Tree

_LIBRARIES = ("/lib", "/usr/lib", "/usr/local/lib")
_LIBRARIES_64 = ("/lib64", "/usr/lib64", "/usr/local/lib64")
_C_LIBRARY = "libc.so.6"
# Debian's folders name a machine like this if they do not name it as wheels do.
_MACHINES = {"armv7l": "arm", "i686": "i386", "ppc64le": "powerpc64le"}


def has(tree: Tree, asked: str, python: BasePython, variables: Mapping[str, str]) -> bool:
    """Return whether a base has a soname, a program on its PATH, or a file at a path.

    A library has to be in a folder where the loader of the base's Python looks.
    """
    if asked.startswith("/"):
        return tree.find(asked) is not None
    if ".so" in asked:
        folders = _iter_library_folders(tree, python, variables)
        return any(tree.file(f"{folder}/{asked}") for folder in folders)
    places = (f"{folder}/{asked}" for folder in _absolute(variables.get("PATH", PATH)))
    found = (tree.file(place) for place in places)
    return any(each is not None and each.node.mode & 0o111 for each in found)


def _iter_library_folders(
    tree: Tree, python: BasePython, variables: Mapping[str, str]
) -> Iterator[str]:
    """Yield the loader's folders: of its variable, beside Python (conda), and built in."""
    yield from _absolute(variables.get("LD_LIBRARY_PATH", ""))
    prefix = posixpath.dirname(python.home)
    if prefix not in {"/", "/usr"}:
        yield f"{prefix}/lib"
    machine = _MACHINES.get(python.machine, python.machine)
    for folder in _LIBRARIES:
        found = tree.find(folder)
        names = found.node.children if found is not None else {}
        yield from (f"{folder}/{each}" for each in names if each.startswith(f"{machine}-linux-gnu"))
    yield from _LIBRARIES_64
    # With a C library in 64-bit folders, these are for 32 bits.
    if not any(tree.file(f"{folder}/{_C_LIBRARY}") for folder in _LIBRARIES_64[:2]):
        yield from _LIBRARIES


def _absolute(path: str) -> list[str]:
    return [each for each in path.split(":") if each.startswith("/")]
