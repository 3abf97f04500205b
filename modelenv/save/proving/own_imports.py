"""Follow the imports of a model's own code, through the functions that a prediction may call."""

from __future__ import annotations

import ast
import dis
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

IsOwn = Callable[[str, str], bool]
"""Return whether a file, as that of a module with this name, is the user's own."""

_LARGEST = 2**20  # bytes of a source file that is read
_MAIN = ("__main__", "__mp_main__")
_PREDICTING = ("predict", "__call__", "load_context", "__setstate__")
"""Methods that are called on every model that has them."""
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The modules loaded in this process, and where others would be found."""

    modules: Mapping[str, ModuleType]
    path: Sequence[str]

    def file_of(self, name: str) -> str | None:
        """Return the file of a module, loaded or not; a lazy module is not loaded by this."""
        module = self.modules.get(name)
        if issubclass(type(module), ModuleType):
            # A module's own class may define `__dict__` so that it loads everything.
            file = vars(ModuleType)["__dict__"].__get__(module).get("__file__")
            return file if type(file) is str else None
        return self._found(name)

    def _found(self, name: str) -> str | None:
        for entry in self.path:
            place = Path(entry, *name.split("."))
            for file in (place / "__init__.py", place.with_name(f"{place.name}.py")):
                if file.is_file():
                    return str(file)
        return None


@dataclass(frozen=True, slots=True)
class _Part:
    """The imports and names in one function, or in the code that runs at import."""

    imports: frozenset[str]
    """Names that may be modules."""
    names: frozenset[str]
    """Names that it may call."""

    @classmethod
    def of(cls, nodes: Iterable[ast.AST], package: str) -> _Part:
        """Return the part that consists of these syntax nodes, in a module of `package`."""
        found = tuple(nodes)
        names = (
            node.id if isinstance(node, ast.Name) else node.attr
            for node in found
            if isinstance(node, ast.Name | ast.Attribute)
        )
        imports = (each for node in found for each in _imported(node, package))
        return cls(frozenset(imports), frozenset(names))


@dataclass(frozen=True)
class _Source:
    """The source of a user's own module; one that cannot be read counts as empty."""

    name: str
    file: Path

    @cached_property
    def _tree(self) -> ast.Module:
        with suppress(OSError, SyntaxError, ValueError, RecursionError):
            if self.file.suffix == ".py" and self.file.stat().st_size <= _LARGEST:
                return ast.parse(self.file.read_bytes(), str(self.file))
        return ast.Module(body=[], type_ignores=[])

    @cached_property
    def _package(self) -> str:
        is_package = self.file.stem == "__init__"
        return self.name if is_package else self.name.rpartition(".")[0]

    @cached_property
    def outside(self) -> _Part:
        """The code outside of functions."""
        return _Part.of(_walk(self._tree, into_functions=False), self._package)

    @cached_property
    def functions(self) -> tuple[tuple[str, _Part], ...]:
        """Each function by the name that calls it; for special methods, that of their class."""
        return tuple(
            (called, _Part.of(_walk(function, into_functions=True), self._package))
            for called, function in _functions(self._tree)
        )

    def reached(self, called: Collection[str]) -> Iterator[_Part]:
        """Yield the code that runs at import, and the functions of the names in `called`."""
        yield self.outside
        yield from (part for name, part in self.functions if name in called)

    def imports(self, called: Collection[str], loaded: Collection[str]) -> Iterator[str]:
        """Yield the imports of the functions in `called`, and of other code what is `loaded` here.

        Whoever trained the model in this process has called most of its code.
        """
        for name, part in self.functions:
            yield from (each for each in part.imports if name in called or each in loaded)
        is_loaded = self.name in loaded and self.name not in _MAIN
        yield from (each for each in self.outside.imports if not is_loaded or each in loaded)


