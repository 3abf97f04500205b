"""Read the imports of a model's own code from source, for a model without an example.

Imports inside functions run when the model predicts, which was not traced. They are read from the
source of first-party modules, and from the bytecode of functions and classes without a module.
"""

from __future__ import annotations

import dis
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType

from ...base.siblings import resolver
from ...environments.interpreter import Python
from ...folder.code import import_statements
from ...repair.owners.modules import sole_owner
from ...worker.processes.program import run_program

Import = tuple[str, str, int | None]
"""A module, the file that imports it, and the line; in code without a file, its first line."""


@dataclass(frozen=True, slots=True)
class Named:
    """Distributions that code names although no run has shown them."""

    found: tuple[resolver.Attributed, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences on files that could not be read."""


def find_named(
    model: object, files: Iterable[Path], installed: resolver.Installed, python: Python
) -> Named:
    """Return the installed distributions that the code of `model`, or one of `files`, imports.

    Source in a syntax that this Python cannot read is read by `python`, the model's target.
    """
    found: dict[resolver.Distribution, list[resolver.Evidence]] = {}
    imports, unread = _of_files([str(file) for file in files if file.suffix == ".py"], python)
    imports += [each for code in _codes(model) for each in _of_code(code)]
    for module, file, line in imports:
        owner = sole_owner(module, installed)
        if owner is not None:
            evidence = resolver.Evidence(module, None, installed.relative(file), line)
            found.setdefault(owner, []).append(evidence)
    return Named(
        tuple(
            resolver.Attributed(owner, "direct", tuple(evidence), 0)
            for owner, evidence in found.items()
        ),
        tuple(_note(each, installed, python) for each in unread),
    )


def _note(file: str, installed: resolver.Installed, python: Python) -> str:
    return (
        f"{installed.relative(file)} is no source that Python {python.version} can read: imports"
        " inside its functions are not pinned"
    )


def _of_files(files: Iterable[str], python: Python) -> tuple[list[Import], list[str]]:
    """Return the imports in source files, and the files that could not be read."""
    imports: list[Import] = []
    unread = []
    for file in files:
        try:
            imports += [(name, file, line) for name, line in import_statements.imports_in(file)]
        except OSError:  # a file that does not exist has no imports
            continue
        except (SyntaxError, ValueError):
            unread.append(file)
    elsewhere = _of_files_there(unread, python) if unread else {}
    for file, found in elsewhere.items():
        imports += [(name, file, line) for name, line in found]
    return imports, [file for file in unread if file not in elsewhere]


def _of_files_there(files: list[str], python: Python) -> dict[str, list[tuple[str, int]]]:
    """Return the imports in source files as read by another Python, without unreadable files."""
    command = [str(python.executable), "-I", str(Path(import_statements.__file__)), *files]
    try:
        found = json.loads(run_program(command).stdout)
    except (OSError, ValueError):  # that Python does not run here
        return {}
    return {
        str(file): [(str(name), int(line)) for name, line in named] for file, named in found.items()
    }


def _codes(model: object) -> Iterator[CodeType]:
    """Yield the code objects of a function, or of the methods of an object's classes."""
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
