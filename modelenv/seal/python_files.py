"""The files of an interpreter, apart from its installed distributions."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from glob import glob

# Name prefixes in an interpreter's own `lib`: its library, and the one that tkinter loads, which
# python-build-standalone (uv's) has there.
_LIBRARIES = ("libpython", "libtcl", "libtk", "tcl", "tk", "itcl", "thread")
_DYNAMIC = "lib-dynload"
SITES = ("site-packages", "dist-packages")
# The parts of a conda package for its users, and not for compilers.
_CONDA_DATA = ("lib/", "bin/", "ssl/", "share/terminfo/", "share/zoneinfo/", "etc/")


def files(executable: str, base: str, stdlib: Iterable[str]) -> tuple[str, ...]:
    """List the files of the interpreter at `executable`, whose base interpreter is `base`.

    `stdlib` are the folders of its standard library and its dynamic modules. In conda's prefix the
    requirements of its package belong to it too.
    """
    own = standard_library(stdlib)
    found = [*own]
    for program in (executable, base):
        found += _programs(program)
        found += _settings(program)
    if os.name == "nt":
        prefix = os.path.dirname(base)
        parts = (f"{prefix}/{name}" for name in ("DLLs", "include", "libs"))
        return (*found, *glob(f"{prefix}/*.dll"), *parts)
    for prefix in _prefixes(base, own):
        for folder in sorted(glob(f"{prefix}/lib*")):
            beside = [name for name in os.listdir(folder) if name.startswith(_LIBRARIES)]
            found += [f"{folder}/{name}" for name in sorted(beside)]
        found.append(f"{prefix}/share/terminfo")
        found += sorted(glob(f"{prefix}/include/py*"))  # for what compiles while it predicts
        if os.path.isdir(f"{prefix}/conda-meta"):
            found += _of_conda(prefix)
    return tuple(dict.fromkeys(found))


def _prefixes(base: str, own: Iterable[str]) -> list[str]:
    """List the folders that the base interpreter and its `own` standard library are installed in.

    Before Python 3.11 a virtual environment of copies names its own program as its base.
    """
    programs = os.path.dirname(os.path.realpath(base))
    libraries = [os.path.dirname(folder) for folder in own if os.path.exists(f"{folder}/os.py")]
    return list(dict.fromkeys(map(os.path.dirname, (programs, *libraries))))


def standard_library(folders: Iterable[str]) -> list[str]:
    """Return those of `folders` that hold a standard library, or its dynamic modules.

    A virtual environment names a folder of its own too, which holds neither.
    """
    return [
        folder
        for folder in folders
        if os.path.exists(f"{folder}/os.py") or os.path.isdir(f"{folder}/{_DYNAMIC}")
    ]


def sites(path: Iterable[str], stdlib: Iterable[str]) -> tuple[str, ...]:
    """Return the folders of an interpreter's ``sys.path`` without those of its standard library.

    Includes the folders of distributions inside the standard library, on the path or not.
    """
    own = standard_library(stdlib)
    inside = [f"{folder}/{name}" for folder in own for name in SITES]
    known = {*own, *(f"{folder}/{_DYNAMIC}" for folder in own)}
    return (*inside, *(entry for entry in path if os.path.isdir(entry) and entry not in known))


def _programs(program: str) -> list[str]:
    """List an interpreter's names: those in its folder that lead to the same program."""
    folder = os.path.dirname(program)
    real = os.path.realpath(program)
    named = sorted(glob(f"{folder}/python*"))
    return [program, *(path for path in named if os.path.realpath(path) == real)]


def _settings(program: str) -> list[str]:
    """List the files by which a virtual environment names its interpreter (PEP 405)."""
    folder = os.path.dirname(program)
    return [f"{folder}/pyvenv.cfg", f"{os.path.dirname(folder)}/pyvenv.cfg"]


def _of_conda(prefix: str) -> list[str]:
    """List the files of conda's package of Python, and of all that it requires.

    Its folder of distributions is excluded: the files there belong to packages of their own.
    """
    packages = {}
    for file in glob(f"{prefix}/conda-meta/*.json"):
        with open(file, encoding="utf-8") as opened:
            package = json.load(opened)
        packages[package["name"]] = package
    found: list[str] = []
    waiting = ["python"]
    while waiting:
        package = packages.pop(waiting.pop(), None)
        if package is None:
            continue
        waiting += [line.split()[0] for line in package["depends"]]
        for file in package["files"]:
            own = file.startswith(_CONDA_DATA) and "/site-packages/" not in file
            if own and not file.startswith("lib/python3"):
                found.append(f"{prefix}/{file}")
    return found
