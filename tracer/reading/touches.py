"""The touches of several processes, united: each thing once, without modules' own files."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from ..records import Touch
from .other_pythons import PythonIdentity

# Those of another Python belong to its own environment.
_OF_AN_ENVIRONMENT = ("library", "metadata")
_PACKAGES = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_SYSTEM = "/usr"
_EXTENSIONS = (".so", ".pyd", ".dylib")


def unite(touches: Iterable[Touch], modules: Collection[str]) -> Iterator[Touch]:
    """Yield the first touch of each thing; of a library the first whose asker is known.

    Files of `modules` are left out, under their own path or under the one that a link leads to.
    """
    first: dict[tuple[str, str], Touch] = {}
    for touch in touches:
        known = first.setdefault((touch.kind, touch.name), touch)
        if known.kind == "library" and known.importer_file is None:
            first[touch.kind, touch.name] = touch
    own = _OwnFiles(modules)
    yield from (touch for touch in first.values() if touch not in own)


def of_another_python(touches: Iterable[Touch], python: PythonIdentity | None) -> Iterator[Touch]:
    """Yield the touches of another Python's process that do not belong to its environment."""
    prefix = "" if python is None or python.prefix == _SYSTEM else python.prefix + os.sep
    for touch in touches:
        installed = any(part in touch.name for part in _PACKAGES)
        below = prefix and touch.name.startswith(prefix)
        if touch.kind not in _OF_AN_ENVIRONMENT and not (
            touch.kind == "file" and (installed or below)
        ):
            yield touch


class _OwnFiles:
    """The files of modules; the system maps the target of a link, of the file or of a folder."""

    def __init__(self, modules: Collection[str]) -> None:
        self._modules = modules
        self._named: dict[str, list[str]] = defaultdict(list)
        for file in modules:
            if file.endswith(_EXTENSIONS):
                target = os.path.realpath(file) if Path(file).is_symlink() else file
                self._named[_name(target)].append(target)

    def __contains__(self, touch: Touch) -> bool:
        """Return whether a touch is of the file of a module."""
        if touch.kind == "library":
            files = self._named.get(_name(touch.name), ())
            return touch.name in self._modules or touch.name in map(os.path.realpath, files)
        return touch.kind == "file" and touch.name in self._modules


def _name(path: str) -> str:
    return path.rpartition(os.sep)[2]
