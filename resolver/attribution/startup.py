"""Distributions whose code the interpreter runs at startup, through ``.pth`` files."""

from __future__ import annotations

# Paths are strings here, as everywhere that many of them are compared.
# ruff: noqa: PTH118, PTH208
import os
import re
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from packaging.version import Version

from ..local_files import read_text
from .values import Evidence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..installed.environment import Distribution, Installed

_MODULES = ("sitecustomize", "usercustomize")
_START_FILES = Version("3.15")
# The line that setuptools writes for a namespace package: it only makes the package.
_NAMESPACE = re.compile(r"sys\.modules\.setdefault\(.*__path__")


def at_startup(
    installed: Installed, seen: Collection[str]
) -> Iterator[tuple[Distribution, Evidence]]:
    """Yield the distributions whose code the interpreter runs at startup, and the file for it.

    By `site`, these are lines of a `.pth` file that begin with "import", since Python 3.15 the
    lines of a `.start` file (PEP 829), and the modules sitecustomize and usercustomize. Names that
    were `seen` are left out, and so are editable installs, whose lines find their modules. Only
    files that a RECORD lists are opened.
    """
    for file in _files(installed):
        owned = installed.whose(file)
        owners = [each for each in owned.owners if each.name not in seen and each.editable is None]
        if not (owned.listed and owners):
            continue
        name = installed.relative(file)
        for line in _first_line(file):
            for owner in owners:
                yield owner, Evidence(name, None, name, line, "startup")


def _files(installed: Installed) -> Iterator[str]:
    has_start_files = Version(installed.target.python_version) >= _START_FILES
    for site in installed.sites:
        names: set[str] = set()
        with suppress(OSError):
            names.update(os.listdir(site))
        starts = {name for name in names if has_start_files and name.endswith(".start")}
        paths = {name for name in names if name.endswith(".pth")}
        # The lines of a .pth file are not run if there is a .start file beside it.
        paths -= {f"{name.removesuffix('.start')}.pth" for name in starts}
        yield from (os.path.join(site, name) for name in sorted(starts | paths))
    for module in _MODULES:
        forms = (f"{module}.py", os.path.join(module, "__init__.py"))
        places = (os.path.join(path, form) for path in installed.paths for form in forms)
        yield from islice(filter(os.path.isfile, places), 1)


def _first_line(file: str) -> Iterator[int | None]:
    """Yield the number of the first line that is run, None for a module; nothing if none is run."""
    if not file.endswith((".pth", ".start")):
        yield None
        return
    for number, line in enumerate(read_text(file).splitlines(), 1):
        if file.endswith(".start"):
            runs = line.strip() and not line.startswith("#")
        else:
            runs = line.startswith(("import ", "import\t")) and not _NAMESPACE.search(line)
        if runs:
            yield number
            return
