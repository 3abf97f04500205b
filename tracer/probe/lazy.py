"""The statements of lazy imports (PEP 810, Python 3.15), found without loading their modules.

A lazy module is requested if it is first used, when its statement is on no frame. Until then a
proxy stands in its module's dictionary. Neither its `repr` nor its referents trigger a load; the
code with the statement is one of these.
"""

from __future__ import annotations

import gc
import sys
import types
from types import CodeType

from .finder import FINDS, LOADS, values_of
from .statements import STATEMENTS

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import FrameType

_PROXY = getattr(types, "LazyImportType", None)
_TEXT = "<lazy_import '"
_MORE = "..."  # of what a statement takes several names
_NO_STATEMENT = "__import__"


class Declared:
    """A lazy import declared by some code: of a module, or of a name in it."""

    __slots__ = "_taken", "code", "module", "name", "scope"

    def __init__(self, proxy: object, scope: Mapping[str, object]) -> None:
        self.name = _name_of(proxy)
        """The full name it stands for; `html.escape` for ``lazy from html import escape``."""
        self.scope = scope
        base, taken, self.code = proxy, "", None
        while True:
            inner: object = None
            for each in gc.get_referents(base):
                if type(each) is CodeType:
                    self.code = each
                elif type(each) is _PROXY:
                    inner = each
            if inner is None:
                break
            base, taken = inner, taken or self.name.rpartition(".")[2]
        self.module = _name_of(base)
        """The module that the statement names, in full."""
        self._taken = taken

    @property
    def line(self) -> int:
        """The line of the statement; 0: unknown."""
        return 0 if self.code is None else _line_of(self.code, self.module, self._taken)

    @property
    def top(self) -> str:
        """The first part of its name."""
        return self.name.partition(".")[0]

    def covers(self, name: str) -> bool:
        """Return whether this declaration, once used, loads the module `name`."""
        return _covers(self.name, name)

    def missing(self) -> str | None:
        """Return the module that it would load; None: all is loaded, as far as that is known."""
        if self.module not in sys.modules:
            return self.module
        if self.name in sys.modules or self.name == self.module:
            return None
        values = values_of(sys.modules[self.module])
        last = self.name[len(self.module) + 1 :]
        is_there = last in values and type(values[last]) is not _PROXY
        return None if is_there else self.name


class LazyImports:
    """The lazy imports of this process; those whose first name was used are remembered."""

    def __init__(self) -> None:
        self._used: dict[str, Declared] = {}
        # Checked for every import: names that ever were pending, and the packages around them.
        self._known: set[str] = set()
        self._around: set[str] = set()

    def declared(self, name: str, frame: FrameType) -> Declared | None:
        """Return the lazy import that loads module `name` now, from the frame that requests it.

        None: none is known. Of several it is one in the module whose code uses it, else one in a
        module that this code reads it from.
        """
        if not self._is_pending(name):
            return None
        while frame.f_globals is FINDS or frame.f_globals is LOADS:
            if frame.f_back is None:
                return None
            frame = frame.f_back
        if frame.f_globals.get("__name__") == "importlib":
            return None  # somebody calls `import_module`
        statement = STATEMENTS.at(frame)
        if statement is not None and (_covers(statement, name) or name.endswith("." + statement)):
            return None  # it asks for it by itself
        found = self._find(name, frame, statement is not None)
        if found is not None:
            self._used.setdefault(found.name, found)
        return found

    def left(self) -> Iterator[Declared]:
        """Yield dotted lazy imports that were used in part, and are perhaps not loaded whole."""
        return iter([each for each in self._used.values() if each.missing() is not None])

    def _is_pending(self, name: str) -> bool:
        """Return whether a lazy import of a module, or of one below it, is still unused."""
        pending: set[str] = sys.lazy_modules  # type: ignore[attr-defined,unused-ignore]
        if name in pending:
            return True
        if not pending <= self._known:
            for each in pending.difference(self._known):
                self._known.add(each)
                package = each.rpartition(".")[0]
                while package and package not in self._around:
                    self._around.add(package)
                    package = package.rpartition(".")[0]
        if name not in self._around:
            return False
        below = name + "."
        return any(each.startswith(below) for each in list(pending))

    def _find(self, name: str, frame: FrameType, imports: bool) -> Declared | None:
        wanted = STATEMENTS.named_at(frame)
        if imports:
            wanted.update(frame.f_code.co_names)
        own = frame.f_globals
        found = _proxy_of(own, wanted, name) or _proxy_of(own, own, name)
        if found is not None:
            return found
        others = [values_of(module) for module in list(sys.modules.values())]
        for values in others:
            found = _proxy_of(values, wanted, name)
            if found is not None:
                return found
        for used in self._used.values():
            if used.covers(name):
                return used
        if imports or _NO_STATEMENT in frame.f_code.co_names:
            return None
        return next(filter(None, (_proxy_of(each, each, name) for each in others)), None)


def proxies_in(values: Mapping[str, object]) -> list[Declared]:
    """Return the lazy imports that are still in a module's globals."""
    if _PROXY is None:
        return []
    return [Declared(each, values) for each in list(values.values()) if type(each) is _PROXY]


def resolve_own(package: str) -> None:
    """Load the lazy imports of a package, if all imports are lazy.

    Else the tracer would import its own modules in the midst of what it watches.
    """
    found = _PROXY is not None
    while found:
        found = False
        for name, module in list(sys.modules.items()):
            if name.startswith(package):
                for key, value in list(values_of(module).items()):
                    if type(value) is _PROXY:
                        getattr(module, key)
                        found = True


def lazy_imports() -> LazyImports | None:
    """Return the lazy imports; None if this Python has none."""
    return None if _PROXY is None else LazyImports()


def _proxy_of(values: Mapping[str, object], keys: Iterable[str], name: str) -> Declared | None:
    """Return the placeholder under one of `keys` for a module, or for something below it."""
    for key in list(keys):
        proxy = values.get(key)
        if type(proxy) is _PROXY and _covers(_name_of(proxy), name):
            return Declared(proxy, values)
    return None


def _covers(dotted: str, name: str) -> bool:
    return dotted == name or dotted.startswith(name + ".")


def _name_of(proxy: object) -> str:
    name = repr(proxy)[len(_TEXT) : -2]
    return name[: -len(_MORE)] if name.endswith(_MORE) else name


def _line_of(code: CodeType, module: str, taken: str) -> int:
    """Return the line of the statement in `code` that imports a module, with `taken` of it."""
    first = 0
    for name, line, names in STATEMENTS.naming(code, module):
        if taken in names if taken else not names:
            return line
        first = first or (line if name else 0)
    return first
