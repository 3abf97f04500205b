"""Modules imported before a trace began, and whether missing their runs is acceptable."""

from __future__ import annotations

import sys

from .called import MAIN
from .finder import file_of

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Container
    from types import ModuleType

    from .importer import Importer


class Older:
    """The modules that were loaded before a trace, without those that begin with one of `private`.

    Finders do not count: calls by the import system are no use of them.
    """

    def __init__(self, importer: Importer, private: tuple[str, ...]) -> None:
        self._importer = importer
        self._private = private
        self._modules: dict[str, ModuleType] = {}
        self._finders: set[str | None] = set()
        self._awaited: set[str] = set()
        self.names: frozenset[str] = frozenset()
        self.standard: frozenset[str] = frozenset()
        """The modules of the standard library."""
        self.passed = False

    def remember(self) -> None:
        """Remember the loaded modules. Most traces need nothing else, and the rest takes time."""
        self._modules = sys.modules.copy()
        finders = {getattr(each, "__module__", None) for each in sys.meta_path}
        self._finders = finders.union(type(each).__module__ for each in sys.meta_path)

    def _look(self) -> None:
        """Examine the remembered modules."""
        modules, self._modules = self._modules, {}
        top = self._importer.standard
        self.names = frozenset(modules)
        self.standard = frozenset(name for name in modules if name.partition(".")[0] in top)
        others = self.names.difference(self.standard, self._finders, MAIN)
        self._awaited = {name for name in others if self._may_run(name, file_of(modules[name]))}

    def _may_run(self, name: str, file: str | None) -> bool:
        if file is None or name.startswith(self._private):
            return False
        return self._importer.kind_of(file) != "own"

    def may_pass(self, seen: Container[str]) -> bool:
        """Return whether all modules outside the standard library have been `seen` to run by now.

        If so, they may be `passed`: the code that runs is not attributed to a module.
        """
        if self._modules:
            self._look()
        self._awaited = {name for name in self._awaited if name not in seen}
        self.passed = self.passed or not self._awaited
        return not self._awaited
