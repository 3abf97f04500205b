"""Loaded modules that are hidden until they are imported.

A model has to fail if it uses a module that it never imported, and code that inspects
``sys.modules`` has to see the modules of a process of its own. Travels into other interpreters:
Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_Spec: Any = type(sys.__spec__)


class Hidden:
    """Modules to remove from ``sys.modules`` and from the namespaces of their packages."""

    def __init__(self, names: Iterable[str]) -> None:
        self._left: dict[str, Any] = {name: sys.modules[name] for name in sorted(names)}
        self._bound: dict[str, dict[str, Any]] = {}
        """The namespaces of the packages that contain the modules, by module."""
        for name, module in self._left.items():
            package, _, last = name.rpartition(".")
            held = getattr(sys.modules.get(package), "__dict__", {})
            if held.get(last) is module:
                self._bound[name] = held

    def __contains__(self, name: object) -> bool:
        return name in self._left

    def hide(self) -> None:
        """Remove the modules."""
        for name in self._left:
            sys.modules.pop(name, None)
        for name, held in self._bound.items():
            held.pop(name.rpartition(".")[2], None)

    def __getitem__(self, name: str) -> Any:
        return self._left[name]

    def show(self) -> None:
        """Restore the modules."""
        for name, module in self._left.items():
            sys.modules.setdefault(name, module)
            if name in self._bound:
                self._bound[name].setdefault(name.rpartition(".")[2], module)
        self._left = {}


class Offered(Hidden):
    """Hidden modules that are restored on import, each with its followers.

    The first import also restores those that come `at_first`.
    """

    def __init__(
        self,
        names: Iterable[str],
        followers: Mapping[str, Iterable[str]] | None = None,
        at_first: Iterable[str] = (),
    ) -> None:
        super().__init__(names)
        self._at_first = Hidden(at_first)
        self._specs = {name: getattr(each, "__spec__", None) for name, each in self._left.items()}
        self._followers = {name: Hidden(each) for name, each in (followers or {}).items()}

    @property
    def left(self) -> list[str]:
        """The modules that have not been imported so far."""
        return list(self._left)

    def hide(self) -> None:
        """Remove the modules and their followers, and install this as their finder."""
        for each in (self._at_first, *self._followers.values()):
            each.hide()
        super().hide()
        sys.meta_path.insert(0, self)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of one of these modules; None for any other."""
        if name in self._at_first:
            self._left[name] = module = self._at_first[name]
            self._specs[name] = getattr(module, "__spec__", None)
        if name not in self._left:
            return None
        self._at_first.show()
        spec: ModuleSpec = _Spec(name, self)
        return spec

    def create_module(self, spec: ModuleSpec) -> Any:
        """Return the hidden module."""
        return self._left[spec.name]

    def exec_module(self, module: Any) -> None:
        """Leave the module unchanged: it was executed before."""
        name = next(name for name, each in self._left.items() if each is module)
        del self._left[name]
        module.__spec__ = self._specs[name]
        if name in self._followers:
            self._followers.pop(name).show()
        if not self._left:
            sys.meta_path.remove(self)


class Shared:
    """The modules imported for all models: those that models import, with their dependencies.

    In a fork they are hidden. An imported one is restored with its dependencies; all other modules
    with the first import.
    """

    def __init__(self, roots: Mapping[str, Iterable[str]], brought: Iterable[str]) -> None:
        self._brought = roots
        asked = sorted(roots)
        followers: dict[str, list[str]] = {name: [] for name in asked}
        free = []
        for name in brought:
            above = [root for root in asked if name.startswith(root + ".")]
            if above:
                followers[max(above, key=len)].append(name)
            else:
                free.append(name)
        self._offered = Offered(asked, followers, free)

    @classmethod
    def imported(cls, roots: Sequence[str]) -> Shared:
        """Import the modules that can be imported; others fail in each model itself.

        They are in the order in which a model loads them: a dependency is not imported separately
        later.
        """
        brought: dict[str, set[str]] = {}
        before = set(sys.modules)
        for name in roots:
            had = set(sys.modules)
            if name in had:
                continue
            try:
                __import__(name)
            except ImportError:
                continue
            if _is_in_package(name):
                brought[name] = set(sys.modules) - had - {name}
        others = set(sys.modules) - before - set(brought)
        return cls(brought, filter(_is_foreign, others))

    def hide(self) -> None:
        """Hide all of them."""
        self._offered.hide()

    @property
    def unasked(self) -> list[str]:
        """The modules that the model got without importing them, with their dependencies."""
        left = self._offered.left
        return sorted({*left, *(each for name in left for each in self._brought.get(name, ()))})


def _is_in_package(name: str) -> bool:
    """Return whether it can be imported again: some are children of a module, not a package."""
    package = name.rpartition(".")[0]
    return not package or hasattr(sys.modules.get(package), "__path__")


def _is_foreign(name: str) -> bool:
    """Return whether a module is outside of the standard library, as far as this Python knows."""
    known: Any = getattr(sys, "stdlib_module_names", None)  # since Python 3.10
    return known is not None and name.partition(".")[0] not in known
