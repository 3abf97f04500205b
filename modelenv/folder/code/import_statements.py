"""Imports in source files, at any depth. Runs as a script in any interpreter.

    python import_statements.py FILE...

prints them as JSON, by file, without the files that this Python cannot parse. Python 3.8 syntax and
the standard library only.
"""

from __future__ import annotations

import ast
import json
import sys

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator


def imports_in(file: str) -> list[tuple[str, int]]:
    """Return the imported modules with their lines; relative imports are skipped.

    Raises OSError, and SyntaxError or ValueError for a file that this Python cannot parse.
    """
    with open(file, "rb") as stream:  # noqa: PTH123  # pathlib imports a dozen modules
        tree = ast.parse(stream.read(), file)
    return [found for node in ast.walk(tree) for found in _named(node)]


def _named(node: ast.AST) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.Import):
        for name in node.names:
            yield name.name, node.lineno
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module, node.lineno


def main(files: list[str]) -> None:
    """Print the imports of each file."""
    found = {}
    for file in files:
        try:
            found[file] = imports_in(file)
        except (OSError, SyntaxError, ValueError):
            continue
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
