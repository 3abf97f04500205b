"""Follow what a model's own code imports, among the modules that are loaded in this process."""

from __future__ import annotations

import ast
import dis
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
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
        file = _file_of(loaded.get(name))
        if file is not None and name not in _MAIN and is_own(name, file):
            named = {each for each in imports_of(name, file) if each in loaded}
            waiting |= (named | set(_parents(name))) - found
    return found


def _file_of(module: object) -> str | None:
    """Return the file of a module; one that is loaded when it is asked for something stays so."""
    if not issubclass(type(module), ModuleType):
        return None
    file = object.__getattribute__(module, "__dict__").get("__file__")
    return file if type(file) is str else None


def _parents(name: str) -> Iterator[str]:
    while name := name.rpartition(".")[0]:
        yield name


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
                yield from _imported_in(code)
                held = [each.__globals__.get(name) for name in code.co_names]
                yield from (_name_of(value) for value in held if type(value) is ModuleType)
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
