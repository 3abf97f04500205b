"""A global that a pickle names, and whether it is known to run commands."""

from __future__ import annotations

import sys
from functools import cache
from itertools import accumulate
from pathlib import Path

# Attributes that lead to all names of a module, or to a class's whole family.
_DOORS = frozenset(
    {
        *("__base__", "__bases__", "__builtins__", "__class__", "__closure__", "__code__"),
        *("__dict__", "__func__", "__getattribute__", "__globals__", "__import__", "__loader__"),
        *("__mro__", "__self__", "__spec__", "__subclasses__"),
    }
)
_MODULES = frozenset(name.lstrip("_") for name in sys.stdlib_module_names)
# Modules that are dangerous as objects: a holder can change their content.
_WHOLE = frozenset(
    {
        *("builtins", "ctypes", "ftplib", "http", "importlib", "marshal", "multiprocessing", "nt"),
        *("os", "pickle", "posix", "posixsubprocess", "pty", "runpy", "shutil", "socket"),
        *("subprocess", "sys", "urllib", "zipimport"),
    }
)


class Global(str):
    """The full name of a global that a pickle names."""

    __slots__ = ("module", "name")
    module: str
    """The module that unpickling imports."""
    name: str
    """The qualified name in it; empty if only the module is named."""

    def __new__(cls, module: str, name: str) -> Global:
        """Join module and name."""
        made = super().__new__(cls, f"{module}.{name}" if name else module)
        made.module = module
        made.name = name
        return made

    @property
    def is_importable(self) -> bool:
        """Whether its module name is a valid one."""
        return all(part.isidentifier() for part in self.module.split("."))

    @property
    def runs_commands(self) -> bool:
        """Whether it is known to run commands, or code from the pickle.

        An attribute of a function leads back to it (``eval.__call__``), another module to one that
        it has imported (``random._os.system``), and a function keeps its name wherever else it can
        be imported from (``six.moves.builtins.eval``).
        """
        return self._passes_a_module() or _is_listed(self.split("."))

    def _passes_a_module(self) -> bool:
        """Return whether the name leads through an attribute that exposes a whole module."""
        *through, last = self.name.split(".")
        own = self.module.rpartition(".")[2]  # datetime.datetime is a class
        modules = {_public(part) for part in through if part != own}
        if not modules.isdisjoint(_MODULES) or (last != own and _public(last) in _WHOLE):
            return True
        return not _DOORS.isdisjoint((*through, last))


def _public(name: str) -> str:
    """Return the name of a module without its leading underscores."""
    return name.lstrip("_")


def _is_listed(parts: list[str]) -> bool:
    """Return whether a name, or a parent of it, is listed; functions match in any module."""
    listed, functions, ends = _commanding()
    whole = list(accumulate(parts, lambda above, name: f"{above}.{name}"))
    if not listed.isdisjoint(whole):
        return True
    for start in range(1, len(parts)):
        behind = accumulate(parts[start:], lambda above, name: f"{above}.{name}")
        if not functions.isdisjoint(behind):
            return True
    return any(parts[0] == package and function in parts[1:] for package, function in ends)


@cache
def _commanding() -> tuple[frozenset[str], frozenset[str], frozenset[tuple[str, str]]]:
    """Return the listed names, those with a dot, and (package, function) pairs for any submodule.

    A listed package or module counts as a whole. Functions that load a further file are listed, as
    that may be a pickle, and those that look up a given name, as that may be any of the others.
    """
    lines = Path(__file__).with_name("commanding.txt").read_text("ascii").split()
    ends = {(line.split(".*.")[0], line.split(".*.")[1]) for line in lines if ".*." in line}
    listed = {line for line in lines if ".*." not in line}
    functions = {line for line in listed if "." in line}
    return frozenset(listed), frozenset(functions), frozenset(ends)
