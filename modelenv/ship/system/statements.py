"""Find the modules that a source imports when it runs, and those that it tries to import."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_CATCHING = frozenset({"ImportError", "ModuleNotFoundError", "OSError", "Exception"})


@dataclass(frozen=True, slots=True)
class ModuleImport:
    """A module that is imported."""

    name: str
    """Its dotted name."""
    tried: bool = False
    """Whether the importing code goes on if the import fails."""


def imported_at_once(source: str, folder: str) -> tuple[ModuleImport, ...]:
    """Return the imports outside of functions in a module of the package `folder` (dotted).

    A ``try`` that raises if the import fails does not make it optional. Source that is invalid in
    this Python has no imports.
    """
    try:
        with warnings.catch_warnings():  # invalid escapes in the source warn
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(_imported(tree.body, folder, tried=False))


def _imported(body: Iterable[ast.stmt], folder: str, *, tried: bool) -> Iterator[ModuleImport]:
    for node in body:
        if isinstance(node, ast.If):
            if "TYPE_CHECKING" not in ast.unparse(node.test):
                yield from _imported([*node.body, *node.orelse], folder, tried=tried)
        elif isinstance(node, (ast.With, ast.ClassDef)):
            yield from _imported(node.body, folder, tried=tried)
        elif isinstance(node, ast.Try):
            optional = tried or not all(map(_raises, node.handlers))
            yield from _imported([*node.body, *node.orelse], folder, tried=optional)
            for handler in node.handlers:
                yield from _imported(handler.body, folder, tried=True)
            yield from _imported(node.finalbody, folder, tried=tried)
        else:
            yield from (ModuleImport(name, tried) for name in _names(node, folder))


def _raises(handler: ast.ExceptHandler) -> bool:
    """Return whether a failed import is still an error after a handler."""
    caught = {
        each.id for each in ast.walk(handler.type or ast.Tuple([])) if isinstance(each, ast.Name)
    }
    catches = handler.type is None or not caught.isdisjoint(_CATCHING)
    return not catches or any(isinstance(each, ast.Raise) for each in handler.body)


def _names(node: ast.stmt, folder: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute("." * node.level + (node.module or ""), folder)
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)) and node.value is not None:
        calls = (each for each in ast.walk(node.value) if isinstance(each, ast.Call))
        for call in calls:
            named = ast.unparse(call.func).rpartition(".")[2] in ("import_module", "__import__")
            first = call.args[0] if named and call.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield _absolute(first.value, folder)


def _absolute(name: str, folder: str) -> str:
    """Return the dotted name of a module that is named relative to a package."""
    rest = name.lstrip(".")
    level = len(name) - len(rest)
    parts = folder.split(".")
    above = parts[: len(parts) - level + 1] if level else []
    return ".".join(filter(None, [*above, rest]))
