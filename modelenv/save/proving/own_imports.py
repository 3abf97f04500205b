"""Follow what a model's own code imports, among the modules that are loaded in this process."""

from __future__ import annotations

import ast
import dis
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

IsOwn = Callable[[str, str], bool]
"""Whether a module, by its name and file, is the user's own."""

_LARGEST = 2**20  # bytes of a source that is looked into
_MAIN = ("__main__", "__mp_main__")


def follow_imports(
    names: Iterable[str], model: object, loaded: Mapping[str, ModuleType], is_own: IsOwn
) -> set[str]:
    """Return `names` with the loaded modules that these import, as far as they are the user's own.

    Of a `model` whose code travels in its pickle it is what that code names too. What is imported
    inside functions counts where it is loaded here: whoever has trained a model has called it.
    """
    waiting = {*names, *_named_by_value(model)}
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        file = getattr(loaded.get(name), "__file__", None)
        if isinstance(file, str) and name not in _MAIN and is_own(name, file):
            named = {each for each in imports_of(name, file) if each in loaded}
            waiting |= (named | set(_parents(name))) - found
    return found


def _parents(name: str) -> Iterator[str]:
    while name := name.rpartition(".")[0]:
        yield name


@cache
def imports_of(name: str, file: str) -> tuple[str, ...]:
    """Return what may be the modules that a source file imports; nothing where it is none."""
    source = Path(file)
    with suppress(OSError, SyntaxError, ValueError, RecursionError):
        if source.suffix == ".py" and source.stat().st_size <= _LARGEST:
            package = name if source.stem == "__init__" else name.rpartition(".")[0]
            tree = ast.parse(source.read_bytes(), file)
            return tuple(each for node in ast.walk(tree) for each in _named(node, package))
    return ()


def _named(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".") if node.level else []
        above = parts[: len(parts) + 1 - node.level]
        base = ".".join([*above, *([node.module] if node.module else [])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _named_by_value(model: object) -> Iterator[str]:
    """Yield the modules that a function, or the methods of a class, of no module's own name."""
    waiting, seen = [model, type(model)], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen or getattr(each, "__module__", None) not in _MAIN:
            continue
        seen.add(id(each))
        if isinstance(each, type):
            waiting += [getattr(member, "__func__", member) for member in vars(each).values()]
            waiting += each.__mro__
        elif isinstance(each, FunctionType):
            for code in _codes(each.__code__):
                yield from _imported_in(code)
                held = [each.__globals__.get(name) for name in code.co_names]
                yield from (value.__name__ for value in held if isinstance(value, ModuleType))
                waiting += [value for value in held if value is not None]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _imported_in(code: CodeType) -> Iterator[Any]:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            yield instruction.argval
