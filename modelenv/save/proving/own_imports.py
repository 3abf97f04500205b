"""Follow what a model's own code imports, among the modules that are loaded in this process."""

from __future__ import annotations

import ast
import dis
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

IsOwn = Callable[[str, str], bool]
"""Whether a file, as that of a module of a name, is the user's own."""
Import = tuple[str, bool]
"""What may be a module, and whether it is imported wherever the model predicts."""

_LARGEST = 2**20  # bytes of a source that is looked into
_MAIN = ("__main__", "__mp_main__")
_PREDICTING = ("predict", "__call__", "load_context", "__setstate__")
"""What is called of each model, of those that have it."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The modules of this process, and where it finds others."""

    modules: Mapping[str, ModuleType]
    path: Sequence[str]

    def file_of(self, name: str) -> str | None:
        """Return the file of a module, loaded or not; one that waits to be loaded stays so."""
        module = self.modules.get(name)
        if issubclass(type(module), ModuleType):
            # Its own class may have another `__dict__`, which loads all there is.
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


def follow_imports(names: Iterable[str], model: object, loaded: Loaded, is_own: IsOwn) -> set[str]:
    """Return `names` with the modules that these import, as far as they are the user's own.

    Of a `model` whose code travels in its pickle it is what that code names too. What is imported
    inside functions counts where it is loaded here, as who has trained a model has called most of
    it; in what predicts it counts in any case.
    """
    by_value = {name for name, surely in _named_by_value(model) if surely or name in loaded.modules}
    waiting = {*names, *by_value}
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        file = None if name in _MAIN else loaded.file_of(name)
        if file is not None and is_own(file, name):
            imports = _imports_of(name, file)
            named = {each for each, surely in imports if surely or each in loaded.modules}
            waiting |= (named | set(_parents(name))) - found
    return found


def _parents(name: str) -> Iterator[str]:
    while name := name.rpartition(".")[0]:
        yield name


def imports_of(name: str, file: str) -> tuple[str, ...]:
    """Return what may be the modules that a source file imports; nothing where it is none."""
    return tuple(each for each, _ in _imports_of(name, file))


def _imports_of(name: str, file: str) -> tuple[Import, ...]:
    source = Path(file)
    with suppress(OSError, SyntaxError, ValueError, RecursionError):
        if source.suffix == ".py" and source.stat().st_size <= _LARGEST:
            package = name if source.stem == "__init__" else name.rpartition(".")[0]
            return tuple(_named(ast.parse(source.read_bytes(), file), package, surely=False))
    return ()


def _named(node: ast.AST, package: str, *, surely: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from ((alias.name, surely) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".") if node.level else []
        above = parts[: len(parts) + 1 - node.level]
        base = ".".join([*above, *([node.module] if node.module else [])])
        yield base, surely
        yield from ((f"{base}.{alias.name}", surely) for alias in node.names)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        surely = surely or node.name in _PREDICTING
    for child in ast.iter_child_nodes(node):
        yield from _named(child, package, surely=surely)


def _named_by_value(model: object) -> Iterator[Import]:
    """Yield the modules that a function or a class names whose code travels in a pickle.

    Only functions, classes and modules are asked for anything: whatever else a model holds may run
    code of its own.
    """
    waiting: list[object] = [model if type(model) is FunctionType else type(model)]
    seen = set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, type) and each.__module__ in _MAIN:
            waiting += [*map(_function_in, vars(each).values()), *each.__mro__]
        elif type(each) is FunctionType and each.__module__ in _MAIN:
            for code in _codes(each.__code__):
                predicts = each is model or each.__name__ in _PREDICTING
                yield from ((name, predicts) for name in _imported_in(code))
                held = [each.__globals__.get(name) for name in code.co_names]
                yield from ((_name_of(value), True) for value in held if type(value) is ModuleType)
                waiting += [value for value in held if type(value) in (FunctionType, type)]


def _function_in(member: object) -> object:
    """Return the function behind a member of a class."""
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
