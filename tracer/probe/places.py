"""The files that concern traced code, as opposed to the interpreter's or the machine's."""

from __future__ import annotations

import os
import sys

from .children import temporary_folder

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable

# Folders that belong to the machine and differ from one to the next.
_SYSTEM = ("/proc/", "/sys/", "/dev/", "/etc/ld.so", "/run/", "/var/run/")
_PACKAGES = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)
# Files that are read to list installed distributions: a scan over all is no use of each.
_METADATA = (".dist-info", ".egg-info")
_STARTUP = (".pth", ".start", ".egg-link", *_METADATA)
_CACHE = "__pycache__"
_VERSION = "python%d.%d" % sys.version_info[:2]
# The interpreter's own libraries and the loader: every process has them.
_EVERYWHERE = ("ld-linux", "libpython", "linux-vdso", "libc.so", "libc-", "libm.so", "libm-")


class Places:
    """Separate files a model may need from those of interpreter, machine and temporary folders.

    Everything in an environment is of interest, except its interpreter's standard library. That
    holds above all for files of distributions, wherever the environment lies.
    """

    def __init__(self) -> None:
        self._own = tuple(_interpreter())
        self._temporary = temporary_folder() + os.sep
        self._kept = (os.getcwd() + os.sep, *_prefixes())
        self._alone = frozenset(_interpreter_files())
        self._folders: dict[str, bool] = {}

    def holds(self, file: str) -> bool:
        """Return whether a file, by its absolute path, is of interest; cached by folder."""
        folder, _, name = file.rpartition(os.sep)
        known = self._folders.get(folder)
        if known is None:
            known = self._folders[folder] = self._holds_folder(folder + os.sep)
        return known and not name.endswith(_STARTUP) and file not in self._alone

    def forget(self) -> None:
        """Forget the folders, for a process that opens files in ever new ones."""
        self._folders.clear()

    def holds_library(self, path: str) -> bool:
        """Return whether a shared library is of interest: it is not the interpreter's own."""
        name = path.rpartition(os.sep)[2]
        own = name.startswith(_EVERYWHERE) or path in self._alone
        return not own and (is_installed(path) or not path.startswith(self._own))

    def _holds_folder(self, folder: str) -> bool:
        if folder.startswith(_SYSTEM):
            return False
        for part in folder.split(os.sep):
            if part == _CACHE or part.endswith(_METADATA):
                return False
        if is_installed(folder):
            return True
        if folder.startswith(self._own):
            return False
        return folder.startswith(self._kept) or not folder.startswith(self._temporary)


def is_installed(path: str) -> bool:
    """Return whether a path leads into a folder of installed distributions."""
    return any(part in path for part in _PACKAGES)


def source_of(file: str) -> str:
    """Return the source of a file in ``__pycache__``; any other file unchanged.

    >>> source_of("a/__pycache__/b.cpython-312.pyc").replace(os.sep, "/")
    'a/b.py'
    """
    folder, name = os.path.split(file)
    above, last = os.path.split(folder)
    if last != _CACHE or not name.endswith(".pyc"):
        return file
    return os.path.join(above, name.partition(".")[0] + ".py")


def _prefixes() -> Iterable[str]:
    # /usr as a prefix holds the whole system.
    for folder in (sys.prefix, sys.base_prefix):
        if folder not in ("/usr", "/"):
            yield folder + os.sep


def _interpreter() -> Iterable[str]:
    """Yield the folders of the interpreter, as named and as resolved."""
    folders = [os.path.dirname(os.__file__), os.path.join(sys.base_prefix, "include", _VERSION)]
    if os.name == "nt":
        folders.append(os.path.join(sys.base_prefix, "DLLs"))
    for folder in folders:
        yield folder + os.sep
        yield os.path.realpath(folder) + os.sep


def _interpreter_files() -> Iterable[str]:
    yield os.path.join(sys.prefix, "pyvenv.cfg")
    for file in (sys.executable, getattr(sys, "_base_executable", "")):
        if file:
            yield file
            yield os.path.realpath(file)
