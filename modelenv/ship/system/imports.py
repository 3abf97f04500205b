"""Which files of pins their own imports load: read from their source, nothing is run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from .pin_files import PinFiles, is_compiled

_MOST_FILES = 4_000
_PACKAGE = "__init__"


class OwnImports:
    """The modules that pins import as soon as each of them is imported by its own name.

    Those that were `seen` to be imported load what was seen, and nothing is guessed. An import
    counts that stands at the top of a module, in no function and no `try`: what a library tries, or
    does later, is optional, and a trace tells whether it was done.
    """

    def __init__(self, files: PinFiles, seen: Collection[str] = ()) -> None:
        self._files = files
        self._seen = frozenset(seen)

    def compiled(self) -> set[str]:
        """Return the paths of the compiled files that these imports load.

        Those are extension modules, one that bears the name of its package, as ``cv2/cv2.abi3.so``,
        which the package loads by hand, and libraries that the source of such a module names.
        """
        reached = self._reached()
        found = {path for path in reached if is_compiled(path)}
        found |= {path for path in self._unseen() if _bears_its_package_s_name(path)}
        return found | set(self._named_in(path for path in reached if path.endswith(".py")))

    def _unseen(self) -> Iterator[str]:
        return (path for path, pin in self._files.owners.items() if pin not in self._seen)

    @cached_property
    def _modules(self) -> Mapping[str, str]:
        """The file of each module, by its dotted name; a package's is its ``__init__``."""
        found: dict[str, str] = {}
        for path in self._files.owners:
            if path.endswith(".py") or is_compiled(path):
                folder, _, name = path.rpartition("/")
                stem = name.partition(".")[0]
                parts = [*folder.split("/"), *([] if stem == _PACKAGE else [stem])]
                found.setdefault(".".join(filter(None, parts)), path)
        return found

    def _reached(self) -> set[str]:
        found: set[str] = set()
        modules = self._modules
        tops = (path for path in self._unseen() if path.count("/") < 2)
        named = {path: module for module, path in modules.items() if "." not in module}
        waiting = [named[path] for path in tops if path in named]
        while waiting and len(found) < _MOST_FILES:
            path = modules.get(waiting.pop())
            if path is not None and path not in found:
                found.add(path)
                waiting += self._imports(path) if path.endswith(".py") else ()
        return found

    def _imports(self, path: str) -> Iterator[str]:
        """Yield the modules that one imports, and the packages above them."""
        try:
            with warnings.catch_warnings():  # of their escapes
                warnings.simplefilter("ignore")
                tree = ast.parse(self._files.text(path))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        folder = path.rpartition("/")[0].replace("/", ".")
        for name in _imported(tree.body, folder):
            parts = name.split(".")
            yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))

    def _named_in(self, sources: Iterator[str]) -> Iterator[str]:
        """Yield the libraries whose names stand in the source of modules of the same pin."""
        libraries: dict[str, list[str]] = {}
        for path, name in self._files.owners.items():
            if is_compiled(path) and path.rpartition("/")[2].startswith("lib"):
                libraries.setdefault(name, []).append(path)
        for source in sources:
            own = libraries.get(self._files.owners[source], ())
            text = self._files.text(source) if own else ""
            yield from (path for path in own if path.rpartition("/")[2] in text)


def _imported(body: list[ast.stmt], folder: str) -> Iterator[str]:
    """Yield the dotted names that statements import at once."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = folder.split(".")
            above = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join(filter(None, [*above, node.module or ""]))
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test):
            yield from _imported([*node.body, *node.orelse], folder)
        elif isinstance(node, (ast.With, ast.ClassDef)):
            yield from _imported(node.body, folder)


def _bears_its_package_s_name(path: str) -> bool:
    parts = path.split("/")
    return len(parts) == 2 and is_compiled(path) and parts[1].partition(".")[0] == parts[0]
