"""References of first-party code: a cached import leaves no event, but a name behind.

No code of the objects is called, and no attribute is fetched through it.
"""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType

from .called import MAIN, module_of
from .finder import file_of, values_of
from .lazy import proxies_in
from .statements import STATEMENTS

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from .importer import Importer
    from .lazy import Declared
    from .older import Older

    Edge = tuple[str, str | None, str | None, int]

_MOST_OBJECTS = 20000
# Identifies objects like `id`, which is an audit event.
_identity = object.__hash__
_WRAPPERS = (staticmethod, classmethod)


class Holding:
    """The references of first-party code, each reported once."""

    def __init__(self, importer: Importer, private: tuple[str, ...] = ()) -> None:
        self._importer = importer
        self._private = private
        # Third-party modules, each by its name and identity: those are most, and stay so.
        self._others: dict[str, int] = {}
        self._told: set[tuple[bool, str, str]] = set()

    def held(self, roots: object, told: set[tuple[str, str]]) -> Iterator[Edge]:
        """Yield each loaded third-party module that first-party ones or `roots` hold, and who."""
        for edge in self._held_by(roots):
            known = edge[1] or "", edge[0]
            if known not in told:
                told.add(known)
                yield edge

    def _held_by(self, roots: object) -> Iterator[Edge]:
        for name, file, module in self._first_party():
            values = values_of(module)
            for held, line in _of_values(list(values.values()), values):
                if held != name and _foreign(held, self._importer):
                    yield held, name, file, line
        for held, line in _of_roots(roots):
            if _foreign(held, self._importer):
                yield held, None, None, line

    def _first_party(self) -> Iterator[tuple[str, str, object]]:
        """Yield the loaded modules that are the model's own, with their files."""
        importer, others = self._importer, self._others
        for name, module in list(sys.modules.items()):
            if others.get(name) == _identity(module) or name.startswith(self._private):
                continue
            file = file_of(module)
            if file is None:
                continue
            if importer.kind_of(file) == "code":
                yield name, file, module
            else:
                others[name] = _identity(module)

    def older(
        self, seen: Container[str], older: Older, told: set[tuple[str, str]]
    ) -> Iterator[Edge]:
        """Yield references of modules imported meanwhile to those that were there before.

        Those are the standard library's that were not `seen`, each once; for first-party modules
        all of their references to others, except those in `told`. Nothing if none was passed.
        """
        if not older.passed:
            return
        waiting = [name for name in sys.modules.copy() if name in seen and name not in older.names]
        found: set[str | None] = set()
        while waiting:
            name = waiting.pop()
            module = sys.modules.get(name)
            file, values = file_of(module), values_of(module)
            kind = self._importer.kinds.get(file or "") or self._importer.kind_of(file or "")
            if file is not None and kind == "code":
                for held, line in _of_values(list(values.values()), values):
                    if held != name and _foreign(held, self._importer) and (name, held) not in told:
                        told.add((name, held))
                        yield held, name, file, line
            for module_name in set(map(_plainly, list(values.values()))).difference(found):
                if module_name in older.standard and module_name not in seen:
                    found.add(module_name)
                    waiting.append(module_name)
                    yield module_name, name, file, 0

    def lazy(
        self, used: Iterable[Declared], among: Container[str] | None
    ) -> Iterator[tuple[Edge, bool]]:
        """Yield the unused lazy imports of first-party modules, and whether the target is loaded.

        These are the globals of all of them, or of those `among` some, and the dotted ones in
        `used` that were not loaded completely.
        """
        for edge, is_loaded in _left_lazy(self._importer, used, among):
            known = is_loaded, edge[1] or "", edge[0]
            if known not in self._told:
                self._told.add(known)
                yield edge, is_loaded


def _left_lazy(
    importer: Importer, used: Iterable[Declared], among: Container[str] | None
) -> Iterator[tuple[Edge, bool]]:
    found, kinds = list(used), importer.kinds
    for name, module in list(sys.modules.items()):
        if among is not None and name not in among:
            continue
        file = file_of(module)
        if file is not None and (kinds.get(file) or importer.kind_of(file)) == "code":
            found += proxies_in(values_of(module))
    for each in found:
        place = importer.declared(each) if each.top not in importer.standard else None
        if place is not None and place[1] is not None and importer.kind_of(place[1]) == "code":
            missing = each.missing()
            yield (missing or each.module, *place), missing is None


def _foreign(name: str, importer: Importer) -> bool:
    """Return whether a name is a loaded module of others: no program, nor the standard library's.

    What was unpickled by value says that it is of ``__main__``, which is the driver's here.
    """
    top = name.partition(".")[0]
    return name in sys.modules and top not in importer.standard and name not in MAIN


def _of_values(values: Iterable[object], scope: object) -> Iterator[tuple[str, int]]:
    """Yield the modules of values, and those that functions defined in `scope` import."""
    for value in values:
        if issubclass(type(value), ModuleType):
            name = values_of(value).get("__name__")
            if type(name) is str:
                yield name, 0
            continue
        module = module_of(value)
        if module is not None:
            yield module, 0
        for function in _functions(value):
            if function.__globals__ is scope:
                yield from _statements(function.__code__)


def _plainly(value: object) -> str | None:
    """Return the module of a module or function, without a closer look."""
    kind = type(value)
    if kind is ModuleType:
        name = values_of(value).get("__name__")
    elif kind is FunctionType:
        name = value.__globals__.get("__name__")  # type: ignore[attr-defined]
    elif kind is BuiltinFunctionType or kind is type:
        name = value.__module__
    else:
        return None
    return name if type(name) is str else None


def _functions(value: object) -> Iterator[FunctionType]:
    """Yield a function, or the functions of a class."""
    if type(value) is FunctionType:
        yield value
    elif issubclass(type(value), type):
        for member in list(type.__dict__["__dict__"].__get__(value).values()):
            inner = member.__func__ if type(member) in _WRAPPERS else member
            inner = member.fget if type(member) is property else inner
            if type(inner) is FunctionType:
                yield inner


def _statements(code: CodeType) -> Iterator[tuple[str, int]]:
    """Yield the names in the import statements of a function, and their lines."""
    for name, line, _ in STATEMENTS.named(code):
        yield name, line
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from _statements(constant)


def _of_roots(root: object) -> Iterator[tuple[str, int]]:
    """Yield references of functions and classes unpickled by value, anywhere in a model."""
    waiting: list[object] = [root]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_OBJECTS:
        value = waiting.pop()
        number = _identity(value)
        if value is None or number in seen:
            continue
        seen.add(number)
        kind = type(value)
        if kind in (list, tuple, set, frozenset):
            waiting.extend(value)  # type: ignore[arg-type]
        elif kind is dict:
            waiting.extend(value.values())  # type: ignore[attr-defined]
        elif kind is not FunctionType and not issubclass(kind, type):
            waiting.append(kind)
            waiting.extend(values_of(value).values())
        else:
            for function in _functions(value):
                if _by_value(function):
                    scope = function.__globals__
                    named = [scope.get(name) for name in function.__code__.co_names]
                    yield from _of_values(named, scope)
                    yield from _statements(function.__code__)


def _by_value(function: FunctionType) -> bool:
    """Return whether a function's globals are no module's: it was unpickled by value."""
    home = sys.modules.get(function.__globals__.get("__name__", ""))
    return home is None or values_of(home) is not function.__globals__
