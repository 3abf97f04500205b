"""Files of modules: their owners, and the files that a path would load modules from."""

from __future__ import annotations

# Paths are strings here: there are thousands, and pathlib takes ten times as long.
# ruff: noqa: PTH112, PTH113, PTH118, PTH120, PTH208
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..installed.claims import Owned
    from ..installed.environment import Distribution, Installed


class Owners:
    """The owner of each file, remembered."""

    def __init__(self, installed: Installed, stdlib: Iterable[str]) -> None:
        self._installed = installed
        self._known: dict[str, Owned | None] = {}
        folders = {spelled for folder in stdlib for spelled in (folder, os.path.realpath(folder))}
        self._stdlib = tuple(sorted(folder.rstrip(os.sep) + os.sep for folder in folders))
        sites = ("site-packages", "dist-packages")
        self._sites = tuple(folder + site + os.sep for folder in self._stdlib for site in sites)

    def of(self, file: str, module: str = "") -> tuple[Distribution, ...] | None:
        """Return the owners of a file; empty: it has none; None: the standard library's.

        A link that makes another `module` of an owned file has no owner.
        """
        owned = self.whose(file, module)
        return None if owned is None else owned.owners

    def whose(self, file: str, module: str = "") -> Owned | None:
        """Return the owner of a file and how it was found; None: it is the standard library's."""
        if file not in self._known:
            self._known[file] = self._find(file)
        owned = self._known[file]
        if module and owned is not None and owned.real:
            return owned.as_module(module, file)
        return owned

    def has_standard(self, module: str) -> bool:
        """Return whether the standard library has a top-level module of that name."""
        return find_module(module, self._stdlib) is not None

    def _find(self, file: str) -> Owned | None:
        if self._is_stdlib(file):
            return None
        owned = self._installed.whose(file)
        is_stdlib = not owned.owners and self._is_stdlib(os.path.realpath(file))
        return None if is_stdlib else owned

    def _is_stdlib(self, file: str) -> bool:
        return file.startswith(self._stdlib) and not file.startswith(self._sites)


def own_stdlib() -> tuple[str, ...]:
    """Return the folders of this interpreter's standard library, with its extension modules.

    `sysconfig` knows them, but first reads how the interpreter was built, which takes as long as
    the owners of hundreds of modules.
    """
    release = f"python{sys.version_info.major}.{sys.version_info.minor}"
    parts = ("DLLs",) if sys.platform == "win32" else (sys.platlibdir, release)
    return os.path.dirname(os.__file__), os.path.join(sys.base_exec_prefix, *parts)


def find_module(name: str, paths: Iterable[str]) -> str | None:
    """Find the file that a path would load a module from, without using an import system."""
    parts = name.split(".")
    for path in paths:
        base = os.path.join(path, *parts)
        for file in (os.path.join(base, "__init__.py"), f"{base}.py", *_extensions(base)):
            if os.path.isfile(file):
                return file
    return None


def _extensions(base: str) -> Iterator[str]:
    folder, stem = os.path.split(base)
    if os.path.isdir(folder):
        for file in sorted(os.listdir(folder)):
            if file.startswith(f"{stem}.") and file.endswith((".so", ".pyd")):
                yield os.path.join(folder, file)