def follow_imports(
    names: Iterable[str], model: object, script: Path | None, loaded: Loaded, is_own: IsOwn
) -> dict[str, str | None]:
    """Return `names` with all modules that the user's own modules among them import.

    The user's own modules map to their files, others to None. For a `model` whose code is in its
    pickle, and for a `script`, the imports of that code are included. An import inside a function
    counts if a prediction may call that function, by its name, and if the module is loaded here.
    """
    called, waiting = set(_PREDICTING), set(names)
    for imports, may_call in _by_value(model, loaded.modules):
        waiting |= imports
        called |= may_call
    sources = [] if script is None else [_Source("__main__", script)]
    found: dict[str, str | None] = {}
    known = -1
    while waiting or len(called) > known:
        known = len(called)
        for name in waiting:
            file = None if name in _MAIN else loaded.file_of(name)
            found[name] = file if file is not None and is_own(file, name) else None
            if found[name] is not None:
                sources.append(_Source(name, Path(str(file))))
        for source in sources:
            called.update(*(part.names for part in source.reached(called)))
            waiting.update(_parents(source.name), source.imports(called, loaded.modules))
        waiting -= found.keys()
    return found


def _parents(name: str) -> Iterator[str]:
    while name := name.rpartition(".")[0]:
        yield name


def imports_of(name: str, file: Path) -> tuple[str, ...]:
    """Return names that a source file imports as modules, perhaps; none if it cannot be read."""
    source = _Source(name, file)
    parts = (source.outside, *(part for _, part in source.functions))
    return tuple(sorted({each for part in parts for each in part.imports}))


def _walk(*roots: ast.AST, into_functions: bool) -> Iterator[ast.AST]:
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += (
            child for child in _children(node) if into_functions or not isinstance(child, _FUNCTION)
        )


def _children(node: ast.AST) -> Iterable[ast.AST]:
    """Return a node's children, without code that only a type checker reads."""
    if isinstance(node, ast.If):
        name = getattr(node.test, "id", getattr(node.test, "attr", None))
        if name == "TYPE_CHECKING":
            return node.orelse
    return ast.iter_child_nodes(node)


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, owner = waiting.pop()
        if isinstance(node, _FUNCTION):
            yield _called_by(node.name, owner), node
        elif isinstance(node, ast.ClassDef):
            owner = node.name
        waiting += ((child, owner) for child in _children(node))


def _called_by(function: str, owner: str) -> str:
    """Return the name by which a function in the class `owner`, or in none, is called.

    Special methods, as ``__init__``, are called by the name of their class.
    """
    is_pythons = function.startswith("__") and function not in _PREDICTING
    return owner if owner and is_pythons else function


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".") if node.level else []
        above = parts[: len(parts) + 1 - node.level]
        base = ".".join([*above, *([node.module] if node.module else [])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _by_value(model: object, loaded: Collection[str]) -> Iterator[tuple[set[str], set[str]]]:
    """Yield the imports and the called names of each function whose code is in the pickle.

    Only functions, classes and modules are inspected: reading attributes of other objects in the
    model could run code of theirs.
    """
    waiting: list[object] = [model if type(model) is FunctionType else type(model)]
    if type(model) is FunctionType:
        yield set(), {model.__name__}
    seen = set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, type) and each.__module__ in _MAIN:
            waiting += [*map(_function_in, vars(each).values()), *each.__mro__]
        elif type(each) is FunctionType and each.__module__ in _MAIN:
            surely = each is model or each.__name__ in _PREDICTING
            for code in _codes(each.__code__):
                imports = {name for name in _imported_in(code) if surely or name in loaded}
                held = [each.__globals__.get(name) for name in code.co_names]
                modules = {_name_of(value) for value in held if type(value) is ModuleType}
                yield imports | modules, set(code.co_names)
                waiting += [value for value in held if type(value) in (FunctionType, type)]


def _function_in(member: object) -> object:
    """Return the function behind a class member."""
    if isinstance(member, staticmethod | classmethod):
        return member.__func__
    return member.fget if isinstance(member, property) else member


def _name_of(module: ModuleType) -> str:
    return str(module.__name__)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _imported_in(code: CodeType) -> Iterator[Any]:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            yield instruction.argval
