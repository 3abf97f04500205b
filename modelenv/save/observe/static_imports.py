"""What a model's own code would import, read and not run: for a model without an example.

Imports inside functions happen when the model predicts, which nobody saw. They are taken from the
source of first-party modules, and from the code of classes and functions that have no module.
"""

from __future__ import annotations

import ast
import dis
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType

from ...base.siblings import resolver
from ...repair.owners.modules import sole_owner

Import = tuple[str, str, int | None]
"""A module, the file that names it, and the line: of code without a file, where it begins."""


def find_named(
    model: object, files: Iterable[Path], installed: resolver.Installed
) -> tuple[resolver.Attributed, ...]:
    """Return the installed distributions that the code of `model`, or one of `files`, names."""
    found: dict[resolver.Distribution, list[resolver.Evidence]] = {}
    imports = [each for file in files for each in _of_file(file)]
    imports += [each for code in _codes(model) for each in _of_code(code)]
    for module, file, line in imports:
        owner = sole_owner(module, installed)
        if owner is not None:
            evidence = resolver.Evidence(module, None, installed.relative(file), line)
            found.setdefault(owner, []).append(evidence)
    return tuple(
        resolver.Attributed(owner, "direct", tuple(evidence), 0)
        for owner, evidence in found.items()
    )


def _of_file(file: Path) -> Iterator[Import]:
    """Yield the imports of a source file, wherever in it they stand; relative ones are its own."""
    if file.suffix != ".py":
        return
    try:
        tree = ast.parse(file.read_bytes(), str(file))
    except (OSError, SyntaxError, ValueError):  # what cannot be read says nothing
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, str(file), node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, str(file), node.lineno


def _codes(model: object) -> Iterator[CodeType]:
    """Yield the code of a function, or of the methods of an object's classes."""
    functions = [model] if isinstance(model, FunctionType) else []
    for kind in type(model).__mro__:
        functions += [getattr(each, "__func__", each) for each in vars(kind).values()]
    for function in functions:
        if isinstance(function, FunctionType):
            yield function.__code__


def _of_code(code: CodeType) -> Iterator[Import]:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            yield str(instruction.argval), code.co_filename, code.co_firstlineno
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _of_code(constant)
