"""Eggs and .egg-info metadata, which setuptools left before there were wheels.

An egg is a folder or a zip that is a path entry of its own, with its metadata in EGG-INFO. An
.egg-info says in several files what a .dist-info says in METADATA.
"""

from __future__ import annotations

# Paths are strings here, as in every file that compares thousands of them.
# ruff: noqa: PTH112, PTH113, PTH118, PTH120
import os
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def read_requires(text: str) -> Iterator[str]:
    r"""Return a `requires.txt` of setuptools as PEP 508 lines.

    >>> list(read_requires("six\n[docs:os_name=='nt']\nsphinx>=2\n"))
    ['six', "sphinx>=2 ; (os_name=='nt') and extra == 'docs'"]
    """
    condition = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            condition = _condition(line.strip("[]"))
        elif line and not line.startswith("#"):
            yield f"{line} ; {condition}" if condition else line


def read_extras(text: str) -> Iterator[str]:
    """Return the extras that a `requires.txt` has sections for."""
    for line in map(str.strip, text.splitlines()):
        extra = line.strip("[]").partition(":")[0]
        if line.startswith("[") and extra:
            yield extra


def as_metadata(text: str, requires: Iterable[str]) -> str:
    r"""Return a PKG-INFO as METADATA: with the requirements, which were in a separate file.

    >>> as_metadata("Name: a\nVersion: 1\n\nAbout a.\n", ["six", "sphinx ; extra == 'docs'"])
    "Name: a\nVersion: 1\nRequires-Dist: six\nRequires-Dist: sphinx ; extra == 'docs'\n\nAbout a.\n"
    """
    head, blank, body = text.replace("\r\n", "\n").partition("\n\n")
    lines = head.strip("\n").split("\n")
    stated = [line for line in lines if line.lower().startswith("requires-dist:")]
    lines += [] if stated else [f"Requires-Dist: {line}" for line in requires]
    return "\n".join(lines) + "\n" + (blank and "\n") + body


def _condition(section: str) -> str:
    """Return the section `extra:marker` as one marker."""
    extra, _, marker = section.partition(":")
    parts = [f"({marker})"] if marker else []
    if extra:
        parts.append(f"extra == '{extra}'")
    return " and ".join(parts)
